#ifndef STILLPOINT_DMLOG_H
#define STILLPOINT_DMLOG_H

/// libdevmapper's log function is variadic, which Swift cannot write. This one keeps the last error message of
/// the calling thread in thread-local storage and prints nothing: printing could block on a frozen file system.
typedef void (*sp_dm_log_fn)(int level, const char *file, int line, int dm_errno_or_class, const char *format, ...);
sp_dm_log_fn sp_dm_log_collector(void);

/// The calling thread's last error message, empty when there was none since the last call.
const char *sp_dm_take_error(void);

#endif
