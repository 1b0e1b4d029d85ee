#include "pipeline/early_writing.h"

static void *write_references(void *context)
{
	struct early_writing *early = context;

	early->has_failed = !store_write_references(early->writer, early->graph, &early->err);
	return NULL;
}

bool early_writing_start(struct early_writing *early, struct store_writer *writer,
			 const struct graph *graph, uint32_t jobs, struct error *err)
{
	*early = (struct early_writing){.writer = writer, .graph = graph};
	if (jobs != 1 && pthread_create(&early->thread, NULL, write_references, early) == 0) {
		early->is_running = true;
		return true;
	}
	return store_write_references(writer, graph, err);
}

bool early_writing_join(struct early_writing *early, struct error *err)
{
	if (!early->is_running)
		return true;
	pthread_join(early->thread, NULL);
	early->is_running = false;
	if (early->has_failed)
		*err = early->err;
	return !early->has_failed;
}
