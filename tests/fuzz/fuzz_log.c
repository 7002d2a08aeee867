/* SPDX-License-Identifier: Apache-2.0 */
/* The spool's log from any bytes: reading ends, and what it gives lies within its bounds. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "spool/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static jb_rc touch(void *arg, const struct jb_log_record *record, struct jb_error *err)
{
    (void)err;
    uint64_t *sum = arg;
    for (size_t i = 0; i < record->n_channels; i++)
        *sum += record->channels[i].unit_num;
    for (size_t i = 0; i < record->n_idle; i++)
        *sum += (uint64_t)record->idle[i].power_uw;
    if (record->kind == JB_LOG_FRAME) {
        for (uint32_t i = 0; i < record->frame->n_channels; i++)
            *sum += record->frame->channels[i].count;
        for (uint32_t i = 0; i < record->frame->n_subjects; i++)
            *sum += (uint64_t)record->frame->subjects[i].cpu_ns;
        for (uint32_t i = 0; i < record->frame->uses.n_boards; i++)
            *sum += (uint64_t)record->frame->uses.boards[i].busy_ns;
        for (uint32_t i = 0; i < record->frame->uses.n_uses; i++)
            *sum += (uint64_t)record->frame->uses.uses[i].busy_ns;
    }
    for (size_t i = 0; i < record->series_len; i++)
        *sum += ((const uint8_t *)record->series_bytes)[i];
    if (record->kind == JB_LOG_NOTE)
        *sum += strlen(record->note);
    return JB_OK;
}

/* The fuzzer cannot guess a checksum: each record's is put right before it is read. */
static void mend(uint8_t *bytes, size_t len)
{
    size_t at = 0;
    while (len - at >= 16) {
        uint32_t length;
        memcpy(&length, bytes + at, sizeof length);
        length %= 4096;
        if (length > len - at - 16)
            length = (uint32_t)(len - at - 16);
        memcpy(bytes + at, &length, sizeof length);
        uint32_t kind;
        memcpy(&kind, bytes + at + 4, sizeof kind);
        uint64_t sum = jb_checksum((uint64_t)kind << 32 | length, bytes + at + 16, length);
        memcpy(bytes + at + 8, &sum, sizeof sum);
        at += 16 + length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static char folder[] = "/tmp/jb-fuzz-log-XXXXXX";
    static struct jb_spool spool = {.folder_fd = -1};
    if (spool.folder_fd < 0) {
        if (!mkdtemp(folder))
            abort();
        spool.folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (len > 65536)
        return 0;
    uint8_t *copy = malloc(len + 1);
    if (!copy)
        return 0;
    memcpy(copy, bytes, len);
    if (len > 0 && bytes[0] & 1)
        mend(copy, len);
    int fd = openat(spool.folder_fd, "log", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, copy, len) != (ssize_t)len)
        abort();
    close(fd);
    free(copy);
    uint64_t sum = 0;
    int64_t end = -1;
    jb_rc rc = jb_log_read(&spool, 0, touch, &sum, &end, NULL);
    if (rc < 0 || end < 0 || end > (int64_t)len)
        abort();
    return 0;
}
