#include "trace.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#if defined __linux__ && defined __x86_64__

#include <dirent.h>
#include <elf.h>
#include <linux/kcmp.h>
#include <linux/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>

/* Threads of all processes that are traced at a time. */
enum { MOST_TRACEES = 64 };

/* The clock is looked at so often. */
enum { TICK_US = 10000 };

/* A breakpoint of this processor. */
enum { INT3 = 0xcc };

struct tracee {
	pid_t tid;     /* 0: unused */
	pid_t process; /* the pexec that it belongs to */
	bool forced;   /* its call returns `result` */
	long result;
};

struct tracer {
	const struct fault *fault;
	struct traced *traced;
	struct tracee tracees[MOST_TRACEES];
	pid_t first;         /* the process that was started */
	pid_t last;          /* the one that it has become by fork(2): the daemon */
	pid_t before;        /* what that was before */
	pid_t forked;        /* the last child that fork(2) was seen to make */
	bool has_jobs;       /* it has begun to start some */
	bool started;        /* it has reached its entry point */
	unsigned long entry; /* where that is */
	long replaced;       /* what the breakpoint stands on there */
	long seen;           /* calls of the fault's kind */
	int64_t term_due_ms; /* INT64_MAX: SIGTERM does not come, or has come */
	int64_t term_ms;     /* when it was sent; 0: it was not */
	int64_t limit_due_ms;
};

static void on_tick(int signal)
{
	(void)signal;
}

/* Has waits be interrupted again and again, so that none misses its end. */
static void tick(bool ticks)
{
	struct sigaction action = {.sa_handler = on_tick};
	struct itimerval interval = {{0, ticks ? TICK_US : 0}, {0, ticks ? TICK_US : 0}};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &interval, NULL);
}

/* --- tracees --- */

static struct tracee *find(struct tracer *tracer, pid_t tid)
{
	for (int i = 0; i < MOST_TRACEES; i++)
		if (tracer->tracees[i].tid == tid)
			return &tracer->tracees[i];
	return NULL;
}

static struct tracee *add(struct tracer *tracer, pid_t tid, pid_t process)
{
	struct tracee *tracee = find(tracer, 0);

	if (!tracee)
		errx(1, "more than %d threads", MOST_TRACEES);
	*tracee = (struct tracee){.tid = tid, .process = process};
	return tracee;
}

static bool any_left(const struct tracer *tracer)
{
	for (int i = 0; i < MOST_TRACEES; i++)
		if (tracer->tracees[i].tid != 0)
			return true;
	return false;
}

/* Reads a small file of /proc as a string. */
static void read_proc(pid_t tid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t got = -1;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)tid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		got = read(fd, text, size - 1);
		close(fd);
	}
	text[got > 0 ? got : 0] = '\0';
}

static pid_t process_of(pid_t tid)
{
	char text[512];

	read_proc(tid, "status", text, sizeof text);
	const char *found = strstr(text, "\nTgid:");
	return found ? (pid_t)atol(found + 6) : 0;
}

/* A field of /proc/PID/stat, by its number in proc(5), from 3. */
static long stat_field(const char *text, int number)
{
	const char *field = strrchr(text, ')');

	for (int i = 2; field && i < number; i++)
		field = strchr(field + 1, ' ');
	return field ? atol(field) : -1;
}

/*
 * fork(2) tells its parent with SIGCHLD, the guardian's clone(2) with another signal, until its
 * parent has ended. A parent does not go on, nor end, before we know of its fork. With jobs it
 * has no more to fork: what looks like it then is on its way to be a job, and its parent ends.
 */
static bool was_forked(struct tracer *tracer, pid_t pid)
{
	enum { PARENT = 4, EXIT_SIGNAL = 38 };
	char text[1024];

	if (tracer->has_jobs)
		return false;
	read_proc(pid, "stat", text, sizeof text);
	return pid == tracer->forked || (stat_field(text, EXIT_SIGNAL) == SIGCHLD &&
					    find(tracer, (pid_t)stat_field(text, PARENT)));
}

/* A child of vfork(2) has the memory of its parent, until it has become another program. */
static bool was_vforked(const struct tracer *tracer, pid_t pid)
{
	return syscall(SYS_kcmp, pid, tracer->last, KCMP_VM, 0, 0) == 0;
}

/* What the kernel has attached by itself. NULL: it is not pexec, and is let go. */
static struct tracee *take_in(struct tracer *tracer, pid_t tid)
{
	pid_t process = process_of(tid);

