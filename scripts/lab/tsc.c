// Prints the frequency of this processor's time stamp counter in kHz.
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

struct moment {
    int64_t nanoseconds;
    uint64_t ticks;
};

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

// Both clocks at the same moment: the closest of many tries, as a busy host interrupts some of them.
static struct moment moment(void) {
    struct moment best = {0, 0};
    uint64_t narrowest = UINT64_MAX;
    for (int i = 0; i < 1000; i++) {
        uint64_t before = __rdtsc();
        int64_t nanoseconds = now();
        uint64_t after = __rdtsc();
        if (after - before < narrowest) {
            narrowest = after - before;
            best = (struct moment){nanoseconds, before + (after - before) / 2};
        }
    }
    return best;
}

int main(void) {
    struct moment first = moment();
    struct timespec pause = {0, 200000000};
    nanosleep(&pause, NULL);
    struct moment last = moment();
    printf("%.0f\n", (double)(last.ticks - first.ticks) * 1e6 / (double)(last.nanoseconds - first.nanoseconds));
}
