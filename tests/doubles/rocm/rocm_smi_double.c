/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of librocm_smi64 that energy needs, with the true binary interface (rocm_smi.h of ROCm 5.2 and later). */
#include "amd_double.h"

enum { SUCCESS = 0, INVALID_ARGS = 1, NOT_SUPPORTED = 2, INIT_ERROR = 8 };

EXPORTED int rsmi_init(uint64_t flags);
EXPORTED int rsmi_shut_down(void);
EXPORTED int rsmi_num_monitor_devices(uint32_t *n);
EXPORTED int rsmi_dev_pci_id_get(uint32_t index, uint64_t *pci);
EXPORTED int rsmi_dev_energy_count_get(uint32_t index, uint64_t *power, float *counter_resolution,
                                       uint64_t *timestamp);
EXPORTED int rsmi_dev_power_ave_get(uint32_t index, uint32_t sensor, uint64_t *power);

static int check(const char *call, uint32_t index, const void *place)
{
    const int code = fail_or_wait(call, (int)index);

    if (code != 0)
        return code;
    if (all.n_begun == 0)
        return INIT_ERROR;
    return index < all.n_boards && place ? SUCCESS : INVALID_ARGS;
}

int rsmi_init(uint64_t flags)
{
    (void)flags;
    begin_world();
    return fail_or_wait("rsmi_init", -1);
}

int rsmi_shut_down(void)
{
    if (all.n_begun == 0)
        return INIT_ERROR;
    all.n_begun--;
    return SUCCESS;
}

int rsmi_num_monitor_devices(uint32_t *n)
{
    const int code = fail_or_wait("rsmi_num_monitor_devices", -1);

    if (code != 0)
        return code;
    *n = (uint32_t)all.n_boards;
    return SUCCESS;
}

int rsmi_dev_pci_id_get(uint32_t index, uint64_t *pci)
{
    const int code = check("rsmi_dev_pci_id_get", index, pci);

    if (code == SUCCESS)
        *pci = all.boards[index].pci;
    return code;
}

int rsmi_dev_energy_count_get(uint32_t index, uint64_t *power, float *counter_resolution,
                              uint64_t *timestamp)
{
    const int code = check("rsmi_dev_energy_count_get", index, power);

    if (code != SUCCESS)
        return code;
    const struct board *const board = &all.boards[index];
    if (!board->has_energy)
        return NOT_SUPPORTED;
    *power = energy_of(board);
    if (counter_resolution)
        *counter_resolution = board->unit_uj;
    if (timestamp)
        *timestamp = (uint64_t)now_ns();
    return SUCCESS;
}

/* For tools that integrate power; in uW. */
int rsmi_dev_power_ave_get(uint32_t index, uint32_t sensor, uint64_t *power)
{
    const int code = check("rsmi_dev_power_ave_get", index, power);

    if (code != SUCCESS)
        return code;
    const struct board *const board = &all.boards[index];
    const int64_t ns = now_ns();
    *power = 0;
    for (size_t i = 0; i < board->n_steps; i++)
        if (ns >= board->steps[i].at_ns)
            *power =
                (uint64_t)((course_fj(&board->steps[i].course, ns - board->steps[i].at_ns + 1) -
                            course_fj(&board->steps[i].course, ns - board->steps[i].at_ns)));
    return sensor == 0 ? SUCCESS : NOT_SUPPORTED;
}
