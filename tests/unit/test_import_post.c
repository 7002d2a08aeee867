/* SPDX-License-Identifier: Apache-2.0 */
/* A log to postings: cut at the hour and at holes, nothing lost between them. R-IMPORT-01, R-IMPORT-03, R-SETTLE-02. */
#include "import_log.h"
#include "pipeline/import_post.h"
#include "sample/series.h"

#define POSTED_MAX 16

struct posted {
    size_t n;
    struct jb_interval intervals[POSTED_MAX];
    struct jb_line run_lines[POSTED_MAX];
    size_t n_lines[POSTED_MAX];
};

static jb_rc see(void *arg, int64_t seq, const struct jb_interval *interval,
                 const struct jb_line *lines, size_t n_lines, struct jb_error *err)
{
    struct posted *const posted = arg;

    (void)seq;
    (void)err;
    if (posted->n == POSTED_MAX)
        bail_out("too many intervals");
    posted->intervals[posted->n] = *interval;
    posted->run_lines[posted->n] = lines[1];
    posted->n_lines[posted->n++] = n_lines;
    return JB_OK;
}

static void open_run(struct jb_ledger *ledger, const char *id)
{
    static struct jb_run run;
    struct jb_error err = {0};

    run = (struct jb_run){.pue_milli = -1, .market_mgco2e_per_kwh = -1, .tariff_micro_per_kwh = -1};
    (void)snprintf(run.id, sizeof run.id, "%s", id);
    (void)snprintf(run.host, sizeof run.host, "desk");
    (void)snprintf(run.boot_id, sizeof run.boot_id, BOOK_BOOT);
    book_must(jb_ledger_open_run(ledger, &run, &err), &err, "open run");
}

/* The log of two columns as run `id`; its meter afterwards. */
static struct jb_import_meter post(struct jb_ledger *ledger, const char *id,
                                   const struct log_path *path, const int64_t *stamps_s,
                                   struct posted *posted, int64_t *ret_energy_uj)
{
    static struct jb_import_survey survey;
    struct jb_import_meter meter;
    struct jb_error err = {0};
    const struct jb_import_source source = {
        .format = &jb_import_csv_power,
        .path = path->text,
        .host = "desk",
        .boot_id = id, /* as long as a boot's */
        .run_id = id,
    };

    book_must(jb_import_survey(&jb_import_csv_power, path->text, NULL, &survey, &err), &err,
              "survey");
    survey.has_start = survey.has_stop = stamps_s != NULL;
    survey.start_ns = stamps_s ? LOG_NS + stamps_s[0] * LOG_S : 0;
    survey.stop_ns = stamps_s ? LOG_NS + stamps_s[1] * LOG_S : 0;
    jb_import_meter_begin(&meter, &jb_import_csv_power, &survey, "desk", JB_SCOPE_NODE, 10000);
    book_begin(ledger);
    open_run(ledger, id);
    book_must(jb_import_post(ledger, &source, &meter, ret_energy_uj, &err), &err, "post");
    book_commit(ledger);
    *posted = (struct posted){0};
    book_must(jb_ledger_each_interval(ledger, id, see, posted, &err), &err, "each interval");
    return meter;
}

static bool is_at(const struct posted *posted, size_t i, int64_t from_s, int64_t to_s,
                  int64_t energy_j)
{
    const struct jb_interval *const one = &posted->intervals[i];

    if (i >= posted->n)
        return false;
    if (one->mono_start_ns != LOG_NS + from_s * LOG_S ||
        one->mono_end_ns != LOG_NS + to_s * LOG_S || one->energy_uj != energy_j * LOG_J)
        diag("interval %zu: %lld ns .. %lld ns, %lld uJ", i,
             (long long)(one->mono_start_ns - LOG_NS), (long long)(one->mono_end_ns - LOG_NS),
             (long long)one->energy_uj);
    return one->mono_start_ns == LOG_NS + from_s * LOG_S &&
           one->mono_end_ns == LOG_NS + to_s * LOG_S && one->energy_uj == energy_j * LOG_J &&
           posted->n_lines[i] == 2 && posted->run_lines[i].amount_uj == one->energy_uj &&
           one->counter_ns + one->gauge_ns + one->interpolated_ns + one->unobserved_ns ==
               one->mono_end_ns - one->mono_start_ns;
}

static void test_hour(struct jb_ledger *ledger, const struct book_folder *folder)
{
    static const int64_t pairs[] = {3596, 9, 3598, 100, 3601, 100, 3603, 200};
    const struct log_path path = log_csv(folder, "hour.csv", "mean_watts", pairs, 4);
    struct posted posted;
    int64_t energy_uj = 0;

    (void)post(ledger, RUN_A, &path, NULL, &posted, &energy_uj);
    is_i64(energy_uj, 900 * LOG_J, "200 + 300 + 400 J");
    is_i64((int64_t)posted.n, 2, "a log over a full hour is two postings (R-ACCOUNT-04)");
    ok(is_at(&posted, 0, 3596, 3601, 500) && is_at(&posted, 1, 3601, 3603, 400),
       "cut at the first reading after it");
    ok(posted.intervals[0].utc_start_us == (LOG_UTC_MS + 3596000) * 1000, "UTC is the log's");
    ok(posted.intervals[0].origin == JB_ORIGIN_GAUGE && posted.intervals[0].idle_source[0] == '\0',
       "by gauge, and no word of idle (R-IMPORT-01)");
    ok(posted.intervals[0].low_uj == 495 * LOG_J && posted.intervals[0].high_uj == 505 * LOG_J,
       "with the accuracy stated, 1 %%");
}

