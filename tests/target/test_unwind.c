/*
 * A child waits inside a few functions of known names, one of which has a known number on its
 * stack and another in a register that the functions that it calls have to save.
 */
#include "target/unwind.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ON_STACK    0x1122334455667788ull
#define IN_REGISTER 0x8877665544332211ull

static _Atomic bool *ready;
static volatile uint64_t sink;

__attribute__((noinline)) static void innermost(void)
{
	*ready = true;
	for (;;)
		pause();
}

__attribute__((noinline)) static void with_a_word(void)
{
	volatile uint64_t word = ON_STACK;

	innermost();
	sink = word;
}

__attribute__((noinline)) static void with_a_register(void)
{
	register uint64_t kept __asm__("r12") = IN_REGISTER;

	__asm__ volatile("" : "+r"(kept));
	with_a_word();
	__asm__ volatile("" : "+r"(kept));
	sink = kept;
}

static pid_t start(void)
{
	pid_t child;

	ready = mmap(NULL, sizeof(*ready), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	cr_assert_neq((void *)ready, MAP_FAILED);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		with_a_register();
	}
	while (!*ready)
		usleep(1000);
	return child;
}

/* NULL, with the reason printed, where ptrace is not permitted. */
static struct target *attach(pid_t child, struct anomalies *anomalies)
{
	struct error err = {0};
	struct image_options options = {.anomalies = anomalies, .executable = "/proc/self/exe"};
	struct target_options target_options = {.anomalies = anomalies};
	struct image *image = image_open_process((uint32_t)child, &options, &err);
	struct target *target;

	if (!image && strstr(err.message, "not permitted")) {
		cr_log_warn("skipped: %s", err.message);
		return NULL;
	}
	cr_assert(image, "%s", err.message);
	target = target_attach(image, &target_options, &err);
	cr_assert(target, "%s", err.message);
	return target;
}

static bool find_frame(struct target *target, void (*function)(void), struct call_frame *ret)
{
	struct unwind unwind;

	unwind_begin(&unwind, target, image_thread(target_image(target), 0));
	for (int i = 0; i < 100 && unwind_next(&unwind, ret); i++)
		if (ret->code == (addr_t)(uintptr_t)function)
			return true;
	return false;
}

static size_t count_words(struct target *target, const struct call_frame *frame,
			  uint64_t wanted)
{
	size_t count = 0;
	uint64_t word;

	for (addr_t at = frame->start; at < frame->end; at += 8)
		count += image_read_u64(target_image(target), at, &word) && word == wanted;
	return count;
}

static void check(struct target *target)
{
	struct call_frame inner, word, outer;

	cr_assert(find_frame(target, innermost, &inner));
	cr_assert(find_frame(target, with_a_word, &word));
	cr_assert(find_frame(target, with_a_register, &outer));
	cr_assert_eq(inner.end, word.start);
	cr_assert_eq(word.end, outer.start);
	cr_assert_eq(count_words(target, &word, ON_STACK), 1u);
	cr_assert_eq(count_words(target, &outer, ON_STACK), 0u);
	cr_assert(outer.known >> CFI_R12 & 1);
	cr_assert_eq(outer.registers[CFI_R12], IN_REGISTER);
	cr_assert(outer.own >> CFI_R12 & 1);
	cr_assert_not(word.own >> CFI_R12 & 1);
}

Test(unwind, finds_the_frames_the_words_and_the_saved_registers)
{
	struct anomalies *anomalies = anomalies_create();
	pid_t child = start();
	struct target *target = attach(child, anomalies);

	if (target)
		check(target);
	target_detach(target);
	anomalies_free(anomalies);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static struct binary *own_binary(void)
{
	struct error err = {0};
	struct binary *binary = binary_open("/proc/self/exe", &err);

	cr_assert(binary, "%s", err.message);
	return binary;
}

Test(cfi, says_that_a_function_begins_right_behind_its_return_address)
{
	struct binary *binary = own_binary();
	struct binary_symbol symbol;
	struct cfi_rules rules;

	cr_assert(binary_symbol(binary, "innermost", &symbol));
	cr_assert(cfi_find(binary, symbol.address, &rules));
	cr_assert_eq(rules.start, symbol.address);
	cr_assert_eq(rules.cfa_register, (uint32_t)CFI_RSP);
	cr_assert_eq(rules.cfa_offset, 8);
	cr_assert_eq(rules.is_saved, 1u << CFI_RETURN);
	cr_assert_eq(rules.saved[CFI_RETURN], -8);
	binary_close(binary);
}

Test(cfi, knows_nothing_outside_of_code)
{
	struct binary *binary = own_binary();
	struct cfi_rules rules;

	cr_assert_not(cfi_find(binary, 0, &rules));
	cr_assert_not(cfi_find(binary, binary_span(binary).end, &rules));
	binary_close(binary);
}
