/* SPDX-License-Identifier: Apache-2.0 */
/* cairo and pango by name, where they are installed. Rule R-PAGE-13. */
#include "page/cairo_abi.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define HINT "apt install libpangocairo-1.0-0 fonts-dejavu-core; or --format html"

enum library { CAIRO, PANGO_CAIRO, PANGO, GOBJECT, N_LIBRARIES };
static const char *const files[N_LIBRARIES] = {"libcairo.so.2", "libpangocairo-1.0.so.0",
                                               "libpango-1.0.so.0", "libgobject-2.0.so.0"};

#define SYMBOL(library, name, member)                     \
    {                                                     \
        library, name, offsetof(struct cairo_api, member) \
    }
static const struct {
    enum library library;
    const char *name;
    size_t offset;
} symbols[] = {
    SYMBOL(CAIRO, "cairo_pdf_surface_create_for_stream", pdf_surface),
    SYMBOL(CAIRO, "cairo_pdf_surface_set_metadata", pdf_metadata),
    SYMBOL(CAIRO, "cairo_surface_finish", surface_finish),
    SYMBOL(CAIRO, "cairo_surface_destroy", surface_destroy),
    SYMBOL(CAIRO, "cairo_surface_status", surface_status),
    SYMBOL(CAIRO, "cairo_create", create),
    SYMBOL(CAIRO, "cairo_destroy", destroy),
    SYMBOL(CAIRO, "cairo_status", status),
    SYMBOL(CAIRO, "cairo_save", save),
    SYMBOL(CAIRO, "cairo_restore", restore),
    SYMBOL(CAIRO, "cairo_translate", translate),
    SYMBOL(CAIRO, "cairo_scale", scale),
    SYMBOL(CAIRO, "cairo_set_source_rgba", set_rgba),
    SYMBOL(CAIRO, "cairo_set_line_width", set_line_width),
    SYMBOL(CAIRO, "cairo_set_line_join", set_line_join),
    SYMBOL(CAIRO, "cairo_set_dash", set_dash),
    SYMBOL(CAIRO, "cairo_move_to", move_to),
    SYMBOL(CAIRO, "cairo_line_to", line_to),
    SYMBOL(CAIRO, "cairo_close_path", close_path),
    SYMBOL(CAIRO, "cairo_new_path", new_path),
    SYMBOL(CAIRO, "cairo_rectangle", rectangle),
    SYMBOL(CAIRO, "cairo_arc", arc),
    SYMBOL(CAIRO, "cairo_fill", fill),
    SYMBOL(CAIRO, "cairo_stroke", stroke),
    SYMBOL(CAIRO, "cairo_show_page", show_page),
    SYMBOL(PANGO_CAIRO, "pango_cairo_create_layout", layout),
    SYMBOL(PANGO_CAIRO, "pango_cairo_show_layout", show_layout),
    SYMBOL(PANGO, "pango_font_description_new", font_new),
    SYMBOL(PANGO, "pango_font_description_free", font_free),
    SYMBOL(PANGO, "pango_font_description_set_family", font_family),
    SYMBOL(PANGO, "pango_font_description_set_weight", font_weight),
    SYMBOL(PANGO, "pango_font_description_set_absolute_size", font_size),
    SYMBOL(PANGO, "pango_layout_set_font_description", layout_font),
    SYMBOL(PANGO, "pango_layout_set_text", layout_text),
    SYMBOL(PANGO, "pango_layout_set_width", layout_width),
    SYMBOL(PANGO, "pango_layout_set_wrap", layout_wrap),
    SYMBOL(PANGO, "pango_layout_set_alignment", layout_align),
    SYMBOL(PANGO, "pango_layout_get_size", layout_size),
    SYMBOL(PANGO, "pango_layout_get_baseline", layout_baseline),
    SYMBOL(PANGO, "pango_layout_get_unknown_glyphs_count", layout_unknown),
    SYMBOL(GOBJECT, "g_object_unref", unref),
};

jb_rc page__cairo_load(struct cairo_api *ret, struct jb_error *err)
{
    void *libraries[N_LIBRARIES];

    for (size_t i = 0; i < N_LIBRARIES; i++) {
        libraries[i] = dlopen(files[i], RTLD_NOW | RTLD_LOCAL);
        if (!libraries[i])
            return jb_fail(err, JB_E_UNAVAILABLE, HINT,
                           "cairo and pango, which write PDF, are not installed: no '%s'",
                           files[i]);
    }
    for (size_t i = 0; i < JB_ARRAY_LEN(symbols); i++) {
        void *const symbol = dlsym(libraries[symbols[i].library], symbols[i].name);
        if (!symbol)
            return jb_fail(err, JB_E_UNAVAILABLE, HINT, "the '%s' that is installed has no '%s'",
                           files[symbols[i].library], symbols[i].name);
        memcpy((char *)ret + symbols[i].offset, &symbol, sizeof symbol);
    }
    return JB_OK;
}
