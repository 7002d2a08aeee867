/* SPDX-License-Identifier: Apache-2.0 */
/* Logs in the form of carbontracker 1 and 2, worked out by hand. R-BOOKS-30, R-BOOKS-31. */
#include "import_book.h"

#define STAMP "2025-11-18 15:5"

static struct book_folder folder;
static const struct jb_import_asked plain = {.utc_offset_s = 0};

static void take(const char *name, const char *text)
{
    (void)take_text_as(&folder, "carbontracker", name, text, &plain);
}

/* Two epochs of 10 s: two GPUs of 100 W each, then 110 W and 90 W; a processor of 30 W and 40 W. */
static const char standard[] = STAMP
    "3:54 - carbontracker version 2.3.4\n" STAMP
    "3:54 - Only predicted and actual consumptions are multiplied by a PUE coefficient of 1.58 "
    "(Daniel Bizo, 2023).\n" STAMP
    "3:54 - The following components were found: GPU with device(s) NVIDIA L4, NVIDIA L4. CPU "
    "with device(s) cpu:0.\n" STAMP "4:04 - Epoch 1:\n" STAMP "4:04 - Duration: 0:00:10.00\n" STAMP
    "4:04 - Average power usage (W) for gpu: [100.\n 100.]\n" STAMP
    "4:04 - Average power usage (W) for cpu: 30.0\n" STAMP "4:14 - Epoch 2:\n" STAMP
    "4:14 - Duration: 0:00:10.00\n" STAMP
    "4:14 - Average power usage (W) for gpu: [110.  90.]\n" STAMP
    "4:14 - Average power usage (W) for cpu: 40.0\n";
static const char output[] = STAMP "4:14 - CarbonTracker: \n"
                                   "Actual consumption for 2 epoch(s):\n"
                                   "\tTime:\t0:00:20\n"
                                   "\tEnergy:\t0.002062777778 kWh\n"
                                   "\tCO2eq:\t0.2956 g\n"
                                   "\tThis is equivalent to:\n"
                                   "\t0.0027 km travelled by car\n" STAMP "4:14 - CarbonTracker: \n"
                                   "Predicted consumption for 1000 epoch(s):\n"
                                   "\tTime:\t2:46:40\n"
                                   "\tEnergy:\t1.031388888889 kWh\n"
                                   "\tCO2eq:\t147.8 g\n";

static void test_epochs(void)
{
    const struct jb_rebuilt *const run = &took.runs[0];

    take("1_2025-11-18T155354Z_carbontracker.log", standard);
    ok(took.rc == JB_OK && took.n == 1 && run->n_lines == 2, "one run, a GPU and a processor");
    is_i64(find_line(run, "carbontracker/gpu")->energy_uj.best, INT64_C(4000000000),
           "200 W for 20 s are 4 kJ, without PUE (R-BOOKS-30)");
    is_i64(find_line(run, "carbontracker/cpu")->energy_uj.best, 700000000, "30 W and 40 W");
    is_i64(find_line(run, "carbontracker/gpu")->device_ns, INT64_C(40000000000), "two boards");
    ok(!run->is_pue_included && run->run.pue_milli == -1, "no PUE is in them");
    is_str(run->key, "1_2025-11-18T155354Z 2025-11-18T15:53:54Z", "the key");
    is_i64(run->run.start_utc_us, INT64_C(1763481234) * SECOND, "from the first line");
    is_i64(run->run.end_utc_us, INT64_C(1763481254) * SECOND, "to the last");
    ok(has_note(run, "does not lie beside it"), "one log of the two is said");
}

static void test_output(void)
{
    const struct jb_rebuilt *const run = &took.runs[0];

    take("2_x_carbontracker_output.log", output);
    ok(took.rc == JB_OK && took.n == 1 && run->n_lines == 1, "the output log alone");
    is_i64(find_line(run, "carbontracker/total")->energy_uj.best, INT64_C(7426000001),
           "its actual consumption");
    ok(run->is_pue_included && run->run.pue_milli == 1580, "which holds PUE 1.58");
    is_i64(run->told_gco2e_ug.best, 295600, "its carbon is told");
    ok(has_note(run, "it predicts 1.03 kWh for 1000 epochs"), "a prediction is none (R-BOOKS-30)");
}

