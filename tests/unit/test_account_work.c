/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations, examples, parameters and boards beside energy (R-WORK-01 to -04, -11 to -15). Every figure by hand, from energies
 * and times that are given.
 */
#include "account/account.h"
#include "base/clock.h"

#include "tap.h"

#define RUN  "019b7700-0001-7000-8000-000000000001"
#define S    JB_NS_PER_S
#define J    INT64_C(1000000)
#define H100 "NVIDIA H100 80GB HBM3" /* 989.4 TFLOP/s dense in bf16, 700 W */

static struct jb_run a_run(void)
{
    struct jb_run run = {
        .id = RUN,
        .market_mgco2e_per_kwh = -1,
        .pue_milli = -1,
        .tariff_micro_per_kwh = -1,
        .status = JB_RUN_DONE,
        .start_mono_ns = S,
        .end_mono_ns = 101 * S,
    };
    return run;
}

/* A channel that gave so much to the run and nothing to anybody else, over 100 s. */
struct part {
    const char *channel, *board;
    int64_t energy_uj, busy_ns, others_uj;
};

static void add(struct jb_account_builder *builder, const struct part *part)
{
    struct jb_interval interval = {
        .host = "node7",
        .scope = JB_SCOPE_GPU,
        .device = JB_DEVICE_GPU,
        .semantics = JB_SEMANTICS_COUNTER,
        .unit_num = 1,
        .unit_den = 1,
        .idle_source = "stated",
        .mono_start_ns = S,
        .mono_end_ns = 101 * S,
        .utc_start_us = 1,
        .utc_end_us = 100 * JB_US_PER_S,
        .energy_uj = part->energy_uj + part->others_uj,
        .low_uj = part->energy_uj + part->others_uj,
        .high_uj = part->energy_uj + part->others_uj,
        .counter_ns = 100 * S,
        .board_busy_ns = part->busy_ns,
    };
    struct jb_line lines[3] = {
        {.account = "meter:node7/x", .amount_uj = -interval.energy_uj},
        {.account = "run:" RUN, .amount_uj = part->energy_uj},
        {.account = "others:node7", .amount_uj = part->others_uj},
    };

    (void)snprintf(interval.channel, sizeof interval.channel, "%s", part->channel);
    (void)snprintf(interval.board, sizeof interval.board, "%s", part->board);
    if (jb_account_add_interval(builder, &interval, lines, 3, NULL) < 0)
        bail_out("the interval is refused");
}

static struct jb_account account_of(const struct jb_run *run, const struct part *parts, size_t n,
                                    const char *const *marks)
{
    struct jb_account_builder *builder;
    struct jb_account account;
    struct jb_error err;

    if (jb_account_builder_new(run, &builder, &err) < 0)
        bail_out("no builder");
    for (size_t i = 0; i < n; i++)
        add(builder, &parts[i]);
    for (; marks && *marks; marks++) {
        struct jb_account_mark mark = {.mono_ns = 2 * S};
        (void)snprintf(mark.text, sizeof mark.text, "%s", *marks);
        if (jb_account_add_mark(builder, &mark, &err) < 0)
            bail_out("no mark");
    }
    if (jb_account_finish(builder, &account, &err) < 0)
        bail_out("no account: %s", err.message);
    jb_account_builder_free(builder);
    return account;
}

static void is_figure(const struct jb_figure *got, int64_t low, int64_t best, int64_t high,
                      const char *what)
{
    ok(got->is_known, "%s is known", what);
    is_i64(got->low, low, "%s, low", what);
    is_i64(got->best, best, "%s, best", what);
    is_i64(got->high, high, "%s, high", what);
}

static bool has_note(const struct jb_account *account, const char *words)
{
    for (size_t i = 0; i < account->n_notes; i++)
        if (strstr(account->notes[i], words))
            return true;
    return false;
}

static const struct part cpu = {"rapl/package-0", "", 3000 * J, 0, 0};

