/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a log before its energy, by hand. R-IMPORT-03, R-IMPORT-04. */
#include "import_log.h"

static jb_rc survey(const struct log_path *path, struct jb_import_survey *ret)
{
    struct jb_error err = {0};

    *ret = (struct jb_import_survey){0};
    return jb_import_survey(&jb_import_csv_power, path->text, NULL, ret, &err);
}

static void test_gauge(const struct book_folder *folder)
{
    static const int64_t pairs[] = {0, 50, 2, 100, 4, 80, 3, 900, 4, 7, 24, 60, 26, 70, 28, 65};
    const struct log_path path = log_csv(folder, "g.csv", "watts", pairs, 8);
    struct jb_import_survey s;

    is_i64(survey(&path, &s), JB_OK, "a log");
    ok(s.n_readings == 8 && s.n_failed == 0, "all readings are counted");
    ok(s.first_ns == LOG_NS && s.last_ns == LOG_NS + 28 * LOG_S, "from the first to the last");
    ok(s.n_back == 1 && s.back_ns == LOG_S && s.n_same == 1,
       "one stepped back by a second, one has the same time (R-IMPORT-04)");
    ok(s.least_uw == 7 * LOG_J && s.most_uw == 900 * LOG_J, "least and greatest power");
    ok(s.usual_ns == 2 * LOG_S && s.gap_ns == 3 * LOG_S && s.bridge_ns == 60 * LOG_S,
       "every 2 s: more than 3 s are a gap, a minute is bridged (R-IMPORT-03)");
}

static void test_slow(const struct book_folder *folder)
{
    static const int64_t pairs[] = {0, 1, 20, 1, 40, 1, 60, 1};
    const struct log_path path = log_csv(folder, "slow.csv", "mean_watts", pairs, 4);
    struct jb_import_survey s;

    is_i64(survey(&path, &s), JB_OK, "a slow log");
    ok(s.usual_ns == 20 * LOG_S && s.gap_ns == 30 * LOG_S && s.bridge_ns == 100 * LOG_S,
       "every 20 s: gaps and bridges are longer");
}

static void test_counter(const struct book_folder *folder)
{
    static const int64_t pairs[] = {0, 1000, 2, 1200, 4, 1210, 6, 5};
    const struct log_path path = log_csv(folder, "c.csv", "joules", pairs, 4);
    struct jb_import_survey s;

    is_i64(survey(&path, &s), JB_OK, "a counter");
    ok(s.least_uw == 5 * LOG_J && s.most_uw == 100 * LOG_J,
       "its powers are those between readings, not across a reset");
}

static void test_order(const struct book_folder *folder)
{
    static const int64_t pairs[] = {9, 1, 1, 1, 2, 1, 3, 1, 4, 1, 10, 1};
    struct log_path path = log_csv(folder, "two.csv", "watts", pairs, 6);
    struct jb_import_survey s;

    is_i64(survey(&path, &s), JB_E_INPUT, "four of six step back: not one log in order");
    path = log_csv(folder, "three.csv", "watts", pairs, 4);
    is_i64(survey(&path, &s), JB_OK, "three are forgiven");
}

static void test_failed(const struct book_folder *folder)
{
    const struct log_path path =
        log_text(folder, "f.csv", "unix_s,watts\n1715338800,\n1715338802,nan\n1715338804,5\n");
    struct jb_import_survey s;

    is_i64(survey(&path, &s), JB_OK, "failed reads");
    ok(s.n_failed == 2 && s.n_readings == 1 && s.first_ns == s.last_ns && s.least_uw == 5 * LOG_J,
       "are counted, and are no power");
}

/* Hourly powers of a hall: 2.5 MW are 2.5 MWh in a step, 2.6 MW more than a count of nJ holds. */
static void test_vast(const struct book_folder *folder)
{
    static const int64_t most[] = {0, 2500000, 3600, 2500000, 7200, 2500000};
    static const int64_t vast[] = {0, 1000, 3600, 2600000, 7200, 1000};
    static const int64_t gap[] = {0, 1000, 1, 1000, 2, 1000, 10000000, 2600000};
    struct log_path path = log_csv(folder, "most.csv", "mean_watts", most, 3);
    struct jb_import_survey s;

    is_i64(survey(&path, &s), JB_OK, "2.5 MWh between two readings");
    path = log_csv(folder, "vast.csv", "mean_watts", vast, 3);
    is_i64(survey(&path, &s), JB_E_RANGE,
           "2.6 MWh are refused, for they would be counted as 2.56 (R-IMPORT-09)");
    path = log_csv(folder, "gap.csv", "mean_watts", gap, 4);
    is_i64(survey(&path, &s), JB_OK, "not across what is not bridged");
}

int main(void)
{
    const struct book_folder folder = book_new_folder();

    test_gauge(&folder);
    test_slow(&folder);
    test_counter(&folder);
    test_order(&folder);
    test_failed(&folder);
    test_vast(&folder);
    book_remove_folder(&folder);
    return done_testing();
}
