/* SPDX-License-Identifier: Apache-2.0 */
/* Courses of power to chunks and back, as docs/format/series.md promises; truth is what was written. */
#include "sample/series.h"

#include "base/clock.h"
#include "base/cursor.h"
#include "tap.h"

#define N          JB_SERIES_CHUNK_SAMPLES
#define FULL_BYTES ((size_t)2 * JB_SERIES_CHUNK_SAMPLES)

static uint64_t seed = 1;

static uint64_t next(void)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return seed >> 11;
}

/* Nearly normal, mean 0, standard deviation `sd`: twelve uniform numbers. */
static int64_t noise(int64_t sd)
{
    int64_t sum = -6 * 1000000;

    for (int i = 0; i < 12; i++)
        sum += (int64_t)(next() % 1000001);
    return sum * sd / 1000000;
}

static struct jb_series_writer *writer_of(enum jb_series_kind kind)
{
    struct jb_series_writer *writer = NULL;

    if (jb_series_writer_new(kind, &writer) < 0)
        bail_out("no memory");
    return writer;
}

static void test_example(void)
{
    static const uint8_t want[] = {0x10, 0x02, 0x80, 0x94, 0xeb, 0xdc, 0x03, 0x80, 0xa8, 0xd6,
                                   0xb9, 0x07, 0x00, 0x00, 0x00, 0x64, 0x00, 0x01, 0x00, 0x00};
    struct jb_series_writer *const writer = writer_of(JB_SERIES_ENERGY_UJ);
    struct jb_series_point points[N];
    struct jb_buf out = JB_BUF(4096);
    enum jb_series_kind kind;
    size_t n;
    size_t used;
    bool is_cut_refused = true;
    jb_rc rc = JB_OK;

    for (int64_t i = 0; i < 3; i++)
        rc += jb_series_write(writer, (i + 1) * JB_NS_PER_S, i * 50, &out);
    ok(rc == JB_OK && out.len == 0, "nothing is written before a chunk ends");
    ok(jb_series_writer_cut(writer, &out) == JB_OK && out.len == sizeof want &&
           memcmp(out.bytes, want, sizeof want) == 0,
       "the example of docs/format/series.md comes out byte for byte");
    ok(jb_series_read(want, sizeof want, &kind, points, &n, &used, NULL) == JB_OK &&
           kind == JB_SERIES_ENERGY_UJ && n == 3 && used == sizeof want &&
           points[1].mono_ns == 2 * JB_NS_PER_S && points[1].value == 50 &&
           points[2].mono_ns == 3 * JB_NS_PER_S && points[2].value == 100,
       "and is read as it was written");
    for (size_t len = 0; len < sizeof want; len++)
        is_cut_refused = is_cut_refused &&
                         jb_series_read(want, len, &kind, points, &n, &used, NULL) == JB_E_INPUT;
    ok(is_cut_refused, "cut short anywhere, it is refused");
    jb_buf_clear(&out);
    ok(jb_series_writer_cut(writer, &out) == JB_OK && out.len == 0,
       "a cut without samples writes nothing");
    jb_series_writer_free(writer);
    jb_buf_release(&out);
}

