/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The account of a run made by hand. All expected figures are worked out in the comments, from the postings alone.
 */
#include <string.h>
#include <unistd.h>

#include "account/account.h"
#include "base/clock.h"
#include "base/num.h"
#include "tap.h"

#define RUN   "01939f7e-0000-7000-8000-000000000001"
#define OTHER "01939f7e-0000-7000-8000-000000000002"
#define HOUR  JB_US_PER_HOUR
#define T0    (INT64_C(1767225600000000)) /* 2026-01-01T00:00:00Z */

static struct jb_run a_run(void)
{
    struct jb_run run = {
        .id = RUN,
        .host = "node",
        .market_mgco2e_per_kwh = -1,
        .pue_milli = -1,
        .tariff_micro_per_kwh = -1,
        .start_mono_ns = 10 * JB_NS_PER_S,
        .end_mono_ns = 30 * JB_NS_PER_S,
        .start_utc_us = T0,
        .end_utc_us = T0 + 20 * JB_US_PER_S,
        .status = JB_RUN_DONE,
    };
    return run;
}

static struct jb_interval an_interval(const char *channel, int64_t energy_uj)
{
    struct jb_interval interval = {
        .host = "node",
        .boot_id = "boot",
        .scope = JB_SCOPE_PACKAGE,
        .device = JB_DEVICE_CPU,
        .semantics = JB_SEMANTICS_COUNTER,
        .origin = JB_ORIGIN_COUNTER,
        .role = JB_ROLE_POST,
        .unit_num = 1,
        .unit_den = 1,
        .mono_start_ns = 10 * JB_NS_PER_S,
        .mono_end_ns = 20 * JB_NS_PER_S,
        .utc_start_us = T0,
        .utc_end_us = T0 + 10 * JB_US_PER_S,
        .energy_uj = energy_uj,
        .counter_ns = 10 * JB_NS_PER_S,
        .idle_source = "calibrated",
    };
    (void)snprintf(interval.channel, sizeof interval.channel, "%s", channel);
    return interval;
}

static struct jb_line run_line(const char *id, int64_t amount_uj, int64_t low_uj, int64_t high_uj,
                               int64_t reserved_uj, int64_t all_uj)
{
    struct jb_line line = {.amount_uj = amount_uj,
                           .has_share = true,
                           .low_uj = low_uj,
                           .high_uj = high_uj,
                           .reserved_uj = reserved_uj,
                           .all_uj = all_uj};
    (void)snprintf(line.account, sizeof line.account, "run:%s", id);
    return line;
}

static struct jb_line a_line(const char *account, int64_t amount_uj)
{
    struct jb_line line = {.amount_uj = amount_uj};
    (void)snprintf(line.account, sizeof line.account, "%s", account);
    return line;
}

static struct jb_account_builder *builder_of(const struct jb_run *run)
{
    struct jb_account_builder *builder = NULL;
    if (jb_account_builder_new(run, &builder, NULL) < 0)
        bail_out("no memory");
    return builder;
}

static void add(struct jb_account_builder *builder, const struct jb_interval *interval,
                const struct jb_line *lines, size_t n)
{
    struct jb_error err = {0};
    if (jb_account_add_interval(builder, interval, lines, n, &err) < 0)
        bail_out("%s", err.message);
}

static struct jb_account finish(struct jb_account_builder *builder)
{
    struct jb_account account = {0};
    struct jb_error err = {0};
    if (jb_account_finish(builder, &account, &err) < 0)
        bail_out("%s", err.message);
    jb_account_builder_free(builder);
    return account;
}

static bool has_note(const struct jb_account *account, const char *part)
{
    for (size_t i = 0; i < account->n_notes; i++)
        if (strstr(account->notes[i], part))
            return true;
    return false;
}

static const struct jb_account_line *line_of(const struct jb_account *account, const char *channel)
{
    for (size_t i = 0; i < account->n_lines; i++)
        if (strcmp(account->lines[i].channel, channel) == 0)
            return &account->lines[i];
    bail_out("no line '%s'", channel);
    return NULL;
}

