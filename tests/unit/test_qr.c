/* SPDX-License-Identifier: Apache-2.0 */
/* A QR code says what it was given, read back by another program (R-PAGE-14). */
#include "page/qr.h"

#include "page/pdf.h"
#include "page_rig.h"
#include "tap.h"

#define TEXT "joulebook-certificate:1?id=0193-7e4&sha256=00ff"

/* Plain greymap of the picture, a pixel for each module and three for good measure. */
static void add_greymap(const struct jb_picture *picture, struct jb_buf *out)
{
    enum { SIDE = 300 };
    static unsigned char grey[SIDE][SIDE];

    memset(grey, 255, sizeof grey);
    for (size_t i = 0; i < picture->n_shapes; i++) {
        const struct jb_point *const at = &picture->points[picture->shapes[i].at];
        if (picture->shapes[i].ink != JB_INK_DARK)
            continue;
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++) {
                const int ux = x * picture->width / SIDE, uy = y * picture->height / SIDE;
                if (ux >= at[0].x && ux < at[0].x + at[1].x && uy >= at[0].y &&
                    uy < at[0].y + at[1].y)
                    grey[y][x] = 0;
            }
    }
    jb_buf_addf(out, "P5 %d %d 255\n", SIDE, SIDE);
    jb_buf_add(out, grey, sizeof grey);
}

int main(void)
{
    struct jb_picture picture;
    struct jb_error error = {0};
    struct jb_buf out = JB_BUF(1 << 20);
    char text[512] = "", *const long_text = calloc(1, 8001);

    is_i64(jb_qr_draw("x", "", "", 150, true, &picture, &error), JB_E_PERMISSION,
           "a program with a capability loads nothing");
    const jb_rc rc = jb_qr_draw(TEXT, "QR", "what it holds", 150, false, &picture, &error);
    if (rc == JB_E_UNAVAILABLE) {
        ok(strstr(error.hint, "apt install libqrencode4") != NULL, "the package is named");
        free(long_text);
        return done_testing();
    }
    is_i64(rc, JB_OK, "drawn");
    ok(picture.width == picture.height && picture.width <= 1500, "a square of at most 150 pixels");
    const struct jb_point *const first = &picture.points[picture.shapes[1].at];
    ok(first[0].x == 4 * first[1].y && first[0].y == 4 * first[1].y && first[1].x == 7 * first[1].y,
       "a margin of four modules, then a finder of seven");
    add_greymap(&picture, &out);
    const int status = rig_ask((const char *const[]){"zbarimg", "-q", "--raw", "FILE", NULL},
                               out.bytes, out.len, text, sizeof text);
    if (status == -1)
        skip("no zbarimg");
    else
        is_str(text, TEXT "\n", "zbar reads what it was given");
    jb_picture_release(&picture);
    memset(long_text, 'x', 8000);
    is_i64(jb_qr_draw(long_text, "", "", 150, false, &picture, NULL), JB_E_RANGE,
           "more than a code can hold is refused");
    free(long_text);
    jb_buf_release(&out);
    return done_testing();
}
