/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the two files of the stand-in: what its script says, and what the boards show at this instant. */
#ifndef JB_TESTS_NVML_DOUBLE_H
#define JB_TESTS_NVML_DOUBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../tools/course.h"

/* Which calls it has: the age of the driver it plays, by its major version. */
#ifndef DOUBLE_AGE
#define DOUBLE_AGE 550
#endif
#define API __attribute__((visibility("default")))

#define BOARDS_MAX    64
#define MIGS_MAX      8
#define STEPS_MAX     16
#define PROCESSES_MAX 32
#define FAULTS_MAX    64
#define NS_PER_S      INT64_C(1000000000)
#define FOREVER       INT64_MAX
#define EPOCH_US      INT64_C(1700000000000000) /* what the driver's clock shows at time 0 */

enum {
    OK = 0,
    UNINITIALIZED = 1,
    INVALID_ARGUMENT = 2,
    NOT_SUPPORTED = 3,
    NOT_FOUND = 6,
    INSUFFICIENT_SIZE = 7,
    GPU_IS_LOST = 15,
    ARCH_AMPERE = 7,
};

struct span {
    int64_t from_ns, to_ns;
};

struct process {
    uint32_t pid;
    uint32_t sm;
    uint64_t bytes;
    struct span when;
    int mig; /* -1: none */
    bool is_graphics;
};

struct mig {
    uint32_t gi, ci, gi_slices, ci_slices;
    uint64_t mb;
    char uuid[96];
    struct board *board;
};

struct step {
    int64_t at_ns;
    struct course course;
};

struct fault {
    char call[64];
    int board; /* -1: any */
    int code;
    int64_t delay_ns;
    struct span when;
};

struct board {
    char uuid[96];
    char name[96];
    uint32_t domain, bus, device;
    uint32_t arch;
    int major, minor;
    int64_t limit_mw;
    struct step steps[STEPS_MAX];
    size_t n_steps;
    bool has_energy, has_power, has_usage;
    uint64_t base_mj;
    int64_t renew_ns, window_ns, reset_ns;
    bool has_module, has_memory, is_scope_blind;
    struct course module, memory;
    struct process processes[PROCESSES_MAX];
    size_t n_processes;
    int64_t sample_ns;
    int util; /* -1: the sum of the processes' */
    uint64_t memory_bytes;
    bool is_mig;
    uint32_t mig_max;
    struct mig migs[MIGS_MAX];
    size_t n_migs;
    struct span lost;
    int persistence;
};

struct world {
    int n_inits;
    char driver[80];
    char clock_file[256];
    int64_t t0_ns;
    int64_t read_ns; /* each reading of a meter takes so long: time by readings */
    int64_t by_reads_ns;
    struct board boards[BOARDS_MAX];
    size_t n_boards;
    struct fault faults[FAULTS_MAX];
    size_t n_faults;
};

extern struct world all;

int64_t now_ns(void);
uint64_t counter_mj(const struct board *board);
uint32_t mean_mw(const struct board *board, int64_t window_ns);
uint32_t course_mw(const struct board *board, const struct course *course);
bool is_within(struct span span, int64_t ns);
/* "0000:65:00.0", the function left out or not. */
bool is_pci(const char *text, uint32_t *ret_domain, uint32_t *ret_bus, uint32_t *ret_device);
void read_script(void);

/* Every call passes here: the fault that the script has for it now. */
int enter(const char *call);
/* The board that a handle stands for, and the instance if it is one's. */
int enter_board(const char *call, void *device, struct board **ret, struct mig **ret_mig);
/* Whether it is there at that time, in that instance; -1 for any. */
bool is_in(const struct process *process, int64_t ns, int mig);

#define ENTER(device)                                                       \
    struct board *board;                                                    \
    struct mig *mig;                                                        \
    {                                                                       \
        const int entered_ = enter_board(__func__, (device), &board, &mig); \
        if (entered_ != OK)                                                 \
            return entered_;                                                \
    }                                                                       \
    (void)board;                                                            \
    (void)mig

#define ENTER_WHOLE(device) \
    ENTER(device);          \
    if (mig)                \
    return NOT_SUPPORTED

static inline void put32(void *to, size_t offset, uint32_t value)
{
    memcpy((char *)to + offset, &value, sizeof value);
}

static inline void put64(void *to, size_t offset, uint64_t value)
{
    memcpy((char *)to + offset, &value, sizeof value);
}

#endif
