/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A course of values to chunks of bytes and back, as docs/format/series.md has it. A chunk loses precision, never
 * samples, and its error does not add up: each value is quantised where it stands, not from the one before.
 */
#include "sample/series.h"

#include <stdbool.h>

#include "base/cursor.h"

typedef __int128 jb_i128;

/* First byte: version in the high nibble, then prediction, then kind. */
#define VERSION      0x10u
#define VERSION_MASK 0xf0u
#define BIT_KIND     0x01u
#define BIT_BY_STEP  0x02u
#define SHIFT_MAX    62

/* 36 years since boot: with the widest quantum, no deviation between such times is seen. */
#define MONO_NS_MAX (INT64_C(1) << 60)

/* Bytes that the times of a chunk may take: a run of equal deviations takes two or more. */
#define TIME_BYTES(n) (16 + (n) / 4)

struct jb_series_writer {
    enum jb_series_kind kind;
    size_t n;
    int64_t mono_ns[JB_SERIES_CHUNK_SAMPLES];
    int64_t values[JB_SERIES_CHUNK_SAMPLES];
};

/* How a chunk is written: what the encoder has to choose. */
struct plan {
    unsigned time_shift;
    unsigned value_shift;
    bool is_by_step; /* a step is predicted by the one before, not by the mean */
    int64_t mean_step;
};

jb_rc jb_series_writer_new(enum jb_series_kind kind, struct jb_series_writer **ret_writer)
{
    struct jb_series_writer *const writer = calloc(1, sizeof *writer);

    if (!writer)
        return JB_E_NOMEM;
    writer->kind = kind;
    *ret_writer = writer;
    return JB_OK;
}

void jb_series_writer_free(struct jb_series_writer *writer)
{
    free(writer);
}

static size_t uvarint_len(uint64_t value)
{
    size_t len = 1;

    for (; value >= 0x80; value >>= 7)
        len++;
    return len;
}