static void test_counted(void)
{
    struct jb_run run = a_run();
    char text[48];

    run.n_examples = 1000;
    run.n_epochs = 3;
    run.forward_flop = 2000000000;
    run.forward_macs = 900000000;
    run.n_parameters = 1500;
    struct jb_account account = account_of(&run, &cpu, 1, NULL);
    const struct jb_account_work *const work = &account.work;
    ok(work->is_known, "something is known");
    is_i64(work->n_examples, 3000, "examples of an epoch x epochs");
    is_i64(work->method, JB_FLOP_COUNTED, "the operations are counted");
    is_i64(work->factor_milli, 3000, "by three times the forward pass, where nothing is said");
    is_str(jb_format_i128(work->training_flop, text, sizeof text), "18000000000000",
           "2e9 x 3 x 3000");
    /* 3000 J / 3000; / 1.8e13; / 1500 */
    is_figure(&work->energy_per_example_nj, 1000000000, 1000000000, 1000000000, "J per example");
    is_figure(&work->energy_per_flop_aj, 166666667, 166666667, 166666667, "aJ per operation");
    is_figure(&work->energy_per_parameter_nj, 2000000000, 2000000000, 2000000000,
              "J per parameter");
    ok(!work->busy_ppm.is_known && !work->mfu_ppm.is_known && work->n_boards == -1 &&
           work->device_best_flop == -1,
       "without boards nothing is said of boards");
    jb_account_release(&account);

    run.factor_milli = 4000;
    account = account_of(&run, &cpu, 1, NULL);
    is_str(jb_format_i128(account.work.training_flop, text, sizeof text), "24000000000000",
           "with recomputation it is four times");
    jb_account_release(&account);

    (void)snprintf(run.training_flop, sizeof run.training_flop, "314000000000000000000000");
    account = account_of(&run, &cpu, 1, NULL);
    is_i64(account.work.method, JB_FLOP_STATED, "what is stated outranks the count");
    is_i64(account.work.millipfsd, 3634259, "in petaFLOP/s-days: 3.14e23 / 8.64e19");
    ok(!has_note(&account, "did not end well"), "a run that ended well has done them");
    jb_account_release(&account);

    run.exit_code = 1;
    account = account_of(&run, &cpu, 1, NULL);
    ok(has_note(&account, "operations it was to do are taken for done"),
       "of one that did not that is said");
    jb_account_release(&account);

    const struct part much = {"rapl/package-0", "", 9300000000 * J, 0, 0};
    run.exit_code = 0;
    run.n_examples = run.n_epochs = 1;
    (void)snprintf(run.training_flop, sizeof run.training_flop, "1000000000");
    account = account_of(&run, &much, 1, NULL);
    ok(!account.work.energy_per_example_nj.is_known, "9.3 GJ an example are beyond the scale");
    ok(!account.work.energy_per_flop_aj.is_known, "so are 9.3 J an operation");
    is_figure(&account.work.energy_per_parameter_nj, 6200000000000000, 6200000000000000,
              6200000000000000, "9.3 GJ over 1500 parameters");
    jb_account_release(&account);
}

static void test_others(void)
{
    struct jb_run run = a_run();
    char text[48];

    run.n_parameters = 175000000000;
    run.n_tokens = 300000000000;
    struct jb_account account = account_of(&run, &cpu, 1, NULL);
    is_i64(account.work.method, JB_FLOP_6ND, "parameters and tokens give 6ND");
    is_str(jb_format_i128(account.work.training_flop, text, sizeof text),
           "315000000000000000000000", "6 x 175e9 x 300e9");
    is_i64(account.work.energy_per_token_nj.best, 10, "3000 J / 3e11: 10 nJ per token");
    jb_account_release(&account);

    run = a_run();
    account = account_of(&run, &cpu, 1, NULL);
    ok(!account.work.is_known, "a run of which nobody said anything has nothing");
    ok(account.work.training_flop == -1 && !account.work.energy_per_flop_aj.is_known,
       "and none of it is zero");
    jb_account_release(&account);

    run.n_examples = INT64_MAX / 2;
    run.n_epochs = 1000;
    account = account_of(&run, &cpu, 1, NULL);
    is_i64(account.work.n_examples, -1, "more examples than fit are not known");
    ok(has_note(&account, "beyond 64 bits"), "which is told");
    jb_account_release(&account);

    run.n_examples = 1000000000000000000;
    run.n_epochs = 1;
    run.forward_flop = INT64_MAX;
    account = account_of(&run, &cpu, 1, NULL);
    ok(account.work.training_flop == -1 && account.work.method == JB_FLOP_UNKNOWN,
       "operations beyond 1e30 are a mistake and not known");
    ok(has_note(&account, "beyond 1e30"), "which is told as well");
    jb_account_release(&account);

    run = a_run();
    run.cpu_ns = 7 * S;
    account = account_of(&run, NULL, 0, NULL);
    is_i64(account.work.processor_ns, 7 * S, "CPU time is known of a run without energy");
    ok(!account.work.energy_per_example_nj.is_known, "whose energy per example is not");
    jb_account_release(&account);
}

