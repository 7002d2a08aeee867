/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Machine types of clouds by the names that bills, consoles and papers use. It must never take a type of one provider for
 * another's: R-CAT-26 (providers), R-CAT-27 (machine types).
 */
#include <string.h>
#include <strings.h>

#include "base/clean.h"
#include "base/num.h"
#include "catalogue/catalogue_int.h"
#include "catalogue_tables.h"

#define KEY_MAX  96
#define KEEP     ".+"
#define HITS_MAX 8

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static const char *after_prefix(const char *text, const char *prefix)
{
    return has_prefix(text, prefix) ? text + strlen(prefix) : text;
}

/* --- machine types (R-CAT-27) ----------------------------------------------------------------------------------- */

/* What the same machine is called in one way only: "Standard_NC24ads_A100_v4" and "NC24ads A100 v4" are "nc24adsa100v4". */
static void type_key(const char *type, char *ret, size_t size)
{
    static const char *const prefixes[] = {"ml.", "acceleratortypes", "standard", "basic", "tpu"};
    char squeezed[KEY_MAX];
    catalogue__squeeze(type, KEEP, squeezed, sizeof squeezed);
    const char *key = squeezed;
    for (size_t i = 0; i < JB_ARRAY_LEN(prefixes); i++) {
        const char *const rest = after_prefix(key, prefixes[i]);
        /* "tpu7x-standard-1t" is a type of its own. */
        if (rest != key && rest[0] != '\0' && (strcmp(prefixes[i], "tpu") != 0 || rest[0] == 'v'))
            key = rest;
    }
    (void)snprintf(ret, size, "%s", key);
}

static const char *type_cell(size_t row, int column)
{
    return catalogue__text(CAT_instances, row, column);
}

static void fill_instance(size_t row, struct jb_instance *found)
{
    const char *const accelerator = type_cell(row, CAT_instances_accelerator);
    const char *const processor = type_cell(row, CAT_instances_processor);
    const int64_t vcpus_milli = catalogue__number(CAT_instances, row, CAT_instances_vcpus);
    const int64_t gib_milli = catalogue__number(CAT_instances, row, CAT_instances_memory_gib);
    const int64_t boards_milli = catalogue__number(CAT_instances, row, CAT_instances_n_boards);

    memset(found, 0, sizeof *found);
    (void)snprintf(found->provider, sizeof found->provider, "%s",
                   type_cell(row, CAT_instances_provider));
    (void)snprintf(found->type, sizeof found->type, "%s",
                   type_cell(row, CAT_instances_instance_type));
    (void)snprintf(found->accelerator, sizeof found->accelerator, "%s",
                   accelerator ? accelerator : "");
    (void)snprintf(found->processor, sizeof found->processor, "%s", processor ? processor : "");
    /* A part of a core is sold too; it counts as one, so that it is not unknown. */
    if (vcpus_milli > 0)
        found->n_vcpus = (vcpus_milli + 999) / 1000;
    if (gib_milli > 0)
        found->memory_mib = jb_muldiv_sat_i64(gib_milli, 1024, 1000, JB_ROUND_NEAREST);
    if (accelerator && boards_milli > 0)
        found->n_accelerators_milli = boards_milli;
    catalogue__cite(found->source, sizeof found->source, type_cell(row, CAT_instances_source));
}

static jb_rc fail_no_type(const struct catalogue__asked *asked, const char *key,
                          struct jb_error *err)
{
    struct catalogue__nearest nearest = {0};
    const size_t limit = strlen(key) / 4 + 1;

    for (size_t row = 0; row < catalogue__n_rows(CAT_instances); row++) {
        char own[KEY_MAX], shown[JB_CATALOGUE_NAME];
        if (!catalogue__is_provider(asked->provider, type_cell(row, CAT_instances_provider)))
            continue;
        type_key(type_cell(row, CAT_instances_instance_type), own, sizeof own);
        const size_t distance = catalogue__distance(key, own);
        if (distance > limit)
            continue;
        (void)snprintf(shown, sizeof shown, "%s/%s", type_cell(row, CAT_instances_provider),
                       type_cell(row, CAT_instances_instance_type));
        catalogue__nearest_add(&nearest, distance, shown);
    }
    return catalogue__fail_name(
        &nearest, "the machine type", asked->name,
        "`joulebook catalogue instances TEXT` lists them; a site's own rows "
        "may add one",
        err);
}

jb_rc jb_catalogue_find_instance(const char *provider, const char *type, struct jb_instance *ret,
                                 struct jb_error *err)
{
    struct catalogue__asked asked;
    size_t hits[HITS_MAX], n = 0;
    char key[KEY_MAX];

    if (!type || type[0] == '\0')
        return jb_fail(err, JB_E_INPUT, "give a type such as 'p3.2xlarge'",
                       "no machine type is named");
    const jb_rc rc = catalogue__read_asked(provider, type, &asked, err);
    if (rc < 0)
        return rc;
    type_key(asked.name, key, sizeof key);
    for (size_t row = 0; row < catalogue__n_rows(CAT_instances) && n < HITS_MAX; row++) {
        const char *const own_type = type_cell(row, CAT_instances_instance_type);
        char own[KEY_MAX];
        if (!catalogue__is_provider(asked.provider, type_cell(row, CAT_instances_provider)))
            continue;
        /* The type as it stands is never in doubt within one provider. */
        if (asked.provider && strcasecmp(own_type, asked.name) == 0) {
            fill_instance(row, ret);
            return JB_OK;
        }
        type_key(own_type, own, sizeof own);
        if (key[0] != '\0' && strcmp(own, key) == 0)
            hits[n++] = row;
    }
    if (n == 0)
        return fail_no_type(&asked, key, err);
    if (n > 1)
        return catalogue__fail_several(CAT_instances, CAT_instances_provider,
                                       CAT_instances_instance_type, hits, n, "the machine type",
                                       type, err);
    fill_instance(hits[0], ret);
    return JB_OK;
}