	if (process != tid)
		return add(tracer, tid, process);
	if (was_vforked(tracer, tid)) {
		tracer->has_jobs = true;
		return add(tracer, tid, tracer->last);
	}
	if (was_forked(tracer, tid)) {
		tracer->before = tracer->last;
		tracer->last = tid;
		tracer->traced->is_daemon = true;
		return add(tracer, tid, tid);
	}
	ptrace(PTRACE_DETACH, tid, 0, 0);
	return NULL;
}

/* --- the entry point --- */

static void break_at_entry(struct tracer *tracer, pid_t pid)
{
	Elf64_auxv_t vector[64];

	memset(vector, 0, sizeof vector);
	read_proc(pid, "auxv", (char *)vector, sizeof vector);
	for (int i = 0; i < 64 && vector[i].a_type != AT_NULL; i++)
		if (vector[i].a_type == AT_ENTRY)
			tracer->entry = vector[i].a_un.a_val;
	errno = 0;
	tracer->replaced = ptrace(PTRACE_PEEKTEXT, pid, tracer->entry, 0);
	if (errno != 0 ||
	    ptrace(PTRACE_POKETEXT, pid, tracer->entry, (tracer->replaced & ~0xffL) | INT3) != 0)
		err(1, "the entry point");
}

static void pass_entry(struct tracer *tracer, pid_t pid)
{
	struct user_regs_struct registers;

	ptrace(PTRACE_GETREGS, pid, 0, &registers);
	registers.rip = tracer->entry;
	ptrace(PTRACE_SETREGS, pid, 0, &registers);
	ptrace(PTRACE_POKETEXT, pid, tracer->entry, tracer->replaced);
	tracer->started = true;
}

/* --- the fault --- */

static void halve(struct user_regs_struct *registers, long call)
{
	unsigned long long *length = call == SYS_sendfile ? &registers->r10
				     : call == SYS_splice ? &registers->r8
							  : &registers->rdx;
	*length = (*length + 1) / 2;
}

/* The call is left out, or done in the case of close(2), which closes in any case. */
static void fail(const struct fault *fault, struct tracee *tracee, long call)
{
	struct user_regs_struct registers;

	if (call != SYS_close) {
		ptrace(PTRACE_GETREGS, tracee->tid, 0, &registers);
		registers.orig_rax = (unsigned long long)-1;
		ptrace(PTRACE_SETREGS, tracee->tid, 0, &registers);
	}
	tracee->forced = true;
	tracee->result = call == SYS_brk ? 0 : -fault->error;
}

static void send(struct tracer *tracer, pid_t process, int signal)
{
	kill(process, signal);
	if (signal == SIGTERM)
		tracer->term_ms = clock_ms();
}

/* How many ends of the pipe has the process, if the descriptor is one of them? 0: it is not. */
static int count_ends(pid_t process, int fd)
{
	char path[64], name[64] = "", other[64];
	int ends = 0;

	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)process, fd);
	if (readlink(path, name, sizeof name - 1) < 0 || strncmp(name, "pipe:", 5) != 0)
		return 0;
	snprintf(path, sizeof path, "/proc/%d/fd", (int)process);
	DIR *folder = opendir(path);
	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		memset(other, 0, sizeof other);
		ends += readlinkat(dirfd(folder), entry->d_name, other, sizeof other - 1) > 0 &&
			strcmp(other, name) == 0;
	}
	if (folder)
		closedir(folder);
	return ends;
}

/*
 * A pipe has no disk that fails or is full. One that wakes a thread of the same process has a
 * reader, and is full only when that is awake.
 */
static bool can_fail(const struct fault *fault, const struct tracee *tracee, long call)
{
	struct user_regs_struct registers;
	int error = fault->error;

	if ((call != SYS_write && call != SYS_read) || error == EINTR)
		return true;
	ptrace(PTRACE_GETREGS, tracee->tid, 0, &registers);
	int ends = count_ends(tracee->process, (int)registers.rdi);
	return ends == 0 || (error != EIO && error != ENOSPC && (ends == 1 || call == SYS_read));
}