static size_t svarint_len(int64_t value)
{
    return uvarint_len(((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

/* The multiple of 2^shift nearest to value, as a count of them; halves upward. */
static int64_t quantise(int64_t value, unsigned shift)
{
    const jb_i128 unit = (jb_i128)1 << shift;
    const jb_i128 raised = (jb_i128)value + unit / 2;
    const jb_i128 whole = raised / unit;

    return (int64_t)(raised % unit < 0 ? whole - 1 : whole);
}

/* Where sample i stands if all are equally far apart; both ends exact. */
static int64_t grid_ns(int64_t span_ns, size_t i, size_t n)
{
    const jb_i128 steps = n > 1 ? (jb_i128)(n - 1) : 1;

    return (int64_t)(((jb_i128)span_ns * (jb_i128)i + steps / 2) / steps);
}

static int64_t deviation(const struct jb_series_writer *writer, size_t i, unsigned shift)
{
    const int64_t span_ns = writer->mono_ns[writer->n - 1] - writer->mono_ns[0];
    const int64_t at_ns = writer->mono_ns[i] - writer->mono_ns[0];

    return quantise(at_ns - grid_ns(span_ns, i, writer->n), shift);
}

/* Walks the runs of equal deviations of samples 1.. ; writes them if out is given; returns their bytes. */
static size_t put_times(const struct jb_series_writer *writer, unsigned shift, struct jb_buf *out)
{
    size_t len = 0;
    size_t i = 1;

    while (i < writer->n) {
        const int64_t value = deviation(writer, i, shift);
        size_t run = 1;

        while (i + run < writer->n && deviation(writer, i + run, shift) == value)
            run++;
        len += svarint_len(value) + uvarint_len(run - 1);
        if (out) {
            jb_buf_add_svarint(out, value);
            jb_buf_add_uvarint(out, run - 1);
        } else if (len > TIME_BYTES(writer->n)) {
            return len;
        }
        i += run;
    }
    return len;
}

static int64_t quantum_at(const struct jb_series_writer *writer, size_t i, unsigned shift)
{
    return quantise(writer->values[i] - writer->values[0], shift);
}

static int64_t mean_step(const struct jb_series_writer *writer, unsigned shift)
{
    const int64_t steps = (int64_t)writer->n - 1;

    return steps > 0 ? quantum_at(writer, writer->n - 1, shift) / steps : 0;
}

/* Bytes of the values under this plan, or SIZE_MAX once they exceed `most`; writes them if out is given. */
static size_t put_values(const struct jb_series_writer *writer, const struct plan *plan,
                         size_t most, struct jb_buf *out)
{
    int64_t before = 0;
    jb_i128 step_before = plan->mean_step;
    size_t len = 0;

    for (size_t i = 1; i < writer->n; i++) {
        const int64_t now = quantum_at(writer, i, plan->value_shift);
        const jb_i128 step = (jb_i128)now - before;
        const jb_i128 left = step - (plan->is_by_step ? step_before : plan->mean_step);

        if (left > INT64_MAX || left < INT64_MIN)
            return SIZE_MAX;
        len += svarint_len((int64_t)left);
        if (len > most)
            return SIZE_MAX;
        if (out)
            jb_buf_add_svarint(out, (int64_t)left);
        before = now;
        step_before = step;
    }
    return len;
}

static size_t header_len(const struct jb_series_writer *writer, const struct plan *plan)
{
    const int64_t span_ns = writer->mono_ns[writer->n - 1] - writer->mono_ns[0];

    return 4 + uvarint_len((uint64_t)writer->mono_ns[0]) + uvarint_len((uint64_t)span_ns) +
           uvarint_len((uint64_t)writer->values[0]) + svarint_len(plan->mean_step);
}

/*
 * The finest quanta that keep within the limit, times first. There is always one: with the widest, no deviation is
 * left (MONO_NS_MAX), and every step lies within -8..8, one byte each.
 */
static struct plan make_plan(const struct jb_series_writer *writer)
{
    const size_t full = 2 * (size_t)JB_SERIES_CHUNK_SAMPLES;
    const size_t roomy = 2 * writer->n + JB_SERIES_SHORT_BYTES;
    const size_t limit = roomy < full ? roomy : full;
    struct plan plan = {0};
    size_t time_len = put_times(writer, 0, NULL);

    while (time_len > TIME_BYTES(writer->n) && plan.time_shift < SHIFT_MAX)
        time_len = put_times(writer, ++plan.time_shift, NULL);
    for (plan.value_shift = 0; plan.value_shift < SHIFT_MAX; plan.value_shift++) {
        struct plan by_step = plan;
        size_t taken;
        size_t len;

        plan.mean_step = mean_step(writer, plan.value_shift);
        by_step.mean_step = plan.mean_step;
        by_step.is_by_step = true;
        taken = header_len(writer, &plan) + time_len;
        len = put_values(writer, &plan, limit - taken, NULL);
        if (put_values(writer, &by_step, limit - taken, NULL) < len)
            return by_step;
        if (len != SIZE_MAX)
            return plan;
    }
    plan.mean_step = mean_step(writer, plan.value_shift);
    return plan;
}

static jb_rc flush(struct jb_series_writer *writer, struct jb_buf *out)
{
    const struct plan plan = make_plan(writer);
    const unsigned kind = writer->kind == JB_SERIES_LEVEL_PPM ? BIT_KIND : 0;

    jb_buf_add_u8(out, (uint8_t)(VERSION | kind | (plan.is_by_step ? BIT_BY_STEP : 0)));
    jb_buf_add_u8(out, (uint8_t)(writer->n - 1));
    jb_buf_add_uvarint(out, (uint64_t)writer->mono_ns[0]);
    jb_buf_add_uvarint(out, (uint64_t)(writer->mono_ns[writer->n - 1] - writer->mono_ns[0]));
    jb_buf_add_u8(out, (uint8_t)plan.time_shift);
    jb_buf_add_uvarint(out, (uint64_t)writer->values[0]);
    jb_buf_add_u8(out, (uint8_t)plan.value_shift);
    jb_buf_add_svarint(out, plan.mean_step);
    (void)put_times(writer, plan.time_shift, out);
    (void)put_values(writer, &plan, SIZE_MAX, out);
    writer->n = 0;
    return out->failed;
}

jb_rc jb_series_write(struct jb_series_writer *writer, int64_t mono_ns, int64_t value,
                      struct jb_buf *out)
{
    if (mono_ns < 0 || mono_ns > MONO_NS_MAX || value < 0 ||
        (writer->n > 0 && mono_ns <= writer->mono_ns[writer->n - 1]))
        return JB_E_RANGE;
    writer->mono_ns[writer->n] = mono_ns;
    writer->values[writer->n] = value;
    writer->n++;
    return writer->n == JB_SERIES_CHUNK_SAMPLES ? flush(writer, out) : JB_OK;
}

jb_rc jb_series_writer_cut(struct jb_series_writer *writer, struct jb_buf *out)
{
    return writer->n > 0 ? flush(writer, out) : JB_OK;
}

/* A chunk's header as read. */
struct header {
    enum jb_series_kind kind;
    size_t n;
    int64_t mono_ns, span_ns, value;
    struct plan plan;
};

static bool read_header(struct jb_cursor *cursor, struct header *ret)
{
    const unsigned first = jb_cursor_u8(cursor);
    const unsigned n_less_1 = jb_cursor_u8(cursor);
    const uint64_t mono_ns = jb_cursor_uvarint(cursor);
    const uint64_t span_ns = jb_cursor_uvarint(cursor);
    const unsigned time_shift = jb_cursor_u8(cursor);
    const uint64_t value = jb_cursor_uvarint(cursor);
    const unsigned value_shift = jb_cursor_u8(cursor);
    const int64_t step = jb_cursor_svarint(cursor);

    if (cursor->failed || (first & VERSION_MASK) != VERSION ||
        (first & ~(VERSION_MASK | BIT_KIND | BIT_BY_STEP)) || time_shift > SHIFT_MAX ||
        value_shift > SHIFT_MAX || mono_ns > INT64_MAX || span_ns > INT64_MAX - mono_ns ||
        value > INT64_MAX)
        return false;
    *ret = (struct header){
        .kind = first & BIT_KIND ? JB_SERIES_LEVEL_PPM : JB_SERIES_ENERGY_UJ,
        .n = (size_t)n_less_1 + 1,
        .mono_ns = (int64_t)mono_ns,
        .span_ns = (int64_t)span_ns,
        .value = (int64_t)value,
        .plan = {.time_shift = time_shift,
                 .value_shift = value_shift,
                 .is_by_step = (first & BIT_BY_STEP) != 0,
                 .mean_step = step},
    };
    return true;
}

static int64_t clamp(jb_i128 value, int64_t least)
{
    return value < least ? least : value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

static bool read_times(struct jb_cursor *cursor, const struct header *header,
                       struct jb_series_point *points)
{
    size_t i = 1;

    points[0].mono_ns = header->mono_ns;
    while (i < header->n) {
        const jb_i128 off =
            (jb_i128)jb_cursor_svarint(cursor) * ((jb_i128)1 << header->plan.time_shift);
        const uint64_t run_less_1 = jb_cursor_uvarint(cursor);

        if (cursor->failed || run_less_1 >= header->n - i)
            return false;
        for (const size_t end = i + (size_t)run_less_1 + 1; i < end; i++) {
            const jb_i128 at_ns = (jb_i128)header->mono_ns + grid_ns(header->span_ns, i, header->n);

            points[i].mono_ns = clamp(at_ns + off, points[i - 1].mono_ns);
        }
    }
    return true;
}

static bool read_values(struct jb_cursor *cursor, const struct header *header,
                        struct jb_series_point *points)
{
    const struct plan *const plan = &header->plan;
    jb_i128 step = plan->mean_step;
    jb_i128 quanta = 0;

    points[0].value = header->value;
    for (size_t i = 1; i < header->n; i++) {
        step = (plan->is_by_step ? step : plan->mean_step) + jb_cursor_svarint(cursor);
        quanta += step;
        if (cursor->failed || quanta > INT64_MAX || quanta < INT64_MIN)
            return false;
        points[i].value = clamp(header->value + quanta * ((jb_i128)1 << plan->value_shift), 0);
    }
    return true;
}

jb_rc jb_series_read(const void *bytes, size_t len, enum jb_series_kind *ret_kind,
                     struct jb_series_point *ret_points, size_t *ret_n, size_t *ret_used,
                     struct jb_error *err)
{
    struct jb_cursor cursor = jb_cursor_over(bytes, len);
    struct header header;

    if (!read_header(&cursor, &header) || !read_times(&cursor, &header, ret_points) ||
        !read_values(&cursor, &header, ret_points))
        return jb_fail(err, JB_E_INPUT, NULL, "series is damaged or from a newer version");
    *ret_kind = header.kind;
    *ret_n = header.n;
    *ret_used = len - cursor.left;
    return JB_OK;
}
