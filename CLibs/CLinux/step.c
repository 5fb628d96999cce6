#include "step.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const calls[] = {"clone3", "dup2", "chdir", "setgroups", "setgid", "setuid", "execve"};

static pid_t start_in(int cgroup) {
    struct clone_args args = {.exit_signal = SIGCHLD};
    if (cgroup >= 0) {
        args.flags = CLONE_INTO_CGROUP;
        args.cgroup = (uint64_t)cgroup;
    }
    return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

// What went wrong: the index of the call and its errno.
static void give_up(int to, int call) {
    int report[2] = {call, errno};
    ssize_t written = write(to, report, sizeof report);
    (void)written;
    _exit(127);
}

static void become(const struct sp_step *step, int report) {
    // 0 to 3 are the program's; what lies there is moved out of the way first.
    int from[4] = {step->input, step->output, step->errors, step->script};
    for (int i = 0; i < 4; i++) {
        if (from[i] < 0) continue;
        from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 10);
        if (from[i] < 0) give_up(report, 1);
    }
    report = fcntl(report, F_DUPFD_CLOEXEC, 10);
    if (report < 0) _exit(127);
    for (int i = 0; i < 4; i++) {
        if (from[i] >= 0 && dup2(from[i], i) < 0) give_up(report, 1);
    }
    for (int fd = step->script >= 0 ? 4 : 3; fd < 10; fd++) close(fd);
    // The rest is closed on exec: what was not opened so is marked now.
    syscall(SYS_close_range, 10u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */);
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    umask(077);
    if (step->changes_user) {
        if (setgroups(step->group_count, step->groups) != 0) give_up(report, 3);
        if (setgid(step->group) != 0) give_up(report, 4);
        if (setuid(step->user) != 0) give_up(report, 5);
        // A change of user clears it.
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    }
    if (chdir(step->directory) != 0) give_up(report, 2);
    execve(step->program, step->arguments, step->environment);
    give_up(report, 6);
}

pid_t sp_step_start(const struct sp_step *step, const char **call) {
    int ends[2];
    *call = "pipe2";
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    pid_t child = start_in(step->cgroup);
    if (child < 0 && step->cgroup >= 0) child = start_in(-1);
    // Filters of containers and of service managers may know no clone3.
    if (child < 0 && (errno == ENOSYS || errno == EPERM)) child = fork();
    if (child == 0) become(step, ends[1]);
    int failure[2] = {0, child < 0 ? errno : 0};
    close(ends[1]);
    ssize_t count = 0;
    if (child > 0) {
        do count = read(ends[0], failure, sizeof failure);
        while (count < 0 && errno == EINTR);
    }
    close(ends[0]);
    if (child > 0 && count != sizeof failure) return child;
    if (child > 0) {
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    }
    *call = calls[failure[0]];
    errno = failure[1];
    return -1;
}

int sp_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