static void strike(struct tracer *tracer, struct tracee *tracee, long call)
{
	const struct fault *fault = tracer->fault;
	struct user_regs_struct registers;

	if (tracer->traced->hits++ == 0 && fault->term_ms > 0)
		tracer->term_due_ms = clock_ms() + fault->term_ms;
	switch (fault->kind) {
	case FAULT_NONE:
		break;
	case FAULT_ERROR:
	case FAULT_LASTING:
		if (can_fail(fault, tracee, call))
			fail(fault, tracee, call);
		break;
	case FAULT_SHORT:
		ptrace(PTRACE_GETREGS, tracee->tid, 0, &registers);
		halve(&registers, call);
		ptrace(PTRACE_SETREGS, tracee->tid, 0, &registers);
		break;
	case FAULT_SIGNAL:
		send(tracer, tracee->process, fault->signal);
		break;
	}
}

static void on_entry(struct tracer *tracer, struct tracee *tracee, long call)
{
	const struct fault *fault = tracer->fault;

	if (!tracer->started || call < 0 || call >= TRACE_CALLS)
		return;
	tracer->traced->counts[call]++;
	if (fault->kind == FAULT_NONE || (fault->call != TRACE_ANY_CALL && fault->call != call))
		return;
	tracer->seen++;
	if (tracer->seen == fault->nth ||
	    (fault->kind == FAULT_LASTING && tracer->seen > fault->nth &&
		tracer->seen < fault->nth + LASTING_CALLS))
		strike(tracer, tracee, call);
}

static void on_exit_of_call(struct tracee *tracee)
{
	struct user_regs_struct registers;

	if (!tracee->forced)
		return;
	ptrace(PTRACE_GETREGS, tracee->tid, 0, &registers);
	registers.rax = (unsigned long long)tracee->result;
	ptrace(PTRACE_SETREGS, tracee->tid, 0, &registers);
	tracee->forced = false;
}

static void on_call(struct tracer *tracer, struct tracee *tracee)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tracee->tid, sizeof info, &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		on_entry(tracer, tracee, (long)info.entry.nr);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		on_exit_of_call(tracee);
}

/* --- the run --- */

static int count_descriptors(pid_t pid)
{
	int count = 0;
	char path[64], target[8];

	for (int fd = 0; fd < 256; fd++) {
		snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, fd);
		if (readlink(path, target, sizeof target) > 0)
			count++;
	}
	return count;
}

/* What to wait for next: calls, until the fault has happened. */
static void go_on(const struct tracer *tracer, const struct tracee *tracee, int signal)
{
	bool over = tracer->fault->kind != FAULT_NONE && tracer->fault->kind != FAULT_LASTING &&
		    tracer->traced->hits > 0 && !tracee->forced;
	bool counts = tracer->started && !over;

	ptrace(counts ? PTRACE_SYSCALL : PTRACE_CONT, tracee->tid, 0, signal);
}

static pid_t event_child(pid_t tid)
{
	unsigned long child = 0;

	ptrace(PTRACE_GETEVENTMSG, tid, 0, &child);
	return (pid_t)child;
}