static void test_refusals(void)
{
    static const uint8_t good[] = {0x10, 0x01, 0x05, 0x05, 0x00, 0x07,
                                   0x00, 0x00, 0x00, 0x00, 0x02};
    struct jb_series_point points[N];
    struct jb_error err = {0};
    enum jb_series_kind kind;
    uint8_t bad[sizeof good];
    size_t n;
    size_t used;
    struct jb_series_writer *const writer = writer_of(JB_SERIES_LEVEL_PPM);
    struct jb_buf out = JB_BUF(4096);

    ok(jb_series_read(good, sizeof good, &kind, points, &n, &used, NULL) == JB_OK &&
           points[1].value == 8 && points[1].mono_ns == 10,
       "two samples by hand are read");
#define REFUSED_WITH(at, byte)                         \
    (memcpy(bad, good, sizeof good), bad[at] = (byte), \
     jb_series_read(bad, sizeof bad, &kind, points, &n, &used, &err) == JB_E_INPUT)
    ok(REFUSED_WITH(0, 0x20), "another version is refused");
    ok(strstr(err.message, "series") != NULL, "by name");
    ok(REFUSED_WITH(0, 0x14), "a reserved bit is refused");
    ok(REFUSED_WITH(4, 63), "a time shift beyond 62 is refused");
    ok(REFUSED_WITH(6, 63), "a value shift beyond 62 is refused");
    ok(REFUSED_WITH(9, 1), "a run beyond the last sample is refused");
    ok(REFUSED_WITH(1, 2), "more samples than bytes are refused");

    is_i64(jb_series_write(writer, 5, 1, &out), JB_OK, "a first sample is taken");
    ok(jb_series_write(writer, 5, 1, &out) == JB_E_RANGE &&
           jb_series_write(writer, 4, 1, &out) == JB_E_RANGE,
       "a time that does not grow is refused");
    ok(jb_series_write(writer, 6, -1, &out) == JB_E_RANGE &&
           jb_series_write(writer, (INT64_C(1) << 60) + 1, 1, &out) == JB_E_RANGE,
       "so are negative values and times beyond 2^60");
    ok(jb_series_writer_cut(writer, &out) == JB_OK &&
           jb_series_read(out.bytes, out.len, &kind, points, &n, &used, NULL) == JB_OK && n == 1 &&
           kind == JB_SERIES_LEVEL_PPM && points[0].mono_ns == 5 && points[0].value == 1,
       "and what was refused left nothing behind");
    out.max = out.len;
    ok(jb_series_write(writer, 7, 1, &out) == JB_OK &&
           jb_series_writer_cut(writer, &out) == JB_E_RANGE,
       "a buffer that is full is said");
    jb_series_writer_free(writer);
    jb_buf_release(&out);
}

struct course {
    int64_t mono_ns[N], values[N];
};

struct fit {
    size_t bytes;
    unsigned time_shift, value_shift;
    int64_t time_error_ns, value_error;
    bool is_ordered;
};

/* Writes a full chunk, reads it back alone, and says how it fits. */
static struct fit fit_of(enum jb_series_kind kind, const struct course *course)
{
    struct jb_series_writer *const writer = writer_of(kind);
    struct jb_series_point points[N];
    struct jb_buf out = JB_BUF(4096);
    struct jb_cursor cursor;
    enum jb_series_kind kind_read;
    struct fit fit = {.is_ordered = true};
    size_t n = 0;
    size_t used = 0;

    for (size_t i = 0; i < N; i++)
        if (jb_series_write(writer, course->mono_ns[i], course->values[i], &out) < 0)
            bail_out("sample %zu is refused", i);
    fit.bytes = out.len;
    if (jb_series_read(out.bytes, out.len, &kind_read, points, &n, &used, NULL) < 0 || n != N ||
        used != out.len || kind_read != kind)
        bail_out("a chunk is not read as it was written");
    cursor = jb_cursor_over(out.bytes, out.len);
    (void)jb_cursor_bytes(&cursor, 2);
    (void)jb_cursor_uvarint(&cursor);
    (void)jb_cursor_uvarint(&cursor);
    fit.time_shift = jb_cursor_u8(&cursor);
    (void)jb_cursor_uvarint(&cursor);
    fit.value_shift = jb_cursor_u8(&cursor);
    for (size_t i = 0; i < N; i++) {
        const int64_t late_ns = points[i].mono_ns - course->mono_ns[i];
        const int64_t over = points[i].value - course->values[i];

        fit.is_ordered = fit.is_ordered && (i == 0 || points[i].mono_ns >= points[i - 1].mono_ns);
        if (llabs(late_ns) > fit.time_error_ns)
            fit.time_error_ns = llabs(late_ns);
        if (llabs(over) > fit.value_error)
            fit.value_error = llabs(over);
    }
    fit.is_ordered = fit.is_ordered && points[0].value == course->values[0] &&
                     points[0].mono_ns == course->mono_ns[0];
    jb_series_writer_free(writer);
    jb_buf_release(&out);
    return fit;
}

