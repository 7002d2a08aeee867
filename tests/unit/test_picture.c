/* SPDX-License-Identifier: Apache-2.0 */
/* Inks that eyes and grey paper tell apart (R-PAGE-02), and a list of shapes that keeps what it was given (R-PAGE-01). */
#include "page/picture.h"

#include <math.h>

#include "tap.h"

static double linear(uint32_t part)
{
    const double c = (double)(part & 0xff) / 255;

    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

struct rgb {
    double r, g, b;
};

static struct rgb rgb_of(enum jb_ink ink, bool is_dark)
{
    const uint32_t rgb = jb_ink_rgb(ink, is_dark);

    return (struct rgb){linear(rgb >> 16), linear(rgb >> 8), linear(rgb)};
}

/* WCAG 2: relative luminance, contrast ratio. */
static double luminance(struct rgb c)
{
    return 0.2126 * c.r + 0.7152 * c.g + 0.0722 * c.b;
}

static double contrast(enum jb_ink a, enum jb_ink b, bool is_dark)
{
    const double x = luminance(rgb_of(a, is_dark)), y = luminance(rgb_of(b, is_dark));

    return ((x > y ? x : y) + 0.05) / ((x > y ? y : x) + 0.05);
}

/* Machado, Oliveira and Fernandes 2009, severity 1.0: protanopia, deuteranopia, tritanopia. */
static const double eyes[3][9] = {
    {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998},
    {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881},
    {1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900},
};

struct lab {
    double l, a, b;
};

static double root(double t)
{
    return t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116;
}

static struct lab seen_by(const double *eye, struct rgb c)
{
    const double r = eye[0] * c.r + eye[1] * c.g + eye[2] * c.b,
                 g = eye[3] * c.r + eye[4] * c.g + eye[5] * c.b,
                 b = eye[6] * c.r + eye[7] * c.g + eye[8] * c.b;
    const double x = root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047),
                 y = root(0.2126 * r + 0.7152 * g + 0.0722 * b),
                 z = root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);

    return (struct lab){116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

/* CIE 1976: 2.3 is what can just be seen. */
static double apart(struct lab p, struct lab q)
{
    return sqrt((p.l - q.l) * (p.l - q.l) + (p.a - q.a) * (p.a - q.a) + (p.b - q.b) * (p.b - q.b));
}

static void test_inks(bool is_dark)
{
    const char *const theme = is_dark ? "dark" : "light";
    double least_grey = 100, least_seen = 1000;
    bool is_growing = true;

    for (int i = JB_INK_A; i < JB_INK_E; i++) {
        const double from = 116 * root(luminance(rgb_of((enum jb_ink)i, is_dark))) - 16,
                     to = 116 * root(luminance(rgb_of((enum jb_ink)(i + 1), is_dark))) - 16;
        is_growing = is_growing && to > from;
        least_grey = to - from < least_grey ? to - from : least_grey;
    }
    ok(is_growing && least_grey >= 8, "%s: inks grow lighter by steps of L* >= 8 (%.1f)", theme,
       least_grey);
    for (int eye = 0; eye < 3; eye++)
        for (int i = JB_INK_A; i <= JB_INK_E; i++)
            for (int k = i + 1; k <= JB_INK_E; k++) {
                const double d = apart(seen_by(eyes[eye], rgb_of((enum jb_ink)i, is_dark)),
                                       seen_by(eyes[eye], rgb_of((enum jb_ink)k, is_dark)));
                least_seen = d < least_seen ? d : least_seen;
            }
    ok(least_seen >= 15, "%s: eyes without one kind of cone tell each from each (%.1f)", theme,
       least_seen);
    ok(contrast(JB_INK_TEXT, JB_INK_PAPER, is_dark) >= 7, "%s: text has contrast 7", theme);
    ok(contrast(JB_INK_FAINT, JB_INK_PAPER, is_dark) >= 4.5, "%s: faint text has contrast 4.5",
       theme);
    ok(contrast(JB_INK_A, JB_INK_PAPER, is_dark) >= 3 &&
           contrast(JB_INK_B, JB_INK_PAPER, is_dark) >= 3,
       "%s: the inks of lines have contrast 3", theme);
}

static void test_shapes(void)
{
    struct jb_picture one, two;

    jb_picture_init(&one, "one", "first");
    one.width = 100;
    one.height = 50;
    jb_picture_line(&one, JB_INK_A, 10, (struct jb_point){1, 2}, (struct jb_point){3, 4});
    jb_picture_init(&two, "two", "second");
    two.width = 200;
    two.height = 70;
    jb_picture_rect(&two, JB_INK_B, 5, 6, 7, 8);
    jb_picture_text(&two, JB_INK_TEXT, JB_ANCHOR_END, 120, false, (struct jb_point){9, 10},
                    "a\x01z");
    jb_picture_append(&one, &two, 20);
    ok(one.failed == JB_OK && one.n_shapes == 3, "a picture below another: all shapes are there");
    ok(one.width == 200 && one.height == 50 + 20 + 70, "as wide as the wider, as high as both");
    ok(one.points[2].y == 6 + 70 && one.points[3].y == 8 && one.points[4].y == 10 + 70,
       "places move down, sizes do not");
    is_str(jb_picture_string(&one, one.shapes[2].text), "a?z", "text is clean");
    for (int i = 0; i < 1 << 18; i++)
        jb_picture_open(&two, "");
    is_i64(two.failed, JB_E_RANGE, "a picture has a ceiling and stays failed");
    jb_picture_release(&one);
    jb_picture_release(&two);
}

static void test_widths(void)
{
    char buf[32];

    ok(jb_picture_text_width("MMMM", 100, false) >
           3 * jb_picture_text_width("iiii", 100, false) / 2,
       "broad letters are broader");
    is_i64(jb_picture_text_width("\xc3\xa4", 100, false), 75,
           "a letter of two bytes is one letter");
    is_str(jb_picture_cut("short", 100, 10000, buf, sizeof buf), "short", "what fits stays");
    (void)jb_picture_cut("a long name of something", 100, 600, buf, sizeof buf);
    ok(jb_picture_text_width(buf, 100, false) <= 600 && strcmp(buf + strlen(buf) - 3, "...") == 0,
       "what does not is cut to its room and says so: '%s'", buf);
    is_str(jb_picture_cut("anything", 100, 10, buf, sizeof buf), "", "no room, no text");
    (void)jb_picture_cut("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", 100, 320, buf,
                         sizeof buf);
    is_str(buf, "\xc3\xa4\xc3\xa4...", "cut between letters, never in one");
}

int main(void)
{
    test_inks(false);
    test_inks(true);
    test_shapes();
    test_widths();
    return done_testing();
}
