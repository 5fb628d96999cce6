#include "process.h"

#include <sched.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <unistd.h>

pid_t sp_fork(void) { return fork(); }

int sp_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int sp_realtime(int priority) {
    struct sched_param parameters = {.sched_priority = priority};
    return sched_setscheduler(0, SCHED_RR, &parameters);
}

void sp_set_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

int sp_pidfd_getfd(int pidfd, int descriptor) { return (int)syscall(SYS_pidfd_getfd, pidfd, descriptor, 0); }

int sp_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int sp_spawn_new_session(void) { return POSIX_SPAWN_SETSID; }

int sp_exit_status(const siginfo_t *end) { return end->si_status; }

void sp_semaphore_remove(unsigned key) {
    int set = semget((key_t)key, 1, 0);
    if (set >= 0) semctl(set, 0, IPC_RMID);
}

int sp_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