static bool is_within_half(const struct fit *fit)
{
    return fit->value_error <= (INT64_C(1) << fit->value_shift) / 2 &&
           fit->time_error_ns <= (INT64_C(1) << fit->time_shift) / 2;
}

static void test_course(const char *name, int64_t period_ns, int64_t jitter_ns, int64_t noise_uw)
{
    struct course course;
    int64_t energy_uj = INT64_C(123456789012);
    int64_t before_ns = 0;
    struct fit fit;

    for (size_t i = 0; i < N; i++) {
        /* Wakes late, never early, as a sleep does. */
        course.mono_ns[i] = INT64_C(9876543210987654) + (int64_t)i * period_ns +
                            (jitter_ns ? llabs(noise(jitter_ns)) : 0);
        if (i > 0)
            energy_uj +=
                (300000000 + noise(noise_uw)) * ((course.mono_ns[i] - before_ns) / 1000) / 1000000;
        before_ns = course.mono_ns[i];
        course.values[i] = energy_uj;
    }
    fit = fit_of(JB_SERIES_ENERGY_UJ, &course);
    diag("%s: %.3f bytes/sample; energy to %" PRId64 " uJ (%.4f W of one step); time to %" PRId64
         " ns",
         name, (double)fit.bytes / N, fit.value_error,
         (double)fit.value_error * 1e3 / (double)period_ns, fit.time_error_ns);
    ok(fit.bytes <= FULL_BYTES, "%s: two bytes a sample hold, times and header included", name);
    ok(fit.is_ordered && is_within_half(&fit),
       "%s: every point stays within half a quantum, the first is exact", name);
    ok(fit.value_error <= noise_uw / 1000000 * (period_ns / 1000) / 100,
       "%s: its error is below a hundredth of the noise", name);
}

static void test_quiet(void)
{
    struct course course;
    struct fit fit;

    for (size_t i = 0; i < N; i++) {
        course.mono_ns[i] = INT64_C(987654321098) + (int64_t)i * JB_NS_PER_S;
        course.values[i] = INT64_C(55000000000) + (int64_t)i * 50000000;
    }
    fit = fit_of(JB_SERIES_ENERGY_UJ, &course);
    ok(fit.value_error == 0 && fit.time_error_ns == 0 && fit.bytes <= N + 40,
       "constant power at regular times is kept exactly, in a byte a sample");
    for (size_t i = 0; i < N; i++)
        course.values[i] = (int64_t)(next() % 1000001);
    fit = fit_of(JB_SERIES_LEVEL_PPM, &course);
    diag("levels all over the scale: %.3f bytes/sample, to %" PRId64 " ppm", (double)fit.bytes / N,
         fit.value_error);
    ok(fit.bytes <= FULL_BYTES && is_within_half(&fit) && fit.value_error <= 512,
       "levels all over the scale are kept to 512 ppm");
}

