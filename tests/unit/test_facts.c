/* SPDX-License-Identifier: Apache-2.0 */
/* Facts by name: what goes in comes out, what was not given is left out, what cannot be entered is refused. */
#include "book.h"

#include "ledger/facts_int.h"

static void test_interval(void)
{
    struct jb_buf meter = JB_BUF(8192);
    struct jb_buf reading = JB_BUF(8192);
    struct jb_interval interval = book_interval("rapl/package-0", 1, 2, 0, 1000);
    struct jb_interval back;

    interval.epoch = UINT32_MAX;
    interval.raw_end = UINT64_MAX;
    interval.gap_best_uj = INT64_MIN;
    is_i64(facts__from_interval(&interval, &meter, &reading, NULL), JB_OK,
           "an interval is written");
    ok(strncmp(jb_buf_text(&meter),
               "host=node-1\nboot_id=" BOOK_BOOT
               "\nchannel=rapl/package-0\nparent=\nscope=package\n",
               94) == 0,
       "its meter as lines of name and value");
    ok(strstr(jb_buf_text(&reading), "raw_end=18446744073709551615\n") &&
           strstr(jb_buf_text(&reading), "energy_uj=61000\n"),
       "its reading too");
    memset(&back, 0, sizeof back);
    ok(facts__to_interval(meter.bytes, meter.len, &back, NULL) == JB_OK &&
           facts__to_interval(reading.bytes, reading.len, &back, NULL) == JB_OK &&
           memcmp(&back, &interval, sizeof back) == 0,
       "and both are read back, every member at its bounds");
    jb_buf_release(&meter);
    jb_buf_release(&reading);
}

/* R-WORK-12: what the version before wrote of an interval ended here. */
static void test_interval_without_board(void)
{
    struct jb_buf meter = JB_BUF(8192);
    struct jb_buf reading = JB_BUF(8192);
    struct jb_interval interval = book_interval("rapl/package-0", 1, 2, 0, 1000);
    struct jb_interval back = {.epoch = 0};

    (void)snprintf(interval.board, sizeof interval.board, "NVIDIA A100");
    interval.board_busy_ns = -1;
    if (facts__from_interval(&interval, &meter, &reading, NULL) < 0)
        bail_out("the interval cannot be written");
    const char *const board = strstr(jb_buf_text(&meter), "board=NVIDIA A100\n");
    const char *const busy = strstr(jb_buf_text(&reading), "board_busy_ns=-1\n");
    ok(board && strcmp(board, "board=NVIDIA A100\n") == 0 && busy &&
           strcmp(busy, "board_busy_ns=-1\n") == 0,
       "the board is the last of the meter, and its busy time of the reading");
    interval.board[0] = '\0';
    ok(board && busy &&
           facts__to_interval(meter.bytes, (size_t)(board - meter.bytes), &back, NULL) == JB_OK &&
           facts__to_interval(reading.bytes, (size_t)(busy - reading.bytes), &back, NULL) ==
               JB_OK &&
           back.board[0] == '\0' && back.energy_uj == interval.energy_uj &&
           strcmp(back.correlation, interval.correlation) == 0,
       "an interval of the version before is read, and tells of no board");
    jb_buf_release(&meter);
    jb_buf_release(&reading);
}

static jb_rc read_text(const char *text, struct jb_interval *interval)
{
    memset(interval, 0, sizeof *interval);
    return facts__to_interval(text, strlen(text), interval, NULL);
}

