/* SPDX-License-Identifier: Apache-2.0 */
/* Lines that trainings write, and the epochs an account makes of them. */
#include <string.h>

#include "account/account.h"
#include "account/account_marks.h"
#include "base/clock.h"
#include "tap.h"

static struct jb_mark parse(const char *text)
{
    struct jb_mark mark;
    jb_mark_parse(text, strlen(text), &mark);
    return mark;
}

static void texts(void)
{
    struct jb_mark mark = parse("epoch 3 accuracy=0.91 loss=0.31");

    is_i64(mark.kind, JB_MARK_EPOCH, "R-MARK-11: an epoch");
    is_str(mark.name, "epoch 3", "has its number in its name");
    is_str(mark.metrics, "accuracy=0.91 loss=0.31", "and its metrics in the order given");
    mark = parse("  Epoch=4\tloss=1e-3 done  early\n");
    is_i64(mark.kind, JB_MARK_EPOCH, "any case, blanks, and epoch=4");
    is_str(mark.name, "epoch 4 done early", "words without '=' are the name");
    is_str(mark.metrics, "loss=1e-3", "and those with it metrics");
    mark = parse("phase eval");
    is_i64(mark.kind, JB_MARK_PHASE, "a phase");
    is_str(mark.name, "phase eval", "with its name");
    is_i64(parse("step 1200 loss=2").kind, JB_MARK_STEP, "a step");
    mark = parse("accuracy=0.91 f1=0.8");
    is_i64(mark.kind, JB_MARK_METRIC, "only metrics");
    is_str(mark.metrics, "accuracy=0.91 f1=0.8", "both of them");
    is_str(mark.name, "", "and no name");
    mark = parse("checkpoint saved to /x");
    is_i64(mark.kind, JB_MARK_OTHER, "anything else is another mark");
    is_str(mark.name, "checkpoint saved to /x", "with its text");
    is_i64(parse("epochs 3").kind, JB_MARK_OTHER, "a longer word is not the word");
    is_i64(parse("").kind, JB_MARK_OTHER, "the empty line is harmless");
    is_i64(parse("=3").kind, JB_MARK_OTHER, "a value without a name is no metric");
    is_str(parse("epoch").name, "epoch", "an epoch without a number is one all the same");
}