/* A meter's 1000 uJ: 600 to the run, 300 idle, 100 to another run. */
static void add_shared(struct jb_account_builder *builder, struct jb_interval *interval)
{
    const struct jb_line lines[] = {
        a_line("meter:node/a", -1000),
        run_line(RUN, 600, 570, 640, 750, 850),
        run_line(OTHER, 100, 90, 110, 120, 150),
        a_line("idle:node", 300),
        a_line("others:node", 0),
    };
    add(builder, interval, lines, JB_ARRAY_LEN(lines));
}

/* R-ENERGY-07: a gauge that was not read has no count to fall back on. */
static void failed_gauge(void)
{
    const struct jb_run run = a_run();
    struct jb_account_builder *const builder = builder_of(&run);
    struct jb_interval interval = an_interval("plug", 1000);

    interval.origin = JB_ORIGIN_GAUGE;
    interval.n_failed = 1;
    add_shared(builder, &interval);
    struct jb_account account = finish(builder);
    ok(has_note(&account,
                "1 read of 'plug' on node failed; what it drew meanwhile is interpolated"),
       "of a gauge it is not said that no energy was lost");
    jb_account_release(&account);
}

static void sums(void)
{
    const struct jb_run run = a_run();
    struct jb_account_builder *const builder = builder_of(&run);
    struct jb_interval first = an_interval("a", 1000);
    struct jb_interval second = an_interval("a", 1000);

    second.mono_start_ns = 20 * JB_NS_PER_S;
    second.mono_end_ns = 30 * JB_NS_PER_S;
    second.n_failed = 2;
    add_shared(builder, &second); /* any order */
    add_shared(builder, &first);
    struct jb_account account = finish(builder);

    is_i64((int64_t)account.n_lines, 1, "intervals of one channel make one line");
    const struct jb_account_line *const line = &account.lines[0];
    is_i64(line->run_uj.best, 1200, "R-ACCOUNT-01: the run's energy is the sum of its lines");
    is_i64(line->total_uj.best, 2000, "R-ACCOUNT-02: C-1 is all the meter gave meanwhile");
    is_i64(line->above_idle_uj.best, 1400, "R-ACCOUNT-03: and minus idle, 2000 - 600");
    is_i64(line->idle_uj, 600, "idle as posted");
    is_i64(line->others_uj, 200, "another run's share counts as others");
    is_i64(line->run_uj.best + line->idle_uj + line->others_uj, line->total_uj.best,
           "the parts are the whole");
    is_i64(line->reserved_uj, 1500, "view reserved is summed");
    is_i64(line->all_uj, 1700, "view all is summed");
    is_i64(account.energy_uj.best, 1200, "the headline is the run's share");
    is_i64(account.views_uj[0].best, 1200, "which is the view active");
    is_i64(account.views_uj[1].best, 1500, "view reserved of the account");
    is_i64(account.views_uj[2].best, 1700, "view all of the account");
    is_i64(account.origin_uj[JB_ORIGIN_COUNTER], 1200, "the headline by origin");
    is_i64(account.method, JB_METHOD_C2, "R-ACCOUNT-06: others had a part of it: method C-2");
    is_i64(account.coverage.counter_ns, 20 * JB_NS_PER_S, "coverage is summed");
    is_i64(account.duration_ns, 20 * JB_NS_PER_S, "duration is monotonic");
    is_i64(line->n_failed, 2, "failed reads are counted");
    ok(has_note(&account, "2 reads of 'a' on node failed; a counter loses time resolution"),
       "and noted");
    /* Attribution: (600-570) + (600-570) = 60 below, (640-600) x 2 = 80 above; no other cause. */
    is_i64(account.energy_uj.low, 1140, "R-BAND-03: attribution's band adds linearly, below");
    is_i64(account.energy_uj.high, 1280, "and above");
    jb_account_release(&account);
    is_i64((int64_t)account.n_lines, 0, "a released account is empty");
}

static void method(void)
{
    const struct jb_run run = a_run();
    struct jb_account_builder *const builder = builder_of(&run);
    struct jb_interval interval = an_interval("gpu/0", 500);
    const struct jb_line lines[] = {a_line("meter:node/gpu/0", -500),
                                    run_line(RUN, 500, 500, 500, 500, 500)};

    interval.scope = JB_SCOPE_GPU;
    interval.device = JB_DEVICE_GPU;
    add(builder, &interval, lines, JB_ARRAY_LEN(lines));
    struct jb_account account = finish(builder);
    is_i64(account.method, JB_METHOD_C1,
           "R-ACCOUNT-06: the run had all of every meter: method C-1");
    jb_account_release(&account);
}

