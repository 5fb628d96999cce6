#ifndef STILLPOINT_CLOCK_H
#define STILLPOINT_CLOCK_H

/// adjtimex(2) (the importer's Glibc lacks sys/timex.h): whether somebody keeps the kernel's clock right. 1 or 0, or -1
/// with errno.
int sp_clock_is_synchronized(void);

#endif
