#include "process.h"

#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

pid_t sp_fork(void) { return fork(); }

void sp_close_from(int first) { closefrom(first); }

int sp_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int sp_realtime(int priority) {
    struct sched_param parameters = {.sched_priority = priority};
    return sched_setscheduler(0, SCHED_RR, &parameters);
}

void sp_set_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

static struct msghdr descriptor_message(char *control, size_t length, struct iovec *byte) {
    struct msghdr message = {.msg_iov = byte, .msg_iovlen = 1, .msg_control = control, .msg_controllen = length};
    return message;
}

int sp_send_descriptor(int socket, int descriptor) {
    char byte = 1, control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = descriptor_message(control, sizeof control, &part);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    return sendmsg(socket, &message, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

int sp_receive_descriptor(int socket) {
    int descriptor = -1;
    char byte, control[CMSG_SPACE(sizeof(int))];
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = descriptor_message(control, sizeof control, &part);
    if (recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != 1) return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) return -1;
    memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
    return descriptor;
}

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
