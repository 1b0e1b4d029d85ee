/*
 * A child with a few threads is read while it counts, and must go on counting.
 */
#include "support/compiled.h"
#include "support/core_builder.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 3

struct shared {
	_Atomic uint64_t counter;
	_Atomic int idlers; /* threads that have their name by now */
	_Atomic bool ready;
	_Atomic bool has_guard;
};

/* What the child has in memory; its parent has the same addresses, with other contents. */
static volatile char secret[64] = "the parent's";
static uint8_t *reserve; /* 256 MiB, of which two pages are touched */
#define RESERVE (256ull << 20)
static uint8_t *guarded; /* 4 MiB, with a guard on the second and third */
#define MIB           (1ull << 20)
#define GUARD_INSTALL 102 /* MADV_GUARD_INSTALL, Linux 6.13 */

static void *idle(void *shared)
{
	prctl(PR_SET_NAME, "idler");
	((struct shared *)shared)->idlers++;
	while (pause())
		;
	return shared;
}

static void live(struct shared *shared)
{
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails does not get to stop() */
	memcpy((char *)secret, "the child's", 12);
	for (int i = 0; i < THREADS - 1; i++)
		pthread_create(&thread, NULL, idle, shared);
	while (shared->idlers < THREADS - 1)
		usleep(100);
	reserve[5] = 55;
	reserve[RESERVE - 1] = 77;
	memset(guarded, 88, 4 * MIB);
	shared->has_guard = !madvise(guarded + MIB, 2 * MIB, GUARD_INSTALL);
	shared->ready = true;
	for (;;) {
		shared->counter++;
		usleep(100);
	}
}

static pid_t start(struct shared **ret)
{
	pid_t child;

	*ret = mmap(NULL, sizeof(**ret), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		    0);
	reserve = mmap(NULL, RESERVE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	cr_assert_neq(reserve, MAP_FAILED);
	madvise(reserve, RESERVE, MADV_NOHUGEPAGE);
	guarded =
		mmap(NULL, 4 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(guarded, MAP_FAILED);
	child = fork();
	if (child == 0)
		live(*ret);
	while (!(*ret)->ready)
		usleep(1000);
	return child;
}

static void stop(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* NULL, with the reason printed, where ptrace is not permitted. */
static struct image *open_child(pid_t child)
{
	struct error err = {0};
	struct anomalies *anomalies = anomalies_create();
	struct image_options options = {.anomalies = anomalies, .executable = "/proc/self/exe"};
	struct image *image = image_open_process((uint32_t)child, &options, &err);

	anomalies_free(anomalies);
	if (!image && strstr(err.message, "not permitted"))
		cr_log_warn("skipped: %s", err.message);
	else
		cr_assert(image, "%s", err.message);
	return image;
}

Test(process, reads_memory_threads_and_files_of_a_live_process)
{
	struct shared *shared;
	pid_t child = start(&shared);
	struct image *image = open_child(child);
	char text[32];

	if (image) {
		cr_assert(image_read_string(image, (addr_t)(uintptr_t)secret, text, 32));
		cr_assert_str_eq(text, "the child's");
		cr_assert_eq(image_thread_count(image), (size_t)THREADS);
		cr_assert_eq(image_process(image)->pid, (uint32_t)child);
		cr_assert_gt(image_process(image)->stopped_ns, 0u);
		cr_assert_not_null(image_file_at(image, (addr_t)(uintptr_t)&stop));
		cr_assert_not_null(image_file_at(image, (addr_t)(uintptr_t)&stop)->binary);
		cr_assert(image_read(image, (addr_t)(uintptr_t)&stop, text, 16));
		cr_assert_arr_eq(text, (const char *)(uintptr_t)&stop, 16);
	}
	image_close(image);
	stop(child);
}

Test(process, names_each_thread)
{
	struct shared *shared;
	pid_t child = start(&shared);
	struct image *image = open_child(child);
	size_t idlers = 0;

	if (image) {
		for (size_t i = 0; i < image_thread_count(image); i++) {
			const struct image_thread *thread = image_thread(image, i);

			idlers += !strcmp(thread->name, "idler");
			cr_assert_not_null(
				image_mapping_at(image, thread->registers[REGISTER_RSP]));
		}
		cr_assert_eq(idlers, (size_t)THREADS - 1);
	}
	image_close(image);
	stop(child);
}

Test(process, lets_the_process_go_on)
{
	struct shared *shared;
	pid_t child = start(&shared);
	struct image *image = open_child(child);
	uint64_t before = shared->counter;

	for (int i = 0; i < 1000 && shared->counter <= before + 10; i++)
		usleep(1000);
	cr_assert_gt(shared->counter, before + 10);
	image_close(image);
	stop(child);
}

Test(process, sees_zeros_where_nothing_was_touched_without_copying_them)
{
	struct shared *shared;
	pid_t child = start(&shared);
	struct image *image = open_child(child);
	addr_t address = (addr_t)(uintptr_t)reserve;
	uint8_t byte = 1;

	if (image) {
		cr_assert(image_read_u8(image, address + 5, &byte));
		cr_assert_eq(byte, 55u);
		cr_assert(image_read_u8(image, address + RESERVE / 2, &byte));
		cr_assert_eq(byte, 0u);
		cr_assert(image_read_u8(image, address + RESERVE - 1, &byte));
		cr_assert_eq(byte, 77u);
		cr_assert_lt(image_mapping_at(image, address)->dumped, RESERVE / 2);
	}
	image_close(image);
	stop(child);
}

Test(process, reads_on_behind_pages_that_cannot_be_read)
{
	struct shared *shared;
	pid_t child = start(&shared);
	struct image *image = open_child(child);
	addr_t address = (addr_t)(uintptr_t)guarded;
	uint8_t byte = 0;

	if (!shared->has_guard)
		cr_log_warn("skipped: this kernel has no guard pages inside a mapping");
	for (unsigned i = 0; image && shared->has_guard && i < 4; i++) {
		bool is_guard = i == 1 || i == 2;

		cr_assert_eq(image_read_u8(image, address + i * MIB, &byte), !is_guard);
		cr_assert(is_guard || byte == 88u);
	}
	image_close(image);
	stop(child);
}

Test(process, delivers_a_signal_that_came_while_it_was_stopped)
{
	struct shared *shared;
	pid_t child = start(&shared);
	struct image *image;
	int status;

	kill(child, SIGSTOP);
	waitpid(child, &status, WUNTRACED);
	image = open_child(child);
	if (image) {
		kill(child, SIGTERM);
		kill(child, SIGCONT);
		cr_assert_eq(waitpid(child, &status, 0), child);
		cr_assert(WIFSIGNALED(status));
		cr_assert_eq(WTERMSIG(status), SIGTERM);
	} else {
		stop(child);
	}
	image_close(image);
}

/* A child below a root of its own that has /lib.so mapped; 0 where that is not permitted. */
static pid_t start_below(const char *folder, int namespaces)
{
	bool *ready =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child = fork();

	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(namespaces) || chroot(folder) || chdir("/"))
			_exit(1);
		mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, open("/lib.so", O_RDONLY), 0);
		for (*(volatile bool *)ready = true;;)
			pause();
	}
	while (!*(volatile bool *)ready && waitpid(child, NULL, WNOHANG) == 0)
		usleep(1000);
	return *ready ? child : 0;
}

