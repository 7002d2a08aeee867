/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What two names have in common, and the nearest ones of a name that is not there: for hints only, nothing here is ever
 * taken (R-CAT-25). Names of cloud providers as bills write them (R-CAT-26).
 */
#include <string.h>
#include <strings.h>

#include "base/clean.h"
#include "catalogue/catalogue_int.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

void catalogue__squeeze(const char *text, const char *keep, char *ret, size_t size)
{
    /* The base letters of U+00C0 to U+00FF: "São Paulo" is written both ways. */
    static const char latin[] = "aaaaaaaceeeeiiiidnooooo-ouuuuypsaaaaaaaceeeeiiiidnooooo-ouuuuypy";
    size_t n = 0;
    for (; *text != '\0' && n + 1 < size; text++)
        if ((unsigned char)*text == 0xc3 && ((unsigned char)text[1] & 0xc0) == 0x80)
            ret[n++] = latin[(unsigned char)*++text & 0x3f];
        else if (jb_clean_is_alnum(*text) || (unsigned char)*text >= 0x80 || strchr(keep, *text))
            ret[n++] = lower(*text);
    ret[n] = '\0';
}

#define DISTANCE_MAX 64

size_t catalogue__distance(const char *a, const char *b)
{
    size_t line[DISTANCE_MAX + 1];
    const size_t n_a = strnlen(a, DISTANCE_MAX), n_b = strnlen(b, DISTANCE_MAX);

    for (size_t j = 0; j <= n_b; j++)
        line[j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        size_t diagonal = line[0];
        line[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            const size_t change = diagonal + (lower(a[i - 1]) != lower(b[j - 1]));
            const size_t insert = line[j - 1] + 1, remove = line[j] + 1;
            diagonal = line[j];
            line[j] = change < insert ? change : insert;
            line[j] = remove < line[j] ? remove : line[j];
        }
    }
    return line[n_b];
}

void catalogue__nearest_add(struct catalogue__nearest *nearest, size_t distance, const char *name)
{
    if (nearest->n == CATALOGUE__NEAREST_MAX && distance >= nearest->distances[nearest->n - 1])
        return;
    size_t at = nearest->n < CATALOGUE__NEAREST_MAX ? nearest->n++ : nearest->n - 1;
    for (; at > 0 && nearest->distances[at - 1] > distance; at--) {
        nearest->distances[at] = nearest->distances[at - 1];
        memcpy(nearest->names[at], nearest->names[at - 1], sizeof nearest->names[at]);
    }
    nearest->distances[at] = distance;
    (void)snprintf(nearest->names[at], sizeof nearest->names[at], "%s", name);
}

jb_rc catalogue__fail_name(const struct catalogue__nearest *nearest, const char *what,
                           const char *name, const char *otherwise, struct jb_error *err)
{
    char hint[sizeof err->hint], shown[96];
    size_t at = 0;

    for (size_t i = 0; i < nearest->n && at < sizeof hint; i++) {
        const char *const before = i == 0 ? "did you mean " : i + 1 == nearest->n ? " or " : ", ";
        const int wrote = snprintf(hint + at, sizeof hint - at, "%s'%s'%s", before,
                                   nearest->names[i], i + 1 == nearest->n ? "?" : "");
        at += wrote > 0 ? (size_t)wrote : 0;
    }
    jb_clean_copy(name, shown, sizeof shown);
    return jb_fail(err, JB_E_INPUT, at > 0 ? hint : otherwise, "%s '%s' is not known", what, shown);
}

const char *catalogue__provider(const char *text)
{
    static const struct {
        const char *written, *provider;
    } names[] = {
        {"aws", "aws"},
        {"amazon", "aws"},
        {"amazonwebservices", "aws"},
        {"amazonwebservicesinc", "aws"},
        {"amazonwebservicesemeasarl", "aws"},
        {"ec2", "aws"},
        {"amazonec2", "aws"},
        {"azure", "azure"},
        {"microsoft", "azure"},
        {"microsoftazure", "azure"},
        {"microsoftcorporation", "azure"},
        {"gcp", "gcp"},
        {"google", "gcp"},
        {"googlecloud", "gcp"},
        {"googlecloudplatform", "gcp"},
        {"gce", "gcp"},
        {"oci", "oci"},
        {"oracle", "oci"},
        {"oraclecloud", "oci"},
        {"oraclecloudinfrastructure", "oci"},
        {"lambda", "lambda"},
        {"lambdalabs", "lambda"},
        {"lambdacloud", "lambda"},
        {"nebius", "nebius"},
        {"ovh", "ovhcloud"},
        {"ovhcloud", "ovhcloud"},
        {"scaleway", "scaleway"},
        {"alibaba", "alibaba"},
        {"alibabacloud", "alibaba"},
        {"coreweave", "coreweave"},
    };
    char key[64];
    catalogue__squeeze(text, "", key, sizeof key);
    for (size_t i = 0; i < JB_ARRAY_LEN(names); i++)
        if (strcmp(names[i].written, key) == 0)
            return names[i].provider;
    return NULL;
}

jb_rc catalogue__read_asked(const char *provider, const char *name, struct catalogue__asked *ret,
                            struct jb_error *err)
{
    struct catalogue__asked asked = {.name = name};

    if (provider && provider[0] != '\0') {
        asked.provider = catalogue__provider(provider);
        if (!asked.provider) {
            char shown[64];
            jb_clean_copy(provider, shown, sizeof shown);
            return jb_fail(err, JB_E_INPUT, "give aws, azure, gcp or another of the tables",
                           "the provider '%s' is not known", shown);
        }
    }
    const char *const slash = strchr(name, '/');
    if (slash && (size_t)(slash - name) < 32) {
        char before[32];
        memcpy(before, name, (size_t)(slash - name));
        before[slash - name] = '\0';
        const char *const told = catalogue__provider(before);
        if (told && asked.provider && strcmp(told, asked.provider) != 0)
            return jb_fail(err, JB_E_INPUT, "give one of them", "'%s' is not of '%s'", before,
                           asked.provider);
        if (told) {
            asked.provider = told;
            asked.name = slash + 1;
        }
    }
    *ret = asked;
    return JB_OK;
}

bool catalogue__is_provider(const char *asked, const char *of_row)
{
    if (!asked)
        return true;
    /* Regions know this one by two names. */
    return strncmp(asked, "ovh", 3) == 0 ? strncmp(of_row, "ovh", 3) == 0
                                         : strcmp(asked, of_row) == 0;
}

jb_rc catalogue__fail_several(int table, int provider_column, int name_column, const size_t *rows,
                              size_t n, const char *what, const char *name, struct jb_error *err)
{
    char hint[sizeof err->hint], shown[96];
    size_t at = 0;
    for (size_t i = 0; i < n && at < sizeof hint; i++) {
        const int wrote =
            snprintf(hint + at, sizeof hint - at, "%s%s/%s", i == 0 ? "give the provider: " : ", ",
                     catalogue__text(table, rows[i], provider_column),
                     catalogue__text(table, rows[i], name_column));
        at += wrote > 0 ? (size_t)wrote : 0;
    }
    jb_clean_copy(name, shown, sizeof shown);
    return jb_fail(err, JB_E_INPUT, hint, "%s '%s' is the name of several", what, shown);
}
