/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 10,000 certificates that somebody tampered with: each refused with its reason, the untouched one accepted (R-CERT-01 to -12).
 * The same with keys, checkpoints, earlier certificates and openings given.
 */
#include "certified.h"

#include "base/cursor.h"
#include "certificate/tlog.h"
#include "journal/journal_log.h"
#include "journal/merkle.h"

#define N_MUTANTS 10000

static uint64_t seed = 20261123;

static size_t below(size_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(seed >> 33) % n;
}

/* Refused, and says why. */
static bool is_refused(const char *bytes, size_t len)
{
    struct jb_certificate *certificate = NULL;
    struct jb_error err = {0};
    const jb_rc rc = jb_certificate_decode(bytes, len, &certificate, &err);

    jb_certificate_free(certificate);
    return rc < 0 && strlen(err.message) > 10;
}

/* The payload as it lies in the envelope, and the envelope around another one with the old signatures. */
static struct jb_dsse *envelope_of(const struct jb_buf *bytes)
{
    struct jb_dsse *const envelope = calloc(1, sizeof *envelope);
    struct jb_error err = {0};

    book_must(jb_dsse_decode(bytes->bytes, bytes->len, envelope, &err), &err, "envelope");
    return envelope;
}

static bool is_payload_refused(const struct jb_dsse *signed_one, char *payload, size_t len,
                               const struct jb_secret_key *key)
{
    struct jb_buf unsigned_bytes = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
    struct jb_dsse other = *signed_one;
    struct jb_error err = {0};
    bool is_right = true;

    other.payload = payload;
    other.payload_len = len;
    is_right = jb_dsse_encode(&other, &unsigned_bytes, &err) < 0 ||
               is_refused(unsigned_bytes.bytes, unsigned_bytes.len);
    struct jb_buf signed_bytes = certified_sign(payload, len, key);
    is_right = is_right && is_refused(signed_bytes.bytes, signed_bytes.len);
    jb_buf_release(&unsigned_bytes);
    jb_buf_release(&signed_bytes);
    return is_right;
}

static int64_t test_bytes(const struct jb_buf *bytes)
{
    char *const copy = malloc(bytes->len);
    int64_t n_accepted = 0;
    int64_t n = 0;

    memcpy(copy, bytes->bytes, bytes->len);
    for (size_t i = 0; i < 6000; i++) {
        const size_t at = bytes->len <= 6000 ? i % bytes->len : below(bytes->len);
        copy[at] = (char)(bytes->bytes[at] ^ (char)(1 + below(255)));
        n_accepted += !is_refused(copy, bytes->len);
        copy[at] = bytes->bytes[at];
        n++;
    }
    is_i64(n_accepted, 0, "R-CERT-01: no byte can be changed");
    n_accepted = 0;
    for (size_t i = 0; i < 500; i++, n++)
        n_accepted += !is_refused(bytes->bytes, i < 100 ? bytes->len - 1 - i : below(bytes->len));
    is_i64(n_accepted, 0, "none can be cut short");
    free(copy);
    return n;
}

/* A line of an inner text dropped, doubled or swapped with the next: as it is, and signed anew by the issuer. */
static int64_t test_lines(const struct jb_buf *bytes, const struct jb_secret_key *key)
{
    struct jb_dsse *const envelope = envelope_of(bytes);
    const size_t len = envelope->payload_len;
    char *const copy = malloc(2 * len + 1);
    int64_t n_accepted = 0;
    int64_t n = 0;

    while (n < 2000) {
        const char *const from = envelope->payload + below(len);
        const char *const end = envelope->payload + len;
        const char *const first = memmem(from, (size_t)(end - from), "\\n", 2);
        if (!first)
            continue;
        const char *const line = first + 2;
        const char *const next = memmem(line, (size_t)(end - line), "\\n", 2);
        if (!next)
            continue;
        const size_t head = (size_t)(line - envelope->payload);
        const size_t line_len = (size_t)(next + 2 - line);
        const int how = (int)(n % 2);
        size_t new_len;
        memcpy(copy, envelope->payload, head);
        if (how == 0) { /* dropped */
            memcpy(copy + head, next + 2, len - head - line_len);
            new_len = len - line_len;
        } else { /* doubled */
            memcpy(copy + head, line, line_len);
            memcpy(copy + head + line_len, line, len - head);
            new_len = len + line_len;
        }
        n_accepted += !is_payload_refused(envelope, copy, new_len, key);
        n++;
    }
    is_i64(n_accepted, 0, "R-CERT-02: no line can be dropped or doubled, whoever signs it");
    jb_dsse_release(envelope);
    free(envelope);
    free(copy);
    return n;
}

