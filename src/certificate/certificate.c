/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate as it lies in memory: its fields by name, its lines, its policy's conditions. */
#include "certificate/certificate.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"

const char JB_CERTIFICATE_LIMITS[] =
    "A signed energy record, declared by its issuer alone unless others have countersigned it. "
    "Signatures prove who "
    "signed and that nothing was altered since. They cannot prove that a sensor told the truth, or "
    "that all work went "
    "into the book. Nothing here claims to be green: offsets are in no figure.";

struct jb_certificate *jb_certificate_new(void)
{
    return calloc(1, sizeof(struct jb_certificate));
}

void jb_certificate_free(struct jb_certificate *certificate)
{
    if (!certificate)
        return;
    free(certificate->texts);
    free(certificate);
}

const struct jb_certificate_field *jb_certificate_field(const struct jb_certificate *certificate,
                                                        const char *name)
{
    for (size_t i = 0; i < certificate->n_fields; i++)
        if (strcmp(certificate->fields[i].name, name) == 0)
            return &certificate->fields[i];
    return NULL;
}

const char *jb_certificate_text(const struct jb_certificate *certificate, const char *name)
{
    const struct jb_certificate_field *const field = jb_certificate_field(certificate, name);

    return field ? field->value : NULL;
}

struct jb_certificate_lines jb_certificate_lines(const struct jb_certificate *certificate,
                                                 const char *name)
{
    const struct jb_certificate_field *const field = jb_certificate_field(certificate, name);

    if (!field || !field->value)
        return (struct jb_certificate_lines){NULL, NULL};
    return (struct jb_certificate_lines){field->value, field->value + field->len};
}

bool jb_certificate_next_line(struct jb_certificate_lines *lines, const char **ret_line,
                              size_t *ret_len)
{
    if (lines->at == lines->end)
        return false;
    const char *const newline = memchr(lines->at, '\n', (size_t)(lines->end - lines->at));
    const char *const end = newline ? newline : lines->end;
    *ret_line = lines->at;
    *ret_len = (size_t)(end - lines->at);
    lines->at = newline ? newline + 1 : end;
    return true;
}

/* What lies before `mark`, into ret[size]; past the mark. */
static bool take_until(const char **at, const char *end, const char *mark, char *ret, size_t size)
{
    const size_t mark_len = strlen(mark);

    for (const char *to = *at; (size_t)(end - to) >= mark_len; to++) {
        const size_t len = (size_t)(to - *at);
        if (memcmp(to, mark, mark_len) != 0)
            continue;
        if (len == 0 || len >= size)
            return false;
        memcpy(ret, *at, len);
        ret[len] = '\0';
        *at = to + mark_len;
        return true;
    }
    return false;
}

jb_rc jb_certificate_conditions(
    const char *text, size_t len,
    struct jb_certificate_condition ret_conditions[JB_CERTIFICATE_CONDITIONS_MAX], size_t *ret_n,
    struct jb_error *err)
{
    static const char met[] = "met ";
    static const char not_met[] = "not met ";
    const char *at = text;
    const char *const end = text + len;
    size_t n = 0;

    while (at < end) {
        struct jb_certificate_condition one = {.is_met = false};
        const size_t left = (size_t)(end - at);
        one.is_met = left > strlen(met) && memcmp(at, met, strlen(met)) == 0;
        if (!one.is_met && (left <= strlen(not_met) || memcmp(at, not_met, strlen(not_met)) != 0))
            break;
        at += one.is_met ? strlen(met) : strlen(not_met);
        if (n == JB_CERTIFICATE_CONDITIONS_MAX ||
            !take_until(&at, end, ": required ", one.condition, sizeof one.condition) ||
            !take_until(&at, end, "; found ", one.required, sizeof one.required) ||
            !take_until(&at, end, "\n", one.found, sizeof one.found))
            break;
        ret_conditions[n++] = one;
    }
    if (at < end || n == 0)
        return jb_fail(err, JB_E_INPUT, NULL, "condition %zu of the policy cannot be read", n + 1);
    *ret_n = n;
    return JB_OK;
}