static void bands(void)
{
    const struct jb_run run = a_run();
    struct jb_account_builder *const builder = builder_of(&run);
    static const struct {
        const char *channel, *key;
        int64_t energy_uj, ppm;
    } rows[] = {
        {"a", "board 1", 3000000, 10000}, /* 30 000 */
        {"b", "board 1", 1000000, 10000}, /* 10 000 */
        {"c", "board 2", 3000000, 10000}, /* 30 000 */
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(rows); i++) {
        struct jb_interval interval = an_interval(rows[i].channel, rows[i].energy_uj);
        const struct jb_line lines[] = {a_line("meter:x", -rows[i].energy_uj),
                                        a_line("run:" RUN, rows[i].energy_uj)};
        interval.accuracy_low_ppm = interval.accuracy_high_ppm = rows[i].ppm;
        (void)snprintf(interval.correlation, sizeof interval.correlation, "%s", rows[i].key);
        add(builder, &interval, lines, JB_ARRAY_LEN(lines));
    }
    struct jb_account account = finish(builder);
    /* Board 1: 30000 + 10000 = 40000; with board 2: sqrt(40000^2 + 30000^2) = 50000. */
    is_i64(account.energy_uj.best, 7000000, "a band moves no best figure");
    is_i64(account.energy_uj.low, 6950000,
           "R-BAND-05: linear within a key, quadrature across keys, below");
    is_i64(account.energy_uj.high, 7050000, "and above");
    is_i64(line_of(&account, "b")->run_uj.low, 990000, "R-BAND-01: one line has its own band");
    jb_account_release(&account);
}

static void uneven_band(void)
{
    const struct jb_run run = a_run();
    struct jb_account_builder *const builder = builder_of(&run);
    struct jb_interval interval = an_interval("model/cpu", 1000);
    const struct jb_line lines[] = {a_line("modelled:node/model/cpu", -1000),
                                    a_line("run:" RUN, 333), a_line("others:node", 667)};

    interval.origin = JB_ORIGIN_MODELLED;
    (void)snprintf(interval.correlation, sizeof interval.correlation, "catalogue/cpu-unknown");
    interval.low_uj = 400;
    interval.high_uj = 2500;
    interval.accuracy_low_ppm = 100000; /* narrower than what the model itself says */
    add(builder, &interval, lines, JB_ARRAY_LEN(lines));
    struct jb_account account = finish(builder);
    /* 600 x 333/1000 = 199.8 -> 200 below; 1500 x 0.333 = 499.5 -> 500 above. */
    is_i64(account.energy_uj.low, 133,
           "R-BAND-01: the model's own band in the run's proportion, rounded outward");
    is_i64(account.energy_uj.high, 833, "on both sides");
    is_i64(account.lines[0].total_uj.low, 400, "of the whole channel it is the model's own");
    is_i64(account.lines[0].total_uj.high, 2500, "on both sides as well");
    ok(has_note(&account, "100 % of the energy is modelled"),
       "R-ACCOUNT-07: the modelled share is told");
    ok(has_note(&account, "the processor of node is not recognised"),
       "and a processor that is not known");
    jb_account_release(&account);
}

