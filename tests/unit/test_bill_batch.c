/* SPDX-License-Identifier: Apache-2.0 */
/* Rows to the sums of their groups, by hand: few, more than a batch, too large. R-BILL-02, R-BILL-03. */
#include "import/bill_int.h"
#include "tap.h"

#define GROUPS 1000
#define ROWS   50000

struct rig {
    pthread_mutex_t lock;
    struct bill_layout layout;
    struct bill_shared shared;
    struct bill_batch *batch;
    struct bill_key keys[GROUPS];
    struct bill_sums sums[GROUPS];
};

static void set_up(struct rig *rig)
{
    char run[32];

    memset(rig, 0, sizeof *rig);
    (void)pthread_mutex_init(&rig->lock, NULL);
    (void)snprintf(rig->layout.name[BILL_COST], sizeof rig->layout.name[0], "Cost");
    rig->shared.layout = &rig->layout;
    rig->shared.groups = jb_bill__groups_new();
    rig->shared.lock = &rig->lock;
    rig->batch = rig->shared.groups ? jb_bill__batch_new(&rig->shared) : NULL;
    if (!rig->batch)
        bail_out("no memory");
    for (int i = 0; i < GROUPS; i++) {
        (void)snprintf(run, sizeof run, "run %d", i);
        rig->keys[i].run = jb_bill__intern(rig->shared.groups, run);
    }
}

static void tear_down(struct rig *rig)
{
    jb_bill__batch_free(rig->batch);
    jb_bill__groups_free(rig->shared.groups);
    (void)pthread_mutex_destroy(&rig->lock);
}

static jb_rc put(struct rig *rig, int group, int64_t line, jb_i128 cost, struct jb_error *err)
{
    struct bill_taken *const taken = jb_bill__batch_next(rig->batch);

    *taken = (struct bill_taken){
        .key = rig->keys[group], .line = line, .first_utc_us = line, .last_utc_us = line + 1};
    taken->has[BILL_COST - BILL_QUANTITY] = true;
    taken->value[BILL_COST - BILL_QUANTITY] = cost;
    return jb_bill__batch_put(rig->batch, err);
}

static void test_sums(struct rig *rig)
{
    struct jb_error err = {0};
    int64_t n_rows = 0;
    bool right = true;

    set_up(rig);
    for (int i = 0; i < ROWS; i++)
        right = right && put(rig, i % GROUPS, i + 2, i, &err) == JB_OK;
    ok(right && jb_bill__batch_settle(rig->batch, &err) == JB_OK, "rows are put");
    ok(jb_bill__batch_give(rig->batch, rig->sums, &n_rows, &err) == JB_OK, "sums are given");
    is_i64(n_rows, ROWS, "none is lost");
    is_i64((int64_t)jb_bill__groups_n(rig->shared.groups), GROUPS, "each group is there");
    for (size_t i = 0; i < jb_bill__groups_n(rig->shared.groups); i++) {
        const struct bill_sums *const sums = &rig->sums[i];
        const int64_t n = ROWS / GROUPS;
        int64_t group = 0;
        while (rig->keys[group].run != jb_bill__groups_key(rig->shared.groups, i)->run)
            group++;
        /* group, group + 1000, ...: n of them */
        right = right && sums->n_rows == n && sums->first_line == group + 2 &&
                sums->first_utc_us == group + 2 &&
                sums->last_utc_us == group + 3 + (n - 1) * GROUPS &&
                (int64_t)sums->sum[BILL_COST - BILL_QUANTITY] ==
                    n * group + GROUPS * (n * (n - 1) / 2) &&
                !sums->has[0];
    }
    ok(right, "with its rows, times and sum");
    tear_down(rig);
}

/* Two halves of all that 128 bits hold are one too much. */
static void test_too_large(struct rig *rig)
{
    const jb_i128 half = (jb_i128)1 << 126;
    struct jb_error err = {0};
    jb_rc rc = JB_OK;

    set_up(rig);
    for (int i = 0; i < 5 && rc == JB_OK; i++)
        rc = put(rig, 0, 7 + i, half, &err);
    ok(rc == JB_OK, "nothing is summed before there are many");
    ok(jb_bill__batch_settle(rig->batch, &err) == JB_E_RANGE, "what is too large is none");
    is_str(err.message, "line 8: the sum of column 'Cost' is too large", "the first line is told");
    tear_down(rig);
}

int main(void)
{
    static struct rig rig;

    test_sums(&rig);
    test_too_large(&rig);
    return done_testing();
}
