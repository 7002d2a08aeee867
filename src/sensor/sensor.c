/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device to reading: the one table of drivers, and the set of channels found on a machine. Probing asks every driver
 * and settles roles; reading asks the channel's driver and stamps the instant. Must not convert or retry a value.
 * Rules R-SENSOR-01, R-SENSOR-05, R-SENSOR-06.
 */
#include "sensor/sensor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/reader_int.h"
#include "sensor/sensor_int.h"
#include "sensor/sensor_set_int.h"

#define REFUSALS_MAX 256

/* The preferred path to a domain comes first: a later driver leaves out what an earlier one reads. */
/* clang-format off */
const struct jb_sensor_driver *const jb_sensor_drivers[] = {
    &jb_sensor_rapl_perf,
    &jb_sensor_rapl_powercap,
    &jb_sensor_gpu_metrics,
    &jb_sensor_amd_smi,
    &jb_sensor_nvml,
    &jb_sensor_hwmon,
    &jb_sensor_battery,
    &jb_sensor_cray,
    &jb_sensor_ipmi,
    &jb_sensor_redfish,
    &jb_sensor_shelly,
    &jb_sensor_tasmota,
    &jb_sensor_snmp,
    &jb_sensor_prometheus,
    &jb_sensor_exec,
    &jb_sensor_model,
    &jb_sensor_replay,
    NULL,
};
/* clang-format on */

static void close_slot(struct sensor_slot *slot, const struct jb_sensor_env *env)
{
    if (slot->handle && slot->close_fn)
        slot->close_fn(slot->handle, env);
    slot->handle = NULL;
}

static jb_rc make_room(struct jb_sensor_set *set)
{
    if (set->n < set->capacity)
        return JB_OK;
    const size_t capacity = set->capacity ? set->capacity * 2 : 16;
    void *const channels = realloc(set->channels, capacity * sizeof set->channels[0]);
    if (!channels)
        return JB_E_NOMEM;
    set->channels = channels;
    void *const slots = realloc(set->slots, capacity * sizeof set->slots[0]);
    if (!slots)
        return JB_E_NOMEM;
    set->slots = slots;
    set->capacity = capacity;
    return JB_OK;
}

const struct jb_channel *sensor__find(const struct jb_sensor_set *set, const char *id)
{
    for (size_t i = 0; i < set->n; i++)
        if (strcmp(set->channels[i].id, id) == 0)
            return &set->channels[i];
    return NULL;
}

/* R-SENSOR-01: names come from firmware; an id is of letters, digits and "._:/@+-", a label is one printable line. */
static void clean_name(char *text, bool is_label)
{
    for (char *at = text; *at != '\0'; at++) {
        const bool is_word = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                             (*at >= '0' && *at <= '9') || strchr("._:/@+-", *at);
        if (is_label ? *at < ' ' || *at > '~' : !is_word)
            *at = is_label ? '?' : '_';
    }
}

static bool is_complete(const struct jb_channel *channel)
{
    return channel->id[0] != '\0' && channel->unit_den != 0 && channel->unit_num != 0 &&
           channel->max_power_uw > 0;
}

struct drm_watch *sensor__watch(struct jb_sensor_set *set)
{
    if (!set->watch)
        set->watch = drm_watch__new();
    return set->watch;
}

static const char too_many[] = "there are more channels than one book follows";

/* What keeps a channel out; NULL for nothing. Two alike or one too many must not stop the others. */
static const char *objection(const struct jb_sensor_set *set, const struct jb_channel *channel)
{
    if (set->n >= JB_CHANNELS_MAX)
        return too_many;
    if (sensor__find(set, channel->id))
        return "a channel of that name was found before it";
    return NULL;
}