static void edges_and_gaps(void)
{
    const struct jb_run run = a_run();
    struct jb_account_builder *const builder = builder_of(&run);
    static const int64_t edges_uj[] = {300, 999999, 400};

    for (int64_t i = 0; i < 3; i++) {
        struct jb_interval interval = an_interval("a", 10000);
        const struct jb_line lines[] = {a_line("meter:x", -10000), a_line("run:" RUN, 10000)};
        interval.mono_start_ns = (10 + 5 * i) * JB_NS_PER_S;
        interval.mono_end_ns = interval.mono_start_ns + 5 * JB_NS_PER_S;
        interval.edge_uj = edges_uj[i];
        if (i == 1) {
            (void)snprintf(interval.gap, sizeof interval.gap, "suspend");
            interval.gap_best_uj = 5000;
            interval.gap_high_uj = 70000;
            interval.unobserved_ns = 3 * JB_NS_PER_S;
        }
        add(builder, &interval, lines, JB_ARRAY_LEN(lines));
    }
    struct jb_account account = finish(builder);
    /* sqrt(300^2 + 400^2) = 500; the cut between two intervals of the run moves nothing in or out of it. */
    is_i64(account.energy_uj.best, 30000, "R-BAND-06: no gap is in the best");
    is_i64(account.energy_uj.low, 29500, "R-BAND-02, -04: the two outermost edges, in quadrature");
    is_i64(account.energy_uj.high, 30000 + 500 + 70000,
           "R-BAND-06: what gaps may have held is wholly in the high");
    is_i64(account.lines[0].n_gaps, 1, "gaps are counted");
    is_str(account.lines[0].gaps, "suspend", "with their reasons");
    is_i64(account.coverage.unobserved_ns, 3 * JB_NS_PER_S, "and their time is unobserved");
    ok(has_note(&account, "(suspend)"), "and noted");
    jb_account_release(&account);
}

static void range_is_no_gap(void)
{
    const struct jb_run run = a_run();
    struct jb_account_builder *const builder = builder_of(&run);
    struct jb_interval interval = an_interval("a", 10);
    const struct jb_line lines[] = {a_line("meter:x", -10), a_line("run:" RUN, 10)};

    (void)snprintf(interval.gap, sizeof interval.gap, "range");
    add(builder, &interval, lines, JB_ARRAY_LEN(lines));
    struct jb_account account = finish(builder);
    is_i64(account.lines[0].n_gaps, 0, "a count that left 64 bits lost nothing and is no gap");
    jb_account_release(&account);
}

static void low_is_never_negative(void)
{
    const struct jb_run run = a_run();
    struct jb_account_builder *const builder = builder_of(&run);
    struct jb_interval interval = an_interval("a", 10);
    const struct jb_line lines[] = {a_line("meter:x", -10), a_line("run:" RUN, 10)};

    interval.edge_uj = 1000;
    add(builder, &interval, lines, JB_ARRAY_LEN(lines));
    struct jb_account account = finish(builder);
    is_i64(account.energy_uj.low, 0, "no energy is negative, however wide the band");
    jb_account_release(&account);
}

static void unknown_idle(void)
{
    const struct jb_run run = a_run();
    struct jb_account_builder *const builder = builder_of(&run);
    struct jb_interval interval = an_interval("a", 1000);

    (void)snprintf(interval.idle_source, sizeof interval.idle_source, "unknown");
    add_shared(builder, &interval);
    struct jb_account account = finish(builder);
    is_i64(account.lines[0].idle_power_uw, -1,
           "an idle power without a source is not known, not 0");
    ok(!account.lines[0].above_idle_uj.is_known,
       "R-ACCOUNT-03: without a baseline, above idle is absent, not zero");
    ok(has_note(&account, "idle power is unknown (a)"), "and that is said");
    jb_account_release(&account);
}

static void nothing(void)
{
    const struct jb_run run = a_run();
    struct jb_account account = finish(builder_of(&run));

    ok(!account.energy_uj.is_known, "a run without any meter has no energy, rather than zero");
    ok(!account.facility_uj.is_known && !account.location_ugco2e.is_known,
       "nor facility nor carbon");
    ok(has_note(&account, "no energy is known"), "and a note");
    jb_account_release(&account);
}

