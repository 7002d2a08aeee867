/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls of libamd_smi that energy needs, with the true binary interface (amdsmi.h of ROCm 6). Each socket has one board.
 * There is no amdsmi_get_power_info on purpose: its
 * structure changed with ROCm 7.
 */
#include "amd_double.h"

enum { SUCCESS = 0, INVALID = 1, NOT_SUPPORTED = 2, NOT_INIT = 32 };

EXPORTED int amdsmi_init(uint64_t flags);
EXPORTED int amdsmi_shut_down(void);
EXPORTED int amdsmi_get_socket_handles(uint32_t *n, void **sockets);
EXPORTED int amdsmi_get_processor_handles(void *socket, uint32_t *n, void **processors);
EXPORTED int amdsmi_get_gpu_bdf_id(void *processor, uint64_t *pci);
EXPORTED int amdsmi_get_energy_count(void *processor, uint64_t *energy_accumulator,
                                     float *counter_resolution, uint64_t *timestamp);

static int index_of(const void *processor)
{
    for (size_t i = 0; i < all.n_boards; i++)
        if (processor == &all.boards[i])
            return (int)i;
    return -1;
}

static int check(const char *call, const void *processor, const void *place)
{
    const int code = fail_or_wait(call, index_of(processor));

    if (code != 0)
        return code;
    if (all.n_begun == 0)
        return NOT_INIT;
    return index_of(processor) >= 0 && place ? SUCCESS : INVALID;
}

int amdsmi_init(uint64_t flags)
{
    begin_world();
    /* Boards are to be asked for by their bit; processors need root. */
    return (flags & 2) != 0 && flags < 16 ? fail_or_wait("amdsmi_init", -1) : INVALID;
}

int amdsmi_shut_down(void)
{
    if (all.n_begun == 0)
        return NOT_INIT;
    all.n_begun--;
    return SUCCESS;
}

/* As in the original: without an array the number, with one as many as it holds. */
int amdsmi_get_socket_handles(uint32_t *n, void **sockets)
{
    const int code = fail_or_wait("amdsmi_get_socket_handles", -1);
    uint32_t n_put = 0;

    if (code != 0)
        return code;
    for (; sockets && n_put < *n && n_put < all.n_boards; n_put++)
        sockets[n_put] = &all.boards[n_put];
    *n = sockets ? n_put : (uint32_t)all.n_boards;
    return SUCCESS;
}

int amdsmi_get_processor_handles(void *socket, uint32_t *n, void **processors)
{
    const int code = check("amdsmi_get_processor_handles", socket, n);

    if (code != SUCCESS)
        return code;
    if (processors && *n > 0)
        processors[0] = socket;
    *n = 1;
    return SUCCESS;
}

int amdsmi_get_gpu_bdf_id(void *processor, uint64_t *pci)
{
    const int code = check("amdsmi_get_gpu_bdf_id", processor, pci);

    if (code == SUCCESS)
        *pci = all.boards[index_of(processor)].pci;
    return code;
}

int amdsmi_get_energy_count(void *processor, uint64_t *energy_accumulator,
                            float *counter_resolution, uint64_t *timestamp)
{
    const int code = check("amdsmi_get_energy_count", processor, energy_accumulator);

    if (code != SUCCESS)
        return code;
    const struct board *const board = &all.boards[index_of(processor)];
    if (!board->has_energy)
        return NOT_SUPPORTED;
    *energy_accumulator = energy_of(board);
    if (counter_resolution)
        *counter_resolution = board->unit_uj;
    if (timestamp)
        *timestamp = (uint64_t)now_ns();
    return SUCCESS;
}
