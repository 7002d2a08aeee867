/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass to a training (R-WORK-01, -02, -05, -06): a pass of 1,000 operations over 4 examples of 2 tokens, layers of 400, 100 and
 * 500. 40 examples in 2.5 epochs are 25 such passes; what each costs is added up by hand in the comments.
 */
#include <string.h>

#include "cli/count_training.h"
#include "tap.h"

static struct jb_count_row layers[3];
static struct jb_count count;
static struct jb_training_order order;
static struct jb_training training;
static struct jb_error err;

static void renew(void)
{
    layers[0] =
        (struct jb_count_row){.name = "a.0", .flops = jb_dim_number(400), .n_parameters = 30};
    layers[1] = (struct jb_count_row){.name = "b", .flops = jb_dim_number(100)};
    layers[2] = (struct jb_count_row){.name = "c", .flops = jb_dim_number(500), .n_parameters = 30};
    count = (struct jb_count){.has_operations = true,
                              .flops = jb_dim_number(1000),
                              .examples = jb_dim_number(4),
                              .tokens = jb_dim_number(8),
                              .n_active = 60,
                              .n_embedding = 10,
                              .n_by_layer = 3,
                              .by_layer = layers};
    order = (struct jb_training_order){
        .n_examples = 40, .epochs_milli = 2500, .frozen_ppm = -1, .lora_rank = -1, .n_devices = -1};
}

static jb_rc run(void)
{
    training = (struct jb_training){.n_frozen_layers = -2};
    return jb_training_work(&count, &order, &training, &err);
}

static void costs(int64_t flop, const char *what)
{
    is_i64(run(), JB_OK, "%s is counted", what);
    is_i64((int64_t)training.training_flop, flop, "%s: so many operations", what);
}

static void test_whole(void)
{
    renew();
    costs(75000, "all of it"); /* 3 x 25,000 */
    is_i64((int64_t)training.forward_flop, 25000, "forward alone");
    is_i64(training.factor_milli, 3000, "one over the other");
    is_i64((int64_t)training.check_flop, 60000, "6 x (60 - 10) x 8 x 25"); /* 6 N D */
    is_i64(training.check_milli, 800, "over the count");
    order.is_recomputed = true;
    costs(100000, "with activations computed anew"); /* 4 x */
    renew();
    count.n_embedding = 60;
    is_i64(run(), JB_OK, "of tables alone");
    ok(!training.has_check, "there is no 6 N D");
}

static void test_frozen(void)
{
    renew();
    order.frozen = "a";
    costs(55000, "the first layer frozen"); /* (400 + 3 x 600) x 25 */
    is_i64(training.n_frozen_layers, 1, "one layer");
    order.is_recomputed = true;
    costs(70000, "and recomputed"); /* (400 + 4 x 600) x 25 */
    renew();
    order.frozen = "c";
    costs(62500, "the last layer frozen"); /* (3 x 500 + 2 x 500) x 25 */
    order.frozen = "";
    costs(25000, "every layer frozen"); /* nothing asks for a gradient */
    order.frozen = "horse";
    is_i64(run(), JB_E_USAGE, "a layer that there is not is refused");
    renew();
    order.frozen_ppm = 250000;
    costs(62500, "a quarter frozen"); /* 3 - 2 x 0.25 */
    order.is_recomputed = true;
    costs(81250, "and recomputed"); /* 0.25 + 4 x 0.75 */
    order.frozen_ppm = 1000000;
    costs(25000, "all frozen");
}

static void test_adapters(void)
{
    renew();
    count.adapter_width = 30;
    order.lora_rank = 2;
    costs(122000, "adapters"); /* (2 x 1,000 + 6 x 60 x 8) x 25 */
    is_i64(training.n_adapter, 60, "of rank x width parameters");
    order.is_recomputed = true;
    costs(171000, "and recomputed"); /* (3 x 1,000 + 8 x 60 x 8) x 25 */
    renew();
    order.lora_rank = 2;
    costs(50000, "adapters of unknown width"); /* 2 x 1,000 x 25 */
    ok(training.is_adapter_left_out && training.n_adapter == -1, "are said to be left out");
}

static void test_device_time(void)
{
    renew();
    order.n_examples = -1;
    order.n_devices = 8;
    order.peak_gflops = 312000;
    order.duration_ns = INT64_C(3600000000000);
    order.utilisation_ppm = 500000;
    is_i64(run(), JB_OK, "device time needs no examples");
    ok(!training.has_work && training.has_device_time && training.device_milli == -1,
       "and is compared with nothing then");
    ok(training.device_flop == (jb_i128)INT64_C(4492800000000000000), "8 x 312e12 x 3600 x 0.5");
    renew();
    order.n_devices = 1;
    order.peak_gflops = 1;
    order.duration_ns = 150000;
    order.utilisation_ppm = 1000000;
    is_i64(run(), JB_OK, "beside a count");
    is_i64(training.device_milli, 2000, "150,000 are twice the count");
    order.n_devices = 100000000;
    order.peak_gflops = INT64_C(1000000000000);
    order.duration_ns = INT64_MAX;
    is_i64(run(), JB_E_RANGE, "more than can be is refused");
}

static void test_refused(void)
{
    renew();
    count.flops = jb_dim_number(0);
    is_i64(run(), JB_E_UNAVAILABLE, "nothing counted is no work of 0");
    renew();
    count.flops = jb_dim_unknown();
    is_i64(run(), JB_E_UNAVAILABLE, "unknown operations");
    renew();
    count.examples = jb_dim_unknown();
    is_i64(run(), JB_E_UNAVAILABLE, "unknown examples");
    renew();
    count.has_operations = false;
    is_i64(run(), JB_E_UNAVAILABLE, "a file without operations");
    renew();
    order.epochs_milli = 1000000000;
    order.n_examples = INT64_MAX / 1000000;
    is_i64(run(), JB_E_RANGE, "examples beyond 64 bits");
    /* 9e18 x 3 x 9e12 / 1e6 is 2.4e26, and its parts are beyond 128 bits: refused, not cut. */
    renew();
    count.flops = jb_dim_number(INT64_C(9000000000000000000));
    count.examples = jb_dim_number(1000000);
    order.n_examples = INT64_C(9000000000000);
    order.epochs_milli = 1000;
    is_i64(run(), JB_E_RANGE, "a product that does not fit is refused");
    order.n_examples = 1000000000;
    is_i64(run(), JB_OK, "one that fits is not");
    ok(training.training_flop == (jb_i128)INT64_C(27000000000000000) * 1000000,
       "9e18 x 3 x 1e9 / 1e6");
    count.tokens = jb_dim_number(INT64_MAX);
    count.n_active = INT64_MAX;
    is_i64(run(), JB_OK, "a check that does not fit");
    ok(!training.has_check, "is left out");
}

int main(void)
{
    test_whole();
    test_frozen();
    test_adapters();
    test_device_time();
    test_refused();
    return done_testing();
}
