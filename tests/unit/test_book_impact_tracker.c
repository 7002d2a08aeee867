/* SPDX-License-Identifier: Apache-2.0 */
/* Records of experiment-impact-tracker, worked out by hand. R-BOOKS-50. */
#include "import_book.h"

static struct book_folder folder;
static const struct jb_import_asked plain = {.utc_offset_s = 0};

static void take(const char *text)
{
    (void)take_text_as(&folder, "impact-tracker", "data.json", text, &plain);
}

static void refuses(const char *text, const char *part)
{
    take(text);
    ok(took.rc == JB_E_INPUT && took.n == 0 && strstr(took.err.message, part),
       "refused for '%s': %s", part, took.err.message);
}

#define RECORD(time, cpu, gpu)                                                             \
    "{\"timestamp\": " time ", \"rapl_power_draw_absolute\": 80.0, "                       \
    "\"rapl_estimated_attributable_power_draw\": " cpu ", \"nvidia_draw_absolute\": 300, " \
    "\"nvidia_estimated_attributable_power_draw\": " gpu ", \"per_gpu_performance_state\": {}}\n"

int main(void)
{
    const struct jb_rebuilt *const run = &took.runs[0];

    folder = book_new_folder();
    take(RECORD("1581623456.5", "99", "999") RECORD("1581623466.5", "20", "100.5")
             RECORD("1581623476.5", "30", "null") RECORD("1581623470", "1", "1")
                 RECORD("1581630000", "5000", "5000") RECORD("1581630010", "10", "0"));
    ok(took.rc == JB_OK && took.n == 1 && took.told.n_rows == 6, "six records are a run: %s",
       took.err.message);
    is_i64(find_line(run, "impact-tracker/cpu")->energy_uj.best, 600000000,
           "20 W, 30 W and 10 W for 10 s each: power of the time since the record before");
    is_i64(find_line(run, "impact-tracker/gpu")->energy_uj.best, 1005000000,
           "100.5 W for 10 s; what was not read is not zero power of the rest");
    ok(has_note(run, "1 gaps of together 6523 s"), "a gap is not bridged (R-BOOKS-50)");
    ok(find_line(run, "impact-tracker/cpu")->energy_uj.high > INT64_C(100000000000),
       "but in the upper end");
    ok(has_note(run, "'impact-tracker/gpu': 10 s have no power of it"),
       "nor is time without power");
    is_i64(find_line(run, "impact-tracker/gpu")->energy_uj.high, INT64_C(395176050000),
           "1005 J in 20 s, a fifth more, for all of 6553.5 s");
    ok(has_note(run, "1 records are not later"), "a step back is left out");
    ok(run->method == JB_METHOD_C2 && run->lines[0].origin == JB_ORIGIN_STATED,
       "a share of the machine, stated by that tool");
    is_i64(run->run.start_utc_us, INT64_C(1581623456500000), "from the first");
    is_i64(run->run.end_utc_us, INT64_C(1581630010000000), "to the last");
    is_str(run->key, "data 1581623456.5", "known by its first stamp");
    take("{\"timestamp\":1581623456.5}\n{\"timestamp\":1581623457}\n");
    ok(took.rc == JB_OK && took.n == 0 && n_left("no energy") == 1, "no powers are no run");
    refuses("", "no record");
    refuses("[]\n", "line 1");
    refuses("{\"timestamp\":1581623456}\n{\n", "line 2");
    refuses("{\"timestamp\":\"now\"}\n", "'timestamp'");
    refuses("{\"a\":1}\n", "'timestamp'");
    refuses("{\"timestamp\":1581623456,\"rapl_power_draw_absolute\":-1}\n",
            "'rapl_power_draw_absolute'");
    book_remove_folder(&folder);
    return done_testing();
}
