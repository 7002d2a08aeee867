/* SPDX-License-Identifier: Apache-2.0 */
/* fdinfo texts as the three drivers write them (examples of the kernel's own documentation), and texts that are none. */
#include "tap.h"

#include "sensor/drm_fdinfo.h"

static struct drm_client parse(const char *text)
{
    struct drm_client client = {0};

    if (drm_fdinfo__parse(text, strlen(text), &client) < 0)
        client.id = UINT64_MAX;
    return client;
}

static void amdgpu(void)
{
    const struct drm_client client = parse("pos:\t0\nflags:\t02100002\nmnt_id:\t24\nino:\t1150\n"
                                           "drm-driver:\tamdgpu\ndrm-client-id:\t55\n"
                                           "drm-pdev:\t0000:03:00.0\npasid:\t32774\n"
                                           "drm-memory-vram:\t524288 KiB\n"
                                           "drm-memory-gtt: \t2048 KiB\n"
                                           "drm-engine-gfx:\t123456789 ns\n"
                                           "drm-engine-compute:\t1000000000 ns\n"
                                           "drm-engine-dma:\t5 ns\n");

    is_str(client.driver, "amdgpu", "driver");
    is_str(client.pci, "0000:03:00.0", "board");
    ok(client.has_id && client.id == 55, "client");
    ok(!client.is_cycles && client.engines[0].has_busy && client.engines[0].busy == 123456789,
       "graphics time");
    ok(client.engines[1].has_busy && client.engines[1].busy == 1000000000, "compute time");
    ok(client.engines[0].capacity == 1, "one engine of a kind where nothing is said");
    is_i64(client.memory_bytes, 512 * 1024 * (int64_t)1024, "its own memory, not the host's");
}

static void i915(void)
{
    const struct drm_client client =
        parse("drm-driver:\ti915\ndrm-pdev:\t0000:4d:00.0\ndrm-client-id:\t7\n"
              "drm-total-system0:\t4 MiB\ndrm-total-local0:\t16 MiB\n"
              "drm-resident-local0:\t12 MiB\ndrm-engine-render:\t25662044495 ns\n"
              "drm-engine-capacity-compute:\t4\ndrm-engine-compute:\t400 ns\n"
              "drm-engine-video:\t9 ns\n");

    ok(client.engines[0].busy == UINT64_C(25662044495), "render time");
    ok(client.engines[1].busy == 400 && client.engines[1].capacity == 4,
       "four compute engines under one name");
    is_i64(client.memory_bytes, 12 * 1024 * (int64_t)1024, "resident is taken before total");
}

static void xe(void)
{
    /* The example of the kernel's xe-drm-usage-stats, cut. */
    const struct drm_client client =
        parse("pos:    0\nflags:  0100002\nmnt_id: 26\nino:    685\ndrm-driver:     xe\n"
              "drm-client-id:  3\ndrm-pdev:       0000:03:00.0\ndrm-total-system:       0\n"
              "drm-total-gtt:  192 KiB\ndrm-total-vram0:        23992 KiB\n"
              "drm-shared-vram0:       16 MiB\ndrm-resident-vram0:     23992 KiB\n"
              "drm-cycles-rcs: 28257900\ndrm-total-cycles-rcs:   7655183225\n"
              "drm-cycles-bcs: 0\ndrm-total-cycles-bcs:   7655183225\ndrm-cycles-ccs: 0\n"
              "drm-total-cycles-ccs:   7655183225\ndrm-engine-capacity-ccs:        4\n");

    ok(client.is_cycles && client.engines[0].busy == 28257900 && client.engines[0].has_total &&
           client.engines[0].total_cycles == UINT64_C(7655183225),
       "cycles of how many");
    ok(client.engines[1].has_busy && client.engines[1].busy == 0 && client.engines[1].capacity == 4,
       "an engine that did nothing is nought, not absent");
    is_i64(client.memory_bytes, 23992 * (int64_t)1024, "memory");
}

static void odd(void)
{
    ok(parse("pos:\t0\nflags:\t02\n").id == UINT64_MAX, "an ordinary file's text");
    ok(parse("drm-driver:\tvirtio_gpu\n").id == UINT64_MAX, "a driver we do not know");
    ok(parse("").id == UINT64_MAX, "nothing");
    struct drm_client client = parse("drm-driver:amdgpu\ndrm-engine-gfx: 99999999999999999999 ns\n"
                                     "drm-memory-vram: 99999999999999999 MiB\n"
                                     "drm-engine-capacity-gfx: 0\ndrm-client-id: -4\n"
                                     "drm-pdev: 0000:03:00.0-and-much-longer-than-that\n"
                                     "drm-engine-compute: 7 us\n");
    ok(!client.engines[0].has_busy && client.engines[0].capacity == 1 && !client.has_id,
       "numbers that are none, or do not fit, are absent");
    ok(client.memory_bytes == -1 && client.pci[0] == '\0' && !client.engines[1].has_busy,
       "so are lengths, addresses and units");
    client = parse("drm-driver: i915\ndrm-total-system0: 8 MiB\n");
    is_i64(client.memory_bytes, -1, "graphics without memory of their own hold none");
    client = parse("drm-pdev: 0000:09:00.0\ndrm-driver: amdgpu\ndrm-engine-gfx: 5 ns");
    ok(client.engines[0].busy == 5, "the last line needs no newline");
}

int main(void)
{
    amdgpu();
    i915();
    xe();
    odd();
    return done_testing();
}