static void test_both(void)
{
    const struct jb_rebuilt *const run = &took.runs[0];

    take("3_x_carbontracker_output.log", output);
    take("3_x_carbontracker.log", standard);
    ok(took.rc == JB_OK && run->n_lines == 2 && !run->is_pue_included &&
           run->told_gco2e_ug.is_known,
       "both: energy by epochs, carbon as told");
    ok(!has_note(run, "the epochs were taken"), "and they agree");
    take("4_x_carbontracker_output.log",
         "Actual consumption for 2 epoch(s):\n\tEnergy:\t0.004 kWh\n\tCO2eq:\tnan g\n");
    take("4_x_carbontracker.log", standard);
    ok(has_note(run, "the epochs were taken"), "or do not, which is said");
}

static void test_doubts(void)
{
    const struct jb_rebuilt *const run = &took.runs[0];

    take("5.log", STAMP "4:04,123 - monitor - INFO - Duration: 1 day, 0:00:00\n" STAMP
                        "4:04,123 - monitor - INFO - Average power usage (W) for cpu: [50.]\n" STAMP
                        "4:05,123 - monitor - INFO - Duration: 12:00:00\n" STAMP
                        "4:05,123 - monitor - INFO - Average power usage (W) for cpu: [50.]\n" STAMP
                        "4:06,123 - monitor - INFO - Duration: 12:00:00\n" STAMP
                        "4:06,123 - monitor - INFO - Average power usage (W) for cpu: None\n");
    ok(took.rc == JB_OK && took.n == 1, "version 1 writes more before each message");
    is_i64(run->lines[0].energy_uj.best, KWH_UJ / 10 * 18, "36 h of 50 W");
    ok(run->lines[0].origin == JB_ORIGIN_MODELLED && run->method == JB_METHOD_B,
       "the same power in all epochs was not measured (R-BOOKS-31)");
    ok(has_note(run, "1 epochs have no power") &&
           run->lines[0].energy_uj.high >= run->lines[0].energy_uj.best / 3 * 8,
       "an epoch without power is in the band, not in the figure");
    take("6.log", "The following components were found: GPU with device(s) A, B, C, D.\n"
                  "Duration: 0:00:10\nAverage power usage (W) for gpu: 100.0\n");
    ok(has_note(run, "one power for 4 devices") &&
           run->lines[0].energy_uj.high > 4 * run->lines[0].energy_uj.best,
       "the sum or the mean of four is not known");
    ok(run->has_no_times && has_note(run, "tells no time"), "nor is when");
    take("7.log", "Epoch 1:\nDuration: 0:00:10\nAverage power usage (W) for gpu: None\n");
    ok(took.rc == JB_OK && took.n == 0 && n_left("no epoch that was measured") == 1,
       "nothing measured is no run");
}

static void refuses(const char *text, const char *part)
{
    take("r.log", text);
    ok(took.rc == JB_E_INPUT && strstr(took.err.message, part), "refused for '%s': %s", part,
       took.err.message);
}

int main(void)
{
    folder = book_new_folder();
    test_epochs();
    test_output();
    test_both();
    test_doubts();
    refuses("", "no line of carbontracker");
    refuses("hello\n", "no line of carbontracker");
    refuses("\nDuration: soon\n", "line 2, 'Duration'");
    refuses("Average power usage (W) for gpu: [x]\n", "line 1, 'Average power usage'");
    refuses("Actual consumption\nEnergy: -1 kWh\n", "line 2, 'Energy'");
    refuses("Actual consumption\nCO2eq: much g\n", "line 2, 'CO2eq'");
    book_remove_folder(&folder);
    return done_testing();
}
