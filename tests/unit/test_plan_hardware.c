/* SPDX-License-Identifier: Apache-2.0 */
/* Names into peak, devices and rating; variants of a name. R-PLAN-02, -03. */
#include "plan/plan_int.h"

#include "tap.h"

static struct plan__hardware hardware_of(const char *accelerator, const char *instance)
{
    struct jb_plan_order order = {.n_devices = 1};
    struct plan__hardware hardware = {0};
    struct jb_error err = {0};
    order.accelerator.known = accelerator[0] ? JB_KNOWN_VALUE : JB_KNOWN_UNKNOWN;
    order.instance.known = instance[0] ? JB_KNOWN_VALUE : JB_KNOWN_UNKNOWN;
    (void)snprintf(order.accelerator.text, sizeof order.accelerator.text, "%s", accelerator);
    (void)snprintf(order.instance.text, sizeof order.instance.text, "%s", instance);
    if (plan__hardware_of(&order, &hardware, &err) < 0)
        bail_out("%s", err.message);
    return hardware;
}

int main(void)
{
    struct plan__hardware at = hardware_of("H100 SXM", "");
    is_i64(at.peak_gflops, 989400, "H100: 989.4 TFLOP/s of bf16, not the sparse twice");
    is_i64(at.kind, KIND_BF16, "a board with bf16");
    is_i64(at.board_mw, 700000, "rated 700 W");
    at = hardware_of("NVIDIA A10", "");
    ok(at.peak_gflops == 125000 && at.kind == KIND_BF16, "A10: its tensor units, not its fp32");
    at = hardware_of("A30", "");
    ok(at.peak_gflops == 165000 && at.kind == KIND_BF16, "A30: 165 TFLOP/s");
    at = hardware_of("L40S", "");
    ok(at.peak_gflops == 362000 && at.kind == KIND_BF16, "L40S: 362 TFLOP/s, not the sparse 733");
    at = hardware_of("Tesla V100-SXM2-32GB", "");
    is_i64(at.peak_gflops, 125000, "V100: 125 TFLOP/s of fp16");
    is_i64(at.kind, KIND_FP16, "a board with fp16 and no bf16");
    at = hardware_of("K80", "");
    is_i64(at.n_dies, 2, "a K80 holds two devices");
    is_i64(at.peak_gflops, 4110, "each with half of 8.22 TFLOP/s of fp32");
    is_i64(at.kind, KIND_FP32, "a board with fp32 alone");
    at = hardware_of("TPU v3", "");
    is_i64(at.peak_gflops, 123000, "TPU v3: 123 TFLOP/s a chip");
    is_i64(at.kind, KIND_NPU, "and no board of graphics");

    at = hardware_of("V100", "");
    ok(at.n_variants > 1 && at.time_high_ppm >= 1116000, "the 112 TFLOP/s of PCIe are in the band");
    ok(at.energy_low_ppm < 1000000, "and their 250 W, which do more for each joule");
    at = hardware_of("A100-SXM4-80GB", "");
    ok(at.time_low_ppm == 1000000 && at.time_high_ppm == 1000000 && at.energy_low_ppm == 1000000 &&
           at.energy_high_ppm == 1000000,
       "one variant leaves nothing open");

    at = hardware_of("", "aws/p3.2xlarge");
    ok(at.is_boards && at.has_instance && at.kind == KIND_FP16, "an instance brings its board");
    at = hardware_of("T4", "aws/p3.2xlarge");
    is_i64(at.peak_gflops, 65000, "a board that is told goes before it");
    struct jb_plan_order order = {.n_devices = 1,
                                  .accelerator = {JB_KNOWN_VALUE, "Z9000"},
                                  .peak_gflops = {JB_KNOWN_RANGE, true, 50000, 100000, 200000}};
    struct jb_error err = {0};
    is_i64(plan__hardware_of(&order, &at, &err), JB_E_INPUT,
           "a name of no catalogue is asked back");
    order.accelerator_mw = (struct jb_quantity){JB_KNOWN_VALUE, false, 500000, 500000, 500000};
    is_i64(plan__hardware_of(&order, &at, &err), JB_OK, "but where peak and draw are both stated");
    ok(at.is_boards && at.peak_gflops == 100000 && strcmp(at.name, "Z9000") == 0,
       "it is a board of that name and peak");
    ok(at.time_low_ppm == 500000 && at.time_high_ppm == 2000000 && at.energy_high_ppm == 2000000,
       "a range of the peak moves time and energy");
    order.instance = (struct jb_answer){JB_KNOWN_VALUE, "aws/z9.large"};
    is_i64(plan__hardware_of(&order, &at, &err), JB_E_INPUT, "an instance of no catalogue is not");
    at = hardware_of("", "aws/m5.large");
    ok(!at.is_boards && at.peak_gflops == 0, "an instance without boards has no known peak");
    return done_testing();
}