static void test_hole(struct jb_ledger *ledger, const struct book_folder *folder)
{
    static const int64_t pairs[] = {0, 9, 2, 100, 4, 50, 104, 100, 106, 200, 116, 50};
    static const int64_t stamps_s[] = {-3, 120};
    const struct log_path path = log_csv(folder, "hole.csv", "mean_watts", pairs, 6);
    struct posted posted;
    int64_t energy_uj = 0;
    const struct jb_import_meter meter = post(ledger, RUN_B, &path, stamps_s, &posted, &energy_uj);

    is_i64(energy_uj, 1200 * LOG_J, "200 + 100 J, nothing, 400 + 500 J");
    is_i64((int64_t)posted.n, 5, "time without readings is posted by itself");
    ok(is_at(&posted, 0, -3, 0, 0) && is_at(&posted, 1, 0, 4, 300) &&
           is_at(&posted, 2, 4, 104, 0) && is_at(&posted, 3, 104, 116, 900) &&
           is_at(&posted, 4, 116, 120, 0),
       "from the start stamp to the stop stamp, each stretch by its own");
    is_str(posted.intervals[2].gap, "stale gauge", "a hole has its reason");
    ok(posted.intervals[2].gap_high_uj == 20000 * LOG_J &&
           posted.intervals[2].gap_best_uj == 7500 * LOG_J,
       "and may hold the greatest power, most likely the mean before it: 75 W (R-GAP-04)");
    /* 500 J over 10 s that may have been 9 W or 200 W, and 1 % of 900 J. */
    ok(posted.intervals[3].low_uj == (900 - 410 - 9) * LOG_J &&
           posted.intervals[3].high_uj == (900 + 1500 + 9) * LOG_J,
       "what was bridged has the band of the log's least and greatest power (R-IMPORT-03)");
    ok(posted.intervals[3].interpolated_ns == 10 * LOG_S && meter.interpolated_uj == 500 * LOG_J,
       "and is told apart");
}

struct course {
    size_t n;
    int64_t first_ns, last_ns, last_uj;
};

static jb_rc see_series(void *arg, const char *name, const void *bytes, size_t len,
                        struct jb_error *err)
{
    struct course *const course = arg;
    struct jb_series_point points[JB_SERIES_CHUNK_SAMPLES];
    const uint8_t *at = bytes;

    is_str(name, "csv-power/desk", "the course has the channel's name");
    while (len > 0) {
        enum jb_series_kind kind;
        size_t n = 0;
        size_t used = 0;
        const jb_rc rc = jb_series_read(at, len, &kind, points, &n, &used, err);
        if (rc < 0)
            return rc;
        if (course->n == 0)
            course->first_ns = points[0].mono_ns;
        course->n += n;
        course->last_ns = points[n - 1].mono_ns;
        course->last_uj = points[n - 1].value;
        at += used;
        len -= used;
    }
    return JB_OK;
}

static void test_series(struct jb_ledger *ledger)
{
    struct course course = {0};
    struct jb_error err = {0};

    book_must(jb_ledger_each_series(ledger, RUN_A, see_series, &course, &err), &err, "series");
    ok(course.n == 4 && course.first_ns == LOG_NS + 3596 * LOG_S &&
           course.last_ns == LOG_NS + 3603 * LOG_S,
       "the course of power has every reading");
    ok(course.last_uj > 899 * LOG_J && course.last_uj < 901 * LOG_J, "and ends at the energy");
}

static void test_changed(struct jb_ledger *ledger, const struct book_folder *folder)
{
    static const int64_t pairs[] = {0, 1, 2, 1};
    const struct log_path path = log_csv(folder, "now.csv", "watts", pairs, 2);
    struct jb_import_survey survey = {.unit = {JB_SEMANTICS_GAUGE, 1, 1}, .most_uw = LOG_J};
    struct jb_import_meter meter;
    struct jb_error err = {0};
    int64_t energy_uj = -1;
    const struct jb_import_source source = {
        .format = &jb_import_csv_power,
        .path = path.text,
        .host = "desk",
        .boot_id = BOOK_BOOT,
        .run_id = RUN_A,
    };

    jb_import_meter_begin(&meter, &jb_import_csv_power, &survey, "now", JB_SCOPE_NODE, 0);
    book_begin(ledger);
    is_i64(jb_import_post(ledger, &source, &meter, &energy_uj, &err), JB_E_CONFLICT,
           "a file that is another one by now is refused: %s", err.message);
    jb_ledger_rollback(ledger);
    is_i64(energy_uj, -1, "and nothing is told of it");
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);

    test_hour(ledger, &folder);
    test_hole(ledger, &folder);
    test_series(ledger);
    test_changed(ledger, &folder);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
