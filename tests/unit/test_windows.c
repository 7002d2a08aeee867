/* SPDX-License-Identifier: Apache-2.0 */
/* Courses of known power to windows: means are exact, and what moved, broke or was not read gives no window. */
#include "base/clock.h"
#include "calibrate/windows.h"
#include "tap.h"

#define N      401
#define STEP   (500 * JB_NS_PER_MS)
#define WINDOW (5 * JB_NS_PER_S)
#define HOLE   (2 * JB_NS_PER_S)

struct course {
    int64_t mono_ns[N], energy_uj[N];
};

/* Power in W over the half-second i. */
typedef int64_t (*power_fn)(int i);

static int64_t stairs(int i)
{
    return i < 200 ? 40 : 240;
}

static int64_t node_stairs(int i)
{
    return 57 + 2 * stairs(i);
}

static int64_t ramp(int i)
{
    return i;
}

static struct jb_course play(struct course *course, power_fn power_w, int64_t begin_ns)
{
    int64_t energy_uj = 0;

    for (int i = 0; i < N; i++) {
        course->mono_ns[i] = begin_ns + i * STEP;
        course->energy_uj[i] = energy_uj;
        energy_uj += power_w(i) * 500000;
    }
    return (struct jb_course){.n = N, .mono_ns = course->mono_ns, .energy_uj = course->energy_uj};
}

static size_t windows(const struct jb_course *node, const struct jb_course *parts, size_t n_parts,
                      struct jb_fit_point *points)
{
    size_t n = 99;

    is_i64(jb_windows(node, parts, n_parts, WINDOW, HOLE, points, 100, &n, NULL), JB_OK, "windows");
    return n;
}

int main(void)
{
    static struct course node_course, part_course, other_course;
    struct jb_fit_point points[100];
    struct jb_course node = play(&node_course, node_stairs, 1000);
    struct jb_course parts[2] = {play(&part_course, stairs, 1000), {0}};

    is_i64((int64_t)windows(&node, parts, 1, points), 39,
           "200 s in windows of 5 s: all 40 but the one after the step");
    bool is_exact = true;
    for (size_t i = 0; i < 39; i++)
        is_exact = is_exact && points[i].x_uw == (i < 20 ? 40000000 : 240000000) &&
                   points[i].y_uw == 57000000 + 2 * points[i].x_uw;
    ok(is_exact, "mean powers are exact");

    /* Read at other instants, a tenth of a second later: interpolated between its own readings. */
    parts[1] = play(&other_course, stairs, 1000 + 100 * JB_NS_PER_MS);
    const size_t n_two = windows(&node, parts, 2, points);
    ok(n_two >= 37 && points[0].x_uw == 80000000, "two parts are summed (%zu windows)", n_two);

    /* A hole: the readings from 51 to 59 are missing. */
    struct jb_course holed = parts[0];
    memmove(&part_course.mono_ns[51], &part_course.mono_ns[60], (N - 60) * sizeof(int64_t));
    memmove(&part_course.energy_uj[51], &part_course.energy_uj[60], (N - 60) * sizeof(int64_t));
    holed.n = N - 9;
    is_i64((int64_t)windows(&node, &holed, 1, points), 38, "a window with a hole is none");

    parts[0] = play(&part_course, stairs, 1000);
    const int64_t before_uj = part_course.energy_uj[100];
    for (int i = 100; i < N; i++)
        part_course.energy_uj[i] -= before_uj;
    is_i64((int64_t)windows(&node, parts, 1, points), 38,
           "a window in which an epoch begins is none");

    parts[0] = play(&part_course, ramp, 1000);
    node = play(&node_course, ramp, 1000);
    is_i64((int64_t)windows(&node, parts, 1, points), 40,
           "a slow ramp moves less than a twentieth of its range in 5 s");

    node.n = 1;
    is_i64((int64_t)windows(&node, parts, 1, points), 0, "one reading is no course");
    return done_testing();
}
