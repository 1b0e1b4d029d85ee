#include "target/unwind.h"

#define LARGEST_FRAME ((uint64_t)1 << 30) /* bytes */

void unwind_begin(struct unwind *unwind, struct target *target,
		  const struct image_thread *thread)
{
	static const struct {
		uint8_t cfi, image;
	} kept[] = {
		{CFI_RBX, REGISTER_RBX}, {CFI_RBP, REGISTER_RBP},    {CFI_RSP, REGISTER_RSP},
		{CFI_R12, REGISTER_R12}, {CFI_R13, REGISTER_R13},    {CFI_R14, REGISTER_R14},
		{CFI_R15, REGISTER_R15}, {CFI_RETURN, REGISTER_RIP},
	};

	*unwind = (struct unwind){.target = target};
	for (size_t i = 0; i < ARRAY_COUNT(kept); i++) {
		unwind->registers[kept[i].cfi] = thread->registers[kept[i].image];
		unwind->known |= 1u << kept[i].cfi;
	}
}

/* The CFA that the rules give; false if it cannot be one. */
static bool find_end(const struct unwind *unwind, const struct cfi_rules *rules, addr_t *ret)
{
	addr_t stack = unwind->registers[CFI_RSP];

	if (!(unwind->known >> rules->cfa_register & 1))
		return false;
	*ret = unwind->registers[rules->cfa_register] + (uint64_t)rules->cfa_offset;
	return !(*ret & 7) && *ret > stack && *ret - stack <= LARGEST_FRAME;
}

/* From a frame to the one that called it. */
static bool step(struct unwind *unwind, const struct cfi_rules *rules, struct call_frame *frame)
{
	const struct image *image = target_image(unwind->target);

	unwind->known &= ~rules->is_unknown;
	for (unsigned i = 0; i < CFI_REGISTERS; i++) {
		if (!(rules->is_saved >> i & 1))
			continue;
		frame->saved[i] = frame->end + (uint64_t)rules->saved[i];
		if (image_read_u64(image, frame->saved[i], &unwind->registers[i]))
			unwind->known |= 1u << i;
		else
			unwind->known &= ~(1u << i);
	}
	unwind->registers[CFI_RSP] = frame->end;
	unwind->is_caller = true;
	return unwind->known >> CFI_RETURN & 1 && rules->is_saved >> CFI_RETURN & 1;
}

bool unwind_next(struct unwind *unwind, struct call_frame *ret)
{
	/* A call may be the last instruction of its function. */
	addr_t at = unwind->registers[CFI_RETURN] - unwind->is_caller;
	struct module *module = target_module_at(unwind->target, at);
	struct cfi_rules rules;

	*ret = (struct call_frame){.start = unwind->registers[CFI_RSP], .known = unwind->known};
	if (!(unwind->known >> CFI_RETURN & 1) || !module ||
	    !cfi_find(module->binary, at - module->bias, &rules) ||
	    !find_end(unwind, &rules, &ret->end))
		return false;
	memcpy(ret->registers, unwind->registers, sizeof(ret->registers));
	ret->code = rules.start + module->bias;
	ret->own = rules.is_saved & ~(1u << CFI_RETURN);
	if (!step(unwind, &rules, ret))
		unwind->known = 0; /* this was the last */
	return true;
}
