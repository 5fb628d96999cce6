#include "memory.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

uint32_t sp_atomic_load(const uint32_t *address) {
    return atomic_load((const _Atomic uint32_t *)address);
}

void sp_atomic_store(uint32_t *address, uint32_t value) {
    atomic_store((_Atomic uint32_t *)address, value);
}

int sp_atomic_exchange_if(uint32_t *address, uint32_t expected, uint32_t desired) {
    return atomic_compare_exchange_strong((_Atomic uint32_t *)address, &expected, desired);
}

uint32_t sp_atomic_add(uint32_t *address, uint32_t value) {
    return atomic_fetch_add((_Atomic uint32_t *)address, value);
}

void sp_heap_keep(size_t reserve) {
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 64 * 1024);
    free(malloc(reserve));
}

uint64_t sp_monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
