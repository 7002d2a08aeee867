/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The opened fields of a verified certificate to headings, figures and tables; withheld ones as withheld, asserted totals as asserted.
 * Computes one sum, that of the runs which do not fit a page, and marks it. Must never show what was withheld, nor drop the
 * limits of a signature. Rules R-PAGE-16 to R-PAGE-18.
 */
#include "certificate/certificate_page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "page/pdf.h"
#include "page/qr.h"

#define QR_PX     165
#define VALUE_MAX 200 /* of a text on a page */
#define LINES_MAX 64
#define WITHHELD  "withheld"

/* How much is shown: less, until a PDF has one page. */
struct room {
    size_t runs, lines;
    bool has_all_findings; /* else what holds is counted, and the rest is told */
};
static const struct room rooms[] = {{400, LINES_MAX, true}, {30, 8, false}, {24, 6, false},
                                    {18, 6, false},         {14, 4, false}, {10, 4, false},
                                    {7, 3, false},          {5, 3, false},  {3, 2, false},
                                    {0, 2, false},          {0, 0, false}};

struct page {
    const struct jb_certificate *certificate;
    const struct jb_findings *findings;
    const struct room *room;
    struct jb_document *document;
};

const char *jb_certificate_qr(const struct jb_certificate *certificate, const struct jb_hash *file,
                              char *buf, size_t size)
{
    char digest[JB_HASH_BYTES * 2 + 1], print[JB_FINGERPRINT];

    (void)snprintf(buf, size, "joulebook:certificate?id=%.40s&sha256=%s&signer=%s",
                   jb_certificate_text(certificate, "id"),
                   jb_hex(file->bytes, JB_HASH_BYTES, digest, sizeof digest),
                   jb_fingerprint(&certificate->signers[0], print, sizeof print));
    return buf;
}

/* --- texts ------------------------------------------------------------------------------------------------------------- */

/* A field that is there: its value, cut, or that it is withheld. */
static void add_field(const struct page *page, const char *title, const char *name)
{
    const struct jb_certificate_field *const field = jb_certificate_field(page->certificate, name);
    char value[VALUE_MAX];

    if (!field)
        return;
    jb_clean_copy(field->value ? field->value : WITHHELD, value, sizeof value);
    jb_document_fact(page->document, title, value);
}

/* Numbers with a blank between; how many of them, 0 where it is none of that. */
static size_t numbers_of(const char *text, size_t len, int64_t *ret, size_t max)
{
    size_t n = 0, begin = 0;

    for (size_t i = 0; i <= len; i++) {
        if (i < len && text[i] != ' ')
            continue;
        if (n == max || jb_parse_i64(text + begin, i - begin, false, &ret[n]) < 0)
            return 0;
        n++;
        begin = i + 1;
    }
    return n;
}

typedef const char *(*format_fn)(int64_t value, char *buf, size_t size);

/* "5.8 .. 6.5 kWh": the unit once where both have the same; returns buf. */
static const char *band_text(int64_t from, int64_t to, format_fn format, char *buf, size_t size)
{
    char low[48], high[48];
    const char *const unit = strchr(format(to, high, sizeof high), ' ');
    char *const end = strchr(format(from, low, sizeof low), ' ');

    if (unit && end && strcmp(unit, end) == 0)
        *end = '\0';
    (void)snprintf(buf, size, "%s .. %s", low, high);
    return buf;
}

/* "6.1 kWh (5.8 .. 6.5 kWh)" of LOW BEST HIGH and perhaps a number of runs; "not known"; returns buf. */
static const char *figure_text(const char *text, size_t len, format_fn format, char *buf,
                               size_t size)
{
    char best[48], band[112];
    int64_t n[4];

    if (numbers_of(text, len, n, 4) >= 3)
        (void)snprintf(buf, size, "%s (%s)", format(n[1], best, sizeof best),
                       band_text(n[0], n[2], format, band, sizeof band));
    else
        (void)snprintf(buf, size, "not known");
    return buf;
}

static const struct jb_certificate_field *total_of(const struct page *page, const char *layer,
                                                   const char *total)
{
    char name[JB_FIELD_NAME];

    (void)snprintf(name, sizeof name, "total.%s.%s", layer, total);
    return jb_certificate_field(page->certificate, name);
}

/* --- totals ------------------------------------------------------------------------------------------------------------ */

