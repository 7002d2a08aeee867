/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of certificates over runs of known energies (tests/certified.h): figures by hand, nothing of what is withheld, one page of PDF
 * whatever is in it, and no page of a refused one. Rules R-PAGE-16 to R-PAGE-18.
 */
#include "certified.h"

#include "base/num.h"
#include "certificate/certificate_page.h"
#include "page_rig.h"

#define N_RUNS   60
#define TEXT_MAX ((size_t)1 << 20)

struct made {
    struct jb_buf file, html, pdf;
    struct jb_hash digest;
    struct jb_certificate *certificate;
    struct jb_findings findings;
};

/* False where a library is missing. */
static bool make(struct jb_ledger *ledger, const struct jb_certify_order *order, struct made *made)
{
    const struct jb_secret_key key = certified_key("test.example/log", 7);
    const struct jb_trust nothing = {.n_keys = 0};
    struct jb_error err = {0};

    *made = (struct made){.html = JB_BUF(1 << 22), .pdf = JB_BUF(1 << 22)};
    made->file = certified_make(ledger, &key, order);
    made->certificate = certified_decode(&made->file);
    const struct jb_hash_part part = {made->file.bytes, made->file.len};
    made->digest = jb_hash_parts(&part, 1);
    jb_certificate_verify(made->certificate, &nothing, &made->findings);
    jb_rc rc = jb_certificate_html(made->certificate, &made->findings, &made->digest, false,
                                   &made->html, &err);
    if (rc == JB_OK)
        rc = jb_certificate_pdf(made->certificate, &made->findings, &made->digest, false,
                                &made->pdf, &err);
    if (rc < 0 && rc != JB_E_UNAVAILABLE)
        bail_out("%s", err.message);
    return rc == JB_OK;
}

static void drop(struct made *made)
{
    jb_certificate_free(made->certificate);
    jb_buf_release(&made->file);
    jb_buf_release(&made->html);
    jb_buf_release(&made->pdf);
}

static bool has(const struct made *made, const char *text)
{
    return strstr(jb_buf_text(&made->html), text) != NULL;
}

static void test_open(struct jb_ledger *ledger)
{
    struct made made;
    char *const text = calloc(1, TEXT_MAX), code[256], small[64] = "";

    if (!make(ledger, NULL, &made)) {
        skip("no libqrencode, cairo or pango");
        drop(&made);
        free(text);
        return;
    }
    /* 1 + ... + 60 = 1830: best 110 x 1830 = 201300 uJ, low 183000, high 237900. */
    ok(has(&made, "<b>0.201 J</b>") &&
           has(&made, "0.183 .. 0.238 J; computed") | has(&made, "0.183 .. 0.238 J; computed"),
       "the total and its band, computed");
    ok(has(&made, JB_CERTIFICATE_LIMITS), "what a signature cannot prove");
    ok(has(&made, "A rendering."), "that it is a rendering");
    ok(has(&made, "no conditions were set"), "no policy is told as none");
    ok(has(&made, "issued by</dt>\n<dd>test.example/log, key "),
       "who signed, with the fingerprint");
    ok(!has(&made, "runs more"), "all 60 runs are on the page");
    (void)jb_certificate_qr(made.certificate, &made.digest, code, sizeof code);
    ok(has(&made, "QR code of the certificate"), "a QR code with a name");
    if (rig_ask((const char *const[]){"pdftotext", "-layout", "FILE", "-", NULL}, made.pdf.bytes,
                made.pdf.len, text, TEXT_MAX) == -1) {
        skip("no poppler");
    } else {
        const char *const more = strstr(text, "runs more");
        ok(strstr(text, "page 1 of 1") != NULL, "the PDF has one page");
        ok(more && strstr(text, "summed up here"), "runs that do not fit are summed up");
        /* n listed: the rest has the best 110 x (1830 - n (n + 1) / 2), for runs stand in the order of their begin. */
        const int64_t n = more ? N_RUNS - (more[-2] - '0') - 10 * (more[-3] - '0') : 0;
        (void)jb_format_energy(110 * (1830 - n * (n + 1) / 2), small, sizeof small);
        ok(n > 0 && strstr(more, small) != NULL, "the sum of the rest after %" PRId64 ": %s", n,
           small);
        ok(strstr(text, "They cannot prove that a sensor told the truth") != NULL,
           "the limits are on it");
    }
    drop(&made);
    free(text);
}

static void test_withheld(struct jb_ledger *ledger)
{
    static const char *const withheld[] = {"run.id", "run.model", "run.energy_uj", NULL};
    const struct jb_certify_order order = {.scope = {.project = "asphalt"}, .withheld = withheld};
    struct made made;
    char text[256];

    if (make(ledger, &order, &made)) {
        ok(has(&made, "asserted: parts are withheld"),
           "a total whose parts are withheld is asserted");
        ok(!has(&made, "computed: the verifier"), "and not computed");
        ok(has(&made, "run.energy_uj") && has(&made, "each as a salted hash"),
           "what is withheld is named");
        ok(has(&made, "<th scope=\"row\">withheld</th>"), "and withheld in the table");
        ok(!has(&made, "0190cafe-0000-7000-8000") && !has(&made, "cracknet"),
           "none of it is on the page");
    } else {
        skip("no libqrencode, cairo or pango");
    }
    made.findings.is_refused = true;
    jb_buf_clear(&made.html);
    is_i64(jb_certificate_html(made.certificate, &made.findings, &made.digest, false, &made.html,
                               NULL),
           JB_E_INPUT, "a refused certificate has no page");
    is_i64((int64_t)made.html.len, 0, "not even a part of one");
    made.findings.is_refused = false;
    is_i64(
        jb_certificate_pdf(made.certificate, &made.findings, &made.digest, true, &made.pdf, NULL),
        JB_E_PERMISSION, "nothing is loaded where there is a capability");
    memset(made.digest.bytes, 0xab, sizeof made.digest.bytes);
    (void)jb_certificate_qr(made.certificate, &made.digest, text, sizeof text);
    ok(strncmp(text, "joulebook:certificate?id=", 25) == 0 &&
           strstr(text, "&sha256=abababababababababababababababababababababababababababababababab&"
                        "signer=") &&
           strlen(strstr(text, "&signer=")) == 8 + 64,
       "the code has the id, the digest and the whole fingerprint");
    drop(&made);
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);

    certified_runs(ledger, 1, N_RUNS);
    test_open(ledger);
    test_withheld(ledger);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
