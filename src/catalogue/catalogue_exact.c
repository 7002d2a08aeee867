/* SPDX-License-Identifier: Apache-2.0 */
/* An accelerator or machine type by its exact name or alias, in any case. It must never take a name that is merely like it. */
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "catalogue/catalogue_int.h"
#include "catalogue_tables.h"

static bool is_listed(const char *aliases, const char *name)
{
    const size_t len = strlen(name);

    while (aliases && len > 0) {
        const size_t n = strcspn(aliases, ";");
        if (n == len && strncasecmp(aliases, name, n) == 0)
            return true;
        aliases = aliases[n] == ';' ? aliases + n + 1 : NULL;
    }
    return false;
}

static struct jb_span span_of(size_t row, int column, int64_t per_unit)
{
    const int64_t value = catalogue__number(CAT_accelerators, row, column);

    if (value < 0)
        return (struct jb_span){0};
    const int64_t n = jb_muldiv_sat_i64(value, per_unit, 1000, JB_ROUND_NEAREST);
    return (struct jb_span){n, n, n, 1};
}

jb_rc jb_catalogue_find_accelerator(const char *name, struct jb_accelerator *ret,
                                    struct jb_error *err)
{
    for (size_t row = 0; row < catalogue__n_rows(CAT_accelerators); row++) {
        const char *const found = catalogue__text(CAT_accelerators, row, CAT_accelerators_name);
        if (strcasecmp(found, name) != 0 &&
            !is_listed(catalogue__text(CAT_accelerators, row, CAT_accelerators_aliases), name))
            continue;
        struct jb_accelerator board = {.match = JB_MATCH_EXACT};
        (void)snprintf(board.name, sizeof board.name, "%s", found);
        board.candidates.n = board.candidates.n_all = 1;
        (void)snprintf(board.candidates.names[0], JB_CATALOGUE_NAME, "%s", found);
        board.dies_per_board =
            catalogue__number(CAT_accelerators, row, CAT_accelerators_dies_per_board);
        board.board_mw = span_of(row, CAT_accelerators_board_tdp_w, 1000);
        board.idle_mw = span_of(row, CAT_accelerators_idle_w, 1000);
        catalogue__cite(board.source, sizeof board.source,
                        catalogue__text(CAT_accelerators, row, CAT_accelerators_source));
        *ret = board;
        return JB_OK;
    }
    return jb_fail(err, JB_E_INPUT, "joulebook catalogue accelerators NAME shows the names known",
                   "accelerator '%s' is not in the catalogue", name);
}

jb_rc jb_catalogue_find_instance(const char *provider, const char *type, struct jb_instance *ret,
                                 struct jb_error *err)
{
    const char *const slash = strchr(type, '/');
    const char *const bare = slash ? slash + 1 : type;

    for (size_t row = 0; row < catalogue__n_rows(CAT_instances); row++) {
        const char *const of = catalogue__text(CAT_instances, row, CAT_instances_provider);
        const char *const text = catalogue__text(CAT_instances, row, CAT_instances_instance_type);
        if (strcasecmp(text, bare) != 0 || (provider && strcasecmp(of, provider) != 0) ||
            (slash && strncasecmp(of, type, (size_t)(slash - type)) != 0))
            continue;
        struct jb_instance found = {0};
        const char *const board = catalogue__text(CAT_instances, row, CAT_instances_accelerator);
        const char *const cpu = catalogue__text(CAT_instances, row, CAT_instances_processor);
        const int64_t vcpus = catalogue__number(CAT_instances, row, CAT_instances_vcpus);
        const int64_t mib = catalogue__number(CAT_instances, row, CAT_instances_memory_gib);
        const int64_t boards = catalogue__number(CAT_instances, row, CAT_instances_n_boards);
        (void)snprintf(found.provider, sizeof found.provider, "%s", of);
        (void)snprintf(found.type, sizeof found.type, "%s", text);
        (void)snprintf(found.accelerator, sizeof found.accelerator, "%s", board ? board : "");
        (void)snprintf(found.processor, sizeof found.processor, "%s", cpu ? cpu : "");
        found.n_vcpus = vcpus > 0 ? jb_muldiv_sat_i64(vcpus, 1, 1000, JB_ROUND_CEIL) : 0;
        found.memory_mib = mib > 0 ? jb_muldiv_sat_i64(mib, 1024, 1000, JB_ROUND_NEAREST) : 0;
        found.n_accelerators_milli = boards > 0 ? boards : 0;
        *ret = found;
        return JB_OK;
    }
    return jb_fail(err, JB_E_INPUT, "joulebook catalogue instances NAME shows the names known",
                   "instance '%s' is not in the catalogue", type);
}
