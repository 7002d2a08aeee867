/* SPDX-License-Identifier: Apache-2.0 */
/* R-REPORT-20 to -23: the course of power from the series of a book. */
#include "pipeline/power_course.h"

#include "book.h"

#include "base/buf.h"
#include "sample/series.h"

#define S      JB_NS_PER_S
#define J      INT64_C(1000000)
#define BEGIN  (100 * S)
#define LENGTH (30 * S)

/* Samples each second from `from_s`: the first at `value_uj`, then `power_uw` on. */
static void enter_series(struct jb_ledger *ledger, const char *name, enum jb_series_kind kind,
                         int64_t from_s, int64_t to_s, int64_t value_uj, int64_t power_uw)
{
    struct jb_buf bytes = JB_BUF(1 << 20);
    struct jb_series_writer *writer = NULL;
    struct jb_error err = {0};

    book_must(jb_series_writer_new(kind, &writer), &err, "writer");
    for (int64_t s = from_s; s <= to_s; s++)
        book_must(jb_series_write(writer, s * S, value_uj + (s - from_s) * power_uw, &bytes), &err,
                  "write");
    book_must(jb_series_writer_cut(writer, &bytes), &err, "cut");
    book_must(jb_ledger_add_series(ledger, RUN_A, name, bytes.bytes, bytes.len, &err), &err,
              "series");
    jb_series_writer_free(writer);
    jb_buf_release(&bytes);
}

/* The package counts anew at 115 s, from 0 to more than it had: only the posting tells. */
static void fill(struct jb_ledger *ledger)
{
    const struct jb_interval before = book_interval("rapl/package-0", 100, 112, 0, 2000000);
    const struct jb_interval after = book_interval("rapl/package-0", 115, 130, 0, 5000000);

    book_begin(ledger);
    book_open_run(ledger, RUN_A, 100);
    (void)book_post(ledger, &before, RUN_A, 100 * J);
    (void)book_post(ledger, &after, RUN_A, 100 * J);
    enter_series(ledger, "rapl/package-0", JB_SERIES_ENERGY_UJ, 98, 112, 0, 10 * J);
    enter_series(ledger, "rapl/package-0", JB_SERIES_ENERGY_UJ, 116, 132, 200 * J, 20 * J);
    enter_series(ledger, "nvml/gpu-0", JB_SERIES_ENERGY_UJ, 100, 130, 7, 300 * J);
    enter_series(ledger, "amd/gpu-1", JB_SERIES_ENERGY_UJ, 100, 130, 7, 100 * J);
    enter_series(ledger, "rapl/psys", JB_SERIES_ENERGY_UJ, 100, 130, 7, 500 * J);
    enter_series(ledger, "machine/cpu", JB_SERIES_LEVEL_PPM, 100, 130, 7, 1);
    enter_series(ledger, "rapl/package-0", JB_SERIES_LEVEL_PPM, 100, 130, 7, 1);
    book_close_run(ledger, RUN_A, 130, "rapl/package-0", 200 * J);
    book_commit(ledger);
}

static struct jb_account_line a_line(const char *channel, enum jb_device device, enum jb_role role)
{
    struct jb_account_line line = {.device = device, .role = role};

    book_text(line.channel, sizeof line.channel, channel);
    return line;
}

static void test_course(struct jb_ledger *ledger, const struct jb_account *account)
{
    struct jb_power_course course = {.n_channels = 0};
    struct jb_error err = {0};

    book_must(jb_power_course_make(ledger, account, &course, &err), &err, "course");
    const struct jb_power_channel *const channels = course.channels;
    ok(course.n_channels == 3 && strcmp(channels[0].name, "nvml/gpu-0") == 0 &&
           strcmp(channels[1].name, "rapl/package-0") == 0 &&
           strcmp(channels[2].name, "amd/gpu-1") == 0,
       "R-REPORT-20: channels of the account, posted ones first, then by name; no level");
    ok(course.slice_ns == 50 * 1000000 && course.n_slices == 600 && course.duration_ns == LENGTH &&
           course.start_utc_us == account->run.start_utc_us,
       "R-REPORT-21: 30 s in slices of 50 ms");
    ok(channels[0].device == JB_DEVICE_GPU && channels[0].energy_uj == 30 * 300 * J &&
           channels[0].seen_ns == LENGTH && channels[0].n_samples == 31,
       "300 W for 30 s are 9000 J");
    bool is_even = true;
    for (size_t i = 0; i < 600; i++)
        is_even = is_even && channels[0].slices[i].mean_uw == 300 * J &&
                  channels[0].slices[i].min_uw == 300 * J;
    ok(is_even, "300 W in each slice");
    is_i64(channels[1].energy_uj, 12 * 10 * J + 14 * 20 * J,
           "R-REPORT-23: 10 W until 112 s, 20 W from 116 s to the end at 130 s; nothing between");
    ok(channels[1].seen_ns == 26 * S && channels[1].slices[239].mean_uw == 10 * J &&
           channels[1].slices[240].mean_uw == -1 && channels[1].slices[319].seen_ns == 0 &&
           channels[1].slices[320].mean_uw == 20 * J,
       "from 112 s to 116 s nobody knows, though the count is higher behind it");
    jb_power_course_release(&course);
    ok(course.channels == NULL && course.n_channels == 0, "released");
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_account *const account = calloc(1, sizeof *account);
    struct jb_account_line lines[4];
    struct jb_power_course course = {.n_channels = 0};
    struct jb_error err = {0};

    if (!account)
        bail_out("no memory");
    fill(ledger);
    book_run(&account->run, RUN_A, 100);
    account->run.start_mono_ns = BEGIN;
    account->duration_ns = LENGTH;
    lines[0] = a_line("rapl/package-0", JB_DEVICE_CPU, JB_ROLE_POST);
    lines[1] = a_line("nvml/gpu-0", JB_DEVICE_GPU, JB_ROLE_POST);
    lines[2] = a_line("amd/gpu-1", JB_DEVICE_GPU, JB_ROLE_CHECK);
    lines[3] = a_line("rapl/dram-0", JB_DEVICE_DRAM, JB_ROLE_POST);
    account->lines = lines;
    account->n_lines = 4;
    test_course(ledger, account);
    account->run.start_mono_ns = 1000 * S;
    is_i64(jb_power_course_make(ledger, account, &course, &err), JB_E_NOT_FOUND,
           "no sample in the run's time: no course");
    account->duration_ns = 0;
    is_i64(jb_power_course_make(ledger, account, &course, &err), JB_E_NOT_FOUND,
           "a run that took no time has none");
    account->duration_ns = LENGTH;
    book_text(account->run.id, sizeof account->run.id, RUN_B);
    is_i64(jb_power_course_make(ledger, account, &course, &err), JB_E_NOT_FOUND,
           "a run without series has none");
    ok(course.channels == NULL, "and nothing is written");
    free(account);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
