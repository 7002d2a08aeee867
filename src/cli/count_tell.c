/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A count for people: the figures, where they are spent, what was not counted and why, what to do next. Must never print 0 for
 * what is not known. R-COUNT-05, R-WORK-02.
 */
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "cli/count_tell.h"
#include "report/table.h"

#define ROWS_SHOWN 12
#define LABEL      16

const char *const jb_count_by_names[JB_COUNT_BYS] = {"op", "layer", "type"};

/* "11.2 G"; "" below ten thousand, where the digits are read at once. */
static const char *scaled(int64_t value, char *buf, size_t size)
{
    static const char *const units[] = {"", "k", "M", "G", "T", "P", "E"};
    size_t unit = 0;
    int64_t milli = value / 1000, thousand = 1;

    buf[0] = '\0';
    if (value < 10000)
        return buf;
    while (unit + 1 < JB_ARRAY_LEN(units) && value / thousand >= 1000) {
        milli = value / thousand;
        thousand *= 1000;
        unit++;
    }
    /* milli has three to six digits: value in thousandths of the unit */
    if (milli >= 100000)
        (void)snprintf(buf, size, "%lld %s", (long long)((milli + 500) / 1000), units[unit]);
    else if (milli >= 10000)
        (void)snprintf(buf, size, "%lld.%lld %s", (long long)((milli + 50) / 1000),
                       (long long)((milli + 50) / 100 % 10), units[unit]);
    else
        (void)snprintf(buf, size, "%lld.%02lld %s", (long long)((milli + 5) / 1000),
                       (long long)((milli + 5) / 10 % 100), units[unit]);
    return buf;
}

static void add_number(int64_t value, struct jb_buf *out)
{
    char buf[32];

    if (value < 0) {
        jb_buf_add_text(out, "unknown");
        return;
    }
    jb_buf_addf(out, "%lld", (long long)value);
    if (scaled(value, buf, sizeof buf)[0])
        jb_buf_addf(out, " (%s)", buf);
}

static void add_dim(const struct jb_count *count, struct jb_dim dim, struct jb_buf *out)
{
    if (dim.kind == JB_DIM_UNKNOWN)
        jb_buf_add_text(out, "unknown");
    else if (dim.kind == JB_DIM_NUMBER)
        add_number(dim.n, out);
    else
        jb_dim_print(count->dims, dim, out);
}

static void label(const char *text, struct jb_buf *out)
{
    jb_buf_addf(out, "  %-*s", LABEL, text);
}

static void head(const struct jb_count_told *told, struct jb_buf *out)
{
    const struct jb_count *const count = told->count;
    char path[512];

    jb_clean_copy(told->path, path, sizeof path);
    jb_buf_addf(out, "%s: %s", path, jb_count_format_name(count->format));
    if (count->producer && count->producer[0])
        jb_buf_addf(out, ", %s", count->producer);
    if (count->format == JB_COUNT_ONNX)
        jb_buf_addf(out, ", IR %lld, opset %lld, %lld nodes", (long long)count->ir_version,
                    (long long)count->opset, (long long)count->n_nodes);
    if (count->formula && count->formula[0])
        jb_buf_addf(out, ", by formula (%s)", count->formula);
    jb_buf_add_text(out, "\n");
}

static void intensity(const struct jb_count *count, struct jb_buf *out)
{
    int64_t tenth;

    if (count->bytes.kind == JB_DIM_UNKNOWN)
        return;
    label("bytes moved", out);
    add_dim(count, count->bytes, out);
    if (count->bytes.kind == JB_DIM_NUMBER && count->flops.kind == JB_DIM_NUMBER &&
        count->bytes.n > 0 &&
        jb_muldiv_i64(count->flops.n, 10, count->bytes.n, JB_ROUND_NEAREST, &tenth) == JB_OK)
        jb_buf_addf(out, "; %lld.%lld FLOP per byte", (long long)(tenth / 10),
                    (long long)(tenth % 10));
    jb_buf_add_text(out, "\n");
}

