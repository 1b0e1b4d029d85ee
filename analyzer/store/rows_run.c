#include "store/rows.h"

#include <inttypes.h>

bool row_meta(struct insert *insert, const char *key, const char *value, struct error *err)
{
	insert_text(insert, key);
	insert_text(insert, value);
	return insert_row(insert, err);
}

static bool meta_count(struct insert *insert, const char *key, uint32_t count,
		       struct error *err)
{
	char value[16];

	snprintf(value, sizeof(value), "%" PRIu32, count);
	return row_meta(insert, key, value, err);
}

bool rows_meta(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	const struct graph *graph = snapshot->graph;

	if (!row_meta(insert, "tool_version", HEAPSECT_VERSION, err) ||
	    !meta_count(insert, "objects", graph ? graph->object_count : 0, err) ||
	    !meta_count(insert, "refs", graph ? graph->reference_count : 0, err))
		return false;
	vector_each (&snapshot->meta, fact) {
		if (!row_meta(insert, fact->key, fact->value, err))
			return false;
	}
	return true;
}

bool rows_threads(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	for (uint32_t i = 0; i < snapshot->threads.count; i++) {
		const struct thread_report *thread = &snapshot->threads.items[i];

		insert_id(insert, i);
		insert_integer(insert, thread->id);
		insert_known_text(insert, thread->name);
		insert_unsigned(insert, thread->instruction_pointer);
		insert_unsigned(insert, thread->stack_pointer);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_frames(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	for (uint32_t i = 0; i < snapshot->frames.count; i++) {
		const struct frame_report *frame = &snapshot->frames.items[i];

		insert_id(insert, i);
		insert_id(insert, frame->thread);
		insert_integer(insert, frame->depth);
		insert_text(insert, frame->function);
		insert_text(insert, frame->file);
		insert_known(insert, frame->line);
		insert_unsigned(insert, frame->address);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_c_frames(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	for (uint32_t i = 0; i < snapshot->c_frames.count; i++) {
		const struct snapshot_c_frame *frame = &snapshot->c_frames.items[i];

		insert_id(insert, i);
		insert_id(insert, frame->thread);
		insert_integer(insert, frame->depth);
		insert_unsigned(insert, frame->words.start);
		insert_unsigned(insert, frame->words.end - frame->words.start);
		insert_known_text(insert, frame->function);
		insert_known_text(insert, frame->module);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_leaks(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	for (uint32_t i = 0; i < snapshot->leaks.count; i++) {
		const struct snapshot_leak *leak = &snapshot->leaks.items[i];

		insert_id(insert, i);
		insert_text(insert, leak_kind_name(leak->kind));
		insert_text(insert, leak_grade_name(leak->grade));
		insert_id(insert, leak->object);
		insert_id(insert, leak->block);
		insert_unsigned(insert, leak->objects);
		insert_unsigned(insert, leak->bytes);
		insert_unsigned(insert, leak->fingerprint);
		insert_text(insert, leak->explanation);
		if (leak->kind == LEAK_REFCOUNT)
			insert_unsigned(insert, leak->words);
		else
			insert_null(insert);
		insert_id(insert, leak->group);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_leak_groups(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	for (uint32_t i = 0; i < snapshot->leak_groups.count; i++) {
		const struct snapshot_leak_group *group = &snapshot->leak_groups.items[i];

		insert_id(insert, i);
		insert_text(insert, leak_kind_name(group->kind));
		insert_text(insert, leak_grade_name(group->grade));
		insert_unsigned(insert, group->fingerprint);
		insert_text(insert, group->type);
		insert_known_text(insert, group->holder);
		insert_known_text(insert, group->evidence);
		insert_unsigned(insert, group->leaks);
		insert_unsigned(insert, group->objects);
		insert_unsigned(insert, group->bytes);
		insert_id(insert, group->largest);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_findings(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		const struct snapshot_finding *finding = &snapshot->findings.items[i];

		insert_id(insert, i);
		insert_text(insert, finding->kind);
		insert_text(insert, finding->severity);
		insert_text(insert, finding->title);
		insert_unsigned(insert, finding->bytes);
		insert_unsigned(insert, finding->objects);
		insert_text(insert, finding->evidence);
		insert_text(insert, finding->advice);
		insert_text(insert, finding->query);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_anomalies(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	size_t count = snapshot->anomalies ? anomalies_count(snapshot->anomalies) : 0;

	for (size_t i = 0; i < count; i++) {
		const struct anomaly *anomaly = anomalies_get(snapshot->anomalies, i);

		insert_text(insert, anomaly->stage);
		insert_known(insert, anomaly->address);
		insert_text(insert, anomaly->message);
		insert_unsigned(insert, anomaly->count);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}
