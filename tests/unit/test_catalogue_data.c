/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of boards, machine types and regions against facts of the world, and every row within its licence.
 * R-CAT-13 to R-CAT-18.
 */
#include "catalogue/catalogue.h"

#include "base/num.h"
#include "tap.h"

/* Column `column` of the row of `table` whose first cells are `keys`; NULL-ended. */
struct wanted {
    const char *keys[3];
    const char *column;
    char text[160];
    size_t n_rows;
};

static const char *cell_of(const struct jb_catalogue_cell *cells, size_t n, const char *column)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(cells[i].column, column) == 0)
            return cells[i].text;
    bail_out("no column '%s'", column);
    return NULL;
}

static jb_rc look(void *context, const struct jb_catalogue_cell *cells, size_t n)
{
    struct wanted *const wanted = context;
    for (size_t i = 0; wanted->keys[i]; i++)
        if (!cells[i].text || strcmp(cells[i].text, wanted->keys[i]) != 0)
            return JB_OK;
    const char *const text = cell_of(cells, n, wanted->column);
    (void)snprintf(wanted->text, sizeof wanted->text, "%s", text ? text : "(unknown)");
    wanted->n_rows++;
    return JB_OK;
}

static struct wanted find(const char *table, const char *key, const char *second,
                          const char *column)
{
    struct wanted wanted = {.keys = {key, second}, .column = column};
    size_t n = 0;
    if (jb_catalogue_list(table, NULL, look, &wanted, &n, NULL) < 0)
        bail_out("no table '%s'", table);
    return wanted;
}

#define is_cell(table, key, second, column, want)                                               \
    is_str(find(table, key, second, column).text, want, "%s %s: %s", key, second ? second : "", \
           column)

static void test_boards(void)
{
    static const struct {
        const char *name, *watts, *dies;
    } boards[] = {
        {"NVIDIA Tesla K40m", "235", "1"},
        {"NVIDIA Tesla K80", "300", "2"}, /* the board; nvidia-smi lists two devices of 149 W */
        {"NVIDIA Tesla M60", "300", "2"},
        {"NVIDIA Tesla P4", "75", "1"},
        {"NVIDIA Tesla P40", "250", "1"},
        {"NVIDIA Tesla P100 PCIe 16GB", "250", "1"},
        {"NVIDIA Tesla P100 SXM2", "300", "1"},
        {"NVIDIA Tesla V100 PCIe 16GB", "250", "1"}, /* two tables swap these two */
        {"NVIDIA Tesla V100 SXM2 16GB", "300", "1"},
        {"NVIDIA Tesla V100 SXM2 32GB", "300", "1"},
        {"NVIDIA Tesla V100S PCIe 32GB", "250", "1"},
        {"NVIDIA Tesla V100 SXM3 32GB", "350", "1"},
        {"NVIDIA Tesla T4", "70", "1"},
        {"NVIDIA TITAN V", "250", "1"},
        {"NVIDIA TITAN Xp", "250", "1"},
        {"NVIDIA TITAN RTX", "280", "1"},
        {"NVIDIA GeForce GTX 980", "165", "1"},
        {"NVIDIA GeForce GTX 1080 Ti", "250", "1"},
        {"NVIDIA GeForce RTX 2080", "215", "1"},
        {"NVIDIA GeForce RTX 2080 Ti", "250", "1"},
        {"NVIDIA GeForce RTX 3090", "350", "1"},
        {"NVIDIA GeForce RTX 4090", "450", "1"},
        {"NVIDIA GeForce RTX 5090", "575", "1"},
        {"NVIDIA RTX A5000", "230", "1"},
        {"NVIDIA RTX A6000", "300", "1"},
        {"NVIDIA A2 PCIe", "60", "1"},
        {"NVIDIA A10 PCIe", "150", "1"},
        {"NVIDIA A10G", "300", "1"}, /* the limit that AWS's machines enforce */
        {"NVIDIA A30 PCIe", "165", "1"},
        {"NVIDIA A40 PCIe", "300", "1"},
        {"NVIDIA A100 PCIe 40GB", "250", "1"},
        {"NVIDIA A100 PCIe 80GB", "300", "1"},
        {"NVIDIA A100 SXM4 40GB", "400", "1"},
        {"NVIDIA A100 SXM4 80GB", "400", "1"},
        {"NVIDIA L4", "72", "1"},
        {"NVIDIA L40", "300", "1"},
        {"NVIDIA L40S", "350", "1"},
        {"NVIDIA H100 PCIe 80GB", "350", "1"},
        {"NVIDIA H100 SXM5 80GB", "700", "1"},
        {"NVIDIA H100 NVL 94GB", "400", "1"},
        {"NVIDIA H200 SXM 141GB", "700", "1"},
        {"NVIDIA B200", "1000", "1"},
        {"NVIDIA GH200 96GB", "900", "1"},
        {"AMD Radeon Instinct MI50", "300", "1"},
        {"AMD Instinct MI100", "300", "1"},
        {"AMD Instinct MI300X", "750", "1"},
        {"AMD Instinct MI355X", "1400", "1"},
        {"Intel Gaudi", "300", "1"},
        {"Intel Gaudi 2", "600", "1"},
        {"Intel Gaudi 3", "900", "1"},
        {"Google TPU v2", "280", "1"},
        {"Google TPU v3", "450", "1"},
        {"Google TPU v4", "192", "1"},
        {"NVIDIA GeForce RTX 3050 6GB", "(unknown)",
         "1"}, /* listed, so that it is no 130 W board */
        {"AWS Trainium", "(unknown)", "1"},
        {"AWS Inferentia2", "(unknown)", "1"},
    };
    for (size_t i = 0; i < JB_ARRAY_LEN(boards); i++) {
        is_cell("accelerators", boards[i].name, NULL, "board_tdp_w", boards[i].watts);
        is_cell("accelerators", boards[i].name, NULL, "dies_per_board", boards[i].dies);
    }
    is_cell("accelerators", "AMD Instinct MI210", NULL, "fp16_tflops", "181");
    is_cell("accelerators", "NVIDIA A100 SXM4 40GB", NULL, "bf16_tflops", "312");
    is_cell("accelerators", "NVIDIA GeForce RTX 3060 Mobile", NULL, "power_basis", "laptop");
}