static void parents(void)
{
    const struct jb_run run = a_run();
    struct jb_account_builder *const builder = builder_of(&run);
    struct jb_interval child = an_interval("rapl/package-0", 1000);
    struct jb_interval parent = an_interval("module", 1300);
    const struct jb_line child_lines[] = {a_line("meter:x", -1000),
                                          run_line(RUN, 1000, 1000, 1000, 1000, 1000)};
    const struct jb_line parent_lines[] = {a_line("meter:y", -300), a_line("platform:node", 300),
                                           run_line(RUN, 0, 0, 0, 0, 300)};

    parent.scope = JB_SCOPE_MODULE;
    parent.role = JB_ROLE_PARENT;
    parent.accuracy_low_ppm = parent.accuracy_high_ppm = 100000; /* 10 % */
    add(builder, &child, child_lines, JB_ARRAY_LEN(child_lines));
    add(builder, &parent, parent_lines, JB_ARRAY_LEN(parent_lines));
    struct jb_account account = finish(builder);
    is_i64(account.energy_uj.best, 1000,
           "R-ACCOUNT-05: what a parent reads above its parts is not the run's");
    is_i64(line_of(&account, "module")->platform_uj, 300, "it is platform");
    is_i64(account.views_uj[2].best, 1300, "and in the view that charges everything");
    ok(account.views_uj[2].low <= 1170 && account.views_uj[2].high >= 1430 &&
           account.views_uj[2].high < 1450,
       "which is no surer than the parent's meter (R-BAND-01): %lld .. %lld",
       (long long)account.views_uj[2].low, (long long)account.views_uj[2].high);
    ok(account.energy_uj.high < 1430 - 300, "the run's own share is its parts' affair: %lld",
       (long long)account.energy_uj.high);
    ok(!line_of(&account, "module")->run_uj.is_known, "a parent has no share of the run");
    jb_account_release(&account);
}

static void facility_given(void)
{
    struct jb_run run = a_run();
    run.pue_milli = 1250;
    run.market_mgco2e_per_kwh = 0;
    run.tariff_micro_per_kwh = 300000; /* 0.30 per kWh */
    (void)snprintf(run.currency, sizeof run.currency, "EUR");
    struct jb_account_builder *const builder = builder_of(&run);
    struct jb_interval interval = an_interval("a", INT64_C(4000000000000));
    const struct jb_line lines[] = {a_line("meter:x", -interval.energy_uj),
                                    a_line("run:" RUN, interval.energy_uj)};

    interval.accuracy_low_ppm = interval.accuracy_high_ppm = 10000; /* 1 % */
    add(builder, &interval, lines, JB_ARRAY_LEN(lines));
    struct jb_account account = finish(builder);
    ok(account.is_facility_posted, "R-PUE-01: a given PUE is a line of its own");
    /* 4e12 x 0.25 = 1e12, band 1 % of it */
    is_i64(account.facility_uj.best, INT64_C(1000000000000), "energy x (PUE - 1)");
    is_i64(account.facility_uj.low, INT64_C(990000000000), "with the energy's band, below");
    is_i64(account.facility_uj.high, INT64_C(1010000000000), "and above");
    is_i64(account.energy_uj.best, INT64_C(4000000000000), "the headline stays IT energy");
    /* (4e12 + 1e12) uJ / 3.6e12 = 1.388889 kWh x 300000 = 416666.67 */
    is_i64(account.cost_micro.best, 416667,
           "R-CARBON-10: cost counts the facility where a PUE was given");
    ok(account.market_ugco2e.is_known && account.market_ugco2e.best == 0,
       "a market factor of zero is known, not absent");
    ok(account.location_ugco2e.is_known && account.location_ugco2e.low > 0,
       "and the location-based figure stands beside it");
    ok(has_note(&account, "the place is unknown"), "R-CARBON-12: an unknown place is said");
    ok(account.location_ugco2e.high > 2 * account.location_ugco2e.low,
       "and is a band over the world");
    jb_account_release(&account);
}

static void facility_default(void)
{
    const struct jb_run run = a_run();
    struct jb_account_builder *const builder = builder_of(&run);
    struct jb_interval interval = an_interval("a", 1000000);
    const struct jb_line lines[] = {a_line("meter:x", -1000000), a_line("run:" RUN, 1000000)};

    add(builder, &interval, lines, JB_ARRAY_LEN(lines));
    struct jb_account account = finish(builder);
    ok(!account.is_facility_posted, "R-PUE-02: a default PUE is never posted");
    is_i64(account.facility_uj.low, 0, "its band begins at nothing");
    is_i64(account.facility_uj.best, 580000, "the default is 1.58");
    ok(account.facility_uj.high > 580000, "and ends above the default");
    is_i64(account.energy_uj.best, 1000000, "no other figure moves");
    ok(has_note(&account, "no PUE was given"), "and that is said");
    ok(!account.market_ugco2e.is_known && !account.cost_micro.is_known,
       "market figure and cost are absent, not zero");
    jb_account_release(&account);
}