/* Parts of one certificate in another: fields, entry, checkpoint, proof. Signed by the issuer. */
static int64_t test_swaps(const struct jb_buf *a, const struct jb_buf *b,
                          const struct jb_secret_key *key)
{
    int64_t n_accepted = 0;
    int64_t n = 0;

    for (size_t i = 0; i < N_MUTANTS - 8500; i++) {
        struct jb_certificate *const mine = certified_decode(a);
        struct jb_certificate *const other = certified_decode(b);
        struct jb_buf payload = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
        struct jb_error err = {0};
        const size_t k = below(mine->n_fields);
        const size_t j = below(other->n_fields);
        switch (i % 6) {
        case 0: mine->fields[k] = other->fields[j == k ? (j + 1) % other->n_fields : j]; break;
        case 1: mine->inclusion = other->inclusion; break;
        case 2:
            mine->checkpoint = other->checkpoint;
            mine->checkpoint_len = other->checkpoint_len;
            break;
        case 3: mine->index = (int64_t)below(400); break;
        case 4: mine->fields[k].salt[below(16)] ^= (uint8_t)(1 + below(255)); break;
        default: mine->inclusion.hashes[below(mine->inclusion.n)].bytes[below(32)] ^= 1; break;
        }
        book_must(jb_certificate_payload(mine, &payload, &err), &err, "payload");
        struct jb_buf out = certified_sign(payload.bytes, payload.len, key);
        if (i % 6 != 3 || mine->index != other->index)
            n_accepted += out.len != a->len || memcmp(out.bytes, a->bytes, a->len) != 0
                              ? !is_refused(out.bytes, out.len)
                              : 0;
        jb_buf_release(&out);
        jb_buf_release(&payload);
        jb_certificate_free(mine);
        jb_certificate_free(other);
        n++;
    }
    is_i64(n_accepted, 0, "R-CERT-02: no part of another certificate fits into it");
    return n;
}

/* An issuer who makes up a value, and everything that follows from it: entry, tree, checkpoint, signatures. */
static struct jb_buf forge(const struct jb_buf *bytes, const char *name, const char *value,
                           const struct jb_secret_key *key)
{
    struct jb_certificate *const certificate = certified_decode(bytes);
    struct jb_entry_head *const head = calloc(1, sizeof *head);
    struct jb_buf entry = JB_BUF(JB_ENTRY_BYTES_MAX);
    struct jb_buf text = JB_BUF(4096);
    struct jb_buf note = JB_BUF(4096);
    struct jb_buf payload = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
    struct jb_buf subject = JB_BUF(4096);
    struct jb_error err = {0};
    struct jb_checkpoint checkpoint = {.size = 1};

    book_must(jb_entry_decode(certificate->entry, certificate->entry_len, head, &err), &err, "e");
    for (size_t i = 0; i < certificate->n_fields; i++) {
        struct jb_certificate_field *const field = &certificate->fields[i];
        if (strcmp(field->name, name) == 0) {
            field->value = value;
            field->len = value ? strlen(value) : 0;
        }
        if (field->value)
            head->fields[i].hash =
                jb_entry_commit(field->salt, field->name, field->value, field->len);
    }
    book_must(jb_entry_encode(head, &entry, &err), &err, "entry");
    certificate->entry = entry.bytes;
    certificate->entry_len = entry.len;
    checkpoint.root = jb_merkle_leaf(entry.bytes, entry.len);
    memcpy(checkpoint.origin, certificate->origin, sizeof checkpoint.origin);
    jb_checkpoint_text(&checkpoint, &text);
    book_must(jb_note_sign(text.bytes, text.len, key, &note, &err), &err, "note");
    certificate->checkpoint = note.bytes;
    certificate->checkpoint_len = note.len;
    certificate->tree.root = checkpoint.root;
    certificate->index = 0;
    certificate->inclusion.n = 0;
    book_must(jb_certificate_set_subject(certificate, &subject, &err), &err, "subject");
    book_must(jb_certificate_payload(certificate, &payload, &err), &err, "payload");
    struct jb_buf out = certified_sign(payload.bytes, payload.len, key);
    jb_buf_release(&entry);
    jb_buf_release(&text);
    jb_buf_release(&note);
    jb_buf_release(&payload);
    jb_buf_release(&subject);
    jb_certificate_free(certificate);
    free(head);
    return out;
}