static void add_total(const struct page *page, const char *layer, const char *total,
                      const char *title, format_fn format)
{
    const struct jb_certificate_field *const field = total_of(page, layer, total), *const runs =
                                                                                       total_of(
                                                                                           page,
                                                                                           layer,
                                                                                           "runs");
    char text[VALUE_MAX];
    int64_t n[4], n_runs = -1;

    if (!field || !field->value)
        return;
    if (numbers_of(field->value, field->len, n, 4) == 1)
        (void)format(n[0], text, sizeof text);
    else
        (void)figure_text(field->value, field->len, format, text, sizeof text);
    if (runs && runs->value)
        n_runs = jb_parse_i64(runs->value, runs->len, false, n) == JB_OK ? n[0] : -1;
    const size_t len = strlen(text);
    if (numbers_of(field->value, field->len, n, 4) == 4 && n[3] != n_runs)
        (void)snprintf(text + len, sizeof text - len, ", of %" PRId64 " of %" PRId64 " runs", n[3],
                       n_runs);
    jb_document_fact(page->document, title, text);
}

static void add_coverage(const struct page *page, const char *layer)
{
    const struct jb_certificate_field *const field = total_of(page, layer, "coverage_ns");
    char text[VALUE_MAX], times[4][32];
    int64_t n[4];

    if (!field || !field->value || numbers_of(field->value, field->len, n, 4) != 4)
        return;
    for (size_t i = 0; i < 4; i++)
        (void)jb_format_duration(n[i], times[i], sizeof times[i]);
    (void)snprintf(text, sizeof text, "%s by counter, %s by gauge, %s interpolated, %s unobserved",
                   times[0], times[1], times[2], times[3]);
    jb_document_fact(page->document, "time of the meters", text);
}

static void add_layer(const struct page *page, const char *layer)
{
    const struct jb_certificate_field *const runs = total_of(page, layer, "runs"),
                                             *const energy = total_of(page, layer, "energy_uj");
    char title[64], best[64] = "not known", band[224], interval[112];
    int64_t n[4];

    if (!runs || !runs->value)
        return;
    (void)snprintf(title, sizeof title, "energy of the computers (IT), %s", layer);
    (void)snprintf(band, sizeof band, "%s",
                   page->certificate->is_computed
                       ? "computed: the verifier summed the runs"
                       : "asserted: parts of it are withheld, so nobody but the issuer can sum it");
    if (energy && energy->value && numbers_of(energy->value, energy->len, n, 4) >= 3) {
        (void)jb_format_energy(n[1], best, sizeof best);
        (void)snprintf(band, sizeof band, "%s; %s",
                       band_text(n[0], n[2], jb_format_energy, interval, sizeof interval),
                       page->certificate->is_computed
                           ? "computed: the verifier summed the runs"
                           : "asserted: parts are withheld, and only the issuer can sum them");
    }
    jb_document_figure(page->document, title, best, band);
    jb_document_fact(page->document, "runs", runs->value);
    add_total(page, layer, "duration_ns", "time", jb_format_duration);
    add_total(page, layer, "facility_uj", "facility on top", jb_format_energy);
    add_total(page, layer, "location_ugco2e", "CO2e, location-based", jb_format_co2e);
    add_total(page, layer, "market_ugco2e", "CO2e, market-based", jb_format_co2e);
    add_coverage(page, layer);
}

/* --- lines --------------------------------------------------------------------------------------------------------------- */

static void add_lines(const struct page *page, const char *title, const char *name, size_t max)
{
    const struct jb_certificate_field *const field = jb_certificate_field(page->certificate, name);
    struct jb_certificate_lines lines = jb_certificate_lines(page->certificate, name);
    const char *line = NULL;
    char text[VALUE_MAX + 8], cut[VALUE_MAX];
    size_t len = 0, n = 0;

    if (field && !field->value)
        jb_document_fact(page->document, title, WITHHELD);
    while (field && field->value && jb_certificate_next_line(&lines, &line, &len)) {
        if (n++ >= max)
            continue;
        (void)snprintf(text, sizeof text, "%.*s", (int)(len < VALUE_MAX ? len : VALUE_MAX), line);
        jb_clean_copy(text, cut, sizeof cut);
        jb_document_fact(page->document, n == 1 ? title : "", cut);
    }
    if (n > max) {
        (void)snprintf(text, sizeof text, "%s%zu%s", max > 0 ? "and " : "", n - max,
                       max > 0 ? " more, in the file" : " lines, in the file");
        jb_document_fact(page->document, max > 0 ? "" : title, text);
    }
}

