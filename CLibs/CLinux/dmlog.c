#include "dmlog.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char kept[512];
static _Thread_local char taken[512];

static void collect(int level, const char *file, int line, int code, const char *format, ...) {
    (void)file, (void)line, (void)code;
    // _LOG_ERR 3 and _LOG_FATAL 2; the low three bits are the level (libdevmapper.h).
    if ((level & 7) > 3) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(kept, sizeof kept, format, arguments);
    va_end(arguments);
}

sp_dm_log_fn sp_dm_log_collector(void) { return collect; }

const char *sp_dm_take_error(void) {
    memcpy(taken, kept, sizeof taken);
    kept[0] = 0;
    return taken;
}