static void bounds(void)
{
    char text[600];
    struct jb_mark mark;

    memset(text, 'x', sizeof text);
    memcpy(text, "epoch ", 6);
    jb_mark_parse(text, sizeof text, &mark);
    is_i64((int64_t)strlen(mark.name), 63, "a long name is cut to its place");
    memset(text, 'm', sizeof text);
    memcpy(text, "epoch 1 a=1 ", 12);
    text[300] = '=';
    jb_mark_parse(text, sizeof text, &mark);
    is_str(mark.metrics, "a=1",
           "a metric that does not fit whole is left out, never cut into another number");
    is_str(parse("phase caf\xc3\xa9").name, "phase caf\xc3\xa9", "UTF-8 is kept");
    is_str(parse("phase a\x01\xff\x1b[31m").name, "phase a???[31m",
           "control characters and broken bytes are not");
    jb_mark_parse("epoch 1\0 2", 10, &mark);
    is_str(mark.name, "epoch 1 2", "a NUL is a blank");
    memset(text, 'y', sizeof text);
    memcpy(text, "phase ", 6);
    for (size_t i = 6; i + 1 < 120; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    jb_mark_parse(text, 120, &mark);
    /* 6 bytes, then characters of 2: 28 of them make 62, one more would make 64 */
    is_i64((int64_t)strlen(mark.name), 62, "and cut at a whole character");
}

static void mark(struct jb_account_builder *builder, const char *text, int64_t second,
                 int64_t run_uj, int64_t total_uj, int64_t half_width_uj)
{
    struct jb_account_mark one = {.mono_ns = second * JB_NS_PER_S,
                                  .utc_us = second * JB_US_PER_S,
                                  .run_uj = run_uj,
                                  .total_uj = total_uj,
                                  .half_width_uj = half_width_uj};
    (void)snprintf(one.text, sizeof one.text, "%s", text);
    if (jb_account_add_mark(builder, &one, NULL) < 0)
        bail_out("no memory");
}

/* A run from second 100 to 200 in which 900 uJ of 1000 uJ are the run's. */
static struct jb_account_builder *a_builder(void)
{
    const struct jb_run run = {.id = "r",
                               .market_mgco2e_per_kwh = -1,
                               .pue_milli = -1,
                               .tariff_micro_per_kwh = -1,
                               .start_mono_ns = 100 * JB_NS_PER_S,
                               .end_mono_ns = 200 * JB_NS_PER_S,
                               .end_utc_us = 200 * JB_US_PER_S};
    const struct jb_interval interval = {.host = "h",
                                         .channel = "c",
                                         .unit_num = 1,
                                         .unit_den = 1,
                                         .mono_start_ns = 100 * JB_NS_PER_S,
                                         .mono_end_ns = 200 * JB_NS_PER_S,
                                         .utc_end_us = 1,
                                         .energy_uj = 1000};
    const struct jb_line lines[] = {
        {.account = "meter:h/c", .amount_uj = -1000},
        {.account = "run:r", .amount_uj = 900},
        {.account = "idle:h", .amount_uj = 100},
    };
    struct jb_account_builder *builder = NULL;

    if (jb_account_builder_new(&run, &builder, NULL) < 0 ||
        jb_account_add_interval(builder, &interval, lines, 3, NULL) < 0)
        bail_out("no memory");
    return builder;
}

static void epochs(void)
{
    struct jb_account_builder *const builder = a_builder();
    struct jb_account account;

    mark(builder, "loss=9", 101, 5, 6, 1); /* belongs to nothing yet */
    mark(builder, "phase train", 110, 100, 110, 2);
    mark(builder, "epoch 1 loss=2", 120, 250, 270, 3);
    mark(builder, "accuracy=0.5", 121, 260, 280, 3);
    mark(builder, "epoch 2 loss=1", 140, 500, 540, 4);
    mark(builder, "phase eval", 150, 600, 650, 5);
    mark(builder, "hello there", 151, 610, 660, 5);
    if (jb_account_finish(builder, &account, NULL) < 0)
        bail_out("no account");
    jb_account_builder_free(builder);

    is_i64((int64_t)account.n_epochs, 4, "two phases and two epochs");
    const struct jb_account_epoch *const e = account.epochs;
    is_str(e[0].name, "phase train", "in the order of their marks");
    is_i64(e[0].run_uj, 500, "R-MARK-13: a phase lasts to the next one: 600 - 100");
    is_i64(e[0].duration_ns, 40 * JB_NS_PER_S, "for 40 s");
    is_i64(e[0].utc_us, 150 * JB_US_PER_S, "and is told by its end");
    is_str(e[1].metrics, "loss=2 accuracy=0.5",
           "a metric on a line of its own belongs to the mark before it");
    is_i64(e[1].run_uj, 150,
           "R-MARK-12: the first epoch counts from the phase it began in: 250 - 100");
    is_i64(e[1].total_uj, 160, "the meters meanwhile: 270 - 110");
    is_i64(e[1].interpolated_uj, 5, "the windows at both edges: 2 + 3");
    is_i64(e[2].run_uj, 250, "R-MARK-12: the next one from the end of the last: 500 - 250");
    is_i64(e[2].duration_ns, 20 * JB_NS_PER_S, "for 20 s");
    is_str(e[3].name, "phase eval", "the last phase");
    is_i64(e[3].run_uj, 300, "R-MARK-13: ends with the run: 900 - 600");
    is_i64(e[3].total_uj, 350, "on the meters as well: 1000 - 650");
    bool is_told = false;
    for (size_t i = 0; i < account.n_notes; i++)
        is_told = is_told || strncmp(account.notes[i], "2 of the marks name no epoch", 28) == 0;
    ok(is_told, "marks that make no row are counted in a note");
    jb_account_release(&account);
}

static void many(void)
{
    struct jb_account_builder *const builder = a_builder();
    struct jb_account account;
    bool is_told = false;

    for (int64_t i = 0; i < 5000; i++)
        mark(builder, "step", 101, i, i, 0);
    if (jb_account_finish(builder, &account, NULL) < 0)
        bail_out("no account");
    jb_account_builder_free(builder);
    is_i64((int64_t)account.n_epochs, 4096,
           "a training that marks every step fills the list and no more");
    for (size_t i = 0; i < account.n_notes; i++)
        is_told = is_told || strstr(account.notes[i], "904 marks came after them");
    ok(is_told, "and a note says how many came after");
    jb_account_release(&account);
}

int main(void)
{
    texts();
    bounds();
    epochs();
    many();
    return done_testing();
}