static void add_withheld(const struct page *page)
{
    char text[1024] = "";
    size_t len = 0;

    for (size_t i = 0; i < page->certificate->n_fields && len < sizeof text; i++)
        if (!page->certificate->fields[i].value)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", len > 0 ? ", " : "",
                                    page->certificate->fields[i].name);
    if (len > 0)
        jb_document_fact(page->document, "withheld, each as a salted hash", text);
}

/* --- runs -------------------------------------------------------------------------------------------------------------- */

enum column { RUN_ID, RUN_BEGUN, RUN_PART, RUN_LAYER, RUN_TIME, RUN_ENERGY, N_COLUMNS };
static const char *const column_names[N_COLUMNS] = {
    "run.id", "run.start_utc", "run.part", "run.layer", "run.duration_ns", "run.energy_uj"};

struct run_row {
    char text[N_COLUMNS][96];
    const char *line[N_COLUMNS]; /* NULL: withheld */
    size_t len[N_COLUMNS];
};

static bool next_run(struct jb_certificate_lines *columns, const struct page *page,
                     struct run_row *row)
{
    bool is_there = false;

    for (int i = 0; i < N_COLUMNS; i++) {
        row->line[i] = NULL;
        if (jb_certificate_text(page->certificate, column_names[i]) &&
            jb_certificate_next_line(&columns[i], &row->line[i], &row->len[i]))
            is_there = true;
    }
    return is_there;
}

static void format_run(struct run_row *row)
{
    int64_t n;

    for (int i = 0; i < N_COLUMNS; i++) {
        char *const text = row->text[i];
        const char *const line = row->line[i];
        const int len = (int)(row->len[i] < 40 ? row->len[i] : 40);
        if (!line)
            (void)snprintf(text, sizeof row->text[i], WITHHELD);
        else if (i == RUN_ENERGY)
            (void)figure_text(line, row->len[i], jb_format_energy, text, sizeof row->text[i]);
        else if (i == RUN_TIME && jb_parse_i64(line, row->len[i], false, &n) == JB_OK)
            (void)jb_format_duration(n, text, sizeof row->text[i]);
        else
            (void)snprintf(text, sizeof row->text[i], "%.*s", i == RUN_ID && len > 18 ? 18 : len,
                           line);
    }
}

/* The sums of the runs that are not listed, by layer, for layers are never added together. */
struct rest {
    int64_t n, n_known, energy[3], duration_ns;
    bool is_whole;
};

static void add_to_rest(const struct run_row *row, struct rest *rest)
{
    int64_t n[3], ns;

    rest->n++;
    if (row->line[RUN_TIME] &&
        jb_parse_i64(row->line[RUN_TIME], row->len[RUN_TIME], false, &ns) == JB_OK)
        rest->duration_ns = jb_add_sat_i64(rest->duration_ns, ns);
    if (!row->line[RUN_ENERGY] ||
        numbers_of(row->line[RUN_ENERGY], row->len[RUN_ENERGY], n, 3) != 3)
        return;
    for (int i = 0; i < 3; i++)
        rest->energy[i] = jb_add_sat_i64(rest->energy[i], n[i]);
    rest->n_known++;
}

static const char *const layers[] = {"measured", "reconstructed", "predicted"};

static int layer_of(const struct run_row *row)
{
    for (int i = 0; row->line[RUN_LAYER] && i < (int)JB_ARRAY_LEN(layers); i++)
        if (strlen(layers[i]) == row->len[RUN_LAYER] &&
            memcmp(layers[i], row->line[RUN_LAYER], row->len[RUN_LAYER]) == 0)
            return i;
    return -1;
}

static void add_rest(const struct page *page, const struct rest *rest, const char *layer)
{
    char name[64], energy[200] = WITHHELD, time[48] = WITHHELD, sum[176];
    char best[48], band[112];

    if (rest->n == 0)
        return;
    (void)snprintf(name, sizeof name, "%" PRId64 " runs more", rest->n);
    if (jb_certificate_text(page->certificate, "run.duration_ns"))
        (void)jb_format_duration(rest->duration_ns, time, sizeof time);
    if (jb_certificate_text(page->certificate, "run.energy_uj")) {
        (void)snprintf(
            sum, sizeof sum, "%s (%s)", jb_format_energy(rest->energy[1], best, sizeof best),
            band_text(rest->energy[0], rest->energy[2], jb_format_energy, band, sizeof band));
        (void)snprintf(energy, sizeof energy, "%s%s", rest->n_known > 0 ? sum : "not known",
                       rest->n_known > 0 && rest->n_known < rest->n ? ", as far as known" : "");
    }
    jb_document_row(page->document,
                    (const char *const[]){name, "summed up here", "", layer, time, energy});
}