/* Whatever a clock and a counter can do. */
static void test_wild(void)
{
    int n_large = 0;
    int n_wrong = 0;

    for (int k = 0; k < 2000; k++) {
        struct course course;
        struct fit fit;
        const unsigned time_bits = (unsigned)(next() % 51);
        const unsigned value_bits = (unsigned)(next() % 63);
        int64_t now_ns = (int64_t)(next() & ((UINT64_C(1) << time_bits) - 1));

        for (size_t i = 0; i < N; i++) {
            const uint64_t step = next() % 8 == 0 ? next() << 10 : next() % 1000;

            course.mono_ns[i] = now_ns;
            now_ns += 1 + (int64_t)(step & ((UINT64_C(1) << time_bits) - 1));
            course.values[i] = (int64_t)(next() << 10 & ((UINT64_C(1) << value_bits) - 1));
            if (k % 3 == 0 && i > 0) /* half a step off the grid, to and fro */
                course.values[i] = course.values[i - 1] / 2 + (int64_t)(i % 2);
        }
        fit = fit_of(k % 2 ? JB_SERIES_LEVEL_PPM : JB_SERIES_ENERGY_UJ, &course);
        n_large += fit.bytes > FULL_BYTES;
        n_wrong += !fit.is_ordered || !is_within_half(&fit);
    }
    is_i64(n_large, 0, "no course whatever takes more than two bytes a sample");
    is_i64(n_wrong, 0, "and each point stays within half its quantum");
}

static void test_extremes(void)
{
    struct course course;
    struct fit fit;

    for (size_t i = 0; i < N; i++) {
        course.mono_ns[i] =
            i < N / 2 ? (int64_t)i : (INT64_C(1) << 60) - 3 * N + 2 * (int64_t)i + (int64_t)(i % 2);
        course.values[i] = i % 3 == 0 ? 0 : INT64_MAX - (int64_t)(i % 2);
    }
    course.mono_ns[N - 1] = INT64_C(1) << 60;
    course.mono_ns[N - 2] = course.mono_ns[N - 1] - 1;
    fit = fit_of(JB_SERIES_ENERGY_UJ, &course);
    ok(fit.bytes <= FULL_BYTES && fit.is_ordered && is_within_half(&fit),
       "the ends of the number range fit too");
}

static void test_stream(void)
{
    struct jb_series_writer *const writer = writer_of(JB_SERIES_ENERGY_UJ);
    struct jb_buf out = JB_BUF(1 << 20);
    struct jb_series_point points[N];
    enum jb_series_kind kind;
    size_t at = 0;
    size_t n_read = 0;
    size_t n_chunks = 0;
    int64_t worst = 0;
    jb_rc rc = JB_OK;

    for (int64_t i = 0; i < 1000; i++) {
        if (i == 700)
            rc += jb_series_writer_cut(writer, &out);
        rc += jb_series_write(writer, i * JB_NS_PER_MS, (i < 700 ? i : i - 700) * 300000, &out);
    }
    rc += jb_series_writer_cut(writer, &out);
    is_i64(rc, JB_OK, "a thousand samples and a break are written");
    while (at < out.len) {
        size_t n;
        size_t used;

        if (jb_series_read(out.bytes + at, out.len - at, &kind, points, &n, &used, NULL) < 0)
            break;
        for (size_t i = 0; i < n; i++, n_read++) {
            const int64_t want = (int64_t)(n_read < 700 ? n_read : n_read - 700) * 300000;

            if (points[i].mono_ns != (int64_t)n_read * JB_NS_PER_MS ||
                llabs(points[i].value - want) > worst)
                worst = llabs(points[i].value - want);
        }
        at += used;
        n_chunks++;
    }
    ok(at == out.len && n_read == 1000 && n_chunks == 5,
       "and read back chunk by chunk: 256, 256, 188, 256, 44");
    is_i64(worst, 0, "as they were");
    jb_series_writer_free(writer);
    jb_buf_release(&out);
}

int main(void)
{
    test_example();
    test_refusals();
    test_course("1 Hz, 300 W, sd 18 W", JB_NS_PER_S, 60000, 18000000);
    test_course("1 kHz, 300 W, sd 18 W", JB_NS_PER_MS, 20000, 18000000);
    test_course("1 kHz, 300 W, sd 18 W, no jitter", JB_NS_PER_MS, 0, 18000000);
    test_course("10 Hz, 300 W, sd 100 W", JB_NS_PER_S / 10, 60000, 100000000);
    test_quiet();
    test_wild();
    test_extremes();
    test_stream();
    return done_testing();
}
