/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spool's folder, its shared node and its lock. Process death at any instant leaves a state the next opener
 * can settle; nothing here talks to the book.
 */
#include "spool/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/compiler.h"

#define RUN_JSON_MAX (256 * 1024)
#define RUN_PAGE     4096
/* A slot is taken in microseconds; a second is for a process that was stopped in the middle of it. */
#define SLOTS_TRIES    1000
#define SLOTS_PAUSE_NS 1000000

static int open_in(const struct jb_spool *spool, const char *name, int flags)
{
    /* Whatever stands there instead of a file of ours, nobody waits for it. */
    return openat(spool->folder_fd, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

static jb_rc map_node(struct jb_spool *spool, struct jb_error *err)
{
    int fd = open_in(spool, "node", O_RDWR | O_CREAT);
    if (fd < 0)
        return jb_fail_errno(err, errno, "check the folder's owner and mode",
                             "cannot open '%s/node'", spool->path);
    struct stat st;
    if (fstat(fd, &st) < 0) {
        int saved = errno;
        close(fd);
        return jb_fail_errno(err, saved, NULL, "cannot look at '%s/node'", spool->path);
    }
    /* R-SPOOL-05. Allocated in full: a store into a hole of a full disk would be a SIGBUS in the middle of a run. Once
     * only: where the C library must write the blocks itself, it must not do so under a node in use. */
    int rc = st.st_size < (off_t)sizeof(struct jb_spool_node)
                 ? posix_fallocate(fd, 0, (off_t)sizeof(struct jb_spool_node))
                 : 0;
    if (rc != 0) {
        close(fd);
        return jb_fail_errno(err, rc,
                             "make room on the book's disk, or name another book with --book",
                             "no room for '%s/node'", spool->path);
    }
    void *at = mmap(NULL, sizeof(struct jb_spool_node), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    int saved = errno;
    close(fd);
    if (at == MAP_FAILED)
        return jb_fail_errno(err, saved, NULL, "cannot map '%s/node'", spool->path);
    /* R-READER-06. Not into children: some call a maker's library, and a wild write there must not reach a run's state. */
    (void)madvise(at, sizeof(struct jb_spool_node), MADV_DONTFORK);
    spool->node = at;
    return JB_OK;
}

jb_rc jb_spool_map_again(struct jb_spool *spool, struct jb_error *err)
{
    return map_node(spool, err);
}

static void write_identity(struct jb_spool_node *node, const char *host, const char *boot_id)
{
    memset(node, 0, sizeof *node);
    snprintf(node->host, sizeof node->host, "%s", host);
    snprintf(node->boot_id, sizeof node->boot_id, "%s", boot_id);
    node->bytes = sizeof *node;
    atomic_thread_fence(memory_order_release);
    node->magic = JB_SPOOL_MAGIC;
}

/* The book's folder, with those above it that are missing, for its owner only. */
static jb_rc make_parents(const char *path, struct jb_error *err)
{
    char folder[1024];
    (void)snprintf(folder, sizeof folder, "%s", path);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0700) < 0 && errno != EEXIST)
            return jb_fail_errno(err, errno, "name a book in a folder you can write to with --book",
                                 "cannot make the folder '%s'", folder);
        *slash = '/';
    }
    return JB_OK;
}

static bool is_ours(const struct jb_spool_node *node, const char *host, const char *boot_id)
{
    return node->magic == JB_SPOOL_MAGIC && node->bytes == sizeof *node &&
           strncmp(node->boot_id, boot_id, sizeof node->boot_id) == 0 &&
           strncmp(node->host, host, sizeof node->host) == 0;
}

bool jb_spool_is_stale(const struct jb_spool *spool, const char *host, const char *boot_id)
{
    return !is_ours(spool->node, host, boot_id);
}

