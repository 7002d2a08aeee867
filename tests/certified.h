/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of certificates: a book of runs whose figures follow from their number, and certificates of it. Run i, from 1: energy
 * 100 i, 110 i, 130 i uJ; i seconds long, begun i hours after T0; every third is an evaluation, the others trainings.
 */
#ifndef JB_TESTS_CERTIFIED_H
#define JB_TESTS_CERTIFIED_H

#include "book.h"

#include "account/account.h"
#include "certificate/certificate.h"
#include "certificate/verify.h"
#include "pipeline/certify.h"

#define T0_US INT64_C(1764000000000000) /* 2025-11-24T16:00:00Z, as book_run has it */

TAP__UNUSED static void certified_run(struct jb_ledger *ledger, int number)
{
    struct jb_account *const account = calloc(1, sizeof *account);
    struct jb_account_line line = {.role = JB_ROLE_POST, .device = JB_DEVICE_GPU};
    static struct jb_factor factor = {"grid intensity", "300 g/kWh", "a source", "2026"};
    struct jb_error err = {0};
    struct jb_run run;
    char *json = NULL;
    char id[JB_RUN_ID];

    (void)snprintf(id, sizeof id, "0190cafe-0000-7000-8000-%012d", number);
    book_run(&run, id, number * 3600);
    book_text(run.stage, sizeof run.stage, number % 3 == 0 ? "eval" : "train");
    book_text(run.model, sizeof run.model, "cracknet");
    book_text(run.model_version, sizeof run.model_version, "v7");
    book_text(run.configuration, sizeof run.configuration,
              number % 2 ? "lr=\"0.1\"" : "lr=0.01 \\ h\xc3\xb6her");
    book_must(jb_ledger_open_run(ledger, &run, &err), &err, "open");
    run.status = JB_RUN_DONE;
    run.exit_code = 0;
    run.end_mono_ns = run.start_mono_ns + number * JB_NS_PER_S;
    run.end_utc_us = run.start_utc_us + number * JB_US_PER_S;
    account->run = run;
    account->duration_ns = number * JB_NS_PER_S;
    account->energy_uj = (struct jb_figure){.is_known = true,
                                            .low = 100 * (int64_t)number,
                                            .best = 110 * (int64_t)number,
                                            .high = 130 * (int64_t)number};
    account->location_ugco2e =
        (struct jb_figure){.is_known = number % 2 == 0, .low = 1, .best = 2, .high = 3};
    account->coverage = (struct jb_coverage){.counter_ns = number * JB_NS_PER_S * 9 / 10,
                                             .unobserved_ns = number * JB_NS_PER_S / 10};
    account->method = JB_METHOD_C2;
    line.run_uj = account->energy_uj;
    line.coverage = account->coverage;
    account->lines = &line;
    account->n_lines = 1;
    account->factors = &factor;
    account->n_factors = 1;
    account->origin_uj[JB_ORIGIN_COUNTER] = account->energy_uj.best;
    book_must(jb_account_to_json(account, &json, &err), &err, "json");
    book_must(jb_ledger_close_run(ledger, &run, json, NULL, 0, &err), &err, "close");
    free(json);
    free(account);
}

TAP__UNUSED static void certified_runs(struct jb_ledger *ledger, int from, int to)
{
    book_begin(ledger);
    for (int number = from; number <= to; number++)
        certified_run(ledger, number);
    book_commit(ledger);
}

TAP__UNUSED static struct jb_secret_key certified_key(const char *name, uint8_t seed)
{
    struct jb_secret_key key;
    struct jb_error err = {0};
    uint8_t bytes[32];

    memset(bytes, seed, sizeof bytes);
    book_must(jb_key_of_seed(name, bytes, &key, &err), &err, "key");
    return key;
}

/* Over the project of the runs above. `change` may be NULL. */
TAP__UNUSED static struct jb_buf certified_make(struct jb_ledger *ledger,
                                                const struct jb_secret_key *key,
                                                const struct jb_certify_order *more)
{
    struct jb_buf out = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
    struct jb_certify_order order = {.scope = {.project = "asphalt"},
                                     .key = key,
                                     .software = "joulebook test",
                                     .now_utc_us = T0_US};
    struct jb_certified made;
    struct jb_error err = {0};

    if (more) {
        order = *more;
        order.key = key;
        order.software = "joulebook test";
        order.now_utc_us = T0_US;
    }
    book_must(jb_certify(ledger, &order, &out, &made, &err), &err, "certify");
    return out;
}

TAP__UNUSED static struct jb_certificate *certified_decode(const struct jb_buf *bytes)
{
    struct jb_certificate *certificate = NULL;
    struct jb_error err = {0};

    book_must(jb_certificate_decode(bytes->bytes, bytes->len, &certificate, &err), &err, "decode");
    return certificate;
}

/* Signs the certificate's own payload anew, whatever is in it. */
TAP__UNUSED static struct jb_buf certified_sign(const char *payload, size_t len,
                                                const struct jb_secret_key *key)
{
    struct jb_buf out = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
    struct jb_dsse *const envelope = calloc(1, sizeof *envelope);
    struct jb_error err = {0};

    book_text(envelope->payload_type, sizeof envelope->payload_type, JB_DSSE_PAYLOAD_TYPE);
    envelope->payload = malloc(len + 1);
    memcpy(envelope->payload, payload, len);
    envelope->payload[len] = '\0';
    envelope->payload_len = len;
    book_must(jb_dsse_sign(envelope, key, &err), &err, "sign");
    book_must(jb_dsse_encode(envelope, &out, &err), &err, "encode");
    jb_dsse_release(envelope);
    free(envelope);
    return out;
}

TAP__UNUSED static bool findings_say(const struct jb_findings *findings, enum jb_finding_kind kind,
                                     const char *part)
{
    for (size_t i = 0; i < findings->n; i++)
        if (findings->list[i].kind == kind && strstr(findings->list[i].text, part))
            return true;
    for (size_t i = 0; i < findings->n; i++)
        diag("%s: %s", jb_finding_kind_name(findings->list[i].kind), findings->list[i].text);
    return false;
}

#endif