static void add_runs(const struct page *page)
{
    static const char *const titles[N_COLUMNS] = {"run",   "begun (UTC)", "part",
                                                  "layer", "time",        "energy (band)"};
    struct jb_certificate_lines columns[N_COLUMNS];
    struct rest rests[JB_ARRAY_LEN(layers) + 1] = {{.n = 0}}; /* the last: layer withheld */
    struct run_row row = {.line = {NULL}};
    size_t n = 0;

    for (int i = 0; i < N_COLUMNS; i++)
        columns[i] = jb_certificate_lines(page->certificate, column_names[i]);
    jb_document_heading(page->document, "Runs");
    jb_document_table(page->document, "", N_COLUMNS, titles, 0x30);
    while (next_run(columns, page, &row)) {
        const int layer = layer_of(&row);
        if (n++ >= page->room->runs) {
            add_to_rest(&row, &rests[layer >= 0 ? layer : (int)JB_ARRAY_LEN(layers)]);
            continue;
        }
        format_run(&row);
        jb_document_row(page->document,
                        (const char *const[]){row.text[0], row.text[1], row.text[2], row.text[3],
                                              row.text[4], row.text[5]});
    }
    for (size_t i = 0; i < JB_ARRAY_LEN(layers); i++)
        add_rest(page, &rests[i], layers[i]);
    /* Runs of withheld layers cannot be added to each other. */
    if (rests[JB_ARRAY_LEN(layers)].n > 0) {
        char name[64];
        (void)snprintf(name, sizeof name, "%" PRId64 " runs more", rests[JB_ARRAY_LEN(layers)].n);
        jb_document_row(page->document,
                        (const char *const[]){name, "in the file", "", WITHHELD, "", ""});
    }
}

/* --- the page ---------------------------------------------------------------------------------------------------------- */

static void add_signers(const struct page *page, const struct jb_hash *file)
{
    const struct jb_certificate *const certificate = page->certificate;
    char text[512], hex[JB_HASH_BYTES * 2 + 1], utc[32];

    add_field(page, "certificate", "id");
    for (size_t i = 0; i < certificate->n_signers && i < 4; i++) {
        (void)snprintf(text, sizeof text, "%.120s, key %s", certificate->signers[i].name,
                       jb_fingerprint(&certificate->signers[i], hex, sizeof hex));
        jb_document_fact(page->document, i == 0 ? "issued by" : "countersigned by", text);
    }
    if (certificate->n_signers > 4)
        jb_document_fact(page->document, "", "and others, in the file");
    jb_document_fact(page->document, "issued",
                     jb_format_utc(certificate->issued_utc_us, false, utc, sizeof utc));
    (void)snprintf(text, sizeof text, "%.40s to %.40s",
                   jb_certificate_text(certificate, "from_utc"),
                   jb_certificate_text(certificate, "to_utc"));
    jb_document_fact(page->document, "runs begun", text);
    add_field(page, "project", "project");
    add_field(page, "model", "model");
    add_field(page, "version", "model_version");
    add_lines(page, "files of the model", "subjects",
              page->room->lines < 4 ? page->room->lines : 4);
    jb_document_fact(page->document, "SHA-256 of the file",
                     jb_hex(file->bytes, JB_HASH_BYTES, hex, sizeof hex));
    (void)snprintf(text, sizeof text,
                   "entry %" PRId64 " of a tree of %" PRId64 " entries of %.160s",
                   certificate->index, certificate->tree.size, certificate->origin);
    jb_document_fact(page->document, "in the log", text);
}

static void add_conditions(const struct page *page)
{
    char text[160];
    int64_t n[3];

    jb_document_heading(page->document, "Completeness and method");
    if (!jb_certificate_field(page->certificate, "policy"))
        jb_document_fact(page->document, "policy", "no conditions were set");
    add_lines(page, "policy", "policy", LINES_MAX);
    const char *const left_out = jb_certificate_text(page->certificate, "left_out");
    if (left_out && numbers_of(left_out, strlen(left_out), n, 3) == 3) {
        (void)snprintf(text, sizeof text,
                       "%" PRId64 " open, %" PRId64 " void, %" PRId64
                       " reconciled with a measured one",
                       n[0], n[1], n[2]);
        jb_document_fact(page->document, "runs left out", text);
    }
    const struct jb_certificate_field *const against =
        jb_certificate_field(page->certificate, "against");
    int64_t told[6];
    if (against && !against->value)
        jb_document_fact(page->document, "against bills or scheduler", WITHHELD);
    if (against && against->value && numbers_of(against->value, against->len, told, 6) == 6) {
        char logged[48], all[48];
        (void)snprintf(text, sizeof text,
                       "%s of machine time in the book, of %s told: %" PRId64 ".%04" PRId64 " %%",
                       jb_format_duration(told[0], logged, sizeof logged),
                       jb_format_duration(told[1], all, sizeof all), told[2] / 10000,
                       told[2] % 10000);
        jb_document_fact(page->document, "against bills or scheduler", text);
    }
    add_lines(page, "methods", "methods", LINES_MAX);
    add_lines(page, "factors", "factors", page->room->lines);
    add_withheld(page);
}

