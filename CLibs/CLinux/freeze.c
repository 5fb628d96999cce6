#include "freeze.h"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

int sp_fifreeze(int fd) { return ioctl(fd, FIFREEZE, 0); }

int sp_fithaw(int fd) { return ioctl(fd, FITHAW, 0); }

int sp_syncfs(int fd) { return syncfs(fd); }
