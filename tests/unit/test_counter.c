/* SPDX-License-Identifier: Apache-2.0 */
/* R-ENERGY-01: differences of raw counters at every width met in the field. Expected values by hand. */
#include "base/counter.h"
#include "tap.h"

static void is_delta(uint64_t prev, uint64_t cur, uint64_t modulus, uint64_t want,
                     const char *promise)
{
    const uint64_t got = jb_counter_delta(prev, cur, modulus);

    if (!ok(got == want, "%s", promise))
        diag("got %" PRIu64 " want %" PRIu64, got, want);
}

/* splitmix64: the same numbers on every machine. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Any walk of steps below the modulus, however often it wraps, adds up to the truth. */
static void walk_loses_nothing(uint64_t modulus, const char *name)
{
    uint64_t random = 7;
    uint64_t raw = modulus - 3;
    uint64_t n_wraps = 0;
    unsigned __int128 truth = 0;
    unsigned __int128 seen = 0;

    for (int i = 0; i < 100000; i++) {
        const uint64_t step = next_random(&random) % modulus;
        const unsigned __int128 moved = (unsigned __int128)raw + step;
        const uint64_t next = (uint64_t)(moved % modulus);
        seen += jb_counter_delta(raw, next, modulus);
        truth += step;
        n_wraps += moved >= modulus;
        raw = next;
    }
    ok(seen == truth, "a walk modulo %s adds up to what was walked", name);
    ok(n_wraps > 10000, "that walk did wrap often");
}

int main(void)
{
    const uint64_t w32 = UINT64_C(1) << 32;
    const uint64_t zone = UINT64_C(262143328911); /* max_energy_range_uj of a package, plus one */

    is_delta(0, 0, w32, 0, "an unmoved counter is 0 at its start");
    is_delta(w32 - 1, w32 - 1, w32, 0, "an unmoved counter is 0 at its end");
    is_delta(12345, 12345, zone, 0, "an unmoved counter of a zone is 0, not one range");
    is_delta(UINT64_MAX, UINT64_MAX, 0, 0, "an unmoved 64-bit counter is 0");
    is_delta(100, 175, w32, 75, "a counter that moved gives what it moved");

    is_delta(w32 - 1, 0, w32, 1, "one step over 2^32 is one");
    is_delta(UINT64_C(4294967000), 704, w32, 1000, "wrap across 32 bits loses nothing");
    is_delta(1, 0, w32, w32 - 1, "the longest step before a second wrap is 2^32 - 1");

    is_delta(zone - 1, 0, zone, 1, "one step over the end of a zone's range is one");
    is_delta(UINT64_C(262143328900), 89, zone, 100,
             "wrap at a modulus that is no power of two loses nothing");
    is_delta(5, 4, zone, zone - 1, "the longest step of a zone is its range less one");

    is_delta(UINT64_MAX, 0, 0, 1, "modulus 0 is 2^64: one step over the end is one");
    is_delta(UINT64_MAX - 9, 90, 0, 100, "wrap across 64 bits loses nothing");
    is_delta(UINT64_MAX - 2, 3, UINT64_MAX, 5, "a modulus next to 2^64 does not overflow inside");

    walk_loses_nothing(w32, "2^32");
    walk_loses_nothing(zone, "262143328911");
    walk_loses_nothing(UINT64_MAX, "2^64 - 1");
    return done_testing();
}
