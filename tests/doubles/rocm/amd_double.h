/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the stand-ins of AMD's two libraries: what their script says, and what the boards show at this instant. */
#ifndef JB_TESTS_AMD_DOUBLE_H
#define JB_TESTS_AMD_DOUBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../tools/course.h"

#define BOARDS_MAX 16
#define STEPS_MAX  16
#define FAULTS_MAX 32
#define NS_PER_S   INT64_C(1000000000)
#define FOREVER    INT64_MAX
#define EXPORTED   __attribute__((visibility("default")))

struct step {
    int64_t at_ns;
    struct course course;
};

struct board {
    uint64_t pci; /* as both libraries print it: domain, bus, device and function in one number */
    struct step steps[STEPS_MAX];
    size_t n_steps;
    bool has_energy;
    uint64_t base; /* units at time 0 */
    float unit_uj; /* what the library says its unit is */
    int64_t renew_ns, reset_ns;
};

struct fault {
    char call[64];
    int board; /* -1: any */
    int code;
    int64_t delay_ns, from_ns, to_ns;
};

struct world {
    int n_begun;
    char clock_file[256];
    int64_t t0_ns;
    struct board boards[BOARDS_MAX];
    size_t n_boards;
    struct fault faults[FAULTS_MAX];
    size_t n_faults;
};
extern struct world all;

/* Reads the file that JB_AMD_SCRIPT names, at the first beginning; ends the program (99) where it cannot. */
void begin_world(void);
int64_t now_ns(void);
/* Waits as the script says; the code of a scripted failure of that call on that board, or 0. */
int fail_or_wait(const char *call, int board);
/* The accumulator: units of 2^-16 J, whatever unit the library tells. */
uint64_t energy_of(const struct board *board);

#endif
