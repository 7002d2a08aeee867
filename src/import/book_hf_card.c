/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model card of Hugging Face (README.md) to one run: it tells grams of CO2e and no energy. Energy is worked back from
 * them by the grid of its place, and where no place is known there is none. R-BOOKS-70.
 */
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "catalogue/catalogue.h"
#include "import/book_int.h"
#include "yaml/yaml.h"

/* ug x this / (mg per kWh) = uJ. */
#define UJ_MG_PER_UG_KWH INT64_C(3600000000)
#define FENCE            "---"

/* The lines between the two fences, the first newline with them, so that lines keep their numbers. */
static jb_rc find_front(const struct book *book, const struct jb_buf *text, size_t *ret_at,
                        size_t *ret_len, struct jb_error *err)
{
    static const char end[] = "\n" FENCE;
    const char *const all = jb_buf_text(text);
    const char *stop;

    if (strncmp(all, FENCE "\n", sizeof FENCE) != 0 &&
        strncmp(all, FENCE "\r\n", sizeof FENCE + 1) != 0)
        return book__fail(book, NULL, err, "it is the README.md of a model, which begins with ---",
                          "no YAML at its begin");
    stop = strstr(all + sizeof FENCE - 1, end);
    if (!stop)
        return book__fail(book, NULL, err, "a line --- ends it", "its YAML has no end");
    *ret_at = sizeof FENCE - 1;
    *ret_len = (size_t)(stop + 1 - all) - *ret_at;
    return JB_OK;
}

static const char *text_under(const struct jb_yaml_node *map, const char *key)
{
    const struct jb_yaml_node *const node =
        map && map->kind == JB_YAML_MAP ? jb_yaml_get(map, key) : NULL;

    return node && node->kind == JB_YAML_SCALAR ? node->text : "";
}

static jb_rc take_grams(const struct jb_yaml *yaml, const struct jb_yaml_node *node,
                        int64_t *ret_ug, struct jb_error *err)
{
    const struct jb_yaml_node *const number =
        node->kind == JB_YAML_MAP ? jb_yaml_get(node, "emissions") : node;

    if (!number || number->kind != JB_YAML_SCALAR ||
        jb_parse_decimal(number->text, strlen(number->text), 6, ret_ug) < 0 || *ret_ug < 0)
        return jb_yaml_fail(yaml, number ? number : node, err, "a number of grams of CO2e",
                            "'co2_eq_emissions' tells no number");
    return JB_OK;
}

/* The model's name, else that of the folder the card lies in. */
static void take_name(const struct book *book, const struct jb_yaml_node *root,
                      struct jb_rebuilt *rebuilt)
{
    const struct jb_yaml_node *const index = jb_yaml_get(root, "model-index");
    const char *name = index && index->kind == JB_YAML_LIST && index->n > 0
                           ? text_under(index->items[0], "name")
                           : "";
    const char *const slash = strrchr(book->path, '/');
    const char *begin = slash;

    BOOK__FILL(rebuilt->key, name, strlen(name));
    while (begin && begin > book->path && begin[-1] != '/')
        begin--;
    if (rebuilt->key[0] == '\0' && slash && slash > begin)
        BOOK__FILL(rebuilt->key, begin, (size_t)(slash - begin));
    if (rebuilt->key[0] == '\0')
        BOOK__FILL(rebuilt->key, book->stem, strlen(book->stem));
    BOOK__FILL(rebuilt->run.model, rebuilt->key, strlen(rebuilt->key));
}

static jb_rc give(struct book *book, struct jb_rebuilt *rebuilt, int64_t ug, const char *source,
                  struct jb_error *err)
{
    struct jb_grid_intensity grid;
    struct jb_figure energy = {.is_known = true};
    char basis[160];
    jb_rc rc;