jb_rc jb_spool_open(const char *book_path, const char *host, const char *boot_id,
                    struct jb_spool *ret, bool *ret_is_stale, struct jb_error *err)
{
    struct jb_spool spool = {.folder_fd = -1, .lock_fd = -1, .wake_fd = -1};
    int n = snprintf(spool.path, sizeof spool.path, "%s.spool", book_path);
    if (n < 0 || (size_t)n >= sizeof spool.path)
        return jb_fail(err, JB_E_USAGE, "use a shorter path", "the book's path is too long");
    jb_rc made = make_parents(spool.path, err);
    if (made < 0)
        return made;
    if (mkdir(spool.path, 0700) < 0 && errno != EEXIST)
        return jb_fail_errno(err, errno, "name a book in a folder you can write to with --book",
                             "cannot make the spool '%s'", spool.path);
    spool.folder_fd = open(spool.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (spool.folder_fd < 0)
        return jb_fail_errno(err, errno, NULL, "cannot open the spool '%s'", spool.path);
    spool.lock_fd = open_in(&spool, "lock", O_RDWR | O_CREAT);
    if (spool.lock_fd < 0) {
        jb_rc rc = jb_fail_errno(err, errno, NULL, "cannot open '%s/lock'", spool.path);
        jb_spool_close(&spool);
        return rc;
    }
    jb_rc rc = map_node(&spool, err);
    if (rc < 0) {
        jb_spool_close(&spool);
        return rc;
    }
    /*
     * Only the lock's holder may write the identity; whoever comes second finds it written. Never waited for as such: a
     * recorder that has just begun holds the lock for as long as its run lasts, and has written before.
     */
    const struct timespec pause = {.tv_nsec = SLOTS_PAUSE_NS};
    for (int i = 0; spool.node->magic == 0 && i < SLOTS_TRIES; i++) {
        if (flock(spool.lock_fd, LOCK_EX | LOCK_NB) < 0) {
            nanosleep(&pause, NULL);
            continue;
        }
        if (spool.node->magic == 0)
            write_identity(spool.node, host, boot_id);
        flock(spool.lock_fd, LOCK_UN);
    }
    *ret_is_stale = jb_spool_is_stale(&spool, host, boot_id);
    *ret = spool;
    return JB_OK;
}

void jb_spool_close(struct jb_spool *spool)
{
    if (spool->node)
        munmap(spool->node, sizeof *spool->node);
    if (spool->wake_fd >= 0)
        close(spool->wake_fd);
    if (spool->lock_fd >= 0)
        close(spool->lock_fd);
    if (spool->folder_fd >= 0)
        close(spool->folder_fd);
    *spool = (struct jb_spool){.folder_fd = -1, .lock_fd = -1, .wake_fd = -1};
}

/* Its descriptor, the caller's to close; the kernel lets go of it when its holder dies. */
static int lock_slots(const struct jb_spool *spool, struct jb_error *err)
{
    int fd = open_in(spool, "slots", O_RDWR | O_CREAT);
    if (fd < 0)
        return (int)jb_fail_errno(err, errno, "check the folder's owner and mode",
                                  "cannot open '%s/slots'", spool->path);
    const struct timespec pause = {.tv_nsec = SLOTS_PAUSE_NS};
    for (int i = 0; i < SLOTS_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return fd;
        if (errno != EWOULDBLOCK && errno != EINTR)
            break;
        nanosleep(&pause, NULL);
    }
    close(fd);
    return (int)jb_fail(err, JB_E_BUSY, "continue the process that was stopped",
                        "another process holds '%s/slots'", spool->path);
}

/* Kept, empty, for the next run: a file that is there is cheaper than one that is made anew. What is no file goes. */
static bool empty_log(const struct jb_spool *spool)
{
    struct stat st;
    int fd = open_in(spool, "log", O_WRONLY | O_NONBLOCK);
    bool is_empty = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && ftruncate(fd, 0) == 0;
    if (fd >= 0)
        close(fd);
    return is_empty || unlinkat(spool->folder_fd, "log", 0) == 0 || errno == ENOENT;
}

void jb_spool_reset_if_idle(struct jb_spool *spool, const char *host, const char *boot_id)
{
    int fd = spool->is_recorder ? lock_slots(spool, NULL) : -1;
    if (fd < 0)
        return;
    bool is_idle = true;
    for (uint32_t i = 0; i < JB_SUBJECTS_MAX; i++)
        is_idle = is_idle && atomic_load(&spool->node->slots[i].state) == JB_SLOT_FREE;
    if (is_idle && empty_log(spool)) {
        int64_t pid = atomic_load(&spool->node->recorder_pid);
        write_identity(spool->node, host, boot_id);
        atomic_store(&spool->node->recorder_pid, pid);
    }
    close(fd);
}

jb_rc jb_spool_free_dead_slots(struct jb_spool *spool, struct jb_error *err)
{
    int fd = lock_slots(spool, err);
    if (fd < 0)
        return (jb_rc)fd;
    for (uint32_t i = 0; i < JB_SUBJECTS_MAX; i++) {
        struct jb_spool_slot *slot = &spool->node->slots[i];
        slot->run_id[sizeof slot->run_id - 1] = '\0';
        /* Who claims holds the lock that we hold: one that is still claimed was left so. */
        if (atomic_load(&slot->state) == JB_SLOT_CLAIMED || !jb_spool_is_alive(spool, slot->run_id))
            jb_spool_free_slot(spool, i);
    }
    close(fd);
    return JB_OK;
}

/* A FIFO and nothing else: of any other file every look says that there is something to read. */
static int open_wake(const struct jb_spool *spool)
{
    struct stat st;
    /* Read and write, so that it neither blocks nor reports an end when the last writer closes. */
    int fd = open_in(spool, "wake", O_RDWR | O_NONBLOCK);
    if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

jb_rc jb_spool_lock(struct jb_spool *spool, struct jb_error *err)
{
    if (spool->is_recorder)
        return JB_OK;
    if (flock(spool->lock_fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK)
            return jb_fail(err, JB_E_BUSY, NULL, "process %lld records for this book",
                           (long long)atomic_load(&spool->node->recorder_pid));
        return jb_fail_errno(err, errno, NULL, "cannot lock '%s/lock'", spool->path);
    }
    spool->wake_fd = open_wake(spool);
    if (spool->wake_fd < 0) {
        unlinkat(spool->folder_fd, "wake", 0);
        if (mkfifoat(spool->folder_fd, "wake", 0600) == 0)
            spool->wake_fd = open_wake(spool);
    }
    if (spool->wake_fd < 0) {
        jb_rc rc = jb_fail_errno(err, errno, "remove what stands in its place",
                                 "cannot make '%s/wake'", spool->path);
        flock(spool->lock_fd, LOCK_UN);
        return rc;
    }
    spool->is_recorder = true;
    atomic_store(&spool->node->recorder_pid, (int64_t)getpid());
    return JB_OK;
}

void jb_spool_unlock(struct jb_spool *spool)
{
    if (!spool->is_recorder)
        return;
    if (spool->wake_fd >= 0)
        close(spool->wake_fd);
    spool->wake_fd = -1;
    spool->is_recorder = false;
    flock(spool->lock_fd, LOCK_UN);
}

jb_rc jb_spool_claim(struct jb_spool *spool, const struct jb_spool_claimant *claimant,
                     uint32_t *ret_slot, struct jb_error *err)
{
    int fd = lock_slots(spool, err);
    if (fd < 0)
        return (jb_rc)fd;
    for (uint32_t i = 0; i < JB_SUBJECTS_MAX; i++) {
        struct jb_spool_slot *slot = &spool->node->slots[i];
        uint32_t state = atomic_load(&slot->state);
        /* CLAIMED: whoever was filling it died, or it would hold the lock. */
        if (state != JB_SLOT_FREE && state != JB_SLOT_CLAIMED)
            continue;
        atomic_store(&slot->state, JB_SLOT_CLAIMED);
        snprintf(slot->run_id, sizeof slot->run_id, "%s", claimant->run_id);
        snprintf(slot->parent_id, sizeof slot->parent_id, "%s", claimant->parent_id);
        snprintf(slot->board_texts, sizeof slot->board_texts, "%s",
                 claimant->board_texts ? claimant->board_texts : "");
        atomic_store(&slot->supervisor_pid, (int64_t)getpid());
        atomic_store(&slot->root_pid, claimant->root_pid);
        atomic_store(&slot->reserved_ppm, claimant->reserved_ppm);
        atomic_store(&slot->cpu_ns, 0);
        atomic_store(&slot->scan_mono_ns, 0);
        atomic_store(&slot->cpu_ppm, 0);
        atomic_store(&slot->resident_bytes, 0);
        atomic_store(&slot->end_mono_ns, 0);
        atomic_store(&slot->state, JB_SLOT_ACTIVE);
        *ret_slot = i;
        close(fd);
        return JB_OK;
    }
    close(fd);
    return jb_fail(err, JB_E_BUSY, "wait for one to end, or use another book with --book",
                   "%d runs are being recorded in this book already", JB_SUBJECTS_MAX);
}

void jb_spool_free_slot(struct jb_spool *spool, uint32_t slot)
{
    if (slot < JB_SUBJECTS_MAX)
        atomic_store(&spool->node->slots[slot].state, JB_SLOT_FREE);
}

bool jb_spool_is_slot_of(const struct jb_spool *spool, uint32_t slot, const char *run_id)
{
    const struct jb_spool_slot *at = &spool->node->slots[slot];
    return atomic_load(&at->state) == JB_SLOT_ACTIVE &&
           strncmp(at->run_id, run_id, sizeof at->run_id) == 0;
}

bool jb_spool_end_slot(struct jb_spool *spool, uint32_t slot, const char *run_id, int64_t mono_ns)
{
    struct jb_spool_slot *at = &spool->node->slots[slot];
    uint32_t expected = JB_SLOT_ACTIVE;
    if (!jb_spool_is_slot_of(spool, slot, run_id))
        return false;
    atomic_store(&at->end_mono_ns, mono_ns);
    return atomic_compare_exchange_strong(&at->state, &expected, JB_SLOT_ENDED);
}

jb_rc jb_spool_request_frame(struct jb_spool *spool, int64_t timeout_ns)
{
    _Atomic uint32_t *word = &spool->node->frames;
    uint32_t before = atomic_load(word);
    int fd = open_in(spool, "wake", O_WRONLY | O_NONBLOCK);
    if (fd < 0)
        return JB_E_AGAIN; /* ENXIO: nobody records */
    ssize_t written = write(fd, "f", 1);
    close(fd);
    if (written != 1 && errno != EAGAIN) /* a full FIFO has requests enough */
        return JB_E_AGAIN;
    /* Counted before the word is looked at, so that the recorder wakes whoever may sleep. One that dies asleep costs
     * the recorder a system call a frame until the spool is emptied. */
    int64_t end = jb_mono_ns(&jb_clock_system) + timeout_ns;
    jb_rc rc = JB_OK;
    atomic_fetch_add(&spool->node->n_waiting, 1);
    while (rc == JB_OK && atomic_load(word) == before) {
        int64_t left = end - jb_mono_ns(&jb_clock_system);
        struct timespec ts = {.tv_sec = left / JB_NS_PER_S, .tv_nsec = left % JB_NS_PER_S};
        if (left <= 0)
            rc = JB_E_AGAIN;
        else
            syscall(SYS_futex, word, FUTEX_WAIT, before, &ts, NULL, 0);
    }
    atomic_fetch_sub(&spool->node->n_waiting, 1);
    return rc;
}

void jb_spool_frame_done(struct jb_spool *spool)
{
    atomic_fetch_add(&spool->node->frames, 1);
    if (atomic_load(&spool->node->n_waiting) > 0)
        syscall(SYS_futex, &spool->node->frames, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* R-SPOOL-02: the one that is not the newest is filled, so that a whole one is there at every instant. */
struct jb_spool_latest *jb_spool_latest_begin(struct jb_spool *spool)
{
    struct jb_spool_latest *a = &spool->node->latest[0], *b = &spool->node->latest[1];
    const struct jb_spool_latest *newest = jb_spool_latest_newest(spool);
    struct jb_spool_latest *target = newest == a ? b : a;
    uint64_t number = newest ? atomic_load(&newest->done) + 1 : 1;
    atomic_store_explicit(&target->begun, number, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    return target;
}

void jb_spool_latest_publish(struct jb_spool *spool, struct jb_spool_latest *latest)
{
    (void)spool;
    atomic_store_explicit(&latest->done, atomic_load_explicit(&latest->begun, memory_order_relaxed),
                          memory_order_release);
}

const struct jb_spool_latest *jb_spool_latest_newest(const struct jb_spool *spool)
{
    const struct jb_spool_latest *best = NULL;
    uint64_t best_number = 0;
    for (int i = 0; i < 2; i++) {
        const struct jb_spool_latest *one = &spool->node->latest[i];
        uint64_t done = atomic_load_explicit(&one->done, memory_order_acquire);
        if (done > best_number && atomic_load(&one->begun) == done) {
            best = one;
            best_number = done;
        }
    }
    return best;
}

bool jb_spool_run_path(const struct jb_spool *spool, const char *kind, const char *run_id,
                       char *buf, size_t size)
{
    int n = snprintf(buf, size, "%s/%s-%s", spool->path, kind, run_id);
    return n > 0 && (size_t)n < size;
}

static jb_rc write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return jb_rc_from_errno(n < 0 ? errno : EIO);
        bytes += n;
        len -= (size_t)n;
    }
    return JB_OK;
}

/*
 * Over the old facts, in one write within a page: whole or not at all whenever the process dies, and cheaper than a new
 * file. Blanks fill what the old ones had more; JSON does not mind. False where that is not possible.
 */
static bool rewrite_run(int fd, const char *json)
{
    char page[RUN_PAGE];
    struct stat st;
    size_t len = strlen(json);
    if (fd < 0 || len > sizeof page || fstat(fd, &st) < 0 || st.st_size > (off_t)sizeof page)
        return false;
    size_t size = len > (size_t)st.st_size ? len : (size_t)st.st_size;
    memset(page, ' ', sizeof page);
    memcpy(page, json, len);
    return pwrite(fd, page, size, 0) == (ssize_t)size;
}

jb_rc jb_spool_write_run(struct jb_spool *spool, const char *run_id, const char *json,
                         int *inout_fd, struct jb_error *err)
{
    char name[64], next[64];
    if (rewrite_run(*inout_fd, json))
        return JB_OK;
    snprintf(name, sizeof name, "run-%s", run_id);
    snprintf(next, sizeof next, "next-%s", run_id);
    int fd = open_in(spool, next, O_RDWR | O_CREAT | O_TRUNC);
    if (fd < 0)
        return jb_fail_errno(err, errno, "check the folder's owner and mode",
                             "cannot write '%s/%s'", spool->path, next);
    /* Locked before it takes its name: no instant at which a live run looks dead. */
    jb_rc rc = flock(fd, LOCK_EX | LOCK_NB) < 0 ? JB_E_BUSY : write_all(fd, json, strlen(json));
    if (rc == JB_OK && renameat(spool->folder_fd, next, spool->folder_fd, name) < 0)
        rc = jb_rc_from_errno(errno);
    if (rc < 0) {
        unlinkat(spool->folder_fd, next, 0);
        close(fd);
        return jb_fail(err, rc, "make room on the book's disk", "cannot write '%s/%s': %s",
                       spool->path, name, jb_rc_text(rc));
    }
    if (*inout_fd >= 0)
        close(*inout_fd);
    *inout_fd = fd;
    return JB_OK;
}

/*
 * Whether somebody holds it. A supervisor that writes its facts again has locked the new file before it takes the old
 * one's name and lets go of the old one: a file that nobody holds says something only if it still has its name.
 */
static bool is_held(const struct jb_spool *spool, const char *name, int fd)
{
    struct stat opened, named;
    if (flock(fd, LOCK_SH | LOCK_NB) < 0)
        return true;
    return fstat(fd, &opened) == 0 &&
           fstatat(spool->folder_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           opened.st_ino != named.st_ino;
}

bool jb_spool_is_alive(const struct jb_spool *spool, const char *run_id)
{
    char name[64];
    (void)snprintf(name, sizeof name, "run-%s", run_id);
    int fd = open_in(spool, name, O_RDONLY);
    if (fd < 0)
        return errno != ENOENT; /* no descriptor is left, say: that is no death */
    bool is_alive = is_held(spool, name, fd);
    close(fd);
    return is_alive;
}

jb_rc jb_spool_read_run(const struct jb_spool *spool, const char *run_id, char **ret_json,
                        bool *ret_is_alive, struct jb_error *err)
{
    char name[64];
    snprintf(name, sizeof name, "run-%s", run_id);
    int fd = open_in(spool, name, O_RDONLY);
    if (fd < 0)
        return jb_fail_errno(err, errno, NULL, "cannot open '%s/%s'", spool->path, name);
    *ret_is_alive = is_held(spool, name, fd);
    struct stat st;
    size_t size =
        fstat(fd, &st) == 0 && st.st_size < RUN_JSON_MAX ? (size_t)st.st_size : RUN_JSON_MAX;
    char *json = malloc(size + 1);
    ssize_t n = json ? pread(fd, json, size, 0) : -1;
    close(fd);
    if (n < 0) {
        free(json);
        return jb_fail(err, json ? JB_E_IO : JB_E_NOMEM, NULL, "cannot read '%s/%s'", spool->path,
                       name);
    }
    json[n] = '\0';
    *ret_json = json;
    return JB_OK;
}

void jb_spool_remove_run(struct jb_spool *spool, const char *run_id)
{
    /* The run's own file last: while it is there, whoever comes next finds the rest. */
    static const char *const kinds[] = {"next", "marks", "seen", "run"};
    for (size_t i = 0; i < JB_ARRAY_LEN(kinds); i++) {
        char name[64];
        snprintf(name, sizeof name, "%s-%s", kinds[i], run_id);
        unlinkat(spool->folder_fd, name, 0);
    }
}

jb_rc jb_spool_each_run(const struct jb_spool *spool, jb_spool_run_fn fn, void *arg,
                        struct jb_error *err)
{
    int fd = openat(spool->folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        int saved = errno;
        if (fd >= 0)
            close(fd);
        return jb_fail_errno(err, saved, NULL, "cannot list '%s'", spool->path);
    }
    jb_rc rc = JB_OK;
    struct dirent *entry;
    while (rc == JB_OK && (entry = readdir(dir)) != NULL) {
        if (strncmp(entry->d_name, "run-", 4) == 0 && strlen(entry->d_name + 4) == JB_RUN_ID - 1)
            rc = fn(arg, entry->d_name + 4, err);
    }
    closedir(dir);
    return rc;
}

void jb_spool_write_through(const struct jb_spool *spool)
{
    static const char *const names[] = {"log", "node"};
    for (size_t i = 0; i < JB_ARRAY_LEN(names); i++) {
        int fd = open_in(spool, names[i], O_RDONLY);
        if (fd < 0)
            continue;
        /* Advice: what cannot be begun now is begun by the kernel later. */
        (void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
        close(fd);
    }
}
