/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a replay file: refused or played to its end, never read past it. */
#include <stdlib.h>

#include "sensor/replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct jb_replay *replay = NULL;
    struct jb_error err = {0};
    uint64_t raw;

    if (jb_replay_parse((const char *)data, size, "fuzz", &replay, &err) < 0) {
        if (err.message[0] == '\0')
            abort(); /* refused without a word */
        return 0;
    }
    const int64_t duration_ns = jb_replay_duration_ns(replay);
    for (size_t i = 0; i < jb_replay_n_channels(replay); i++) {
        const uint64_t modulus = jb_replay_channel(replay, i)->modulus;
        const int64_t steps_ns[] = {0, duration_ns / 2, duration_ns};
        for (size_t k = 0; k < 3; k++)
            if (jb_replay_play(replay, i, steps_ns[k], &raw) == JB_OK && modulus != 0 &&
                raw >= modulus)
                abort();
    }
    jb_replay_free(replay);
    return 0;
}
