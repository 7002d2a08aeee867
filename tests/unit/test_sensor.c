/* SPDX-License-Identifier: Apache-2.0 */
/* The set of channels: what drivers may put into it, and what the rest of the program gets out of it. */
#include "sensor_rig.h"

#include "base/error.h"

/* Channels added by hand need a set to go into: an empty root gives one without any. */
static struct jb_sensor_set *empty_set(struct rig *rig)
{
    rig_init(rig);
    return rig_probe(rig);
}

static int n_closed;

static jb_rc read_seven(void *handle, const struct jb_sensor_env *env, unsigned long long *ret_raw)
{
    (void)env;
    *ret_raw = *(const unsigned long long *)handle;
    return JB_OK;
}

static void count_close(void *handle, const struct jb_sensor_env *env)
{
    (void)handle;
    (void)env;
    n_closed++;
}

static struct jb_channel made(const char *id)
{
    struct jb_channel channel = {.driver = "test",
                                 .scope = JB_SCOPE_PACKAGE,
                                 .unit_num = 1,
                                 .unit_den = 1,
                                 .max_power_uw = 1};

    (void)snprintf(channel.id, sizeof channel.id, "%s", id);
    return channel;
}

static void adding(void)
{
    struct rig rig;
    struct jb_error err = {0};
    unsigned long long seven = 7;
    struct jb_reading reading = {.mono_ns = -1, .raw = 99};
    struct jb_sensor_set *const set = empty_set(&rig);
    struct jb_channel channel = made("a/b c");

    (void)snprintf(channel.label, sizeof channel.label, "two\nlines");
    n_closed = 0;
    is_i64(jb_sensor_add(set, &channel, &seven, read_seven, count_close, &err), JB_OK,
           "a channel is added");
    is_str(jb_sensor_channel(set, 0)->id, "a/b_c", "an id has no blanks (R-SENSOR-01)");
    is_str(jb_sensor_channel(set, 0)->label, "two?lines", "a label is one line");
    rig.manual.mono_ns = 123;
    is_i64(jb_sensor_read(set, 0, &reading), JB_OK, "it reads");
    ok(reading.raw == 7 && reading.mono_ns == 123, "a value and the instant of the clock given");
    is_i64(jb_sensor_read(set, 1, &reading), JB_E_USAGE, "there is no second one");
    ok(reading.raw == 7 && reading.mono_ns == 123, "and a failed read touches nothing");
    ok(!jb_sensor_channel(set, 1) && !jb_sensor_refusal(set, 99), "beyond the end there is NULL");

    is_i64(jb_sensor_add(set, &channel, &seven, read_seven, count_close, &err), JB_OK,
           "one of the same name does not stop the others");
    is_i64(n_closed, 1, "its handle is closed");
    is_i64((int64_t)jb_sensor_n_channels(set), 1, "it is not in the set");
    ok(rig_refusal(set, "a/b_c"), "and is refused");
    channel = made("no-unit");
    channel.unit_den = 0;
    is_i64(jb_sensor_add(set, &channel, &seven, read_seven, count_close, &err), JB_E_INTERNAL,
           "a channel without a unit is a driver's mistake");
    channel = made("no-power");
    channel.max_power_uw = 0;
    is_i64(jb_sensor_add(set, &channel, &seven, read_seven, count_close, &err), JB_E_INTERNAL,
           "so is one without a greatest power");
    is_i64(n_closed, 3, "their handles are closed as well");
    jb_sensor_set_free(set);
    is_i64(n_closed, 4, "and the one that stayed is closed with the set");
    rig_tear_down(&rig);
}

