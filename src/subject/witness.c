/* SPDX-License-Identifier: Apache-2.0 */
/* See witness.h. The witness itself touches nothing but one shared page. */
#include "subject/witness.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/os.h"
#include "subject/proc_text.h"

#define PAGE_BYTES (JB_WITNESS_SIGNALS * sizeof(struct jb_witness_seen))

/* One kill() reaches a whole group at once; a job manager goes from process to process. */
#define PATIENCE_NS (3 * JB_NS_PER_MS)
/* What came longer ago was another sending, whose part for us is long done. */
#define RECENT_NS (50 * JB_NS_PER_MS)

static JB_NORETURN void bear_witness(struct jb_witness_seen *seen, pid_t parent)
{
    sigset_t all;

    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    (void)prctl(PR_SET_NAME, "jb-witness", 0, 0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent)
        _exit(0);
    /* Locks and pipes must not outlive us by way of it. */
    (void)close_range(0, ~0U, 0);
    for (;;) {
        const int signo = sigwaitinfo(&all, NULL);
        if (signo <= 0 || signo >= JB_WITNESS_SIGNALS)
            continue;
        atomic_store(&seen[signo].last_mono_ns, jb_mono_ns(&jb_clock_system));
        atomic_fetch_add(&seen[signo].n_received, 1);
    }
}

jb_rc jb_witness_begin(struct jb_witness *witness, struct jb_error *err)
{
    void *const page =
        mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const pid_t parent = getpid();

    if (page == MAP_FAILED)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a witness of signals");
    const pid_t pid = fork();
    if (pid == 0)
        bear_witness(page, parent);
    if (pid < 0) {
        const int fork_errno = errno;
        (void)munmap(page, PAGE_BYTES);
        return jb_fail_errno(err, fork_errno, NULL, "cannot make a witness of signals");
    }
    *witness = (struct jb_witness){.pid = pid, .seen = page};
    return JB_OK;
}

static unsigned hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 0;
}

/* Whether it was sent but not yet taken: the witness may wait for a CPU. "ShdPnd:\t0000000000004000", bit signo - 1. */
static bool is_pending(const struct jb_witness *witness, int signo)
{
    const struct jb_os os = jb_os_real("");
    char path[64];
    char text[4096];
    const char *value;
    size_t value_len;

    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)witness->pid);
    const ssize_t len = jb_os_read_text(&os, path, text, sizeof text);
    if (len < 0 || jb_proc_value(text, (size_t)len, "ShdPnd", &value, &value_len) < 0)
        return false;
    const size_t digit = (size_t)(signo - 1) / 4;
    return digit < value_len &&
           (hex_digit(value[value_len - 1 - digit]) >> ((unsigned)(signo - 1) % 4) & 1U) != 0;
}

bool jb_witness_received(struct jb_witness *witness, int signo)
{
    const struct timespec patience = {.tv_nsec = PATIENCE_NS};

    if (witness->pid == 0 || signo <= 0 || signo >= JB_WITNESS_SIGNALS)
        return false;
    (void)nanosleep(&patience, NULL);
    /* In this order: between the two it can only go from pending to received. */
    const bool was_pending = is_pending(witness, signo);
    const uint32_t n_received = atomic_load(&witness->seen[signo].n_received);
    const int64_t age_ns =
        jb_mono_ns(&jb_clock_system) - atomic_load(&witness->seen[signo].last_mono_ns);
    const bool has_received = n_received != witness->n_judged[signo] && age_ns <= RECENT_NS;

    /* One still to be received is judged in advance. */
    witness->n_judged[signo] = n_received + (was_pending && !has_received ? 1U : 0U);
    return has_received || was_pending;
}

void jb_witness_forget(struct jb_witness *witness)
{
    (void)munmap(witness->seen, PAGE_BYTES);
    witness->pid = 0;
}

void jb_witness_end(struct jb_witness *witness)
{
    if (witness->pid == 0)
        return;
    (void)kill(witness->pid, SIGKILL);
    while (waitpid(witness->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    jb_witness_forget(witness);
}
