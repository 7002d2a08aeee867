/* SPDX-License-Identifier: Apache-2.0 */
/* R-REPORT-02, -03, -05: shares of a layer by hand, and what is not known in JSON and CSV. */
#include "report/report_inventory.h"

#include "tap.h"

static struct jb_inventory_run runs[] = {
    {.id = "a",
     .group = "",
     .parent_id = "",
     .host = "",
     .project = "",
     .model = "",
     .model_version = "",
     .architecture = "",
     .application = "",
     .configuration = "",
     .stage = "",
     .place = "",
     .currency = "",
     .source = "",
     .hardware = "",
     .model_digest = "",
     .layer = JB_LAYER_MEASURED,
     .part = JB_PART_TRAINING,
     .training_flop = -1,
     .exit_code = -1,
     .n_boards = -1,
     .board_ns = -1,
     .pue_milli = -1,
     .n_tokens = 7},
};

static struct jb_inventory_sum a_sum(int64_t n_runs, int64_t energy_uj)
{
    return (struct jb_inventory_sum){
        .n_runs = n_runs,
        .n_without_flop = n_runs,
        .n_unknown = energy_uj < 0 ? n_runs : 0,
        .energy_uj = {energy_uj >= 0, false, energy_uj - 1, energy_uj, energy_uj + 2}};
}

static void write(const struct jb_report_input *input, enum jb_format format, struct jb_buf *out)
{
    const struct jb_style plain = {0};
    struct jb_error err = {0};

    jb_buf_clear(out);
    if (jb_report_inventory(input, format, &plain, out, &err) < 0)
        bail_out("%s", err.message);
}

int main(void)
{
    struct jb_inventory inventory = {
        .scope = {"", "", "p", "", "", 0, 0}, .n_runs = 1, .runs = runs, .currency = ""};
    const struct jb_report_input input = {.inventory = &inventory, .software = "test"};
    struct jb_inventory_sum(*const parts)[JB_N_PARTS] = inventory.parts;
    struct jb_buf out = JB_BUF(1 << 20);
    struct jb_inventory_sum sum;

    parts[JB_LAYER_MEASURED][JB_PART_TRAINING] = a_sum(2, 1000);
    parts[JB_LAYER_MEASURED][JB_PART_FAILED] = a_sum(3, 100);
    parts[JB_LAYER_MEASURED][JB_PART_UNTOLD] = a_sum(1, -1);
    parts[JB_LAYER_MEASURED][JB_PART_EVALUATION] = a_sum(1, 10);
    parts[JB_LAYER_MEASURED][JB_PART_INFERENCE] = a_sum(4, 5);
    parts[JB_LAYER_RECONSTRUCTED][JB_PART_TRAINING] = a_sum(1, 77777);
    inventory.sums[JB_LAYER_MEASURED] = a_sum(11, 1115);
    inventory.sums[JB_LAYER_RECONSTRUCTED] = a_sum(1, 77777);
    jb_report_share_of(&inventory, JB_LAYER_MEASURED, JB_REPORT_MAKING, &sum);
    ok(sum.n_runs == 6 && sum.n_unknown == 1 && sum.energy_uj.low == 1098 &&
           sum.energy_uj.best == 1100 && sum.energy_uj.high == 1104,
       "R-REPORT-03: failed and untold runs made the model too, and bands are added");
    jb_report_share_of(&inventory, JB_LAYER_MEASURED, JB_REPORT_EVALUATION, &sum);
    ok(sum.n_runs == 1 && sum.energy_uj.best == 10, "evaluation is apart");
    jb_report_share_of(&inventory, JB_LAYER_MEASURED, JB_REPORT_INFERENCE, &sum);
    ok(sum.n_runs == 4 && sum.energy_uj.best == 5, "so is inference");
    jb_report_share_of(&inventory, JB_LAYER_PREDICTED, JB_REPORT_MAKING, &sum);
    ok(sum.n_runs == 0 && !sum.energy_uj.is_known, "nothing predicted is not 0 J");
    write(&input, JB_FORMAT_JSON, &out);
    ok(strstr(jb_buf_text(&out), "\"best\":77777") && !strstr(jb_buf_text(&out), "78892"),
       "R-REPORT-02: 77777 and 1115 stand in two sums, 78892 nowhere");
    ok(strstr(jb_buf_text(&out), "\"training_flop\":null") &&
           strstr(jb_buf_text(&out), "\"n_tokens\":7") &&
           strstr(jb_buf_text(&out), "\"pue_milli\":null"),
       "R-REPORT-05: what is not known is null");
    write(&input, JB_FORMAT_TEXT, &out);
    ok(strstr(jb_buf_text(&out), "making the model") &&
           strstr(jb_buf_text(&out), "the energy of") == NULL,
       "for people");
    write(&input, JB_FORMAT_CSV, &out);
    ok(strncmp(jb_buf_text(&out), "id,group,", 9) == 0 && strstr(jb_buf_text(&out), "\r\na,,"),
       "R-REPORT-06: a row for each run");
    jb_buf_release(&out);
    return done_testing();
}