static int64_t examples_of(struct jb_run *run, const char *const *marks, const char *note)
{
    struct jb_account account = account_of(run, &cpu, 1, marks);
    const int64_t n = account.work.n_examples;

    if (note)
        ok(has_note(&account, note), "a note says '%s'", note);
    jb_account_release(&account);
    return n;
}

static void test_epochs(void)
{
    static const char *const numbered[] = {"epoch 1", "epoch 1 loss=0.4", "step 5", "epoch 2",
                                           NULL};
    static const char *const bare[] = {"epoch loss=0.5", "epoch loss=0.4", NULL};
    struct jb_run run = a_run();

    run.n_examples = 10;
    run.n_epochs = 90;
    is_i64(examples_of(&run, numbered, NULL), 20,
           "epochs marked count, and one marked by two processes once");
    is_i64(examples_of(&run, bare, NULL), 20, "epochs without a number count each");
    is_i64(examples_of(&run, NULL, NULL), 900, "without marks what was told");
    run.exit_code = 1;
    is_i64(examples_of(&run, NULL, "did not end well"), 900, "also where the run failed");
    run.exit_code = 0;
    run.n_epochs = 0;
    is_i64(examples_of(&run, NULL, "neither told nor marked"), 10,
           "nothing told of epochs: the examples are all");
    run.status = JB_RUN_OPEN;
    run.n_epochs = 90;
    is_i64(examples_of(&run, NULL, NULL), -1, "of a run that goes on nobody knows");
    is_i64(examples_of(&run, numbered, NULL), 20, "but by its marks");
}

static void test_boards(void)
{
    static const struct part boards[] = {
        {"gpu/a", H100, 35000 * J, 80 * S, 0},
        {"gpu/b", H100, 35000 * J, 60 * S, 0},
    };
    struct jb_run run = a_run();
    char text[48];

    /* 2 x 100 s x 989.4e12 are 1.9788e17: half of it was computed */
    (void)snprintf(run.training_flop, sizeof run.training_flop, "98940000000000000");
    struct jb_account account = account_of(&run, boards, 2, NULL);
    const struct jb_account_work *const work = &account.work;
    is_i64(work->n_boards, 2, "two boards");
    is_i64(work->board_ns, 200 * S, "100 s each");
    is_str(work->board, H100, "of one name");
    is_str(work->peak_type, "bf16", "whose rate in bf16 is known");
    is_figure(&work->busy_ppm, 680000, 700000, 720000, "time busy: 140 s, and 2 s of each, of 200");
    is_figure(&work->mfu_ppm, 500000, 500000, 500000, "MFU");
    /* 989.4e12 x 136, 140, 144 s */
    is_str(jb_format_i128(work->device_low_flop, text, sizeof text), "134558400000000000",
           "by device time, low");
    is_str(jb_format_i128(work->device_best_flop, text, sizeof text), "138516000000000000",
           "by device time");
    is_str(jb_format_i128(work->device_high_flop, text, sizeof text), "142473600000000000",
           "by device time, high");
    is_figure(&work->counted_per_device_ppm, 694444, 714286, 735294, "factor between the two");
    /* 70 kJ / 9.894e16, and 700 W / 989.4e12: both 0.7074994... pJ */
    is_figure(&work->energy_per_flop_aj, 707499, 707499, 707499, "aJ per operation");
    is_figure(&work->least_per_flop_aj, 707499, 707499, 707499, "what the board reaches");
    is_figure(&work->share_of_best_ppm, 1000000, 1000000, 1000000, "share of the best");
    jb_account_release(&account);
}

