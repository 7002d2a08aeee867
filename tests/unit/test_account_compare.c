/* SPDX-License-Identifier: Apache-2.0 */
/* R-ACCOUNT-08 on readings written by hand: who is compared with whom, what the bands allow, and what is said. */
#include <string.h>

#include "account/account.h"
#include "base/clock.h"
#include "tap.h"

#define RUN "01939f7e-0000-7000-8000-000000000001"
#define J   INT64_C(1000000)

static struct jb_account_builder *builder;

static void begin(void)
{
    const struct jb_run run = {
        .id = RUN,
        .host = "node",
        .market_mgco2e_per_kwh = -1,
        .pue_milli = -1,
        .tariff_micro_per_kwh = -1,
        .start_mono_ns = 0,
        .end_mono_ns = 10 * JB_NS_PER_S,
        .status = JB_RUN_DONE,
    };

    if (jb_account_builder_new(&run, &builder, NULL) < 0)
        bail_out("no builder");
}

/* A reading over 10 s, right to 5 %. */
static struct jb_interval reading(const char *channel, const char *parent, enum jb_scope scope,
                                  enum jb_role role, int64_t energy_uj)
{
    struct jb_interval made = {
        .host = "node",
        .boot_id = "boot",
        .scope = scope,
        .device = JB_DEVICE_NODE,
        .semantics = JB_SEMANTICS_GAUGE,
        .origin = JB_ORIGIN_GAUGE,
        .role = role,
        .unit_num = 1,
        .unit_den = 1,
        .mono_end_ns = 10 * JB_NS_PER_S,
        .utc_start_us = 1800000000000000,
        .utc_end_us = 1800000010000000,
        .energy_uj = energy_uj,
        .gauge_ns = 10 * JB_NS_PER_S,
        .accuracy_low_ppm = 50000,
        .accuracy_high_ppm = 50000,
        .idle_source = "stated",
    };
    (void)snprintf(made.channel, sizeof made.channel, "%s", channel);
    (void)snprintf(made.parent, sizeof made.parent, "%s", parent);
    (void)snprintf(made.correlation, sizeof made.correlation, "%s", channel);
    return made;
}

static void post(const char *channel, enum jb_scope scope, enum jb_role role, int64_t energy_uj)
{
    const struct jb_interval interval = reading(channel, "", scope, role, energy_uj);
    struct jb_line lines[2] = {{.amount_uj = -energy_uj, .account = "meter:node/x"},
                               {.amount_uj = energy_uj, .account = "run:" RUN}};

    if (role == JB_ROLE_PARENT)
        (void)snprintf(lines[1].account, sizeof lines[1].account, "platform:node");
    if (jb_account_add_interval(builder, &interval, lines, 2, NULL) < 0)
        bail_out("not taken");
}

static void compare(const struct jb_interval *interval)
{
    if (jb_account_add_unposted(builder, interval, NULL) < 0)
        bail_out("not taken");
}

