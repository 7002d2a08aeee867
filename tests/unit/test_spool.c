/* SPDX-License-Identifier: Apache-2.0 */
/* The spool's folder, lock, slots and latest state: what must hold whichever process dies when. */
#include "spool/spool.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "remove_tree.h"
#include "spool/log.h"
#include "tap.h"

static char folder[64];
static char book[96];

static jb_rc claim(struct jb_spool *spool, const char *id, uint32_t reserved_ppm,
                   uint32_t *ret_slot, struct jb_error *err)
{
    const struct jb_spool_claimant claimant = {.run_id = id,
                                               .parent_id = "",
                                               .board_texts = "CUDA_VISIBLE_DEVICES=0\n",
                                               .reserved_ppm = reserved_ppm};

    return jb_spool_claim(spool, &claimant, ret_slot, err);
}

static void open_or_bail(struct jb_spool *spool, bool *is_stale)
{
    struct jb_error err = {0};
    if (jb_spool_open(book, "node1", "boot-a", spool, is_stale, &err) < 0)
        bail_out("cannot open a spool: %s", err.message);
}

static void test_identity(void)
{
    struct jb_spool spool, other;
    bool is_stale = true;
    open_or_bail(&spool, &is_stale);
    ok(!is_stale, "a new spool belongs to this boot");
    ok(jb_spool_open(book, "node1", "boot-b", &other, &is_stale, NULL) == JB_OK && is_stale,
       "a spool of another boot is stale");
    jb_spool_close(&other);
    ok(jb_spool_open(book, "node2", "boot-a", &other, &is_stale, NULL) == JB_OK && is_stale,
       "a spool of another host is stale");
    jb_spool_close(&other);
    struct stat st;
    ok(stat(spool.path, &st) == 0 && (st.st_mode & 0777) == 0700,
       "its folder is the owner's alone");
    jb_spool_reset_if_idle(&spool, "node1", "boot-b");
    ok(!jb_spool_is_stale(&spool, "node1", "boot-a"), "only the recorder may empty it");
    jb_spool_close(&spool);
}

static void test_lock_passes_on(void)
{
    struct jb_spool spool, other;
    bool is_stale;
    open_or_bail(&spool, &is_stale);
    open_or_bail(&other, &is_stale);
    ok(jb_spool_lock(&spool, NULL) == JB_OK, "the first is the recorder");
    struct jb_error err = {0};
    ok(jb_spool_lock(&other, &err) == JB_E_BUSY && strstr(err.message, "records"),
       "the second is told who records");
    ok(jb_spool_request_frame(&other, 1000000) == JB_E_AGAIN,
       "a recorder that does not answer costs the time given and no more");
    jb_spool_unlock(&spool);
    ok(jb_spool_request_frame(&other, 1000000000) == JB_E_AGAIN, "nobody records: said at once");
    ok(jb_spool_lock(&other, NULL) == JB_OK, "the lock passes on");
    jb_spool_close(&spool);
    jb_spool_close(&other);

    int ready[2];
    if (pipe(ready) < 0)
        bail_out("no pipe");
    pid_t pid = fork();
    if (pid == 0) {
        struct jb_spool mine;
        char byte = 'x';
        if (jb_spool_open(book, "node1", "boot-a", &mine, &is_stale, NULL) == JB_OK &&
            jb_spool_lock(&mine, NULL) == JB_OK && write(ready[1], &byte, 1) == 1)
            pause();
        _exit(1);
    }
    char byte;
    ok(read(ready[0], &byte, 1) == 1, "another process records");
    open_or_bail(&spool, &is_stale);
    ok(jb_spool_lock(&spool, NULL) == JB_E_BUSY, "while it lives the lock is its own");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    ok(jb_spool_lock(&spool, NULL) == JB_OK, "killed, it holds nothing");
    jb_spool_close(&spool);
    close(ready[0]);
    close(ready[1]);
}