static void add_findings(const struct page *page)
{
    char text[80];
    size_t n_hold = 0;

    jb_document_heading(page->document, "What the verifier found");
    for (size_t i = 0; i < page->findings->n; i++) {
        const struct jb_finding *const finding = &page->findings->list[i];
        if (page->room->has_all_findings || finding->kind != JB_FINDING_HOLDS)
            jb_document_fact(page->document, jb_finding_kind_name(finding->kind), finding->text);
        n_hold += finding->kind == JB_FINDING_HOLDS;
    }
    (void)snprintf(text, sizeof text, "%zu findings, which joulebook verify tells", n_hold);
    if (!page->room->has_all_findings)
        jb_document_fact(page->document, jb_finding_kind_name(JB_FINDING_HOLDS), text);
}

static void make(const struct page *page, const struct jb_hash *file, struct jb_picture *qr)
{
    jb_document_init(page->document, "Signed energy record",
                     "A rendering. What is signed is the file: joulebook verify FILE",
                     page->certificate->issued_utc_us);
    jb_document_picture(page->document, qr, NULL);
    add_signers(page, file);
    jb_document_heading(page->document, "Energy");
    for (size_t i = 0; i < JB_ARRAY_LEN(layers); i++)
        add_layer(page, layers[i]);
    jb_document_note(page->document, JB_CERTIFICATE_LIMITS);
    add_runs(page);
    add_conditions(page);
    add_findings(page);
}

/* The document with so much room; the caller releases it. */
static jb_rc make_with(struct page *page, const struct room *room, const struct jb_hash *file,
                       bool is_privileged, struct jb_error *err)
{
    struct jb_picture qr;
    char text[256];

    if (page->findings->is_refused)
        return jb_fail(err, JB_E_INPUT, "joulebook verify FILE says why",
                       "there is no page of a certificate that is refused");
    page->room = room;
    const jb_rc rc = jb_qr_draw(jb_certificate_qr(page->certificate, file, text, sizeof text),
                                "QR code of the certificate", text, QR_PX, is_privileged, &qr, err);
    if (rc == JB_OK)
        make(page, file, &qr);
    return rc;
}

jb_rc jb_certificate_html(const struct jb_certificate *certificate,
                          const struct jb_findings *findings, const struct jb_hash *file,
                          bool is_privileged, struct jb_buf *out, struct jb_error *err)
{
    struct jb_document document = {.failed = JB_OK};
    struct page page = {.certificate = certificate, .findings = findings, .document = &document};
    jb_rc rc = make_with(&page, &rooms[0], file, is_privileged, err);

    if (rc == JB_OK)
        rc = jb_document_html(&document, out, err);
    jb_document_release(&document);
    return rc;
}

/* R-PAGE-17: from much room to little, until it is one page. */
jb_rc jb_certificate_pdf(const struct jb_certificate *certificate,
                         const struct jb_findings *findings, const struct jb_hash *file,
                         bool is_privileged, struct jb_buf *out, struct jb_error *err)
{
    for (size_t i = 1; i < JB_ARRAY_LEN(rooms); i++) {
        struct jb_document document = {.failed = JB_OK};
        struct page page = {
            .certificate = certificate, .findings = findings, .document = &document};
        size_t n_pages = 0;
        jb_rc rc = make_with(&page, &rooms[i], file, is_privileged, err);
        jb_buf_clear(out);
        if (rc == JB_OK)
            rc = jb_document_pdf(&document, is_privileged, out, &n_pages, err);
        jb_document_release(&document);
        if (rc < 0 || n_pages == 1)
            return rc;
    }
    return jb_fail(err, JB_E_RANGE, "--html has no such bound",
                   "the certificate does not fit one page, even without its runs");
}