static void test_machines(void)
{
    is_cell("instances", "azure", "Standard_NC6", "accelerator", "NVIDIA Tesla K80");
    is_cell("instances", "azure", "Standard_NC6", "n_boards", "0.5");
    is_cell("instances", "azure", "Standard_NC24", "n_boards", "2");
    is_cell("instances", "aws", "p2.xlarge", "n_boards", "0.5");
    is_cell("instances", "aws", "p2.16xlarge", "n_boards", "8");
    is_cell("instances", "aws", "p2.16xlarge", "max_w", "(unknown)"); /* charged twice by Teads */
    is_cell("instances", "aws", "g3.16xlarge", "n_boards", "2");
    is_cell("instances", "aws", "p3.2xlarge", "accelerator", "NVIDIA Tesla V100 SXM2 16GB");
    is_cell("instances", "aws", "p3dn.24xlarge", "accelerator", "NVIDIA Tesla V100 SXM2 32GB");
    is_cell("instances", "aws", "p4d.24xlarge", "n_boards", "8");
    is_cell("instances", "gcp", "a2-highgpu-1g", "accelerator", "NVIDIA A100 SXM4 40GB");
    is_cell("instances", "aws", "m5.large", "vcpus", "2");
    is_cell("instances", "aws", "m5.large", "memory_gib", "8");
}

static void test_regions(void)
{
    is_cell("regions", "aws", "eu-west-1", "zone", "IE");
    is_cell("regions", "aws", "eu-central-1", "zone", "DE");
    is_cell("regions", "aws", "us-east-1", "zone", "US-VA");
    is_cell("regions", "aws", "us-west-2", "zone", "US-OR");
    is_cell("regions", "azure", "westeurope", "zone", "NL");
    is_cell("regions", "azure", "northeurope", "zone", "IE"); /* one table says Finland */
    is_cell("regions", "azure", "westus", "zone", "US-CA");   /* one table says Washington */
    is_cell("regions", "azure", "uksouth", "zone", "GB");
    is_cell("regions", "gcp", "europe-west4", "zone", "NL");
    is_cell("regions", "gcp", "europe-west1", "zone", "BE");
    is_cell("regions", "gcp", "us-central1", "zone", "US-IA");
    ok(strcmp(find("pue", "Google fleet", NULL, "operator").text, "Google") == 0,
       "a figure of PUE names whose data centres it is of");
    ok(find("region_history", "aws", "eu-west-1", "pue").n_rows > 1,
       "a region has more than one year");
}

struct source_check {
    char ids[200][40];
    size_t n_ids, n_bad;
};