static bool stops(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* It is a job now, and none of ours, also when it looked like a daemon at first. */
static void let_go(struct tracer *tracer, struct tracee *tracee)
{
	if (tracee->tid == tracer->last) {
		tracer->last = tracer->before;
		tracer->traced->is_daemon = tracer->last != tracer->first;
	}
	ptrace(PTRACE_DETACH, tracee->tid, 0, 0);
	tracee->tid = 0;
}

static void on_stop(struct tracer *tracer, pid_t tid, int status)
{
	int signal = WSTOPSIG(status), event = status >> 16, deliver = 0;
	struct tracee *tracee = find(tracer, tid);

	if (!tracee && !(tracee = take_in(tracer, tid)))
		return;
	if (signal == (SIGTRAP | 0x80))
		on_call(tracer, tracee);
	else if (event == PTRACE_EVENT_EXEC && tid != tracer->first) {
		let_go(tracer, tracee);
		return;
	} else if (event == PTRACE_EVENT_EXEC)
		break_at_entry(tracer, tid);
	else if (event == PTRACE_EVENT_FORK)
		tracer->forked = event_child(tid);
	else if (event == PTRACE_EVENT_EXIT && tid == tracer->last)
		tracer->traced->descriptors = count_descriptors(tid);
	else if (event == PTRACE_EVENT_STOP && stops(signal)) {
		ptrace(PTRACE_LISTEN, tid, 0, 0);
		return;
	} else if (event == 0 && signal == SIGTRAP && !tracer->started)
		pass_entry(tracer, tid);
	else if (event == 0)
		deliver = signal;
	go_on(tracer, tracee, deliver);
}

static void on_end(struct tracer *tracer, pid_t tid, int status)
{
	struct tracee *tracee = find(tracer, tid);

	if (tracee)
		tracee->tid = 0;
	/* A daemon that was ready goes on, when the first process ends with 0. */
	if ((tid == tracer->last && tracer->traced->status == 0) ||
	    (tid == tracer->first && status != 0))
		tracer->traced->status = status;
}

static void describe_threads(struct tracer *tracer)
{
	char *text = tracer->traced->stuck;
	size_t size = sizeof tracer->traced->stuck, used = 0;

	for (int i = 0; i < MOST_TRACEES && used < size; i++) {
		char call[256];
		if (tracer->tracees[i].tid == 0)
			continue;
		read_proc(tracer->tracees[i].tid, "syscall", call, sizeof call);
		int number = atoi(call);
		used += (size_t)snprintf(text + used, size - used, " thread %d in call %d;",
		    (int)(tracer->tracees[i].tid - tracer->last), number);
	}
}

static void look_at_clock(struct tracer *tracer)
{
	int64_t now = clock_ms();

	if (now >= tracer->term_due_ms) {
		send(tracer, tracer->last, SIGTERM);
		tracer->term_due_ms = INT64_MAX;
	}
	if (now >= tracer->limit_due_ms) {
		tracer->traced->hung = true;
		describe_threads(tracer);
		kill(tracer->last, SIGKILL);
		kill(tracer->first, SIGKILL);
		tracer->limit_due_ms = INT64_MAX;
	}
}

/* The child: waits until it is traced, and becomes the program. */
static _Noreturn void become(const struct trace_program *program, int go)
{
	char byte;

	if (read(go, &byte, 1) != 1 || chdir(program->directory) != 0 ||
	    dup2(program->in, STDIN_FILENO) < 0 || dup2(program->out, STDOUT_FILENO) < 0 ||
	    dup2(program->err, STDERR_FILENO) < 0)
		_exit(126);
	execvpe(program->argv[0], program->argv, program->environment);
	_exit(127);
}

static pid_t start(const struct trace_program *program)
{
	int go[2];

	if (pipe2(go, O_CLOEXEC) != 0)
		err(1, "pipe");
	pid_t pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid == 0)
		become(program, go[0]);
	close(go[0]);
	if (!program->untraced &&
	    ptrace(PTRACE_SEIZE, pid, 0,
		PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
		    PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT |
		    PTRACE_O_EXITKILL) != 0)
		err(1, "ptrace");
	if (write(go[1], "", 1) != 1)
		err(1, "starting");
	close(go[1]);
	return pid;
}

void trace_run(
    const struct trace_program *program, const struct fault *fault, struct traced *traced)
{
	struct tracer tracer = {.fault = fault, .traced = traced};
	int64_t began_ms = clock_ms();

	*traced = (struct traced){.descriptors = -1};
	tracer.term_due_ms = fault->term_ms > 0 ? began_ms + 10 * fault->term_ms : INT64_MAX;
	tracer.limit_due_ms = began_ms + program->most_ms;
	tracer.first = tracer.last = start(program);
	add(&tracer, tracer.first, tracer.first);
	tick(true);
	while (any_left(&tracer)) {
		int status;
		pid_t tid = waitpid(-1, &status, __WALL);

		if (tid > 0 && WIFSTOPPED(status))
			on_stop(&tracer, tid, status);
		else if (tid > 0)
			on_end(&tracer, tid, status);
		else if (errno != EINTR)
			break;
		look_at_clock(&tracer);
	}
	tick(false);
	traced->runtime_ms = clock_ms() - began_ms;
	traced->after_term_ms = tracer.term_ms > 0 ? clock_ms() - tracer.term_ms : 0;
}

pid_t trace_reap(void)
{
	int status;
	pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);

	if (pid > 0 && WIFSTOPPED(status))
		ptrace(PTRACE_DETACH, pid, 0, 0);
	return pid;
}

bool trace_is_possible(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		pause();
		_exit(0);
	}
	bool possible = pid > 0 && ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_EXITKILL) == 0;
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, __WALL) == pid && !WIFSIGNALED(status))
		;
	return possible;
}

#else

bool trace_is_possible(void)
{
	return false;
}

void trace_run(
    const struct trace_program *program, const struct fault *fault, struct traced *traced)
{
	(void)program, (void)fault, (void)clock_ms;
	*traced = (struct traced){0};
}

pid_t trace_reap(void)
{
	return -1;
}

#endif