static void no_pue_at_the_wall(void)
{
    struct jb_run run = a_run();
    run.pue_milli = 1500;
    struct jb_account_builder *const builder = builder_of(&run);
    struct jb_interval interval = an_interval("wall/0", 1000);
    const struct jb_line lines[] = {a_line("meter:x", -1000), a_line("run:" RUN, 1000)};

    interval.scope = JB_SCOPE_NODE;
    add(builder, &interval, lines, JB_ARRAY_LEN(lines));
    struct jb_account account = finish(builder);
    ok(!account.facility_uj.is_known && !account.is_facility_posted,
       "R-PUE-03: no PUE on top of a wall meter");
    ok(has_note(&account, "'wall/0' measures at the wall, and the PUE given was not used"),
       "and that is said");
    jb_account_release(&account);

    run.pue_milli = 900;
    struct jb_account_builder *const below = builder_of(&run);
    interval.scope = JB_SCOPE_PACKAGE;
    add(below, &interval, lines, JB_ARRAY_LEN(lines));
    account = finish(below);
    ok(!account.facility_uj.is_known, "R-PUE-04: a PUE below 1 is not used");
    ok(has_note(&account, "PUE 0.9 was given and not used"), "and that is said");
    jb_account_release(&account);
}

static void carbon_by_the_hour(void)
{
    char path[] = "/tmp/joulebook-hourly-XXXXXX";
    static const char csv[] = "utc_hour_start,gco2e_per_kwh\n"
                              "2026-01-01T00:00:00Z,100\n"
                              "2026-01-01T01:00:00Z,400\n";
    const int fd = mkstemp(path);
    struct jb_run run = a_run();

    if (fd < 0 || write(fd, csv, sizeof csv - 1) != (ssize_t)(sizeof csv - 1))
        bail_out("no temporary file");
    (void)close(fd);
    (void)snprintf(run.hourly_file, sizeof run.hourly_file, "%s", path);
    (void)snprintf(run.place, sizeof run.place, "NL");
    struct jb_account_builder *builder = builder_of(&run);
    struct jb_interval interval = an_interval("a", INT64_C(3600000000000)); /* 1 kWh */
    const struct jb_line lines[] = {a_line("meter:x", -interval.energy_uj),
                                    a_line("run:" RUN, interval.energy_uj)};

    interval.utc_start_us = T0 + HOUR / 2;
    interval.utc_end_us = T0 + 3 * HOUR / 2;
    add(builder, &interval, lines, JB_ARRAY_LEN(lines));
    struct jb_account account = finish(builder);
    /* half a kWh at 100 g and half at 400 g: 250 g = 250 000 000 ug */
    is_i64(account.location_ugco2e.best, INT64_C(250000000),
           "R-CARBON-11: each hour by its own intensity");
    jb_account_release(&account);

    (void)unlink(path);
    builder = builder_of(&run);
    add(builder, &interval, lines, JB_ARRAY_LEN(lines));
    account = finish(builder);
    ok(account.location_ugco2e.is_known && has_note(&account, "hourly intensity not used"),
       "a file that has gone costs a note, not the account");
    jb_account_release(&account);

    (void)snprintf(run.place, sizeof run.place, "Atlantis");
    run.hourly_file[0] = '\0';
    builder = builder_of(&run);
    add(builder, &interval, lines, JB_ARRAY_LEN(lines));
    account = finish(builder);
    ok(account.location_ugco2e.is_known &&
           has_note(&account, "place 'Atlantis' has no grid intensity"),
       "R-CARBON-12: a place that is not known is the world, and said");
    jb_account_release(&account);
}

