#ifndef STILLPOINT_PROCESS_H
#define STILLPOINT_PROCESS_H

#include <signal.h>
#include <spawn.h>
#include <sys/types.h>

/// Swift marks fork unavailable. Only for a process that still has a single thread.
pid_t sp_fork(void);

/// pidfd_open(2) (kernel 5.3), without a wrapper in older C libraries. Returns a descriptor, or -1 with errno.
int sp_pidfd_open(pid_t pid);

/// Sends a descriptor over a Unix socket (SCM_RIGHTS; the importer drops the macros of cmsg(3)). 0, or -1 with errno.
int sp_send_descriptor(int socket, int descriptor);

/// Receives one: a duplicate, closed on exec. -1 when there is none, with errno.
int sp_receive_descriptor(int socket);

/// SCHED_RR at `priority` (1...99) for the calling process. Returns 0, or -1 with errno.
int sp_realtime(int priority);

/// eventfd(2) with EFD_CLOEXEC and EFD_NONBLOCK: the importer's Glibc lacks sys/eventfd.h. -1 with errno.
int sp_eventfd(void);

/// si_status of a child's end: an accessor macro, which the importer drops.
int sp_exit_status(const siginfo_t *end);

/// Removes the System V semaphore with that key: semctl(2) is variadic, and not imported.
void sp_semaphore_remove(unsigned key);

/// posix_spawn_file_actions_addclosefrom_np (glibc 2.34), declared only under _GNU_SOURCE.
int sp_spawn_close_from(posix_spawn_file_actions_t *actions, int first);

/// closefrom(3) (glibc 2.34), declared only under _DEFAULT_SOURCE.
void sp_close_from(int first);

/// POSIX_SPAWN_SETSID (glibc 2.26), declared only under _GNU_SOURCE.
int sp_spawn_new_session(void);

/// prctl(PR_SET_NAME): what ps shows, at most 15 bytes.
void sp_set_name(const char *name);

#endif
