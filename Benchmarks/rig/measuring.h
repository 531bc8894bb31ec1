/* What the programs of the rig share: the clock, a histogram of times, and how they begin and fail. */
#ifndef MEASURING_H
#define MEASURING_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { BUCKETS = 64 * 64 };

typedef struct {
    uint64_t counts[BUCKETS], total, max;
} histogram;  // buckets 1/64 of a power of two apart, in ns

static inline uint64_t monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline void fail(const char *what) {
    perror(what);
    exit(1);
}

static inline void open_as_many_files_as_allowed(void) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

static inline void note(histogram *h, uint64_t ns) {
    int power = ns < 64 ? 0 : 63 - __builtin_clzll(ns) - 5;
    size_t bucket = ns < 64 ? ns : (size_t)power * 64 + (size_t)((ns >> (power - 1)) & 63);
    if (bucket >= BUCKETS) bucket = BUCKETS - 1;
    h->counts[bucket]++;
    h->total++;
    if (ns > h->max) h->max = ns;
}

static inline double percentile_us(const histogram *h, double share) {
    uint64_t wanted = (uint64_t)(share * (double)h->total), seen = 0;
    for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
        seen += h->counts[bucket];
        if (h->counts[bucket] && seen > wanted) {
            if (bucket < 64) return (double)bucket / 1000;
            return (double)((64 + bucket % 64) << (bucket / 64 - 1)) / 1000;
        }
    }
    return (double)h->max / 1000;
}

#endif