static void too_many(void)
{
    struct rig rig;
    struct jb_error err = {0};
    unsigned long long seven = 7;
    char id[32];
    int n_failed = 0;
    struct jb_sensor_set *const set = empty_set(&rig);

    n_closed = 0;
    for (int i = 0; i < JB_CHANNELS_MAX + 300; i++) {
        (void)snprintf(id, sizeof id, "many/%d", i);
        const struct jb_channel channel = made(id);
        n_failed += jb_sensor_add(set, &channel, &seven, read_seven, count_close, &err) < 0;
    }
    is_i64(n_failed, 0, "one too many does not stop the others");
    is_i64((int64_t)jb_sensor_n_channels(set), JB_CHANNELS_MAX, "the ceiling holds");
    is_i64(n_closed, 300, "what is left out is closed");
    ok(jb_sensor_n_refusals(set) <= 256, "refusals have a ceiling too");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

/* The table's promises to `joulebook meters --drivers` and to whoever adds a row. */
static void table(void)
{
    int n_bad = 0;
    int n = 0;

    for (; jb_sensor_drivers[n]; n++) {
        const struct jb_sensor_driver *const driver = jb_sensor_drivers[n];
        n_bad += driver->name[0] == '\0' || strlen(driver->name) >= 16 ||
                 driver->summary[0] == '\0' || strlen(driver->summary) > 80 || !driver->probe;
        for (int k = 0; k < n; k++)
            n_bad += strcmp(jb_sensor_drivers[k]->name, driver->name) == 0;
    }
    is_i64(n_bad, 0, "every driver has a name of its own, a line about itself and a probe");
    ok(n >= 7, "no driver left the table");
    is_str(jb_sensor_drivers[0]->name, "rapl-perf", "perf events are asked first");
}

/* Every recorded machine: what posts must not overlap, and every channel must be whole and readable. */
static void every_machine(void)
{
    static const char *const machines[] = {"amd-epyc",
                                           "amd-mirrored-dies",
                                           "amd-perf",
                                           "amdgpu",
                                           "arc-xe",
                                           "empty-vm",
                                           "flex-i915",
                                           "grace-hopper",
                                           "i915",
                                           "intel-2s-perf",
                                           "intel-2s-server",
                                           "intel-client",
                                           "intel-client-perf",
                                           "intel-multi-die",
                                           "intel-tpmi-dup",
                                           "intel-multi-die-perf",
                                           "intel-swapped-index",
                                           "jetson-agx-orin",
                                           "jetson-orin-nx",
                                           "laptop-battery",
                                           "laptop-charging",
                                           "masked-container",
                                           "mi210",
                                           "mi250x",
                                           "mi300a",
                                           "mi300x",
                                           "rx7900",
                                           "server-node-meter",
                                           "xe"};

    for (size_t m = 0; m < sizeof machines / sizeof machines[0]; m++) {
        struct rig rig;
        int n_bad = 0;
        rig_set_up(&rig, machines[m]);
        struct jb_sensor_set *const set = rig_probe(&rig);
        for (size_t i = 0; i < jb_sensor_n_channels(set); i++) {
            const struct jb_channel *const c = jb_sensor_channel(set, i);
            struct jb_reading reading;
            const jb_rc rc = jb_sensor_read(set, i, &reading);
            const int up = c->parent[0] != '\0' ? rig_find(set, c->parent) : -1;
            n_bad += rc != (c->origin == JB_ORIGIN_MODELLED ? JB_E_UNAVAILABLE : JB_OK);
            n_bad += c->modulus != 0 && rc == JB_OK && reading.raw >= c->modulus;
            n_bad += c->parent[0] != '\0' && up < 0;
            n_bad += c->role == JB_ROLE_POST && up >= 0 &&
                     jb_sensor_channel(set, (size_t)up)->role != JB_ROLE_PARENT;
            n_bad += c->label[0] == '\0' || c->driver[0] == '\0' || c->correlation[0] == '\0';
            n_bad += c->semantics == JB_SEMANTICS_COUNTER && c->quantum_uj <= 0;
            n_bad += c->origin != JB_ORIGIN_MODELLED && c->accuracy_ppm <= 0;
        }
        for (size_t i = 0; i < jb_sensor_n_refusals(set); i++) {
            const struct jb_sensor_refusal *const r = jb_sensor_refusal(set, i);
            n_bad += r->what[0] == '\0' || r->reason[0] == '\0' || r->step[0] == '\0';
            /* a sentence that filled its field was cut */
            n_bad +=
                strlen(r->step) + 1 == sizeof r->step || strlen(r->reason) + 1 == sizeof r->reason;
        }
        is_i64(n_bad, 0, "%s: every channel is whole, readable and counted once", machines[m]);
        jb_sensor_set_free(set);
        rig_tear_down(&rig);
    }
}

int main(void)
{
    adding();
    too_many();
    table();
    every_machine();
    return done_testing();
}