static void test_slots(void)
{
    struct jb_spool spool;
    bool is_stale;
    open_or_bail(&spool, &is_stale);
    uint32_t slot = 99;
    int n = 0;
    char id[JB_RUN_ID];
    while (n < JB_SUBJECTS_MAX) {
        (void)snprintf(id, sizeof id, "00000000-0000-7000-8000-%012d", n);
        if (claim(&spool, id, 1000000, &slot, NULL) < 0)
            break;
        n++;
    }
    is_i64(n, JB_SUBJECTS_MAX, "as many runs as there are slots");
    struct jb_error err = {0};
    ok(claim(&spool, id, 1000000, &slot, &err) == JB_E_BUSY && err.hint[0],
       "one more is refused with a hint");
    jb_spool_free_slot(&spool, 7);
    ok(claim(&spool, id, 500000, &slot, NULL) == JB_OK && slot == 7, "a freed slot is there again");
    for (uint32_t i = 0; i < JB_SUBJECTS_MAX; i++)
        jb_spool_free_slot(&spool, i);
    jb_spool_close(&spool);
}

static void test_latest(void)
{
    bool is_stale;
    struct jb_spool spool;
    open_or_bail(&spool, &is_stale);
    ok(jb_spool_latest_newest(&spool) == NULL, "before the first reading there is no latest state");
    struct jb_spool_latest *latest = jb_spool_latest_begin(&spool);
    latest->mono_ns = 5;
    ok(jb_spool_latest_newest(&spool) == NULL, "one that is being filled is not whole");
    jb_spool_latest_publish(&spool, latest);
    ok(jb_spool_latest_newest(&spool) == latest, "published, it is the newest");
    latest = jb_spool_latest_begin(&spool);
    latest->mono_ns = 6;
    is_i64(jb_spool_latest_newest(&spool)->mono_ns, 5,
           "a process that dies while filling leaves the one before");
    jb_spool_latest_publish(&spool, latest);
    is_i64(jb_spool_latest_newest(&spool)->mono_ns, 6, "the newest of two whole ones counts");
    for (int64_t n = 7; n < 1000; n++) {
        latest = jb_spool_latest_begin(&spool);
        latest->mono_ns = n;
        jb_spool_latest_publish(&spool, latest);
    }
    is_i64(jb_spool_latest_newest(&spool)->mono_ns, 999, "after many, the last one stands");
    jb_spool_close(&spool);
}

static void test_run_files(void)
{
    struct jb_spool spool;
    bool is_stale, is_alive = false;
    const char *id = "01900000-0000-7000-8000-000000000001";
    open_or_bail(&spool, &is_stale);
    int fd = -1;
    char *json = NULL;
    ok(jb_spool_read_run(&spool, id, &json, &is_alive, NULL) == JB_E_NOT_FOUND, "no file, no run");
    ok(jb_spool_write_run(&spool, id, "{\"a\":1}", &fd, NULL) == JB_OK && fd >= 0,
       "facts are kept");
    struct jb_spool other;
    open_or_bail(&other, &is_stale);
    ok(jb_spool_read_run(&other, id, &json, &is_alive, NULL) == JB_OK && is_alive,
       "a held file is a live run");
    is_str(json, "{\"a\":1}", "and its facts are read back");
    free(json);
    ok(jb_spool_write_run(&spool, id, "{\"a\":2}", &fd, NULL) == JB_OK, "facts are written again");
    ok(jb_spool_read_run(&other, id, &json, &is_alive, NULL) == JB_OK && is_alive,
       "the run stays alive across it");
    is_str(json, "{\"a\":2}", "the new facts are there, whole");
    free(json);
    close(fd);
    ok(jb_spool_read_run(&other, id, &json, &is_alive, NULL) == JB_OK && !is_alive,
       "a file that nobody holds is a dead run");
    free(json);
    jb_spool_remove_run(&spool, id);
    ok(jb_spool_read_run(&other, id, &json, &is_alive, NULL) == JB_E_NOT_FOUND,
       "removed is removed");
    jb_spool_close(&spool);
    jb_spool_close(&other);
}

