#ifndef STILLPOINT_PROCESS_H
#define STILLPOINT_PROCESS_H

#include <sys/types.h>

/// Swift marks fork unavailable. Only for a process that still has a single thread.
pid_t sp_fork(void);

/// pidfd_open(2) (kernel 5.3), without a wrapper in older C libraries. Returns a descriptor, or -1 with errno.
int sp_pidfd_open(pid_t pid);

/// SCHED_RR at `priority` (1...99) for the calling process. Returns 0, or -1 with errno.
int sp_realtime(int priority);

/// eventfd(2) with EFD_CLOEXEC and EFD_NONBLOCK: the importer's Glibc lacks sys/eventfd.h. -1 with errno.
int sp_eventfd(void);

/// prctl(PR_SET_NAME): what ps shows, at most 15 bytes.
void sp_set_name(const char *name);

#endif