    if (rebuilt->run.place[0] == '\0' ||
        jb_catalogue_find_grid(rebuilt->run.place, 0, NULL, &grid, NULL) < 0 ||
        grid.low_mg_per_kwh <= 0) {
        jb_import_leave(
            &book->told,
            "carbon alone, and no place whose grid could tell its energy (--place says one)", 1);
        return JB_OK;
    }
    if (jb_muldiv_i64(ug, UJ_MG_PER_UG_KWH, grid.high_mg_per_kwh, JB_ROUND_FLOOR, &energy.low) <
            0 ||
        jb_muldiv_i64(ug, UJ_MG_PER_UG_KWH, grid.best_mg_per_kwh, JB_ROUND_NEAREST, &energy.best) <
            0 ||
        jb_muldiv_i64(ug, UJ_MG_PER_UG_KWH, grid.low_mg_per_kwh, JB_ROUND_CEIL, &energy.high) < 0)
        return book__fail(book, "co2_eq_emissions", err, NULL, "too much carbon for one model");
    (void)snprintf(rebuilt->run.place, sizeof rebuilt->run.place, "%s", grid.zone);
    (void)snprintf(basis, sizeof basis,
                   "model card: its CO2e by the grid of %.60s; told by '%.60s'", grid.name,
                   source[0] != '\0' ? source : "(nobody)");
    (void)book__line(rebuilt, "hf-card/emissions", JB_SCOPE_OTHER, JB_ORIGIN_STATED, energy, basis);
    rebuilt->method = JB_METHOD_B;
    book__note(rebuilt,
               "the card tells CO2e alone: its energy is worked back by our intensities of the "
               "grid, which need not be those it was made with");
    rc = book__no_times(book, rebuilt, err);
    return rc == JB_OK ? book__give(book, rebuilt, 1, err) : rc;
}

static jb_rc take_card(struct book *book, struct jb_rebuilt *rebuilt, const struct jb_yaml *yaml,
                       struct jb_error *err)
{
    const struct jb_yaml_node *const root = jb_yaml_root(yaml);
    const struct jb_yaml_node *const node =
        root && root->kind == JB_YAML_MAP ? jb_yaml_get(root, "co2_eq_emissions") : NULL;
    const char *text;
    int64_t ug = 0;
    jb_rc rc;

    book->told.n_rows = 1;
    if (!node) {
        jb_import_leave(&book->told, "no co2_eq_emissions", 1);
        return JB_OK;
    }
    rc = take_grams(yaml, node, &ug, err);
    if (rc < 0)
        return rc;
    if (ug == 0) {
        jb_import_leave(&book->told, "no emissions", 1);
        return JB_OK;
    }
    book__begin(book, rebuilt, "hf-card");
    rebuilt->told_gco2e_ug = book__band(ug, 0, 0);
    take_name(book, root, rebuilt);
    text = text_under(node, "geographical_location");
    BOOK__FILL(rebuilt->run.place, text, strlen(text));
    text = text_under(node, "training_type");
    BOOK__FILL(rebuilt->run.stage, text, strlen(text));
    text = text_under(node, "hardware_used");
    book__tag(rebuilt, "hardware", text, strlen(text));
    return give(book, rebuilt, ug, text_under(node, "source"), err);
}

static jb_rc read_file(struct book *book, struct jb_rebuilt *rebuilt, struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(BOOK__FILE_MAX);
    JB_AUTO(jb_yaml_free_auto) struct jb_yaml *yaml = NULL;
    size_t at = 0;
    size_t len = 0;
    jb_rc rc = book__slurp(book, book->path, &text, err);

    book->line = 1;
    if (rc == JB_OK)
        rc = find_front(book, &text, &at, &len, err);
    if (rc == JB_OK)
        rc = jb_yaml_parse(book->path, jb_buf_text(&text) + at, len, &yaml, err);
    return rc == JB_OK ? take_card(book, rebuilt, yaml, err) : rc;
}

static jb_rc read_hf_card(const char *path, const struct jb_import_asked *asked,
                          const struct jb_import_progress *progress, jb_import_rebuilt_fn fn,
                          void *arg, struct jb_import_told *ret_told, struct jb_error *err)
{
    return book__run(read_file, path, asked, progress, fn, arg, ret_told, err);
}

const struct jb_import_book book__hf_card = {
    .name = "hf-card",
    .summary = "the card of a model on Hugging Face, README.md",
    .read = read_hf_card,
};
