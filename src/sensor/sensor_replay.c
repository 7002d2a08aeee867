/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recorded file plays in place of the machine's sensors, by the injected clock. Must not play where the executable
 * carries a capability: the file is the user's choice. Rules R-SENSOR-51, R-SENSOR-52.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "sensor/replay.h"
#include "sensor/sensor_int.h"

/* One recording, shared by the handles of its channels. */
struct player {
    struct jb_replay *replay;
    int64_t start_mono_ns;
    size_t n_users;
};

struct channel_handle {
    struct player *player;
    size_t i;
};

static void player_leave(struct player *player)
{
    if (--player->n_users > 0)
        return;
    jb_replay_free(player->replay);
    free(player);
}

static jb_rc channel_read(void *handle, const struct jb_sensor_env *env,
                          unsigned long long *ret_raw)
{
    const struct channel_handle *const channel = handle;
    uint64_t raw;
    const int64_t since_start_ns = jb_mono_ns(env->clock) - channel->player->start_mono_ns;
    const jb_rc rc = jb_replay_play(channel->player->replay, channel->i, since_start_ns, &raw);

    if (rc < 0)
        return rc;
    *ret_raw = raw;
    return JB_OK;
}

static void channel_close(void *handle, const struct jb_sensor_env *env JB_UNUSED)
{
    struct channel_handle *const channel = handle;

    player_leave(channel->player);
    free(channel);
}

static jb_rc add_channels(struct player *player, struct jb_sensor_set *set, struct jb_error *err)
{
    for (size_t i = 0; i < jb_replay_n_channels(player->replay); i++) {
        struct channel_handle *const handle = calloc(1, sizeof *handle);
        if (!handle)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the recording's channels");
        *handle = (struct channel_handle){.player = player, .i = i};
        player->n_users++;
        const jb_rc rc = jb_sensor_add(set, jb_replay_channel(player->replay, i), handle,
                                       channel_read, channel_close, err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

static jb_rc replay_probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                          struct jb_error *err)
{
    if (!env->replay_path)
        return JB_OK;
    if (env->is_privileged)
        return jb_sensor_refuse(set, "replay", env->replay_path,
                                "this executable carries a capability, so files that a user "
                                "names do not stand in for sensors",
                                "play the recording with a copy of joulebook that has none", err);
    struct player *const player = calloc(1, sizeof *player);
    if (!player)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", env->replay_path);
    player->n_users = 1;
    jb_rc rc = jb_replay_load(env->replay_path, &player->replay, err);
    if (rc == JB_OK) {
        player->start_mono_ns = jb_mono_ns(env->clock);
        rc = add_channels(player, set, err);
    }
    player_leave(player);
    return rc;
}

const struct jb_sensor_driver jb_sensor_replay = {
    .name = "replay",
    .summary = "a recorded file in place of the machine's sensors (--replay FILE)",
    .probe = replay_probe,
};