jb_rc jb_sensor_add(struct jb_sensor_set *set, const struct jb_channel *channel, void *handle,
                    jb_sensor_read_fn read_fn, jb_sensor_close_fn close_fn, struct jb_error *err)
{
    struct sensor_slot slot = {.handle = handle, .read_fn = read_fn, .close_fn = close_fn};
    struct jb_channel named = *channel;
    jb_rc rc = JB_OK;

    clean_name(named.id, false);
    clean_name(named.parent, false);
    clean_name(named.label, true);
    clean_name(named.correlation, false);
    const char *const reason = objection(set, &named);
    if (!is_complete(&named))
        rc = jb_fail(err, JB_E_INTERNAL, NULL,
                     "channel '%s' of driver '%s' has no id, unit or greatest power", named.id,
                     named.driver);
    else if (!reason && make_room(set) < 0)
        rc = jb_fail(err, JB_E_NOMEM, NULL, "no memory for channel '%s'", named.id);
    if (rc < 0 || reason) {
        close_slot(&slot, &set->env);
        return rc < 0 ? rc
                      : jb_sensor_refuse(set, named.driver, named.id, reason,
                                         "nothing to do: the ones found first are read", err);
    }
    slot.is_ready = named.origin != JB_ORIGIN_MODELLED || strcmp(named.driver, "replay") == 0;
    set->channels[set->n] = named;
    set->slots[set->n] = slot;
    set->n++;
    return JB_OK;
}

jb_rc jb_sensor_add_use(struct jb_sensor_set *set, const char *channel_id, jb_sensor_use_fn use_fn,
                        struct jb_error *err)
{
    for (size_t i = 0; i < set->n; i++) {
        if (strcmp(set->channels[i].id, channel_id) != 0)
            continue;
        set->slots[i].use_fn = use_fn;
        set->slots[i].has_use = true;
        return JB_OK;
    }
    return jb_fail(err, JB_E_INTERNAL, NULL, "no channel '%s' to say who uses it", channel_id);
}

jb_rc jb_sensor_refuse(struct jb_sensor_set *set, const char *driver, const char *what,
                       const char *reason, const char *step, struct jb_error *err)
{
    if (set->n_refusals == REFUSALS_MAX)
        return JB_OK; /* nobody reads more than that */
    if (set->n_refusals == set->refusals_capacity) {
        const size_t capacity = set->refusals_capacity ? set->refusals_capacity * 2 : 8;
        void *const refusals = realloc(set->refusals, capacity * sizeof set->refusals[0]);
        if (!refusals)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory to say why '%s' cannot be read", what);
        set->refusals = refusals;
        set->refusals_capacity = capacity;
    }
    struct jb_sensor_refusal *const refusal = &set->refusals[set->n_refusals++];
    (void)snprintf(refusal->driver, sizeof refusal->driver, "%s", driver);
    (void)snprintf(refusal->what, sizeof refusal->what, "%s", what);
    (void)snprintf(refusal->reason, sizeof refusal->reason, "%s", reason);
    (void)snprintf(refusal->step, sizeof refusal->step, "%s", step);
    return JB_OK;
}

void jb_sensor_set_free(struct jb_sensor_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->n; i++)
        close_slot(&set->slots[i], &set->env);
    readers__end(set->readers);
    drm_watch__unref(set->watch);
    free(set->channels);
    free(set->slots);
    free(set->refusals);
    free(set);
}

static void drop(struct jb_sensor_set *set, const bool *is_unwanted)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < set->n; i++) {
        if (is_unwanted[i]) {
            close_slot(&set->slots[i], &set->env);
            continue;
        }
        if (n_kept != i) {
            set->channels[n_kept] = set->channels[i];
            set->slots[n_kept] = set->slots[i];
        }
        n_kept++;
    }
    set->n = n_kept;
}

/* R-TREE-08: a model that posts nothing is not read at all. */
static void drop_idle_models(struct jb_sensor_set *set)
{
    bool is_idle[JB_CHANNELS_MAX] = {false};

    for (size_t i = 0; i < set->n; i++)
        is_idle[i] =
            strcmp(set->channels[i].driver, "model") == 0 && set->channels[i].role != JB_ROLE_POST;
    drop(set, is_idle);
}

/* The tree as the machine says it, corrected by the user; then who posts. */
static jb_rc settle(struct jb_sensor_set *set, const struct jb_meters *meters, struct jb_error *err)
{
    bool is_left_out[JB_CHANNELS_MAX] = {false};
    jb_rc rc = JB_OK;

    if (meters) {
        rc = sensor__rules_apply(meters, set, set->channels, set->n, is_left_out, err);
        drop(set, is_left_out);
        if (rc == JB_OK)
            rc = sensor__rules_check_loops(set->channels, set->n, err);
    }
    if (rc < 0)
        return rc;
    jb_sensor_settle_roles(set->channels, set->n);
    if (meters)
        rc = sensor__rules_compare(meters, set, set->channels, set->n, err);
    drop_idle_models(set);
    return rc;
}

