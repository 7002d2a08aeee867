/* SPDX-License-Identifier: Apache-2.0 */
/* Makes certificates for tests/cli/certificate.sh: make_certificates FOLDER. No test by itself. tests/certified.h says what is in them. */
#include "certified.h"

static void put(const char *folder, const char *name, const struct jb_buf *bytes)
{
    char path[1024];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *const file = fopen(path, "w");
    if (!file || fwrite(bytes->bytes, 1, bytes->len, file) != bytes->len || fclose(file) != 0)
        bail_out("cannot write '%s'", path);
}

int main(int argc, char **argv)
{
    static const char *const withheld[] = {"run.host", "run.configuration", "run.energy_uj", NULL};
    static const char policy[] = "coverage: 85 %\nno_open_runs: yes\nstages: [training, search]\n";
    const struct jb_secret_key key = certified_key("test.example/log", 7);
    struct jb_certificate_file file = {.name = "weights \"7\".bin"};
    struct jb_certify_order order = {.scope = {.project = "asphalt"}};
    char path[1024];

    if (argc != 2)
        return 2;
    memset(file.digest.bytes, 0xab, sizeof file.digest.bytes);
    (void)snprintf(path, sizeof path, "%s/book.db", argv[1]);
    struct jb_ledger *const ledger = book_open(path, JB_LEDGER_CREATE);
    certified_runs(ledger, 1, 2);
    struct jb_buf example = certified_make(ledger, &key, NULL);
    put(argv[1], "example.cert", &example);
    certified_runs(ledger, 3, 9);
    order.policy = policy;
    order.policy_len = strlen(policy);
    order.policy_name = "policy";
    order.files = &file;
    order.n_files = 1;
    order.previous = example.bytes;
    order.previous_len = example.len;
    struct jb_buf full = certified_make(ledger, &key, &order);
    put(argv[1], "full.cert", &full);
    order.withheld = withheld;
    struct jb_buf closed = certified_make(ledger, &key, &order);
    put(argv[1], "closed.cert", &closed);
    jb_buf_release(&example);
    jb_buf_release(&full);
    jb_buf_release(&closed);
    jb_ledger_close(ledger);
    return 0;
}