static void test_boards_unknown(void)
{
    struct part part = {"gpu/a", H100, 35000 * J, -1, 0};
    struct jb_run run = a_run();

    (void)snprintf(run.training_flop, sizeof run.training_flop, "49470000000000000");
    struct jb_account account = account_of(&run, &part, 1, NULL);
    ok(!account.work.busy_ppm.is_known && account.work.device_best_flop == -1,
       "a driver that does not tell how busy a board is leaves that unknown");
    is_i64(account.work.mfu_ppm.best, 500000, "what it could compute is known all the same");
    jb_account_release(&account);

    part = (struct part){"gpu/a", "Acme Frobnicator 9", 35000 * J, 50 * S, 0};
    account = account_of(&run, &part, 1, NULL);
    is_i64(account.work.busy_ppm.best, 500000,
           "of a board nobody knows it is known how busy it was");
    ok(!account.work.mfu_ppm.is_known && !account.work.least_per_flop_aj.is_known &&
           account.work.peak_type[0] == '\0',
       "not what it could do");
    ok(has_note(&account, "'Acme Frobnicator 9' can compute is not known"), "which is told");
    jb_account_release(&account);

    const struct part two[] = {{"gpu/a", H100, 35000 * J, 50 * S, 0},
                               {"gpu/b", "Acme Frobnicator 9", 35000 * J, 50 * S, 0}};
    account = account_of(&run, two, 2, NULL);
    ok(!account.work.mfu_ppm.is_known, "one unknown board leaves the peak of all unknown");
    is_str(account.work.board, "", "boards of two kinds have no one name");
    jb_account_release(&account);

    part = (struct part){"gpu/a", "", 35000 * J, 0, 0};
    account = account_of(&run, &part, 1, NULL);
    is_i64(account.work.n_boards, -1, "an interval of an earlier version tells of no board");
    ok(!account.work.busy_ppm.is_known, "and its busy time of 0 is no figure");
    jb_account_release(&account);

    part = (struct part){"gpu/a", H100, 35000 * J, 250 * S, 1000 * J};
    account = account_of(&run, &part, 1, NULL);
    is_figure(&account.work.busy_ppm, 980000, 1000000, 1000000, "busy all the time at most");
    ok(has_note(&account, "others used its boards"), "use by others is told");
    jb_account_release(&account);
}

static void test_json(void)
{
    static const struct part board = {"gpu/a", H100, 35000 * J, 80 * S, 0};
    struct jb_run run = a_run();
    struct jb_account back;
    struct jb_error err;
    char *json;
    char *again;

    (void)snprintf(run.training_flop, sizeof run.training_flop, "314000000000000000000000");
    run.n_examples = 5;
    struct jb_account account = account_of(&run, &board, 1, NULL);
    ok(jb_account_to_json(&account, &json, &err) == JB_OK &&
           strstr(json, "\"training_flop\":\"314000000000000000000000\""),
       "operations are decimal text in the JSON");
    ok(jb_account_from_json(json, &back, &err) == JB_OK && back.work.is_known &&
           back.work.training_flop == account.work.training_flop &&
           back.work.device_best_flop == account.work.device_best_flop && back.work.n_tokens == -1,
       "and come back");
    ok(jb_account_to_json(&back, &again, &err) == JB_OK && strcmp(json, again) == 0,
       "the same text again");
    free(again);
    jb_account_release(&back);
    ok(jb_account_work_to_json(&account.work, &again, &err) == JB_OK && strstr(json, again),
       "the part alone is the part of the whole");
    free(again);
    free(json);
    jb_account_release(&account);

    is_i64(jb_account_from_json("{\"schema\":\"joulebook.account/1\",\"views_uj\":{},\"run\":{}}",
                                &back, &err),
           JB_OK, "an account of an earlier version is read");
    ok(!back.work.is_known && back.work.training_flop == -1, "and knows nothing of work");
    jb_account_release(&back);
    is_i64(jb_account_from_json("{\"schema\":\"joulebook.account/1\",\"views_uj\":{},\"run\":{},"
                                "\"work\":{\"training_flop\":\"1.5\"}}",
                                &back, &err),
           JB_E_INPUT, "a fraction of an operation is refused");
}

static void test_run_json(void)
{
    struct jb_run run = a_run();
    struct jb_run back;
    struct jb_error err;
    char *json;

    run.n_examples = 5;
    run.forward_macs = 7;
    (void)snprintf(run.model_file, sizeof run.model_file, "m.onnx");
    (void)snprintf(run.training_flop, sizeof run.training_flop, "12");
    ok(jb_run_to_json(&run, &json, &err) == JB_OK && strstr(json, "\"n_examples\":5") &&
           !strstr(json, "n_epochs"),
       "a run's JSON has what was told and nothing of what was not");
    ok(jb_run_from_json(json, &back, &err) == JB_OK && back.n_examples == 5 &&
           back.forward_macs == 7 && back.n_epochs == 0 && strcmp(back.model_file, "m.onnx") == 0 &&
           strcmp(back.training_flop, "12") == 0,
       "and comes back");
    free(json);
}

int main(void)
{
    test_counted();
    test_others();
    test_epochs();
    test_boards();
    test_boards_unknown();
    test_json();
    test_run_json();
    return done_testing();
}