static void test_interval_refusals(void)
{
    struct jb_buf meter = JB_BUF(8192);
    struct jb_buf reading = JB_BUF(8192);
    struct jb_interval interval = book_interval("rapl/package-0\nrole=parent", 1, 2, 0, 1000);

    is_i64(facts__from_interval(&interval, &meter, &reading, NULL), JB_E_INPUT,
           "a name cannot smuggle in a line");
    interval = book_interval("x", 1, 2, 0, 1000);
    interval.scope = (enum jb_scope)99;
    is_i64(facts__from_interval(&interval, &meter, &reading, NULL), JB_E_INPUT,
           "a word that is none is refused");
    interval = book_interval("x", 1, 2, 0, 1000);
    memset(interval.correlation, 'x', sizeof interval.correlation);
    is_i64(facts__from_interval(&interval, &meter, &reading, NULL), JB_E_INPUT,
           "a text without an end is refused");
    is_i64(read_text("invented_later=5\nenergy_uj=7\n", &interval), JB_OK,
           "a fact of a later version is passed over");
    is_i64(interval.energy_uj, 7, "and the next one read");
    is_i64(read_text("energy_uj=7", &interval), JB_E_DAMAGED, "a line without an end is refused");
    is_i64(read_text("energy_uj=7.5\n", &interval), JB_E_DAMAGED, "so is half a microjoule");
    is_i64(read_text("epoch=4294967296\n", &interval), JB_E_DAMAGED,
           "and a number that does not fit");
    is_i64(read_text("scope=galaxy\n", &interval), JB_E_DAMAGED, "and a word of no list");
    jb_buf_release(&meter);
    jb_buf_release(&reading);
}

static void test_run(void)
{
    struct jb_buf texts = JB_BUF(65536);
    struct jb_field fields[JB_ENTRY_FIELDS_MAX];
    struct jb_run run;
    size_t n_fields = 0;
    bool has_place = false;
    bool has_market = false;

    book_run(&run, RUN_A, 1);
    run.market_mgco2e_per_kwh = 0;
    book_text(run.tags[0], sizeof run.tags[0], "a=1");
    run.n_tags = 1;
    is_i64(
        facts__from_run(&run, FACTS_AT_OPEN, &texts, fields, JB_ENTRY_FIELDS_MAX, &n_fields, NULL),
        JB_OK, "a run's facts are written");
    for (size_t i = 0; i < n_fields; i++) {
        has_place = has_place || strcmp(fields[i].name, "place") == 0;
        has_market = has_market || (strcmp(fields[i].name, "market_mgco2e_per_kwh") == 0 &&
                                    strcmp(fields[i].value, "0") == 0);
    }
    /* host, boot_id, project, stage, command, market, start_mono_ns, start_utc_us, tag */
    is_i64((int64_t)n_fields, 9, "those that were given");
    ok(!has_place, "a place that was not given is left out");
    ok(has_market, "a factor of zero was given, and is there");
    is_i64(facts__from_run(&run, FACTS_AT_OPEN, &texts, fields, 8, &n_fields, NULL), JB_E_INPUT,
           "no more than there is room for");
    jb_buf_release(&texts);
}

static void test_tags(void)
{
    struct jb_run run;
    bool is_known;
    jb_rc rc = JB_OK;

    facts__clear_run(&run);
    for (int i = 0; i < JB_TAGS_MAX && rc == JB_OK; i++) {
        char tag[32];
        (void)snprintf(tag, sizeof tag, "n%d=1", i);
        rc = facts__set_run(&run, "tag", tag, &is_known, NULL);
    }
    ok(rc == JB_OK && run.n_tags == JB_TAGS_MAX, "a run holds %d tags", JB_TAGS_MAX);
    is_i64(facts__set_run(&run, "tag", "more=1", &is_known, NULL), JB_E_RANGE, "not one more");
    is_i64(facts__set_run(&run, "tag", "n3=2", &is_known, NULL), JB_OK, "a value is replaced");
    is_str(run.tags[3], "n3=2", "in its place");
    is_i64(facts__set_run(&run, "tag", "n0=", &is_known, NULL), JB_OK, "a tag is taken away");
    ok(run.n_tags == JB_TAGS_MAX - 1 && strcmp(run.tags[0], "n1=1") == 0,
       "and the others close up");
    is_i64(facts__set_run(&run, "tag", "=1", &is_known, NULL), JB_E_INPUT, "a tag needs a name");
    ok(facts__set_run(&run, "weather", "rain", &is_known, NULL) == JB_OK && !is_known,
       "an unknown fact is left alone");
}

int main(void)
{
    test_interval();
    test_interval_without_board();
    test_interval_refusals();
    test_run();
    test_tags();
    return done_testing();
}