static void test_forged(const struct jb_buf *bytes, const struct jb_secret_key *key)
{
    static const struct {
        const char *name, *value, *why;
    } lies[] = {
        {"total.measured.energy_uj", "21000 23100 27299 20", "its runs make"},
        {"total.measured.runs", "21", "its runs make"},
        {"total.measured.duration_ns", "1", "its runs make"},
        {"total.measured.location_ugco2e", "unknown", "its runs make"},
        {"total.measured.coverage_ns", "210000000000 0 0 0", "its runs make"},
        {"n_runs", "19", "lines, of 19 runs"},
        {"totals", "asserted", "marked 'asserted'"},
        {"parts", "measured training 20 210000000000 21000 23100 27300 20\n", "its runs make"},
        {"limits", "This is certified green.", "'limits'"},
        {"to_utc", "2025-11-24T17:00:00Z", "'run.start_utc'"},
        {"policy", "met coverage: required 85 %; found 99 %\n", "judges 'coverage'"},
        {"policy", "met coverage: required 95 %; found 90 %\n", "judges 'coverage'"},
        {"policy",
         "met no_open_runs: required none; found 0\nmet coverage: required 85 %; found 90 %\n",
         "wrong place"},
        {"policy", "met carbon_neutral: required yes; found yes\n", "no condition"},
        {"policy", "met coverage: required 85  %; found 90 %\n", "judges 'coverage'"},
        {"policy", "met against_coverage: required 90 %; found 99 %\n", "judges 'against_"},
        {"policy", "met no_unexplained_gaps: required none; found none\n", "judges 'no_unexpl"},
        {"policy", "met no_open_runs: required none; found 1\n", "judges 'no_open_runs'"},
        {"policy", "met energy_of_every_run: required all; found 21 of 21 runs\n",
         "judges 'energy"},
        {"policy", "met stages: required training, search; found training, search\n",
         "judges 'stages'"},
        {"policy", "met stages: required 2 stages; found withheld\n", "judges 'stages'"},
        {"methods", "A: energy of instructions, as counted; 20 runs\n", "its runs make"},
        {"run.part", NULL, "'parts' is open"},
        {"run.method", NULL, "'methods' is open"},
        {"from_utc", "2025-11-26T17:00:00Z", "later than"},
        {"run.id", NULL, ""},
        {"n_runs", NULL, "withheld, which it may not"},
        {"run.energy_uj", NULL, "'parts' is open"},
    };
    struct jb_buf same = forge(bytes, "none", "", key);
    struct jb_error err = {0};

    ok(!is_refused(same.bytes, same.len), "a forger who changes nothing is accepted");
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        struct jb_buf out = forge(bytes, lies[i].name, lies[i].value, key);
        struct jb_certificate *certificate = NULL;
        const jb_rc rc = jb_certificate_decode(out.bytes, out.len, &certificate, &err);
        if (lies[i].why[0] == '\0')
            ok(rc == JB_OK, "'%s' may be withheld", lies[i].name);
        else if (!ok(rc < 0 && strstr(err.message, lies[i].why),
                     "R-CERT-05: lie %zu: the issuer itself cannot make up %s", i, lies[i].name))
            diag("%s", rc < 0 ? err.message : "accepted");
        jb_certificate_free(certificate);
        jb_buf_release(&out);
    }
    jb_buf_release(&same);
}