static const struct image_file *file_named(const struct image *image, const char *path)
{
	for (size_t i = 0; i < image_file_count(image); i++)
		if (!strcmp(image_file(image, i)->path, path))
			return image_file(image, i);
	return NULL;
}

static void expect_library(pid_t child, const char *path, const char *root)
{
	struct image *image = open_child(child);
	const struct image_file *file;

	stop(child);
	if (!image)
		return;
	cr_assert_str_eq(image_process(image)->root, root);
	file = file_named(image, path);
	cr_assert(file, "%s is not among the files", path);
	cr_assert_eq(file->state, IMAGE_FILE_FOUND);
	image_close(image);
}

Test(process, finds_the_files_of_a_process_in_a_chroot)
{
	struct compiled library;
	pid_t child;

	if (!compiled_library(&library, "int x;", ""))
		return;
	child = start_below(library.folder, 0);
	if (child)
		expect_library(child, library.path, library.folder);
	else
		cr_log_warn("skipped: chroot is not permitted");
	compiled_remove(&library);
}

Test(process, finds_the_files_of_a_process_in_a_namespace_of_its_own)
{
	struct compiled library;
	char root[64];
	pid_t child;

	if (!compiled_library(&library, "int x;", ""))
		return;
	child = start_below(library.folder, CLONE_NEWNS);
	snprintf(root, sizeof(root), "/proc/%d/root", child);
	if (child)
		expect_library(child, "/lib.so", root);
	else
		cr_log_warn("skipped: a namespace of its own is not permitted");
	compiled_remove(&library);
}

static void expect_refusal(uint32_t pid, const char *part)
{
	struct error err = {0};
	struct anomalies *anomalies = anomalies_create();
	struct image_options options = {.anomalies = anomalies};

	cr_assert_null(image_open_process(pid, &options, &err));
	cr_assert_eq(err.kind, ERROR_INPUT);
	cr_assert(strstr(err.message, part), "%s", err.message);
	anomalies_free(anomalies);
}

Test(process, refuses_itself_and_what_does_not_exist)
{
	expect_refusal((uint32_t)getpid(), "this very process");
	expect_refusal(0, "no such process");
	expect_refusal(0x7ffffff0, "no such process");
}