/* The notes of the account as one text; ends the builder. */
static const char *notes(void)
{
    static char text[8192];
    struct jb_account account;
    struct jb_error err = {0};
    size_t len = 0;

    if (jb_account_finish(builder, &account, &err) < 0)
        bail_out("%s", err.message);
    text[0] = '\0';
    for (size_t i = 0; i < account.n_notes; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s\n", account.notes[i]);
    jb_account_release(&account);
    jb_account_builder_free(builder);
    return text;
}

static void says(const char *got, const char *want, const char *promise)
{
    if (!ok(strstr(got, want) != NULL, "%s", promise))
        diag("want %s\ngot\n%s", want, got);
}

static void says_nothing(const char *got, const char *promise)
{
    if (!ok(!strstr(got, "agree") && !strstr(got, "lies"), "%s", promise))
        diag("got\n%s", got);
}

/* 100 J +- 5 J beside 108 J +- 5.4 J: sqrt(25 + 29.16) = 7.36 J are allowed. */
static void two_node_meters(void)
{
    struct jb_interval bmc =
        reading("redfish/bmc", "node/acpi", JB_SCOPE_NODE, JB_ROLE_CHECK, 108 * J);

    begin();
    post("node/acpi", JB_SCOPE_NODE, JB_ROLE_PARENT, 100 * J);
    compare(&bmc);
    says(notes(),
         "two meters of the same part disagree beyond their bands: 'redfish/bmc' read 108 J, "
         "'node/acpi', which is posted, 100 J: 8 % more",
         "8 J apart is more than their bands allow: both figures and the difference");

    begin();
    post("node/acpi", JB_SCOPE_NODE, JB_ROLE_PARENT, 100 * J);
    bmc.energy_uj = 107 * J;
    compare(&bmc);
    says(notes(),
         "meters of the same part differ by no more than their bands: 'redfish/bmc' with "
         "'node/acpi' (7 % apart)",
         "7 J apart is not, and that is said as well");

    begin();
    post("node/acpi", JB_SCOPE_NODE, JB_ROLE_PARENT, 100 * J);
    bmc.energy_uj = 92 * J;
    compare(&bmc);
    says(notes(), "100 J: 8 % less", "less is told as less");
}

/* A meter that is renewed late misses something at each end of the run. */
static void edges(void)
{
    struct jb_interval slow =
        reading("redfish/bmc", "node/acpi", JB_SCOPE_NODE, JB_ROLE_CHECK, 108 * J);

    begin();
    post("node/acpi", JB_SCOPE_NODE, JB_ROLE_PARENT, 100 * J);
    slow.edge_uj = 3 * J; /* sqrt(5.4^2 + 3^2 + 3^2) = 6.87; with 5: 8.49 */
    compare(&slow);
    says(notes(), "differ by no more than their bands",
         "what a slow meter misses at the edges is allowed");
}

/* Seen for half of the time it read half: the other half may have been the same, or not. */
static void half_seen(void)
{
    struct jb_interval half =
        reading("shelly/plug", "node/acpi", JB_SCOPE_NODE, JB_ROLE_CHECK, 50 * J);

    begin();
    post("node/acpi", JB_SCOPE_NODE, JB_ROLE_PARENT, 100 * J);
    half.gauge_ns = 5 * JB_NS_PER_S;
    half.unobserved_ns = 5 * JB_NS_PER_S;
    compare(&half);
    says(notes(), "differ by no more than their bands",
         "time that a meter was not seen in is no disagreement");
    begin();
    post("node/acpi", JB_SCOPE_NODE, JB_ROLE_PARENT, 100 * J);
    half.gauge_ns = 0;
    half.energy_uj = 0;
    half.unobserved_ns = 10 * JB_NS_PER_S;
    compare(&half);
    says_nothing(notes(), "a meter that was never seen is compared with nothing");
}

static void a_board(void)
{
    const struct jb_interval power =
        reading("gpu/GPU-1/power", "gpu/GPU-1", JB_SCOPE_RAIL, JB_ROLE_CHECK, 60 * J);
    const struct jb_interval twin =
        reading("gpu/GPU-1@hwmon", "gpu/GPU-1", JB_SCOPE_GPU, JB_ROLE_DUPLICATE, 51 * J);

    begin();
    post("gpu/GPU-1", JB_SCOPE_GPU, JB_ROLE_POST, 50 * J);
    compare(&power);
    compare(&twin);
    const char *const got = notes();
    says(got, "'gpu/GPU-1/power' read 60.0 J, 'gpu/GPU-1', which is posted, 50.0 J: 20 % more",
         "a board's integrated power is held against its counter");
    says(got, "differ by no more than their bands: 'gpu/GPU-1@hwmon' with 'gpu/GPU-1' (2 % apart)",
         "and its other path too");
}

static void parts(void)
{
    struct jb_interval part =
        reading("hwmon/psu/power1", "node/acpi", JB_SCOPE_OTHER, JB_ROLE_CHECK, 60 * J);

    begin();
    post("node/acpi", JB_SCOPE_NODE, JB_ROLE_PARENT, 100 * J);
    compare(&part);
    says_nothing(notes(), "a part may read less than the whole");
    begin();
    post("node/acpi", JB_SCOPE_NODE, JB_ROLE_PARENT, 100 * J);
    part.energy_uj = 120 * J;
    compare(&part);
    says(notes(),
         "'hwmon/psu/power1' read 120 J, more than 'node/acpi', in which it lies, 100 J: 20 % "
         "more, beyond their bands",
         "but not more");
    begin();
    post("node/acpi", JB_SCOPE_NODE, JB_ROLE_PARENT, 100 * J);
    part.parent[0] = '\0';
    compare(&part);
    (void)snprintf(part.host, sizeof part.host, "other");
    (void)snprintf(part.parent, sizeof part.parent, "node/acpi");
    compare(&part);
    says_nothing(notes(), "what lies in nothing, or on another host, is compared with nothing");
}

/* A child that was not seen for a while: its parent has what it drew. */
static void unseen_part(void)
{
    struct jb_interval child =
        reading("gpu/GPU-1", "node/acpi", JB_SCOPE_GPU, JB_ROLE_POST, 30 * J);
    const struct jb_line lines[2] = {{.amount_uj = -30 * J, .account = "meter:node/x"},
                                     {.amount_uj = 30 * J, .account = "run:" RUN}};

    begin();
    post("node/acpi", JB_SCOPE_NODE, JB_ROLE_PARENT, 100 * J);
    child.gauge_ns = 4 * JB_NS_PER_S;
    child.unobserved_ns = 6 * JB_NS_PER_S;
    (void)snprintf(child.gap, sizeof child.gap, "device gone");
    if (jb_account_add_interval(builder, &child, lines, 2, NULL) < 0)
        bail_out("not taken");
    says(notes(),
         "what 'gpu/GPU-1' on node drew unseen stands in the platform of 'node/acpi', if that was "
         "read",
         "the reader is told where it stands (R-SETTLE-08)");
}

int main(void)
{
    two_node_meters();
    edges();
    half_seen();
    a_board();
    parts();
    unseen_part();
    return done_testing();
}
