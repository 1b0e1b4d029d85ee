/*
 * A child that the test traces itself, as a debugger would: it is read without a second tracer.
 */
#include "core/image.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child has the same address, with other contents. */
static volatile char secret[32] = "the parent's";

struct held {
	pid_t pid;
	struct user_regs_struct registers;
	char path[64]; /* of the file with them */
};

static pid_t start(void)
{
	pid_t child = fork();

	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	memcpy((char *)secret, "the child's", 12);
	raise(SIGSTOP);
	for (;;)
		pause();
}

static void write_registers(const struct held *held, const char *text)
{
	FILE *file = fopen(held->path, "w");

	cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* False, with the reason logged, where ptrace is not permitted. */
static bool hold(struct held *ret)
{
	char text[128];
	int descriptor;

	snprintf(ret->path, sizeof(ret->path), "/tmp/heapsect-registers.XXXXXX");
	descriptor = mkstemp(ret->path);
	cr_assert_geq(descriptor, 0);
	close(descriptor);
	ret->pid = start();
	waitpid(ret->pid, NULL, WUNTRACED);
	if (ptrace(PTRACE_ATTACH, ret->pid, NULL, NULL)) {
		cr_log_warn("skipped: tracing a child is not permitted");
		return false;
	}
	waitpid(ret->pid, NULL, 0);
	cr_assert_eq(ptrace(PTRACE_GETREGS, ret->pid, NULL, &ret->registers), 0);
	snprintf(text, sizeof(text), "%d rip=%#llx foo=1 rsp=%#llx fs_base=%#llx\n", ret->pid,
		 ret->registers.rip, ret->registers.rsp, ret->registers.fs_base);
	write_registers(ret, text);
	return true;
}

static void let_go(struct held *held)
{
	kill(held->pid, SIGKILL);
	waitpid(held->pid, NULL, 0);
	unlink(held->path);
}

static struct image *open_held(const struct held *held, int memory, struct error *err)
{
	struct anomalies *anomalies = anomalies_create();
	struct image_options options = {
		.anomalies = anomalies,
		.executable = "/proc/self/exe",
		.registers = held->path,
		.memory_fd = (uint32_t)memory,
	};
	struct image *image = image_open_process((uint32_t)held->pid, &options, err);

	anomalies_free(anomalies);
	return image;
}

static void expect_secret(const struct held *held, int memory, const char *expected)
{
	struct error err = {0};
	struct image *image = open_held(held, memory, &err);
	char text[32];

	cr_assert(image, "%s", err.message);
	cr_assert(image_read_string(image, (addr_t)(uintptr_t)secret, text, sizeof(text)));
	cr_assert_str_eq(text, expected);
	image_close(image);
}

static void expect_refusal(const struct held *held, const char *part)
{
	struct error err = {0};

	cr_assert_null(open_held(held, 0, &err));
	cr_assert(strstr(err.message, part), "%s", err.message);
}

Test(process_held, has_the_memory_and_the_registers_that_were_handed_over)
{
	struct held held;
	struct error err = {0};
	struct image *image;

	if (!hold(&held))
		return let_go(&held);
	expect_secret(&held, 0, "the child's");
	image = open_held(&held, 0, &err);
	cr_assert_eq(image_thread_count(image), 1u);
	cr_assert_eq(image_thread(image, 0)->id, (uint32_t)held.pid);
	cr_assert_eq(image_thread(image, 0)->registers[REGISTER_RIP], held.registers.rip);
	cr_assert_eq(image_thread(image, 0)->registers[REGISTER_FS_BASE],
		     held.registers.fs_base);
	cr_assert_gt(image_process(image)->stopped_ns, 0u);
	image_close(image);
	let_go(&held);
}

Test(process_held, stays_stopped_with_its_registers)
{
	struct user_regs_struct after;
	struct held held;
	int status;

	if (!hold(&held))
		return let_go(&held);
	expect_secret(&held, 0, "the child's");
	cr_assert_eq(ptrace(PTRACE_GETREGS, held.pid, NULL, &after), 0);
	cr_assert_eq(memcmp(&after, &held.registers, sizeof(after)), 0);
	cr_assert_eq(waitpid(held.pid, &status, WNOHANG), 0);
	let_go(&held);
}

/* The descriptor is of other memory here, so that it shows which one was read. */
Test(process_held, reads_through_the_descriptor_that_was_handed_over)
{
	struct held held;
	int memory = open("/proc/self/mem", O_RDONLY);

	if (!hold(&held))
		return let_go(&held);
	cr_assert_gt(memory, 0);
	expect_secret(&held, memory, "the parent's");
	cr_assert_eq(lseek(memory, 0, SEEK_CUR), 0, "it is the caller's to close");
	close(memory);
	let_go(&held);
}

Test(process_held, refuses_a_process_that_runs)
{
	struct held held;

	if (!hold(&held))
		return let_go(&held);
	ptrace(PTRACE_DETACH, held.pid, NULL, NULL);
	expect_refusal(&held, "is not stopped by a debugger");
	let_go(&held);
}

Test(process_held, refuses_registers_that_are_not_of_its_threads)
{
	char text[128];
	struct held held;

	if (!hold(&held))
		return let_go(&held);
	write_registers(&held, "");
	expect_refusal(&held, "has no registers of thread");
	snprintf(text, sizeof(text), "%d rip=1 rsp=2\n1 rip=1 rsp=2\n", held.pid);
	write_registers(&held, text);
	expect_refusal(&held, "does not have");
	let_go(&held);
}

Test(process_held, refuses_what_is_no_file_of_registers)
{
	static const char *const texts[] = {
		"x rip=1 rsp=2\n",  "7\n",           "7 rip=1\n",
		"7 rip=0x rsp=2\n", "7 rip=1 rsp\n", "7 rip=1 rsp=2\n7 rip=1 rsp=2\n"};
	struct held held;

	if (!hold(&held))
		return let_go(&held);
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		write_registers(&held, texts[i]);
		expect_refusal(&held, "is not a thread of its own");
	}
	unlink(held.path);
	expect_refusal(&held, "No such file");
	let_go(&held);
}