static jb_rc new_set(const struct jb_sensor_env *env, struct jb_sensor_set **ret_set,
                     struct jb_error *err)
{
    *ret_set = calloc(1, sizeof **ret_set);
    if (!*ret_set)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to look for sensors");
    (*ret_set)->env = *env;
    if (!env->drivers)
        (*ret_set)->env.drivers = jb_sensor_drivers;
    return JB_OK;
}

static void free_handle(void *handle, const struct jb_sensor_env *env)
{
    (void)env;
    free(handle);
}

static jb_rc add_apart(struct jb_sensor_set *set, size_t reader, const struct reader_page *page,
                       struct jb_error *err)
{
    for (uint32_t c = 0; c < page->n_channels; c++) {
        struct jb_channel channel = page->channels[c];
        struct reader_slot *const slot = calloc(1, sizeof *slot);
        const size_t n = set->n;
        if (!slot)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for channel '%s'", channel.id);
        *slot = (struct reader_slot){
            .readers = set->readers, .reader = (uint32_t)reader, .place = c, .life = 1};
        /* R-READER-02: how old its latest reading may be is known no better at the edge of a run. */
        const int64_t renewal_ns = readers__renewal_ns(set->readers, reader);
        if (channel.update_ns < renewal_ns)
            channel.update_ns = renewal_ns;
        const jb_rc rc = jb_sensor_add(set, &channel, slot, NULL, free_handle, err);
        if (rc < 0)
            return rc;
        if (set->n == n)
            continue; /* refused */
        set->slots[n].apart = slot;
        set->slots[n].has_use = page->has_use[c];
    }
    for (uint32_t r = 0; r < page->n_refusals; r++) {
        const struct jb_sensor_refusal *const refusal = &page->refusals[r];
        const jb_rc rc = jb_sensor_refuse(set, refusal->driver, refusal->what, refusal->reason,
                                          refusal->step, err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

/* Takes what the readers of this driver found, as if it had been probed here and now. */
static jb_rc take_probed(struct jb_sensor_set *set, const struct jb_sensor_driver *driver,
                         struct jb_error *err)
{
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < readers__n(set->readers) && rc == JB_OK; i++) {
        const struct reader_task *const task = readers__task(set->readers, i);
        char what[sizeof task->meter->driver + sizeof task->meter->name];
        const char *why;
        if (task->driver != driver)
            continue;
        const struct reader_page *const page = readers__probed(set->readers, i, &why);
        if (page) {
            rc = add_apart(set, i, page, err);
            continue;
        }
        /* By the id that its channel would have. */
        (void)snprintf(what, sizeof what, "%s%s%s", driver->name, task->meter ? "/" : "",
                       task->meter ? task->meter->name : "");
        rc = jb_sensor_refuse(set, driver->name, what, why,
                              driver->if_silent
                                  ? driver->if_silent
                                  : "see that it is on and answers from here, and begin again",
                              err);
    }
    return rc;
}

/* R-READER-01: the readers look for their meters while this process looks for its own. */
static jb_rc probe_into(struct jb_sensor_set *set, struct jb_error *err)
{
    struct jb_error apart_err = {0};

    const jb_rc begin_rc =
        set->env.replay_path ? JB_OK : readers__begin(&set->env, &set->readers, &apart_err);
    if (begin_rc < 0) {
        const jb_rc rc =
            jb_sensor_refuse(set, "", "slow meters", apart_err.message, apart_err.hint, err);
        if (rc < 0)
            return rc;
    }
    for (size_t i = 0; set->env.drivers[i]; i++) {
        const struct jb_sensor_driver *const driver = set->env.drivers[i];
        /* A recorded file stands in for the whole machine. */
        if (set->env.replay_path && driver != &jb_sensor_replay)
            continue;
        const jb_rc rc =
            driver->is_apart ? take_probed(set, driver, err) : driver->probe(&set->env, set, err);
        if (rc < 0)
            return rc;
    }
    if (set->readers && !readers__any_at_work(set->readers)) {
        readers__end(set->readers);
        set->readers = NULL;
    }
    return JB_OK;
}

jb_rc jb_sensor_probe_all(const struct jb_sensor_env *env, struct jb_sensor_set **ret_set,
                          struct jb_error *err)
{
    JB_AUTO(jb_sensor_set_free_auto) struct jb_sensor_set *set = NULL;
    jb_rc rc = new_set(env, &set, err);

    if (rc < 0)
        return rc;
    rc = probe_into(set, err);
    if (rc < 0)
        return rc;
    rc = settle(set, env->meters, err);
    if (rc < 0)
        return rc;
    *ret_set = set;
    set = NULL;
    return JB_OK;
}

jb_rc sensor__probe_one(const struct jb_sensor_env *env, const struct jb_sensor_driver *driver,
                        struct jb_sensor_set **ret_set, struct jb_error *err)
{
    JB_AUTO(jb_sensor_set_free_auto) struct jb_sensor_set *set = NULL;
    jb_rc rc = new_set(env, &set, err);

    if (rc < 0)
        return rc;
    set->only = driver;
    rc = driver->probe(&set->env, set, err);
    if (rc < 0)
        return rc;
    *ret_set = set;
    set = NULL;
    return JB_OK;
}

bool sensor__has_use(const struct jb_sensor_set *set, size_t i)
{
    return set->slots[i].has_use;
}

size_t jb_sensor_n_channels(const struct jb_sensor_set *set)
{
    return set->n;
}

const struct jb_channel *jb_sensor_channel(const struct jb_sensor_set *set, size_t i)
{
    return i < set->n ? &set->channels[i] : NULL;
}

size_t jb_sensor_n_refusals(const struct jb_sensor_set *set)
{
    return set->n_refusals;
}

bool jb_sensor_is_missed(const struct jb_sensor_set *set, size_t i)
{
    /* Of those for which there was no room the first stands for all. */
    if (strcmp(set->refusals[i].reason, too_many) == 0) {
        size_t first = 0;
        while (strcmp(set->refusals[first].reason, too_many) != 0)
            first++;
        return first == i;
    }
    for (size_t d = 0; set->env.drivers[d]; d++)
        if (strcmp(set->env.drivers[d]->name, set->refusals[i].driver) == 0)
            return set->env.drivers[d]->is_missed || set->env.drivers[d]->is_configured;
    return false;
}

const struct jb_sensor_refusal *jb_sensor_refusal(const struct jb_sensor_set *set, size_t i)
{
    return i < set->n_refusals ? &set->refusals[i] : NULL;
}

jb_rc jb_sensor_read(struct jb_sensor_set *set, size_t i, struct jb_reading *ret)
{
    unsigned long long raw;

    if (i >= set->n)
        return JB_E_USAGE;
    struct sensor_slot *const slot = &set->slots[i];
    if (slot->is_gone)
        return JB_E_GONE;
    if (!slot->is_ready)
        return JB_E_UNAVAILABLE;
    if (slot->apart) {
        const jb_rc rc =
            readers__read(slot->apart, &set->channels[i], jb_mono_ns(set->env.clock), ret);
        slot->is_gone = rc == JB_E_GONE;
        return rc;
    }
    const jb_rc rc = slot->read_fn(slot->handle, &set->env, &raw);
    if (rc < 0) {
        slot->is_gone = rc == JB_E_GONE;
        return rc;
    }
    ret->mono_ns = jb_mono_ns(set->env.clock);
    ret->raw = raw;
    return JB_OK;
}

void jb_sensor_ask(struct jb_sensor_set *set)
{
    if (set->readers)
        readers__ask(set->readers);
}

bool jb_sensor_wait(struct jb_sensor_set *set, int64_t deadline_ns)
{
    return !set->readers || readers__wait(set->readers, deadline_ns - jb_mono_ns(set->env.clock));
}

bool jb_sensor_is_apart(const struct jb_sensor_set *set, size_t i)
{
    return i < set->n && set->slots[i].apart;
}

bool jb_sensor_is_silent(const struct jb_sensor_set *set, size_t i)
{
    return jb_sensor_is_apart(set, i) && readers__is_silent(set->slots[i].apart);
}

pid_t jb_sensor_helper(const struct jb_sensor_set *set)
{
    return readers__pid(set->readers);
}

void jb_sensor_helper_ended(struct jb_sensor_set *set, pid_t pid)
{
    readers__pid_ended(set->readers, pid);
}

int64_t jb_sensor_helper_cpu_ns(const struct jb_sensor_set *set)
{
    return readers__cpu_ns(set->readers);
}

jb_rc jb_sensor_board_use(struct jb_sensor_set *set, size_t i, struct jb_sensor_board *ret_board,
                          struct jb_sensor_use *ret_uses, size_t capacity, size_t *ret_n)
{
    if (i >= set->n || !set->slots[i].has_use)
        return JB_E_UNAVAILABLE;
    if (set->slots[i].is_gone)
        return JB_E_GONE;
    if (set->slots[i].apart)
        return readers__use(set->slots[i].apart, ret_board, ret_uses, capacity, ret_n);
    return set->slots[i].use_fn(set->slots[i].handle, &set->env, ret_board, ret_uses, capacity,
                                ret_n);
}

/* R-SENSOR-06: the same meter is back only if its counts mean the same. */
bool sensor__is_same_meter(const struct jb_channel *a, const struct jb_channel *b)
{
    return strcmp(a->id, b->id) == 0 && strcmp(a->driver, b->driver) == 0 &&
           a->semantics == b->semantics && a->unit_num == b->unit_num &&
           a->unit_den == b->unit_den && a->modulus == b->modulus;
}

/* A recording goes on by itself: opening it again would begin it again. */
static size_t reread(struct jb_sensor_set *set)
{
    unsigned long long raw;
    size_t n_back = 0;

    for (size_t i = 0; i < set->n; i++) {
        struct sensor_slot *const slot = &set->slots[i];
        if (slot->is_gone && slot->read_fn(slot->handle, &set->env, &raw) == JB_OK) {
            slot->is_gone = false;
            n_back++;
        }
    }
    return n_back;
}

/* Slot i takes over what probing found for the same meter. */
static bool take_back(struct jb_sensor_set *set, size_t i, struct jb_sensor_set *found)
{
    for (size_t k = 0; k < found->n; k++) {
        if (!found->slots[k].handle ||
            !sensor__is_same_meter(&set->channels[i], &found->channels[k]))
            continue;
        const bool was_ready = set->slots[i].is_ready;
        close_slot(&set->slots[i], &set->env);
        set->slots[i] = found->slots[k];
        set->slots[i].is_ready = was_ready;
        found->slots[k].handle = NULL;
        return true;
    }
    return false;
}

/* What is read here; readers look for theirs themselves. */
static jb_rc probe_again(const struct jb_sensor_set *set, struct jb_sensor_set *found)
{
    jb_rc rc = JB_OK;

    if (set->only)
        return set->only->probe(&found->env, found, NULL);
    for (size_t i = 0; set->env.drivers[i] && rc == JB_OK; i++)
        if (!set->env.drivers[i]->is_apart)
            rc = set->env.drivers[i]->probe(&found->env, found, NULL);
    return rc;
}

size_t jb_sensor_reprobe(struct jb_sensor_set *set)
{
    JB_AUTO(jb_sensor_set_free_auto) struct jb_sensor_set *found = NULL;
    size_t n_gone = 0;
    size_t n_back = 0;

    if (set->env.replay_path)
        return reread(set);
    for (size_t i = 0; i < set->n; i++) {
        struct sensor_slot *const slot = &set->slots[i];
        if (slot->is_gone && slot->apart && readers__is_back(slot->apart, &set->channels[i])) {
            slot->is_gone = false;
            n_back++;
        }
        n_gone += slot->is_gone && !slot->apart ? 1 : 0;
    }
    if (n_gone == 0 || new_set(&set->env, &found, NULL) < 0 || probe_again(set, found) < 0)
        return n_back;
    for (size_t i = 0; i < set->n; i++)
        if (set->slots[i].is_gone && !set->slots[i].apart && take_back(set, i, found))
            n_back++;
    return n_back;
}