static void parameters(const struct jb_count *count, struct jb_buf *out)
{
    label("parameters", out);
    add_number(count->n_parameters, out);
    if (count->parameter_bytes >= 0)
        jb_buf_addf(out, ", stored in %lld bytes", (long long)count->parameter_bytes);
    jb_buf_add_text(out, "\n");
    const struct {
        const char *what;
        int64_t n;
        bool is_shown;
    } parts[] = {
        {"trainable", count->n_trainable, count->n_trainable != count->n_parameters},
        {"active", count->n_active, count->n_active != count->n_parameters},
        {"embedding", count->n_embedding, count->n_embedding > 0},
        {"tied", count->n_tied, count->n_tied > 0},
        {"buffers", count->n_buffers, count->n_buffers > 0},
    };
    for (size_t i = 0; i < JB_ARRAY_LEN(parts); i++)
        if (parts[i].is_shown) {
            jb_buf_addf(out, "    %-*s", LABEL - 2, parts[i].what);
            add_number(parts[i].n, out);
            jb_buf_add_text(out, "\n");
        }
}

/* R-COUNT-05: how many kinds of work are missing; what is not counted is more than nothing. */
static size_t n_missing(const struct jb_count *count)
{
    size_t n = 0;

    for (size_t i = 0; i < count->n_missed; i++)
        n += count->missed[i].is_compute;
    return n;
}

static void figures(const struct jb_count *count, struct jb_buf *out)
{
    /* A formula always misses the elementwise operations, which are no multiply-adds. */
    const size_t n = n_missing(count), n_other = count->formula && count->formula[0] ? 1 : 0;

    if (count->has_operations) {
        label("multiply-adds", out);
        jb_buf_add_text(out, n > n_other ? "at least " : "");
        add_dim(count, count->macs, out);
        jb_buf_add_text(out, "\n");
        label("FLOP", out);
        jb_buf_add_text(out, n > 0 ? "at least " : "");
        add_dim(count, count->flops, out);
        jb_buf_add_text(out, "\n");
        label("of one pass", out);
        jb_buf_add_text(out, "forward, examples: ");
        add_dim(count, count->examples, out);
        if (count->tokens.kind != JB_DIM_UNKNOWN) {
            jb_buf_add_text(out, ", tokens: ");
            add_dim(count, count->tokens, out);
        }
        jb_buf_add_text(out, "\n");
        intensity(count, out);
    }
    parameters(count, out);
}

static void rows_of(const struct jb_count *count, enum jb_count_by by,
                    const struct jb_count_row **ret_rows, size_t *ret_n)
{
    const struct jb_count_row *const rows[] = {count->by_op, count->by_layer, count->by_type};
    const size_t n[] = {count->n_by_op, count->n_by_layer, count->n_by_type};

    *ret_rows = rows[by];
    *ret_n = n[by];
}

static void cell_dim(struct jb_table *table, const struct jb_count *count, struct jb_dim dim)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF((size_t)1 << 20);

    if (dim.kind == JB_DIM_UNKNOWN)
        jb_buf_add_text(&buf, "unknown");
    else
        jb_dim_print(count->dims, dim, &buf);
    jb_table_add(table, jb_buf_text(&buf));
}

static void cell_share(struct jb_table *table, const struct jb_count *count,
                       const struct jb_count_row *row)
{
    int64_t tenth;

    if (row->macs.kind == JB_DIM_NUMBER && count->macs.kind == JB_DIM_NUMBER && count->macs.n > 0 &&
        jb_muldiv_i64(row->macs.n, 1000, count->macs.n, JB_ROUND_NEAREST, &tenth) == JB_OK)
        jb_table_addf(table, "%lld.%lld %%", (long long)(tenth / 10), (long long)(tenth % 10));
    else
        jb_table_add(table, "");
}

static void table_of(const struct jb_count_told *told, const struct jb_style *style,
                     struct jb_buf *out)
{
    static const char *const first[] = {"operator", "layer", "type of number"};
    const char *const titles[] = {first[told->by], "", "n", "parameters", "share", "multiply-adds"};
    const struct jb_count_row *rows;
    struct jb_table table;
    size_t n;

    rows_of(told->count, told->by, &rows, &n);
    if (n == 0)
        return;
    const size_t shown = told->is_by_told || n <= ROWS_SHOWN ? n : ROWS_SHOWN;
    jb_buf_add_text(out, "\n");
    jb_table_begin(&table, "llrrrr", titles);
    for (size_t i = 0; i < shown; i++) {
        jb_table_add(&table, rows[i].name);
        jb_table_add(&table, rows[i].detail ? rows[i].detail : "");
        jb_table_addf(&table, "%lld", (long long)rows[i].n);
        jb_table_addf(&table, "%lld", (long long)rows[i].n_parameters);
        cell_share(&table, told->count, &rows[i]);
        cell_dim(&table, told->count, rows[i].macs);
    }
    jb_table_end(&table, 2, style, out);
    if (shown < n)
        jb_buf_addf(out, "  and %zu more: --by %s shows all\n", n - shown,
                    jb_count_by_names[told->by]);
}

