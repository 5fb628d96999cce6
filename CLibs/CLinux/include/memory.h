#ifndef STILLPOINT_MEMORY_H
#define STILLPOINT_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/// C11 atomics on memory that two processes map: Swift's `Atomic` owns its storage and cannot live there.
/// Sequentially consistent.
uint32_t sp_atomic_load(const uint32_t *address);
void sp_atomic_store(uint32_t *address, uint32_t value);
/// Returns nonzero when `*address` was `expected` and is now `desired`.
int sp_atomic_exchange_if(uint32_t *address, uint32_t expected, uint32_t desired);
/// Returns the value before the addition.
uint32_t sp_atomic_add(uint32_t *address, uint32_t value);

/// mallopt for a process that must not touch the kernel's allocator while file systems stand still:
/// one arena, nothing given back, `reserve` bytes kept at the top of the heap.
void sp_heap_keep(size_t reserve);

/// CLOCK_MONOTONIC in nanoseconds.
uint64_t sp_monotonic_ns(void);

#endif