static struct jb_findings look(const struct jb_buf *bytes, const struct jb_trust *trust)
{
    struct jb_certificate *const certificate = certified_decode(bytes);
    struct jb_findings findings;

    jb_certificate_verify(certificate, trust, &findings);
    jb_certificate_free(certificate);
    return findings;
}

/* R-CERT-10 */
static void test_keys(const struct jb_buf *bytes, const struct jb_secret_key *key,
                      const struct jb_secret_key *stranger)
{
    struct jb_certificate *const certificate = certified_decode(bytes);
    const int64_t issued = certificate->issued_utc_us;
    struct jb_listed_key listed = {.key = key->public};
    struct jb_trust trust = {.keys = &listed, .n_keys = 1, .has_keys = true};
    struct jb_trust nothing = {.keys = NULL};

    struct jb_findings found = look(bytes, &nothing);
    ok(!found.is_refused && findings_say(&found, JB_FINDING_OPEN, "no --key was given") &&
           findings_say(&found, JB_FINDING_OPEN, "no --checkpoint was given"),
       "R-CERT-08: without a key it says that it does not know who signed");
    found = look(bytes, &trust);
    ok(!found.is_refused && findings_say(&found, JB_FINDING_HOLDS, "key is in the list"),
       "R-CERT-10: with its key it is known");
    struct jb_buf re_signed = forge(bytes, "issuer", "", key);
    jb_buf_release(&re_signed);
    char vkey[JB_VKEY_TEXT];
    re_signed = forge(bytes, "issuer", jb_vkey(&stranger->public, vkey, sizeof vkey), stranger);
    found = look(&re_signed, &trust);
    ok(found.is_refused && findings_say(&found, JB_FINDING_REFUSED, "not in the list"),
       "the same signed by somebody else is refused with --key");
    listed.revoked_utc_us = issued;
    book_text(listed.reason, sizeof listed.reason, "stolen");
    found = look(bytes, &trust);
    ok(found.is_refused && findings_say(&found, JB_FINDING_REFUSED, "stolen"),
       "a key revoked by then is refused, with the reason");
    listed.revoked_utc_us = issued + 1;
    found = look(bytes, &trust);
    ok(!found.is_refused && findings_say(&found, JB_FINDING_SAYS, "issuer's word alone"),
       "one revoked later is the issuer's word");
    listed.revoked_utc_us = 0;
    listed.valid_from_utc_us = issued + 1;
    found = look(bytes, &trust);
    ok(found.is_refused && findings_say(&found, JB_FINDING_REFUSED, "valid from"),
       "a key that was not valid yet is refused");
    jb_buf_release(&re_signed);
    jb_certificate_free(certificate);
}

