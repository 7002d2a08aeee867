/* SPDX-License-Identifier: Apache-2.0 */
/* Which of power and energy is read of a plug, by answers in one letter each (R-SENSOR-84, R-SENSOR-85). */
#include "http_rig.h"
#include "meter_rig.h"

#include "sensor/plug.h"

/* "p" power, "e" energy, "b" both of outlet 3. */
static jb_rc parse(const char *text, size_t len, size_t outlet, struct plug_answer *ret)
{
    if (len != 1 || !strchr("peb", text[0]) || outlet != 3)
        return JB_E_AGAIN;
    *ret = (struct plug_answer){
        .has_power = text[0] != 'e', .has_energy = text[0] != 'p', .power_uw = 5, .energy = 7};
    return JB_OK;
}

static const struct net_meter_traits traits = {
    .driver = "shelly", .update_ns = JB_NS_PER_S, .timeout_ns = 5 * JB_NS_PER_S};

struct made {
    struct jb_sensor_set *set;
    jb_rc rc; /* of the first answer */
};

static struct made make(struct meter_rig *m, struct http_rig *http, const char *body)
{
    const struct jb_meter *const entry = &m->meters->meters[0];
    struct made made = {.set = NULL};
    struct plug *plug = NULL;
    struct jb_error why = {0};

    http_rig_put(http, "/x", 200, body);
    /* An empty set: a driver that finds nothing. */
    if (sensor__probe_one(&m->rig.env, jb_sensor_drivers[0], &made.set, &why) < 0 ||
        plug__new(entry, &plug, &why) < 0 ||
        net_meter__url(entry, "/x", plug->meter.url, sizeof plug->meter.url, &why) < 0 ||
        net_meter__connect(entry, &traits, HTTP_AUTH_BASIC, true, NULL, &plug->meter.client, &why) <
            0)
        bail_out("%s", why.message);
    plug->parse = parse;
    made.rc = plug__first_answer(plug, &why);
    if (made.rc < 0)
        net_meter__close(plug, &m->rig.env);
    else if (plug__add(made.set, entry, &traits, plug, 11, 13, &why) < 0)
        bail_out("%s", why.message);
    return made;
}

/* What it reads; 0 where it does not. */
static int64_t chosen(struct meter_rig *m, struct http_rig *http, const char *body,
                      enum jb_semantics semantics)
{
    jb_rc rc;
    const struct made made = make(m, http, body);
    const int64_t raw = made.rc < 0 ? 0 : rig_read(made.set, "shelly/desk", &rc);

    if (raw == 7) {
        const struct jb_channel *const channel = rig_channel(made.set, "shelly/desk");
        ok(channel->unit_num == 11 && channel->quantum_uj == 13 &&
               channel->semantics == JB_SEMANTICS_COUNTER,
           "a count in steps of the device, known to what it shows");
    } else if (raw == 5) {
        ok(rig_channel(made.set, "shelly/desk")->semantics == semantics, "power is a gauge");
    }
    jb_sensor_set_free(made.set);
    return raw;
}

int main(void)
{
    struct meter_rig m;
    struct http_rig http;
    struct plug *plug = NULL;
    struct jb_error why = {0};

    meter_rig_set_up(&m);
    http_rig_start(&http);
    struct jb_meter *const entry = meter_rig_add(&m, "shelly", "desk", http.base);
    (void)snprintf(entry->query, sizeof entry->query, "3");
    is_i64(chosen(&m, &http, "b", JB_SEMANTICS_GAUGE), 5, "power, where it shows both");
    is_i64(chosen(&m, &http, "p", JB_SEMANTICS_GAUGE), 5, "power, where it shows no more");
    is_i64(chosen(&m, &http, "e", JB_SEMANTICS_GAUGE), 7, "energy, where it shows nothing else");
    is_i64(chosen(&m, &http, "x", JB_SEMANTICS_GAUGE), 0, "nothing, where it shows neither");
    entry->has_semantics = true;
    entry->semantics = JB_SEMANTICS_COUNTER;
    is_i64(chosen(&m, &http, "b", JB_SEMANTICS_GAUGE), 7, "energy, where the entry asks for it");
    is_i64(chosen(&m, &http, "p", JB_SEMANTICS_GAUGE), 5, "and power, where there is none");
    const struct made made = make(&m, &http, "b");
    jb_rc rc;
    http_rig_put(&http, "/x", 200, "p");
    (void)rig_read(made.set, "shelly/desk", &rc);
    is_i64(rc, JB_E_AGAIN, "a count that is gone is not replaced by power");
    jb_sensor_set_free(made.set);
    (void)snprintf(entry->query, sizeof entry->query, "third");
    is_i64(plug__new(entry, &plug, &why), JB_E_INPUT, "an outlet is a number");
    http_rig_stop(&http);
    meter_rig_tear_down(&m);
    return done_testing();
}
