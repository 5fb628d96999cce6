#include "process.h"

#include <sched.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

pid_t sp_fork(void) { return fork(); }

int sp_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int sp_realtime(int priority) {
    struct sched_param parameters = {.sched_priority = priority};
    return sched_setscheduler(0, SCHED_RR, &parameters);
}

void sp_set_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

int sp_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