static void comparisons(void)
{
    const struct jb_run run = a_run();
    struct jb_account_builder *const builder = builder_of(&run);
    struct jb_interval posted = an_interval("rapl/package-0", 1000000);
    struct jb_interval same = an_interval("rapl-mmio/package-0", 1004000);
    struct jb_interval psys = an_interval("rapl/psys", 500000);
    const struct jb_line lines[] = {a_line("meter:x", -1000000), a_line("run:" RUN, 1000000)};

    posted.accuracy_low_ppm = posted.accuracy_high_ppm = 3000; /* 3000 uJ */
    same.accuracy_low_ppm = same.accuracy_high_ppm =
        3000; /* 3012 uJ: together sqrt(..) = 4251 > 4000 */
    same.role = JB_ROLE_DUPLICATE;
    psys.role = JB_ROLE_CHECK;
    psys.scope = JB_SCOPE_PSYS;
    add(builder, &posted, lines, JB_ARRAY_LEN(lines));
    ok(jb_account_add_unposted(builder, &same, NULL) == JB_OK &&
           jb_account_add_unposted(builder, &psys, NULL) == JB_OK,
       "channels that are not posted are taken");
    struct jb_account account = finish(builder);
    is_i64(account.energy_uj.best, 1000000,
           "R-ACCOUNT-05: a channel that is not posted is added to nothing");
    ok(!has_note(&account, "disagree"), "R-ACCOUNT-08: twins within their bands agree");
    ok(has_note(&account, "'rapl/psys' read 500 mJ, less than the packages inside it") ||
           has_note(&account, "'rapl/psys' read 0.500 J, less than the packages inside it"),
       "a check below what it holds is said");
    jb_account_release(&account);

    struct jb_account_builder *const again = builder_of(&run);
    same.energy_uj = 1005000; /* 5000 apart, 4252 allowed */
    add(again, &posted, lines, JB_ARRAY_LEN(lines));
    ok(jb_account_add_unposted(again, &same, NULL) == JB_OK, "a duplicate is taken");
    account = finish(again);
    ok(has_note(&account, "disagree beyond their bands: 'rapl-mmio/package-0'"),
       "R-ACCOUNT-08: twins beyond their bands disagree, said with both readings");
    jb_account_release(&account);
}

static void run_notes(void)
{
    struct jb_run run = a_run();
    run.n_missed = 3;
    run.n_ticks = 97;
    run.n_left = 2;
    run.status = JB_RUN_INTERRUPTED;
    struct jb_account_builder *const builder = builder_of(&run);
    ok(jb_account_add_note(builder, "said by the recorder", NULL) == JB_OK &&
           jb_account_add_note(builder, "said by the recorder", NULL) == JB_OK,
       "notes are taken");
    struct jb_account account = finish(builder);
    size_t n = 0;

    ok(has_note(&account, "3 of 100 sampling deadlines were missed"), "missed deadlines are told");
    ok(has_note(&account, "2 processes of the run were still alive"), "and processes left running");
    ok(has_note(&account, "the recorder ended before the run did"), "and an interruption");
    for (size_t i = 0; i < account.n_notes; i++)
        n += strcmp(account.notes[i], "said by the recorder") == 0;
    is_i64((int64_t)n, 1, "the same note stands once");
    jb_account_release(&account);
}

static void refusals(void)
{
    const struct jb_run run = a_run();
    struct jb_account_builder *const builder = builder_of(&run);
    struct jb_interval interval = an_interval("a", 1000);
    const struct jb_line foreign[] = {a_line("meter:x", -1000), a_line("others:node", 1000)};
    const struct jb_line lines[] = {a_line("meter:x", -INT64_MAX), a_line("run:" RUN, INT64_MAX)};
    struct jb_error err = {0};

    is_i64(jb_account_add_interval(builder, &interval, foreign, 2, &err), JB_E_INPUT,
           "a posting in which the run has no line is refused");
    interval.energy_uj = -1;
    is_i64(jb_account_add_interval(builder, &interval, lines, 2, &err), JB_E_INPUT,
           "negative energy is refused");
    interval.energy_uj = INT64_MAX;
    is_i64(jb_account_add_interval(builder, &interval, lines, 2, &err), JB_OK,
           "the largest posting is taken");
    is_i64(jb_account_add_interval(builder, &interval, lines, 2, &err), JB_E_RANGE,
           "a sum beyond 64 bits is an error, not a wrong number");
    jb_account_builder_free(builder);
}