static void not_counted(const struct jb_count *count, struct jb_buf *out)
{
    if (count->n_missed > 0)
        jb_buf_add_text(out, "\n  not counted:\n");
    for (size_t i = 0; i < count->n_missed; i++)
        jb_buf_addf(out, "    %s (%lld): %s%s\n", count->missed[i].name,
                    (long long)count->missed[i].n, count->missed[i].why,
                    count->missed[i].is_compute ? "" : "; no arithmetic is missing");
    for (size_t i = 0; i < count->n_notes; i++)
        jb_buf_addf(out, "%s  note: %s\n", i == 0 ? "\n" : "", count->notes[i]);
    if (count->n_open == 0)
        return;
    jb_buf_add_text(out, "\n  open sizes; bind them: --bind ");
    for (size_t i = 0; i < count->n_open; i++)
        jb_buf_addf(out, "%s%s=N", i ? "," : "", jb_dims_open_at(count->dims, i));
    jb_buf_add_text(out, "\n");
}

static void add_flop(const char *what, jb_i128 flop, struct jb_buf *out)
{
    char text[64], days[48];

    label(what, out);
    jb_buf_addf(out, "%s FLOP = %s petaFLOP/s-days", jb_format_flop(flop, text, sizeof text),
                jb_format_pfsd(flop, days, sizeof days));
}

static void add_milli(int64_t milli, struct jb_buf *out)
{
    char text[32];

    jb_buf_add_text(out, jb_format_decimal(milli, 3, text, sizeof text));
}

static void counted(const struct jb_count_told *told, struct jb_buf *out)
{
    const struct jb_training *const training = told->training;

    add_flop("counted", training->training_flop, out);
    jb_buf_add_text(out, "; ");
    add_milli(training->factor_milli, out);
    jb_buf_addf(out, " x the forward pass%s\n",
                told->order->is_recomputed ? ", activations computed anew" : "");
    if (n_missing(told->count) > 0) {
        label("", out);
        jb_buf_add_text(out, "of what was counted; the list below is not in it\n");
    }
    if (training->n_frozen_layers >= 0) {
        label("", out);
        jb_buf_addf(out, "%lld layers are frozen\n", (long long)training->n_frozen_layers);
    }
    if (training->n_adapter >= 0) {
        label("", out);
        jb_buf_addf(
            out, "adapters of rank %lld beside every matrix: ", (long long)told->order->lora_rank);
        add_number(training->n_adapter, out);
        jb_buf_add_text(out, " parameters\n");
    }
    if (training->is_adapter_left_out) {
        label("", out);
        jb_buf_add_text(out, "the adapters' own work is left out: the file does not tell the "
                             "matrices' sizes\n");
    }
}

static void training_of(const struct jb_count_told *told, struct jb_buf *out)
{
    const struct jb_training *const training = told->training;

    if (!training->has_work && !training->has_device_time)
        return;
    jb_buf_add_text(out, "\n  work of the training\n");
    if (training->has_work)
        counted(told, out);
    if (training->has_check) {
        add_flop("check: 6 N D", training->check_flop, out);
        jb_buf_add_text(out, "; ");
        add_milli(training->check_milli, out);
        jb_buf_addf(out, " x the count, N = %lld active without embeddings\n",
                    (long long)training->n_check_parameters);
    }
    if (!training->has_device_time)
        return;
    add_flop("by device time", training->device_flop, out);
    if (training->device_milli >= 0) {
        jb_buf_add_text(out, "; ");
        add_milli(training->device_milli, out);
        jb_buf_add_text(out, " x the count");
    }
    jb_buf_add_text(out, "\n");
    label("", out);
    jb_buf_addf(out, "%lld x %s at %lld GFLOP/s %s%s\n", (long long)told->order->n_devices,
                told->accelerator, (long long)told->order->peak_gflops, told->peak_basis,
                told->is_peak_span ? "; its variants differ, name one" : "");
}

void jb_count_tell_text(const struct jb_count_told *told, const struct jb_style *style,
                        struct jb_buf *out)
{
    head(told, out);
    figures(told->count, out);
    training_of(told, out);
    table_of(told, style, out);
    not_counted(told->count, out);
}