static bool is_fifo(const struct jb_spool *spool)
{
    struct stat st;
    return fstatat(spool->folder_fd, "wake", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISFIFO(st.st_mode);
}

/* What stands in place of the FIFO must not keep the recorder busy: poll says of a plain file that it can be read. */
static void test_wake_is_a_fifo(void)
{
    struct jb_spool spool;
    bool is_stale;
    open_or_bail(&spool, &is_stale);
    unlinkat(spool.folder_fd, "wake", 0);
    int fd = openat(spool.folder_fd, "wake", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    close(fd);
    ok(jb_spool_lock(&spool, NULL) == JB_OK && spool.wake_fd >= 0 && is_fifo(&spool),
       "a plain file in place of the FIFO is replaced");
    jb_spool_unlock(&spool);
    unlinkat(spool.folder_fd, "wake", 0);
    if (symlinkat("/dev/zero", spool.folder_fd, "wake") < 0)
        bail_out("no symbolic link");
    ok(jb_spool_lock(&spool, NULL) == JB_OK && spool.wake_fd >= 0 && is_fifo(&spool),
       "a symbolic link too");
    jb_spool_unlock(&spool);
    unlinkat(spool.folder_fd, "wake", 0);
    if (mkdirat(spool.folder_fd, "wake", 0700) < 0)
        bail_out("no folder");
    struct jb_error err = {0};
    ok(jb_spool_lock(&spool, &err) < 0 && err.hint[0] && !spool.is_recorder,
       "what cannot be replaced is said, and nobody records");
    unlinkat(spool.folder_fd, "wake", AT_REMOVEDIR);
    ok(jb_spool_lock(&spool, NULL) == JB_OK, "the lock was not kept");
    jb_spool_close(&spool);
}

static void test_dead_claim(void)
{
    struct jb_spool spool;
    bool is_stale;
    uint32_t slot = 99;
    open_or_bail(&spool, &is_stale);
    if (jb_spool_lock(&spool, NULL) < 0)
        bail_out("no lock");
    atomic_store(&spool.node->slots[0].state, JB_SLOT_CLAIMED);
    ok(claim(&spool, "00000000-0000-7000-8000-000000000001", 1, &slot, NULL) == JB_OK && slot == 0,
       "a slot whose claimer died is taken");
    jb_spool_reset_if_idle(&spool, "node1", "boot-a");
    is_i64(atomic_load(&spool.node->slots[0].state), JB_SLOT_ACTIVE,
           "a node with a run in it is not emptied");
    ok(!jb_spool_end_slot(&spool, 0, "00000000-0000-7000-8000-000000000002", 7) &&
           atomic_load(&spool.node->slots[0].state) == JB_SLOT_ACTIVE,
       "no run ends another's slot");
    ok(jb_spool_end_slot(&spool, 0, "00000000-0000-7000-8000-000000000001", 7) &&
           atomic_load(&spool.node->slots[0].state) == JB_SLOT_ENDED,
       "its own it does");
    atomic_store(&spool.node->slots[5].state, JB_SLOT_CLAIMED);
    ok(jb_spool_free_dead_slots(&spool, NULL) == JB_OK, "slots of the dead can be freed");
    jb_spool_reset_if_idle(&spool, "node1", "boot-b");
    ok(!jb_spool_is_stale(&spool, "node1", "boot-b"),
       "then the node is emptied, for another boot too");
    jb_spool_reset_if_idle(&spool, "node1", "boot-a");
    jb_spool_close(&spool);
}

/* Files of the spool that are none: a command must not wait for what will never come. */
static void test_fifos(void)
{
    static const char *const names[] = {"slots", "log", "run-01900000-0000-7000-8000-000000000009"};
    struct jb_spool spool;
    struct jb_log_writer log;
    bool is_stale;
    uint32_t slot;
    open_or_bail(&spool, &is_stale);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        unlinkat(spool.folder_fd, names[i], 0);
        if (mkfifoat(spool.folder_fd, names[i], 0600) < 0)
            bail_out("no FIFO");
    }
    alarm(20);
    ok(jb_log_open(&spool, &log, NULL) < 0, "a FIFO is no log");
    ok(!jb_spool_is_alive(&spool, names[2] + 4), "a FIFO is no live run");
    jb_rc rc = claim(&spool, names[2] + 4, 1, &slot, NULL);
    ok(rc < 0 || slot == 0, "a FIFO in place of the lock of the slots is waited for by nobody");
    if (rc == JB_OK)
        jb_spool_free_slot(&spool, slot);
    alarm(0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unlinkat(spool.folder_fd, names[i], 0);
    jb_spool_close(&spool);
}

#define N_RACES 3000

/* The last run of a book empties the node while the first of the next begin: whoever has a slot keeps it. */
static void test_claim_while_emptied(void)
{
    struct jb_spool spool;
    bool is_stale;
    int status, n_lost = 0;
    open_or_bail(&spool, &is_stale);
    pid_t pid = fork();
    if (pid == 0) {
        struct jb_spool mine;
        if (jb_spool_open(book, "node1", "boot-a", &mine, &is_stale, NULL) < 0 ||
            jb_spool_lock(&mine, NULL) < 0)
            _exit(1);
        for (;;)
            jb_spool_reset_if_idle(&mine, "node1", "boot-a");
    }
    for (int i = 0; i < N_RACES; i++) {
        uint32_t slot;
        char id[JB_RUN_ID];
        (void)snprintf(id, sizeof id, "00000000-0000-7000-8000-%012d", i);
        if (claim(&spool, id, 1, &slot, NULL) < 0)
            bail_out("no slot");
        for (int j = 0; j < 20; j++)
            if (strcmp(spool.node->slots[slot].run_id, id) != 0 ||
                atomic_load(&spool.node->slots[slot].state) != JB_SLOT_ACTIVE) {
                n_lost++;
                break;
            }
        jb_spool_free_slot(&spool, slot);
    }
    is_i64(n_lost, 0, "no run loses its slot while the node is emptied");
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    jb_spool_close(&spool);
}

static void test_alive_while_written(void)
{
    struct jb_spool spool;
    const char *id = "01900000-0000-7000-8000-000000000002";
    bool is_stale;
    int n_dead = 0, ready[2];
    char byte = 'x';
    open_or_bail(&spool, &is_stale);
    if (pipe(ready) < 0)
        bail_out("no pipe");
    pid_t pid = fork();
    if (pid == 0) {
        int fd = -1;
        for (int i = 0;; i++) {
            if (jb_spool_write_run(&spool, id, "{}", &fd, NULL) < 0)
                _exit(1);
            if (i == 0 && write(ready[1], &byte, 1) != 1)
                _exit(1);
        }
    }
    if (read(ready[0], &byte, 1) != 1)
        bail_out("no run");
    for (int i = 0; i < N_RACES * 5; i++)
        n_dead += !jb_spool_is_alive(&spool, id);
    is_i64(n_dead, 0, "R-SPOOL-03: a run that writes its facts again never looks dead");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    ok(!jb_spool_is_alive(&spool, id), "R-SPOOL-03: killed, it is");
    jb_spool_remove_run(&spool, id);
    close(ready[0]);
    close(ready[1]);
    jb_spool_close(&spool);
}

static bool has_node_mapped(void)
{
    char line[4096];
    bool has = false;
    FILE *maps = fopen("/proc/self/maps", "re");
    if (!maps)
        _exit(3);
    while (fgets(line, sizeof line, maps))
        has = has || strstr(line, ".spool/node");
    (void)fclose(maps);
    return has;
}

/* What a child does to its memory, a maker's library that runs wild too, reaches no run. */
static void test_children_have_no_node(void)
{
    struct jb_spool spool;
    bool is_stale;
    int status;
    open_or_bail(&spool, &is_stale);
    atomic_store(&spool.node->posted_uj, 4711);
    ok(has_node_mapped(), "a spool's opener has its node mapped");
    pid_t pid = fork();
    if (pid == 0) {
        struct jb_spool mine = spool;
        if (has_node_mapped())
            _exit(1);
        if (jb_spool_map_again(&mine, NULL) < 0 || !has_node_mapped() ||
            atomic_fetch_add(&mine.node->posted_uj, 1) != 4711)
            _exit(2);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
       "R-READER-06: a child of it has not, until it maps it again (%d)", status);
    is_i64(atomic_load(&spool.node->posted_uj), 4712, "which is the same node");
    jb_spool_close(&spool);
}

int main(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/jb-test-spool-XXXXXX");
    if (!mkdtemp(folder))
        bail_out("no temporary folder");
    (void)snprintf(book, sizeof book, "%s/a/b/book.db", folder);
    test_identity();
    test_lock_passes_on();
    test_slots();
    test_latest();
    test_run_files();
    test_wake_is_a_fifo();
    test_dead_claim();
    test_fifos();
    test_claim_while_emptied();
    test_alive_while_written();
    test_children_have_no_node();
    remove_tree(folder);
    return done_testing();
}