/* One entry of a log that revokes a key from a moment on. */
static void put_revocation(struct jb_buf *log, const char *vkey, const char *utc)
{
    static const uint8_t salt[JB_SALT_BYTES] = {1};
    struct jb_journal_log_opening openings[] = {{.value = vkey, .len = strlen(vkey)},
                                                {.value = utc, .len = strlen(utc)}};
    struct jb_entry_head *const head = calloc(1, sizeof *head);
    struct jb_buf bytes = JB_BUF(JB_ENTRY_BYTES_MAX);
    struct jb_error err = {0};

    book_text(head->kind, sizeof head->kind, "key-revoked");
    head->n_fields = 2;
    book_text(head->fields[0].name, sizeof head->fields[0].name, "public_key");
    book_text(head->fields[1].name, sizeof head->fields[1].name, "revoked_utc");
    for (int i = 0; i < 2; i++) {
        memcpy(openings[i].salt, salt, sizeof salt);
        head->fields[i].hash =
            jb_entry_commit(salt, head->fields[i].name, openings[i].value, openings[i].len);
    }
    book_must(jb_entry_encode(head, &bytes, &err), &err, "entry");
    book_must(jb_journal_log_put_entry(bytes.bytes, bytes.len, head, openings, log, &err), &err,
              "put");
    jb_buf_release(&bytes);
    free(head);
}

static jb_rc read_buf(void *arg, void *ret_bytes, size_t size, size_t *ret_n, struct jb_error *err)
{
    struct jb_cursor *const cursor = arg;

    (void)err;
    *ret_n = size < cursor->left ? size : cursor->left;
    memcpy(ret_bytes, jb_cursor_bytes(cursor, *ret_n), *ret_n);
    return JB_OK;
}

/* R-CERT-10: whatever says worst of a key counts. */
static void test_revocations(const struct jb_buf *bytes, const struct jb_secret_key *key,
                             const struct jb_secret_key *stranger)
{
    struct jb_certificate *const certificate = certified_decode(bytes);
    struct jb_buf log = JB_BUF(65536);
    struct jb_tlog_seen *seen = NULL;
    struct jb_error err = {0};
    char vkey[JB_VKEY_TEXT];

    book_must(jb_journal_log_put_header(2, "0011223344556677", &log, &err), &err, "head");
    put_revocation(&log, jb_vkey(&key->public, vkey, sizeof vkey), "2099-01-01T00:00:00Z");
    put_revocation(&log, vkey, "2098-01-01T00:00:00Z");
    struct jb_cursor cursor = jb_cursor_over(log.bytes, log.len);
    book_must(jb_tlog_read(read_buf, &cursor, &seen, &err), &err, "log");
    const int64_t earliest = INT64_C(4039372800000000);
    is_i64(jb_tlog_find_key(seen, &key->public)->key.revoked_utc_us, earliest,
           "the earliest revocation of a log counts, not the first");
    const struct jb_trust by_log = {.log = seen};
    struct jb_findings found = look(bytes, &by_log);
    ok(findings_say(&found, JB_FINDING_REFUSED, "its time of issue is not true"),
       "one entered behind the revocation of its key is refused, whatever time it tells");
    jb_tlog_seen_free(seen);

    const struct jb_listed_key listed[] = {
        {.key = key->public},
        {.key = key->public, .revoked_utc_us = certificate->issued_utc_us, .reason = "lost"}};
    const struct jb_trust lists = {.keys = listed, .n_keys = 2, .has_keys = true};
    found = look(bytes, &lists);
    ok(findings_say(&found, JB_FINDING_REFUSED, "lost"), "an older list makes no revoked key good");

    struct jb_dsse *const envelope = envelope_of(bytes);
    struct jb_buf renamed = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
    struct jb_secret_key third = *stranger;
    book_text(third.public.name, sizeof third.public.name, "nobody.example");
    book_must(jb_dsse_sign(envelope, &third, &err), &err, "countersign");
    book_text(envelope->signatures[1].key.name, sizeof envelope->signatures[1].key.name,
              "auditor.example"); /* needs no key: a keyid is not signed */
    book_must(jb_dsse_encode(envelope, &renamed, &err), &err, "encode");
    const struct jb_listed_key both[] = {{.key = key->public}, {.key = third.public}};
    const struct jb_trust named = {.keys = both, .n_keys = 2, .has_keys = true};
    found = look(&renamed, &named);
    ok(findings_say(&found, JB_FINDING_REFUSED, "the name was changed"),
       "a countersigner under another name is refused");
    jb_dsse_release(envelope);
    free(envelope);
    jb_buf_release(&renamed);
    jb_buf_release(&log);
    jb_certificate_free(certificate);
}