/* A small generator with a fixed seed: the same numbers on every machine. */
static int64_t random_below(uint64_t *state, int64_t bound)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((*state >> 33) % (uint64_t)bound);
}

static bool is_ordered(const struct jb_figure *figure)
{
    return !figure->is_known ||
           (figure->low >= 0 && figure->low <= figure->best && figure->best <= figure->high);
}

/* Random postings in random order: sums are exact, bands are in order, and the whole survives its JSON. */
static void any_postings(void)
{
    static const char *const channels[] = {"a/0", "a/1", "b/0", "c", "d"};
    uint64_t state = 42;
    int n_wrong = 0;

    for (int round = 0; round < 300; round++) {
        const struct jb_run run = a_run();
        struct jb_account_builder *const builder = builder_of(&run);
        const int n = 1 + (int)random_below(&state, 60);
        int64_t posted_uj = 0;
        int64_t meters_uj = 0;

        for (int i = 0; i < n; i++) {
            const int64_t run_uj = random_below(&state, 1000000);
            const int64_t idle_uj = random_below(&state, 1000000);
            const int64_t others_uj = random_below(&state, 1000000);
            struct jb_interval interval =
                an_interval(channels[random_below(&state, 5)], run_uj + idle_uj + others_uj);
            const struct jb_line lines[] = {
                a_line("meter:x", -interval.energy_uj),
                run_line(RUN, run_uj, run_uj - random_below(&state, run_uj + 1),
                         run_uj + random_below(&state, 5000), run_uj + idle_uj / 2,
                         run_uj + idle_uj),
                a_line("idle:node", idle_uj),
                a_line("others:node", others_uj),
            };
            interval.mono_start_ns = random_below(&state, 1000) * JB_NS_PER_S;
            interval.mono_end_ns = interval.mono_start_ns + JB_NS_PER_S;
            interval.utc_start_us = T0 + interval.mono_start_ns / 1000;
            interval.utc_end_us = interval.utc_start_us + random_below(&state, 5 * HOUR);
            interval.accuracy_low_ppm = random_below(&state, 300000);
            interval.accuracy_high_ppm = random_below(&state, 900000);
            interval.edge_uj = random_below(&state, 1000);
            interval.gap_high_uj = random_below(&state, 1000);
            posted_uj += run_uj;
            meters_uj += interval.energy_uj;
            add(builder, &interval, lines, JB_ARRAY_LEN(lines));
        }
        struct jb_account account = finish(builder);
        struct jb_account back;
        char *json = NULL;
        int64_t total_uj = 0;

        for (size_t i = 0; i < account.n_lines; i++) {
            const struct jb_account_line *const line = &account.lines[i];
            total_uj += line->run_uj.best + line->idle_uj + line->others_uj;
            n_wrong += !is_ordered(&line->run_uj) || !is_ordered(&line->total_uj) ||
                       !is_ordered(&line->above_idle_uj);
        }
        n_wrong += account.energy_uj.best != posted_uj || total_uj != meters_uj;
        n_wrong += !is_ordered(&account.energy_uj) || !is_ordered(&account.views_uj[1]) ||
                   !is_ordered(&account.views_uj[2]) || !is_ordered(&account.facility_uj) ||
                   !is_ordered(&account.location_ugco2e);
        if (jb_account_to_json(&account, &json, NULL) < 0 ||
            jb_account_from_json(json, &back, NULL) < 0)
            bail_out("no JSON");
        n_wrong += back.energy_uj.high != account.energy_uj.high || back.n_lines != account.n_lines;
        free(json);
        jb_account_release(&back);
        jb_account_release(&account);
    }
    is_i64(n_wrong, 0,
           "300 random runs: run + idle + others = meters exactly, 0 <= low <= best <= high "
           "everywhere");
}

int main(void)
{
    any_postings();
    sums();
    failed_gauge();
    method();
    bands();
    uneven_band();
    edges_and_gaps();
    range_is_no_gap();
    low_is_never_negative();
    unknown_idle();
    nothing();
    parents();
    facility_given();
    facility_default();
    no_pue_at_the_wall();
    carbon_by_the_hour();
    comparisons();
    run_notes();
    refusals();
    return done_testing();
}
