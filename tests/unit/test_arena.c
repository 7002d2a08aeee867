/* SPDX-License-Identifier: Apache-2.0 */
#include "base/compiler.h"
#include "count/span_int.h"
#include "tap.h"

static bool is_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

static void pieces(void)
{
    JB_AUTO(jb_arena_free_auto) struct jb_arena *arena = NULL;
    struct jb_error err = {0};
    uint8_t *kept[300];
    bool is_sound = true;

    is_i64(jb_arena_new((size_t)1 << 30, &arena, &err), JB_OK, "an arena");
    for (size_t i = 0; i < 300; i++) {
        const size_t len = i * 97 % 20000; /* small ones, and some with a block of their own */
        kept[i] = jb_arena_get(arena, len, 1);
        is_sound = is_sound && kept[i] && (uintptr_t)kept[i] % 16 == 0 && is_zero(kept[i], len);
        if (kept[i])
            memset(kept[i], (int)(i % 251), len);
    }
    ok(is_sound, "every piece is zero and aligned, after others were filled");
    for (size_t i = 0; i < 300; i++) {
        for (size_t k = 0; k < i * 97 % 20000; k++)
            is_sound = is_sound && kept[i][k] == i % 251;
    }
    ok(is_sound, "no piece overlaps another");
    ok(jb_arena_get(arena, 0, 8) != NULL, "nothing can be had too");
}

static void ceiling(void)
{
    JB_AUTO(jb_arena_free_auto) struct jb_arena *arena = NULL;
    struct jb_error err = {0};

    is_i64(jb_arena_new(4096, &arena, &err), JB_OK, "an arena of 4096 bytes");
    ok(jb_arena_get(arena, 4096, 1) != NULL, "gives out all of them");
    ok(jb_arena_get(arena, 1, 1) == NULL, "and none more");
    is_i64(jb_arena_fail(arena, &err), JB_E_RANGE, "told as a limit and not as lack of memory");
    ok(jb_arena_get(arena, SIZE_MAX / 8, 16) == NULL, "a product that overflows is refused");
    ok(jb_arena_get(arena, SIZE_MAX - 3, 1) == NULL, "and a size that cannot be rounded up");

    JB_AUTO(jb_arena_free_auto) struct jb_arena *small = NULL;
    is_i64(jb_arena_new(1000, &small, &err), JB_OK, "an arena of 1000 bytes");
    ok(jb_arena_get(small, 100, 16) == NULL, "refuses what is over it");
    ok(jb_arena_get(small, 10, 16) != NULL, "and gives what still fits afterwards");
}

int main(void)
{
    pieces();
    ceiling();
    return done_testing();
}
