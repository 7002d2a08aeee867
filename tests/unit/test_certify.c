/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of books of known energies (R-CERT-02, R-CERT-05, R-CERT-11). What is expected follows from tests/certified.h. */
#include "certified.h"

#include "journal/merkle.h"

static void test_totals(const struct jb_certificate *certificate)
{
    /* The sum of 1 .. 20 is 210; of every third, 3 + 6 + ... + 18, it is 63. */
    is_str(jb_certificate_text(certificate, "n_runs"), "20", "all twenty runs");
    is_str(jb_certificate_text(certificate, "total.measured.energy_uj"), "21000 23100 27300 20",
           "R-CERT-05: the energies are added up, band by band");
    is_str(jb_certificate_text(certificate, "total.measured.duration_ns"), "210000000000",
           "and the hours");
    is_str(jb_certificate_text(certificate, "total.measured.location_ugco2e"), "10 20 30 10",
           "carbon of the ten runs that know theirs");
    ok(!jb_certificate_field(certificate, "total.measured.market_ugco2e") &&
           !jb_certificate_field(certificate, "total.predicted.runs"),
       "what no run has is not there");
    is_str(jb_certificate_text(certificate, "total.measured.coverage_ns"),
           "189000000000 0 0 21000000000", "what meters saw, and what not");
    is_str(jb_certificate_text(certificate, "parts"),
           "measured training 14 147000000000 14700 16170 19110 14\n"
           "measured evaluation 6 63000000000 6300 6930 8190 6\n",
           "training apart from evaluation");
    ok(certificate->is_computed, "the totals are computed");
    is_str(jb_certificate_text(certificate, "left_out"), "1 1 0", "R-CERT-11: one open, one void");
}

static void test_scope(const struct jb_certificate *certificate)
{
    is_str(jb_certificate_text(certificate, "project"), "asphalt", "it names its project");
    is_str(jb_certificate_text(certificate, "from_utc"), "2025-11-24T17:00:00Z",
           "from the first run's begin");
    is_str(jb_certificate_text(certificate, "to_utc"), "2025-11-25T12:00:20Z",
           "to the last one's end");
    ok(!jb_certificate_field(certificate, "run.project"), "the project is told once");
    ok(strncmp(jb_certificate_text(certificate, "run.start_utc"), "2025-11-24T17:00:00Z\n", 21) ==
           0,
       "a line for each run");
}

/* The entry is in the book, and the earlier tree within the later. */
static void test_book(struct jb_ledger *ledger, const struct jb_certificate *certificate)
{
    JB_AUTO(jb_ledger_opened_free_auto) struct jb_ledger_opened *opened = NULL;
    struct jb_error err = {0};

    book_must(jb_ledger_entry_opened(ledger, certificate->index, &opened, &err), &err, "entry");
    is_str(opened->head.kind, "certified", "R-CERT-02: it is an entry of the book");
    ok(opened->n_bytes == certificate->entry_len &&
           memcmp(opened->bytes, certificate->entry, opened->n_bytes) == 0,
       "whose bytes it shows");
}

static void test_amended(struct jb_ledger *ledger, const struct jb_secret_key *key)
{
    struct jb_buf first = certified_make(ledger, key, NULL);
    struct jb_certify_order order = {.scope = {.project = "asphalt"}};
    const struct jb_field change = {"place", "NL"};
    struct jb_error err = {0};

    certified_runs(ledger, 21, 21);
    book_begin(ledger);
    book_must(jb_ledger_amend(ledger, "0190cafe-0000-7000-8000-000000000001", &change, 1,
                              "it was there", NULL, &err),
              &err, "amend");
    book_commit(ledger);
    order.previous = first.bytes;
    order.previous_len = first.len;
    struct jb_buf second = certified_make(ledger, key, &order);
    struct jb_certificate *const before = certified_decode(&first);
    struct jb_certificate *const after = certified_decode(&second);
    ok(after->has_previous && after->previous.size == before->tree.size &&
           jb_hash_equal(&after->previous.root, &before->tree.root),
       "R-CERT-09: a later certificate proves that it continues the earlier one");
    is_str(jb_certificate_text(after, "n_runs"), "21", "with the runs that came since");
    ok(strncmp(jb_certificate_text(before, "run.entry"), "1\n", 2) == 0,
       "R-CERT-11: the run amended since stands in the first as it was certified");
    jb_certificate_free(before);
    jb_certificate_free(after);
    jb_buf_release(&first);
    jb_buf_release(&second);
}

