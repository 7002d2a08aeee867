/* SPDX-License-Identifier: Apache-2.0 */
/* The cases and tables that are in the executable: found by name, read as any file would be. */
#include <stdio.h>
#include <string.h>

#include "case/case_int.h"

static const char suffix[] = ".yaml";

const char *jb_case__text_of(const char *file)
{
    for (const struct jb_case__text *one = jb_case__texts; one->name; one++)
        if (strcmp(one->name, file) == 0)
            return one->text;
    return NULL;
}

void jb_case__rows(const char *file, size_t n_fields, jb_case__row_fn row, void *context)
{
    const char *at = jb_case__text_of(file);
    char line[512];
    char *fields[JB_CASE__FIELDS_MAX];

    for (bool is_title = true; at && *at; is_title = false) {
        const size_t len = strcspn(at, "\n");
        size_t n = 0;
        if (!is_title && len < sizeof line) {
            memcpy(line, at, len);
            line[len] = '\0';
            for (char *field = line; field && n < n_fields;) {
                fields[n++] = field;
                field = n < n_fields ? strchr(field, ',') : NULL;
                if (field)
                    *field++ = '\0';
            }
            row(context, fields, n);
        }
        at += len + (at[len] == '\n');
    }
}

static bool is_case(const char *file)
{
    const size_t len = strlen(file);

    return len > sizeof suffix - 1 && strcmp(file + len - (sizeof suffix - 1), suffix) == 0;
}

/* In the order of the questionnaire's cases; names without ".yaml". */
static const char *const names[] = {"situation-recognition", "bank-credit", "product-information",
                                    "asphalt-damage"};

const char *jb_case_shipped_name(size_t i)
{
    return i < JB_ARRAY_LEN(names) ? names[i] : NULL;
}

const char *jb_case_shipped_text(const char *name)
{
    char file[96];

    (void)snprintf(file, sizeof file, "%s%s", name, suffix);
    return is_case(file) ? jb_case__text_of(file) : NULL;
}

jb_rc jb_case_open(const char *name_or_path, struct jb_case **ret, struct jb_error *err)
{
    const char *const text = jb_case_shipped_text(name_or_path);

    if (text)
        return jb_case_parse(name_or_path, text, strlen(text), ret, err);
    const jb_rc rc = jb_case_read(name_or_path, ret, err);
    if (rc != JB_E_NOT_FOUND || strchr(name_or_path, '/') || is_case(name_or_path))
        return rc;
    return jb_fail(err, JB_E_NOT_FOUND,
                   "shipped are situation-recognition, bank-credit, product-information and "
                   "asphalt-damage; else give a file",
                   "there is no case and no file '%s'", name_or_path);
}