/* R-CERT-09 */
static void test_trees(struct jb_ledger *ledger, const struct jb_buf *old, const struct jb_buf *new,
                       const struct jb_secret_key *key, const struct jb_secret_key *stranger)
{
    struct jb_certificate *const earlier = certified_decode(old);
    struct jb_certificate *const later = certified_decode(new);
    struct jb_buf note = JB_BUF(4096);
    struct jb_trust trust = {.previous = earlier};
    struct jb_error err = {0};

    struct jb_findings found = look(new, &trust);
    ok(!found.is_refused && findings_say(&found, JB_FINDING_HOLDS, "nothing was rewritten"),
       "R-CERT-09: the later certificate continues the earlier one");
    trust.previous = later;
    found = look(old, &trust);
    ok(found.is_refused, "and not the other way round");
    trust.previous = NULL;
    book_must(jb_certify_checkpoint(ledger, later->tree.size, key, &note, &err), &err, "note");
    trust.checkpoint = note.bytes;
    trust.checkpoint_len = note.len;
    found = look(new, &trust);
    ok(!found.is_refused && findings_say(&found, JB_FINDING_HOLDS, "that of the checkpoint"),
       "the tree of a checkpoint is known");
    found = look(old, &trust);
    ok(found.is_refused && findings_say(&found, JB_FINDING_REFUSED, "is older than"),
       "an older tree is refused with --checkpoint");
    jb_buf_clear(&note);
    book_must(jb_certify_checkpoint(ledger, earlier->tree.size, key, &note, &err), &err, "note");
    trust.checkpoint = note.bytes;
    trust.checkpoint_len = note.len;
    found = look(new, &trust);
    ok(!found.is_refused && findings_say(&found, JB_FINDING_HOLDS, "of one log"),
       "a newer one by the proof that it holds");
    jb_buf_clear(&note);
    book_must(jb_certify_checkpoint(ledger, later->tree.size, stranger, &note, &err), &err, "n");
    trust.checkpoint = note.bytes;
    trust.checkpoint_len = note.len;
    found = look(new, &trust);
    ok(found.is_refused && findings_say(&found, JB_FINDING_REFUSED, "neither by the issuer"),
       "a checkpoint that a stranger signed is refused");
    struct jb_buf forged = forge(new, "none", "", key);
    ok(is_refused(forged.bytes, forged.len), "a rewritten book cannot keep its earlier tree");
    jb_buf_release(&forged);
    jb_buf_release(&note);
    jb_certificate_free(earlier);
    jb_certificate_free(later);
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    const struct jb_secret_key key = certified_key("test.example/log", 7);
    const struct jb_secret_key stranger = certified_key("test.example/log", 8);
    struct jb_certify_order order = {.scope = {.project = "asphalt"}};

    certified_runs(ledger, 1, 20);
    order.policy = "coverage: 85 %\nno_open_runs: yes\n";
    order.policy_len = strlen(order.policy);
    order.policy_name = "policy.yaml";
    struct jb_buf first = certified_make(ledger, &key, &order);
    order.previous = first.bytes;
    order.previous_len = first.len;
    certified_runs(ledger, 21, 23);
    struct jb_buf second = certified_make(ledger, &key, &order);

    ok(!is_refused(first.bytes, first.len) && !is_refused(second.bytes, second.len),
       "the untouched ones are accepted");
    const int64_t n =
        test_bytes(&first) + test_lines(&first, &key) + test_swaps(&first, &second, &key);
    is_i64(n, N_MUTANTS, "so many were tried");
    test_forged(&first, &key);
    test_keys(&first, &key, &stranger);
    test_revocations(&first, &key, &stranger);
    test_trees(ledger, &first, &second, &key, &stranger);
    jb_buf_release(&first);
    jb_buf_release(&second);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