static int64_t size_of(struct jb_ledger *ledger)
{
    struct jb_error err = {0};
    struct jb_hash root;
    int64_t size = 0;

    book_must(jb_ledger_root(ledger, &size, &root, &err), &err, "root");
    return size;
}

static void test_refusals(struct jb_ledger *ledger, const struct jb_secret_key *key)
{
    static const char policy[] = "coverage: 95 %\nissue_only_if_met: yes\n";
    struct jb_buf out = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
    struct jb_certify_order order = {.scope = {.project = "nobody's"}, .key = key};
    struct jb_certified made;
    struct jb_error err = {0};
    const int64_t size = size_of(ledger);

    ok(jb_certify(ledger, &order, &out, &made, &err) < 0, "no runs, no certificate");
    order.scope.project = "asphalt";
    order.policy = policy;
    order.policy_len = strlen(policy);
    order.policy_name = "policy.yaml";
    order.software = "s";
    is_i64(jb_certify(ledger, &order, &out, &made, &err), JB_E_CONFLICT,
           "R-CERT-07: a policy may ask for no issue where it is not met");
    ok(strstr(err.message, "not met coverage: required 95 %; found 90 %") != NULL,
       "and it says what was found");
    is_i64(size_of(ledger), size, "nothing was entered");
    jb_buf_release(&out);
}

/* A book with the same first runs and other bytes: salts make every book its own. */
static void test_other_book(const struct jb_secret_key *key, const struct jb_buf *earlier)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_buf out = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
    struct jb_certify_order order = {.scope = {.project = "asphalt"},
                                     .key = key,
                                     .software = "s",
                                     .previous = earlier->bytes,
                                     .previous_len = earlier->len};
    struct jb_certified made;
    struct jb_error err = {0};

    certified_runs(ledger, 1, 30);
    is_i64(jb_certify(ledger, &order, &out, &made, &err), JB_E_CONFLICT,
           "R-CERT-09: a book made anew does not continue the earlier certificate");
    ok(out.len == 0, "and gives none");
    jb_buf_release(&out);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

static void test_proofs(struct jb_ledger *ledger, const struct jb_secret_key *key)
{
    struct jb_buf out = JB_BUF(65536);
    struct jb_tlog_proof proof;
    struct jb_checkpoint checkpoint;
    struct jb_note note;
    struct jb_error err = {0};
    struct jb_merkle_proof hashes = {.n = 0};
    struct jb_hash leaf;
    int64_t seq = 0;
    static const char run_id[] = "0190cafe-0000-7000-8000-000000000004";

    book_must(jb_certify_proof(ledger, run_id, key, &out, &err), &err, "proof");
    book_must(jb_tlog_proof_parse(out.bytes, out.len, &proof, &err), &err, "parse");
    book_must(jb_note_parse(proof.checkpoint, proof.checkpoint_len, &note, &err), &err, "note");
    book_must(jb_checkpoint_parse(note.text, note.len, &checkpoint, &err), &err, "checkpoint");
    book_must(jb_ledger_account_entry(ledger, run_id, &seq, &leaf, &err), &err, "account");
    hashes.n = proof.n_hashes;
    memcpy(hashes.hashes, proof.hashes, sizeof hashes.hashes);
    ok(jb_note_is_signed_by(&note, &key->public) && proof.index == seq - 1 &&
           jb_merkle_check_inclusion(proof.index, checkpoint.size, &leaf, &hashes,
                                     &checkpoint.root),
       "the entry of any run can be proved to be in the log");
    jb_tlog_proof_release(&proof);
    jb_buf_release(&out);
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    const struct jb_secret_key key = certified_key("test.example/log", 7);
    struct jb_error err = {0};

    certified_runs(ledger, 1, 20);
    book_begin(ledger);
    book_open_run(ledger, RUN_A, 10);
    certified_run(ledger, 99);
    book_must(jb_ledger_void(ledger, "0190cafe-0000-7000-8000-000000000099", "a mistake", &err),
              &err, "void");
    book_commit(ledger);

    struct jb_buf bytes = certified_make(ledger, &key, NULL);
    struct jb_certificate *const certificate = certified_decode(&bytes);
    test_totals(certificate);
    test_scope(certificate);
    test_book(ledger, certificate);
    test_amended(ledger, &key);
    test_refusals(ledger, &key);
    test_other_book(&key, &bytes);
    test_proofs(ledger, &key);
    jb_certificate_free(certificate);
    jb_buf_release(&bytes);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
