#ifndef STILLPOINT_STEP_H
#define STILLPOINT_STEP_H

#include <sys/types.h>

/// A program of a hook document, ready to be started.
struct sp_step {
    const char *program;
    char *const *arguments;
    char *const *environment;
    const char *directory;
    int input;
    int output;
    int errors;
    /// Becomes descriptor 3; -1 for none.
    int script;
    /// An open cgroup v2 directory to be born in; -1 for none.
    int cgroup;
    int changes_user;
    uid_t user;
    gid_t group;
    const gid_t *groups;
    size_t group_count;
};

/// Starts it in a session of its own, with all signals at their defaults, umask 077 and no other descriptor; it is
/// killed when its parent dies. Only for a process with a single thread.
/// Returns its process id, or -1 with the errno of the call that failed (named in `call`).
pid_t sp_step_start(const struct sp_step *step, const char **call);

/// pipe2(2) with O_CLOEXEC, declared only under _GNU_SOURCE. 0, or -1 with errno.
int sp_pipe(int ends[2]);

#endif
