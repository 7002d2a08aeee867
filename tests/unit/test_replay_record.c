/* SPDX-License-Identifier: Apache-2.0 */
/* What is recorded plays back as it was. */
#include "sensor_rig.h"

#include "sensor/replay.h"

static void round_trip(void)
{
    static const struct jb_power_curve curve = {.low_uw = {1, 2, 3, 4},
                                                .best_uw = {5, 6, 7, 8},
                                                .high_uw = {9, 10, 11, 12},
                                                .n_threads = 2};
    struct rig rig;
    struct jb_error err = {0};
    struct jb_replay_writer *writer = NULL;
    struct jb_replay *replay = NULL;
    struct jb_channel channels[4];
    char path[128];
    uint64_t raw = 0;
    int n_different = 0;

    rig_set_up(&rig, "intel-client");
    struct jb_sensor_set *const set = rig_probe(&rig);
    for (size_t i = 0; i < 3; i++)
        channels[i] = *jb_sensor_channel(set, i);
    channels[3] = (struct jb_channel){.id = "model/cpu",
                                      .label = "a model",
                                      .driver = "model",
                                      .semantics = JB_SEMANTICS_BUSY,
                                      .origin = JB_ORIGIN_MODELLED,
                                      .unit_num = 1,
                                      .unit_den = 1,
                                      .max_power_uw = 1,
                                      .accuracy_low_ppm = 3,
                                      .accuracy_high_ppm = 4,
                                      .curve = curve};
    (void)snprintf(path, sizeof path, "%s/recording", rig.root);
    is_i64(jb_replay_record_open(path, channels, 4, &writer, &err), JB_OK, "a recording begins");
    jb_replay_record_reading(writer, 0, &(struct jb_reading){.mono_ns = 5000000, .raw = 11});
    jb_replay_record_reading(writer, 3,
                             &(struct jb_reading){.mono_ns = 5000000, .raw = UINT64_MAX});
    jb_replay_record_failure(writer, 0, 5500000, JB_E_GONE);
    jb_replay_record_failure(writer, 0, 5600000, JB_E_NOMEM);
    jb_replay_record_reading(writer, 0, &(struct jb_reading){.mono_ns = 5700000, .raw = 12});
    is_i64(jb_replay_record_close(writer, &err), JB_OK, "and ends whole");

    if (jb_replay_load(path, &replay, &err) < 0)
        bail_out("%s", err.message);
    is_i64((int64_t)jb_replay_n_channels(replay), 4, "every channel is there");
    for (size_t i = 0; i < 4; i++) {
        /* What playing changes: who drives it, that it is local, how often it is renewed. */
        struct jb_channel want = channels[i];
        struct jb_channel got = *jb_replay_channel(replay, i);
        (void)snprintf(want.driver, sizeof want.driver, "replay");
        memset(want.driver + 7, 0, sizeof want.driver - 7);
        want.is_local = true;
        want.update_ns = got.update_ns;
        n_different += strcmp(want.id, got.id) != 0 || strcmp(want.parent, got.parent) != 0 ||
                       strcmp(want.label, got.label) != 0 || strcmp(want.driver, got.driver) != 0 ||
                       strcmp(want.correlation, got.correlation) != 0 || want.scope != got.scope ||
                       want.device != got.device || want.semantics != got.semantics ||
                       want.origin != got.origin || want.role != got.role ||
                       want.unit_num != got.unit_num || want.unit_den != got.unit_den ||
                       want.modulus != got.modulus || want.quantum_uj != got.quantum_uj ||
                       want.window_ns != got.window_ns || want.max_power_uw != got.max_power_uw ||
                       want.accuracy_ppm != got.accuracy_ppm ||
                       want.accuracy_low_ppm != got.accuracy_low_ppm ||
                       want.accuracy_high_ppm != got.accuracy_high_ppm ||
                       memcmp(&want.curve, &got.curve, sizeof want.curve) != 0;
    }
    is_i64(n_different, 0, "with every property as it was");
    ok(jb_replay_play(replay, 0, 0, &raw) == JB_OK && raw == 11, "a reading plays back");
    ok(jb_replay_play(replay, 3, 0, &raw) == JB_OK && raw == UINT64_MAX, "of 64 bits");
    is_i64(jb_replay_play(replay, 0, 500000, &raw), JB_E_GONE, "so does a failure");
    is_i64(jb_replay_play(replay, 0, 600000, &raw), JB_E_IO,
           "one without a word is input or output");
    ok(jb_replay_play(replay, 0, 700000, &raw) == JB_OK && raw == 12, "and what came after");
    jb_replay_free(replay);
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void refusals(void)
{
    struct jb_error err = {0};
    struct jb_replay_writer *writer = NULL;

    is_i64(jb_replay_record_open("/nonexistent/folder/file", NULL, 0, &writer, &err),
           JB_E_NOT_FOUND, "a folder that is not there is said at once");
    ok(!writer && err.hint[0] != '\0', "with what to do");
    if (jb_replay_record_open("/dev/full", NULL, 0, &writer, &err) < 0) {
        skip("/dev/full cannot be opened here");
        return;
    }
    for (int i = 0; i < 10000; i++)
        jb_replay_record_reading(writer, 0, &(struct jb_reading){.mono_ns = i, .raw = 1});
    is_i64(jb_replay_record_close(writer, &err), JB_E_FULL, "a full disk is said at the end");
    ok(strstr(err.message, "/dev/full"), "with the file's name");
}

int main(void)
{
    round_trip();
    refusals();
    return done_testing();
}
