/* SPDX-License-Identifier: Apache-2.0 */
/* Courses to steady windows: interpolates at a window's edges, and leaves out what moved. R-CAL-01, R-CAL-02. */
#include "calibrate/windows.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/num.h"

#define STEADY_PART 20 /* of the range seen: the most that a steady window moves */

struct half {
    int64_t x_uw, y_uw;
};

/* The last reading not after mono_ns; the courses are long, the windows follow each other. */
static size_t seek(const struct jb_course *course, int64_t mono_ns)
{
    size_t low = 0, high = course->n;

    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (course->mono_ns[middle] <= mono_ns)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static int64_t energy_at(const struct jb_course *course, size_t i, int64_t mono_ns)
{
    if (i + 1 >= course->n || course->mono_ns[i] >= mono_ns)
        return course->energy_uj[i];
    return course->energy_uj[i] + jb_muldiv_sat_i64(course->energy_uj[i + 1] - course->energy_uj[i],
                                                    mono_ns - course->mono_ns[i],
                                                    course->mono_ns[i + 1] - course->mono_ns[i],
                                                    JB_ROUND_NEAREST);
}

/* Mean power between two instants, or false where the course has a hole or a break between them. */
static bool mean_power(const struct jb_course *course, int64_t from_ns, int64_t to_ns,
                       int64_t hole_ns, int64_t *ret_uw)
{
    const size_t first = seek(course, from_ns);
    size_t i = first;

    for (; i + 1 < course->n && course->mono_ns[i] < to_ns; i++)
        if (course->mono_ns[i + 1] - course->mono_ns[i] > hole_ns ||
            course->energy_uj[i + 1] < course->energy_uj[i])
            return false;
    if (course->mono_ns[first] > from_ns || course->mono_ns[i] < to_ns)
        return false;
    const int64_t energy_uj =
        energy_at(course, seek(course, to_ns), to_ns) - energy_at(course, first, from_ns);
    *ret_uw = jb_muldiv_sat_i64(energy_uj, JB_NS_PER_S, to_ns - from_ns, JB_ROUND_NEAREST);
    return *ret_uw >= 0;
}

static bool half_of(const struct jb_course *node, const struct jb_course *parts, size_t n_parts,
                    int64_t from_ns, int64_t to_ns, int64_t hole_ns, struct half *ret)
{
    *ret = (struct half){0};
    for (size_t p = 0; p < n_parts; p++) {
        int64_t power_uw;
        if (!mean_power(&parts[p], from_ns, to_ns, hole_ns, &power_uw))
            return false;
        ret->x_uw = jb_add_sat_i64(ret->x_uw, power_uw);
    }
    return mean_power(node, from_ns, to_ns, hole_ns, &ret->y_uw);
}

static int64_t apart(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

static int64_t mean_of(int64_t a, int64_t b)
{
    return a + (b - a) / 2;
}

static bool is_near(const struct half *a, const struct half *b, const struct half *most)
{
    return apart(a->x_uw, b->x_uw) <= most->x_uw && apart(a->y_uw, b->y_uw) <= most->y_uw;
}

struct window {
    bool is_there;
    struct half first, second;
};

/* A twentieth of the range over all windows, and no less than a hundredth of the greatest value, for a load that is one level. */
static struct half steady_limit(const struct window *windows, size_t n)
{
    struct half min = {INT64_MAX, INT64_MAX}, max = {0, 0};

    for (size_t i = 0; i < n; i++) {
        if (!windows[i].is_there)
            continue;
        const int64_t x_uw = mean_of(windows[i].first.x_uw, windows[i].second.x_uw);
        const int64_t y_uw = mean_of(windows[i].first.y_uw, windows[i].second.y_uw);
        min.x_uw = x_uw < min.x_uw ? x_uw : min.x_uw;
        max.x_uw = x_uw > max.x_uw ? x_uw : max.x_uw;
        min.y_uw = y_uw < min.y_uw ? y_uw : min.y_uw;
        max.y_uw = y_uw > max.y_uw ? y_uw : max.y_uw;
    }
    const int64_t x_uw = (max.x_uw - min.x_uw) / STEADY_PART;
    const int64_t y_uw = (max.y_uw - min.y_uw) / STEADY_PART;
    return (struct half){x_uw > max.x_uw / 100 ? x_uw : max.x_uw / 100,
                         y_uw > max.y_uw / 100 ? y_uw : max.y_uw / 100};
}

static size_t take_steady(const struct window *windows, size_t n, struct jb_fit_point *ret_points,
                          size_t capacity)
{
    const struct half most = steady_limit(windows, n);
    size_t n_points = 0;

    for (size_t i = 0; i < n && n_points < capacity; i++) {
        const struct window *w = &windows[i];
        if (!w->is_there || !is_near(&w->first, &w->second, &most))
            continue;
        if (i > 0 && windows[i - 1].is_there && !is_near(&windows[i - 1].second, &w->first, &most))
            continue;
        ret_points[n_points++] = (struct jb_fit_point){
            .x_uw = mean_of(w->first.x_uw, w->second.x_uw),
            .y_uw = mean_of(w->first.y_uw, w->second.y_uw),
        };
    }
    return n_points;
}

jb_rc jb_windows(const struct jb_course *node, const struct jb_course *parts, size_t n_parts,
                 int64_t window_ns, int64_t hole_ns, struct jb_fit_point *ret_points,
                 size_t capacity, size_t *ret_n, struct jb_error *err)
{
    *ret_n = 0;
    if (node->n < 2 || n_parts == 0 || window_ns < 2)
        return JB_OK;
    int64_t begin_ns = node->mono_ns[0], end_ns = node->mono_ns[node->n - 1];
    for (size_t p = 0; p < n_parts; p++) {
        if (parts[p].n < 2)
            return JB_OK;
        if (parts[p].mono_ns[0] > begin_ns)
            begin_ns = parts[p].mono_ns[0];
        if (parts[p].mono_ns[parts[p].n - 1] < end_ns)
            end_ns = parts[p].mono_ns[parts[p].n - 1];
    }
    if (end_ns - begin_ns < window_ns)
        return JB_OK;
    const size_t n = (size_t)((end_ns - begin_ns) / window_ns);
    struct window *const windows = calloc(n, sizeof *windows);
    if (!windows)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu windows", n);
    for (size_t i = 0; i < n; i++) {
        const int64_t from_ns = begin_ns + (int64_t)i * window_ns;
        const int64_t middle_ns = from_ns + window_ns / 2;
        windows[i].is_there =
            half_of(node, parts, n_parts, from_ns, middle_ns, hole_ns, &windows[i].first) &&
            half_of(node, parts, n_parts, middle_ns, from_ns + window_ns, hole_ns,
                    &windows[i].second);
    }
    *ret_n = take_steady(windows, n, ret_points, capacity);
    free(windows);
    return JB_OK;
}
