#include "clock.h"

#include <sys/timex.h>

int sp_clock_is_synchronized(void) {
    struct timex state = {.modes = 0};
    int answer = adjtimex(&state);
    if (answer < 0) return -1;
    return answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}
