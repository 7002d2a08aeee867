/* SPDX-License-Identifier: Apache-2.0 */
/* R-OVERSHOOT-01 to -03: what was spent after the best value, by hand. */
#include <string.h>

#include "account/account.h"
#include "tap.h"

#define JOULE INT64_C(1000000)

static struct jb_account account;

/* A run of 1000 J; the n-th mark stands at n x 100 J. */
static void make(const char *const *marks, size_t n)
{
    const struct jb_run run = {.id = "r",
                               .end_mono_ns = 1000,
                               .market_mgco2e_per_kwh = -1,
                               .pue_milli = -1,
                               .tariff_micro_per_kwh = -1};
    const struct jb_interval interval = {.host = "h",
                                         .channel = "rapl/package-0",
                                         .role = JB_ROLE_POST,
                                         .unit_num = 1,
                                         .unit_den = 1,
                                         .mono_end_ns = 1000,
                                         .energy_uj = 1000 * JOULE,
                                         .low_uj = 1000 * JOULE,
                                         .high_uj = 1000 * JOULE};
    const struct jb_line lines[] = {
        {.account = "meter:h/rapl/package-0", .amount_uj = -1000 * JOULE},
        {.account = "run:r",
         .amount_uj = 1000 * JOULE,
         .has_share = true,
         .low_uj = 1000 * JOULE,
         .high_uj = 1000 * JOULE,
         .reserved_uj = 1000 * JOULE,
         .all_uj = 1000 * JOULE},
    };
    struct jb_account_builder *builder = NULL;
    struct jb_error err = {0};

    jb_account_release(&account);
    jb_rc rc = jb_account_builder_new(&run, &builder, &err);
    if (rc == JB_OK)
        rc = jb_account_add_interval(builder, &interval, lines, 2, &err);
    for (size_t i = 0; i < n && rc == JB_OK; i++) {
        struct jb_account_mark mark = {.mono_ns = (int64_t)(i + 1) * 100,
                                       .run_uj = (int64_t)(i + 1) * 100 * JOULE};
        (void)snprintf(mark.text, sizeof mark.text, "%s", marks[i]);
        rc = jb_account_add_mark(builder, &mark, &err);
    }
    if (rc == JB_OK)
        rc = jb_account_finish(builder, &account, &err);
    if (rc < 0)
        diag("%s", err.message);
    jb_account_builder_free(builder);
}
#define MAKE(...)                            \
    make((const char *const[]){__VA_ARGS__}, \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static bool has_note(const char *part)
{
    for (size_t i = 0; i < account.n_notes; i++)
        if (strstr(account.notes[i], part))
            return true;
    return false;
}

int main(void)
{
    MAKE("epoch 1 accuracy=0.5 loss=2.0", "epoch 2 accuracy=0.9 loss=1.0",
         "epoch 3 accuracy=0.9 loss=0.5", "epoch 4 accuracy=0.8 loss=0.7");
    is_i64((int64_t)account.n_overshoots, 2, "two metrics, both known by name");
    is_str(account.overshoots[0].metric, "accuracy", "accuracy");
    is_str(account.overshoots[0].best, "0.9", "was best at 0.9");
    is_str(account.overshoots[0].at, "epoch 2", "first reached in epoch 2");
    is_i64(account.overshoots[0].n_epochs, 4, "of 4");
    is_i64(account.overshoots[0].after_uj, 800 * JOULE, "after which 800 J were spent");
    is_i64(account.overshoots[0].after_ppm, 800000, "80 %%");
    is_str(account.overshoots[1].at, "epoch 3", "loss is better when it is less");
    is_i64(account.overshoots[1].after_uj, 700 * JOULE, "700 J after it");

    MAKE("epoch 1 val_loss=2 eval/top1_accuracy=40%",
         "epoch 2 val_loss=3 eval/top1_accuracy=45.5%");
    ok(account.n_overshoots == 2 && strcmp(account.overshoots[0].best, "2") == 0 &&
           strcmp(account.overshoots[1].best, "45.5%") == 0,
       "R-OVERSHOOT-02: a word in a name will do, and a percent sign");

    MAKE("epoch 1", "accuracy=0.5", "epoch 2", "accuracy=0.4");
    ok(account.n_overshoots == 1 && strcmp(account.overshoots[0].at, "epoch 1") == 0 &&
           account.overshoots[0].until_uj == 200 * JOULE,
       "metrics on a line of their own belong to the epoch before, with the energy at that line");

    MAKE("epoch 1 reward=1", "epoch 2 reward=5", "epoch 3 reward=2");
    ok(account.n_overshoots == 0 && has_note("'reward'") && has_note("--metric reward:max"),
       "R-OVERSHOOT-03: a metric of unknown direction is not guessed, and that is said");
    MAKE("metric reward:max", "epoch 1 reward=1", "epoch 2 reward=5", "epoch 3 reward=2");
    ok(account.n_overshoots == 1 && account.overshoots[0].after_uj == 700 * JOULE &&
           !has_note("'reward'"),
       "stated, it is known");
    ok(!has_note("name no epoch"), "R-MARK-14: and what was stated is no strange mark");
    is_i64((int64_t)account.n_epochs, 3, "nor an epoch");
    MAKE("metric accuracy:min", "epoch 1 accuracy=1", "epoch 2 accuracy=5");
    is_str(account.overshoots[0].at, "epoch 1", "what is stated comes before the name");

    static const char *const falling[] = {"dice_loss", "loss_iou", "train/map_loss", "error_rate",
                                          "val_loss_step"};
    static const char *const rising[] = {"val_acc_step", "mAP", "dice", "f1"};
    for (size_t i = 0; i < 9; i++) {
        char first[64], second[64];
        const char *const name = i < 5 ? falling[i] : rising[i - 5];
        (void)snprintf(first, sizeof first, "epoch 1 %s=0.2", name);
        (void)snprintf(second, sizeof second, "epoch 2 %s=0.1", name);
        MAKE(first, second);
        ok(account.n_overshoots == 1 &&
               strcmp(account.overshoots[0].at, i < 5 ? "epoch 2" : "epoch 1") == 0,
           "%s is better when it is %s", name, i < 5 ? "less" : "more");
    }
    MAKE("epoch 1 loss_scale=1024 loss_weight=1", "epoch 2 loss_scale=512 loss_weight=2");
    ok(account.n_overshoots == 0 && !has_note("better"), "a scale of the loss is no loss");
    MAKE("epoch 1 loss=1.5e-03 nll=-1", "epoch 2 loss=2e-05 nll=-2", "epoch 3 loss=1e-4 nll=-1.5");
    ok(account.n_overshoots == 2 && strcmp(account.overshoots[0].at, "epoch 2") == 0 &&
           strcmp(account.overshoots[1].at, "epoch 2") == 0,
       "values as Python writes them");
    MAKE("epoch 1 lr=0.1 seconds=3", "epoch 2 lr=0.2 seconds=4");
    ok(account.n_overshoots == 0 && !has_note("better"), "a learning rate is no metric");
    MAKE("epoch 1 loss=nan", "epoch 2 loss=3");
    is_i64((int64_t)account.n_overshoots, 0, "one value is no comparison, and nan is none");

    char *json = NULL;
    struct jb_account back = {0};
    MAKE("epoch 1 f1=0.7", "epoch 2 f1=0.6");
    ok(jb_account_to_json(&account, &json, NULL) == JB_OK &&
           jb_account_from_json(json, &back, NULL) == JB_OK && back.n_overshoots == 1 &&
           back.overshoots[0].after_uj == 900 * JOULE &&
           strcmp(back.overshoots[0].metric, "f1") == 0,
       "it goes through JSON");
    free(json);
    jb_account_release(&back);
    jb_account_release(&account);
    return done_testing();
}
