/* SPDX-License-Identifier: Apache-2.0 */
/* Text to the black modules of a QR code. Knows nothing of what the text says. Rule R-PAGE-14. */
#include "page/qr.h"

#include <dlfcn.h>
#include <string.h>

#define LIBRARY  "libqrencode.so.4"
#define MARGIN   4
#define LEVEL_M  1
#define MODE_8   2
#define SIDE_MAX 177

/* QRcode of qrencode.h 4: version, width, width x width modules whose lowest bit is black. */
struct qr_code {
    int version, width;
    unsigned char *modules;
};

typedef struct qr_code *(*encode_fn)(const char *text, int version, int level, int mode,
                                     int is_case_sensitive);
typedef void (*free_fn)(struct qr_code *code);

/* White below, then runs of black modules of a line as one rectangle each. */
static void draw(const struct qr_code *code, int32_t module, struct jb_picture *picture)
{
    jb_picture_rect(picture, JB_INK_LIGHT, 0, 0, picture->width, picture->height);
    for (int y = 0; y < code->width; y++)
        for (int x = 0, end; x < code->width; x = end) {
            const unsigned char *const line = code->modules + (size_t)y * (size_t)code->width;
            const bool is_black = (line[x] & 1) != 0;
            for (end = x + 1; end < code->width && ((line[end] & 1) != 0) == is_black;)
                end++;
            if (is_black)
                jb_picture_rect(picture, JB_INK_DARK, (x + MARGIN) * module, (y + MARGIN) * module,
                                (end - x) * module, module);
        }
}

jb_rc jb_qr_draw(const char *text, const char *title, const char *description, int side_px,
                 bool is_privileged, struct jb_picture *ret, struct jb_error *err)
{
    encode_fn encode;
    free_fn release;

    if (is_privileged)
        return jb_fail(err, JB_E_PERMISSION, "use a joulebook without a capability",
                       "a program that carries a capability loads no library to draw QR codes");
    void *const library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return jb_fail(err, JB_E_UNAVAILABLE, "apt install libqrencode4",
                       "libqrencode, which draws QR codes, is not installed");
    void *const symbols[] = {dlsym(library, "QRcode_encodeString"), dlsym(library, "QRcode_free")};
    if (!symbols[0] || !symbols[1])
        return jb_fail(err, JB_E_UNAVAILABLE, "apt install --reinstall libqrencode4",
                       "the libqrencode that is installed is not version 4");
    memcpy(&encode, &symbols[0], sizeof encode);
    memcpy(&release, &symbols[1], sizeof release);
    struct qr_code *const code = encode(text, 0, LEVEL_M, MODE_8, 1);
    if (!code || code->width <= 0 || code->width > SIDE_MAX) {
        if (code)
            release(code);
        return jb_fail(err, JB_E_RANGE, NULL, "the text of a QR code is too long");
    }
    const int32_t n = code->width + 2 * MARGIN, module = side_px * JB_PX / n;
    jb_picture_init(ret, title, description);
    ret->width = ret->height = n * module;
    draw(code, module, ret);
    release(code);
    return JB_OK;
}