static jb_rc collect(void *context, const struct jb_catalogue_cell *cells, size_t n)
{
    struct source_check *const check = context;
    static const char *const allowed[] = {
        "Apache-2.0",  "BSD-3-Clause",  "MIT",        "CC BY", "US public domain",
        "vendor fact", "public record", "names only", "facts", "single figures quoted"};
    const char *const licence = cell_of(cells, n, "licence");
    bool is_allowed = false;

    for (size_t i = 0; licence && i < JB_ARRAY_LEN(allowed); i++)
        is_allowed = is_allowed || strncmp(licence, allowed[i], strlen(allowed[i])) == 0;
    if (!is_allowed || strstr(licence, "BY-SA") || strstr(licence, "BY-NC") ||
        strstr(licence, "GPL") || strstr(licence, "ODbL"))
        check->n_bad++;
    if (check->n_ids == JB_ARRAY_LEN(check->ids))
        bail_out("more sources than this test has room for");
    (void)snprintf(check->ids[check->n_ids++], sizeof check->ids[0], "%s", cell_of(cells, n, "id"));
    return JB_OK;
}

static jb_rc check_row(void *context, const struct jb_catalogue_cell *cells, size_t n)
{
    struct source_check *const check = context;
    for (size_t i = 0; i < n; i++) {
        const size_t len = strlen(cells[i].column);
        if (len < 6 || strcmp(cells[i].column + len - 6, "source") != 0 || !cells[i].text)
            continue;
        bool is_known = false;
        for (size_t k = 0; k < check->n_ids && !is_known; k++)
            is_known = strcmp(check->ids[k], cells[i].text) == 0;
        check->n_bad += !is_known;
    }
    return JB_OK;
}

static void test_sources(void)
{
    static struct source_check check;
    size_t n = 0;
    ok(jb_catalogue_list("sources", NULL, collect, &check, &n, NULL) == JB_OK && check.n_bad == 0,
       "every source has a licence that lets its figures travel with this program");
    for (size_t i = 0; i < jb_catalogue_n_tables(); i++) {
        const char *const name = jb_catalogue_table_at(i).name;
        if (strcmp(name, "sources") == 0 || strcmp(name, "pue") == 0)
            continue;
        check.n_bad = 0;
        ok(jb_catalogue_list(name, NULL, check_row, &check, &n, NULL) == JB_OK && check.n_bad == 0,
           "every figure of %s cites one of them", name);
    }
}

static jb_rc check_board(void *context, const struct jb_catalogue_cell *cells, size_t n)
{
    const char *const board = cell_of(cells, n, "accelerator");
    const char *const count = cell_of(cells, n, "n_boards");
    size_t *const n_bad = context;
    if (!board != !count || (board && find("accelerators", board, NULL, "name").n_rows != 1))
        ++*n_bad;
    return JB_OK;
}

static jb_rc check_zone(void *context, const struct jb_catalogue_cell *cells, size_t n)
{
    struct jb_grid_intensity grid;
    size_t *const n_bad = context;
    const char *const zone = cell_of(cells, n, "zone");
    if (!zone || jb_catalogue_find_grid(zone, 0, NULL, &grid, NULL) < 0)
        ++*n_bad;
    return JB_OK;
}

static jb_rc check_power(void *context, const struct jb_catalogue_cell *cells, size_t n)
{
    const char *const board = cell_of(cells, n, "board_tdp_w");
    const char *const idle = cell_of(cells, n, "idle_w");
    size_t *const n_bad = context;
    int64_t board_mw = 0, idle_mw = 0;
    if (board && idle &&
        (jb_parse_decimal(board, strlen(board), 3, &board_mw) < 0 ||
         jb_parse_decimal(idle, strlen(idle), 3, &idle_mw) < 0 || idle_mw >= board_mw))
        ++*n_bad;
    return JB_OK;
}

static void test_whole(void)
{
    size_t n = 0, n_bad = 0;
    ok(jb_catalogue_list("instances", NULL, check_board, &n_bad, &n, NULL) == JB_OK && n > 3000 &&
           n_bad == 0,
       "every machine type with an accelerator names one of the table, and how many");
    ok(jb_catalogue_list("regions", NULL, check_zone, &n_bad, &n, NULL) == JB_OK && n > 150 &&
           n_bad == 0,
       "every region has a grid");
    ok(jb_catalogue_list("accelerators", NULL, check_power, &n_bad, &n, NULL) == JB_OK && n > 250 &&
           n_bad == 0,
       "no board idles above its limit");
}

int main(void)
{
    test_boards();
    test_machines();
    test_regions();
    test_sources();
    test_whole();
    return done_testing();
}
