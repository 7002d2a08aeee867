/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A channel: one thing that can be read, with everything needed to turn its raw value into energy and to know
 * what it overlaps with. Filled by a sensor driver at probing, constant afterwards.
 */
#ifndef JB_MODEL_CHANNEL_H
#define JB_MODEL_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#define JB_CHANNEL_ID    96
#define JB_CHANNEL_LABEL 96
#define JB_CHANNELS_MAX  128

/* Which part of the machine a channel sees. Order: from the whole to the part. */
enum jb_scope {
    JB_SCOPE_FACILITY,
    JB_SCOPE_NODE, /* wall or power supply: everything in the box */
    JB_SCOPE_PSYS, /* "platform" of RAPL: overlaps package, never a proven superset; checks only */
    JB_SCOPE_MODULE, /* Grace-Hopper style module: CPU + GPU + memory on one board */
    JB_SCOPE_PACKAGE,
    JB_SCOPE_CORE,
    JB_SCOPE_UNCORE,
    JB_SCOPE_DRAM,
    JB_SCOPE_GPU,  /* one board as the driver lists it */
    JB_SCOPE_RAIL, /* a supply rail that is none of the above */
    JB_SCOPE_BATTERY,
    JB_SCOPE_OTHER,
};

/* Which device class it is charged as (GPU, CPU and DRAM all count). */
enum jb_device {
    JB_DEVICE_CPU,
    JB_DEVICE_DRAM,
    JB_DEVICE_GPU,
    JB_DEVICE_NODE,
    JB_DEVICE_OTHER,
};

enum jb_semantics {
    JB_SEMANTICS_COUNTER,       /* raw: cumulative energy; uJ = raw * unit_num / unit_den */
    JB_SEMANTICS_GAUGE,         /* raw: power now; uW = raw * unit_num / unit_den */
    JB_SEMANTICS_GAUGE_AVERAGE, /* the same, averaged by the device over window_ns */
    JB_SEMANTICS_BUSY, /* raw: cumulative busy CPU nanoseconds of the whole machine; energy by `curve` */
    JB_SEMANTICS_GAUGE_SINCE, /* raw: mean power since the reading before it, as recorded logs have it */
    JB_SEMANTICS_TOLD, /* nothing was read: a paper or a rating gives the energy; raw and count are uJ */
};

/* How a figure came to be (the four general origins of Blok and Nieuwlaar, measured and calculated split finer). */
enum jb_origin {
    JB_ORIGIN_COUNTER, /* measured, cumulative counter */
    JB_ORIGIN_GAUGE,   /* measured, power integrated over time */
    JB_ORIGIN_CALIBRATED,
    JB_ORIGIN_MODELLED,
    JB_ORIGIN_RATED,
    JB_ORIGIN_BILLED,
    JB_ORIGIN_STATED,
};

/* What the book does with it. Only JB_ROLE_POST enters the journal. */
enum jb_role {
    JB_ROLE_POST,   /* part of the finest consistent cover */
    JB_ROLE_PARENT, /* has posted children: what it reads above their sum goes to platform */
    JB_ROLE_DETAIL, /* inside a posted channel (core, uncore): shown, never added */
    JB_ROLE_CHECK,  /* overlaps the cover (psys): compared, never added */
    JB_ROLE_DUPLICATE, /* the same domain through another kernel path (mmio, TPMI, die mirror): compared, never added */
};

/* Modelled package power per hardware thread over utilisation, in uW at 0, 10, 50 and 100 %, as low / best / high. */
#define JB_CURVE_POINTS 4
struct jb_power_curve {
    int64_t low_uw[JB_CURVE_POINTS];
    int64_t best_uw[JB_CURVE_POINTS];
    int64_t high_uw[JB_CURVE_POINTS];
    int64_t n_threads; /* hardware threads of this machine that the curve is multiplied by */
};

struct jb_channel {
    char id
        [JB_CHANNEL_ID]; /* "rapl/package-0": unique on its host and stable across boots, never an index of sysfs */
    char parent[JB_CHANNEL_ID];   /* id of the channel whose scope contains this one; "" for none */
    char label[JB_CHANNEL_LABEL]; /* for people */
    char driver[16];
    enum jb_scope scope;
    enum jb_device device;
    enum jb_semantics semantics;
    enum jb_origin origin;
    enum jb_role role;
    bool
        is_local; /* the count starts at this process's open (perf): another process cannot continue it */
    uint64_t unit_num, unit_den; /* see jb_semantics; unit_den > 0 */
    uint64_t modulus;            /* raw values lie in [0, modulus); 0: 2^64 */
    int64_t quantum_uj;          /* one counter unit, rounded up; 0 for gauges */
    int64_t update_ns;           /* how often the device renews the value; 0 unknown */
    int64_t window_ns;           /* averaging window of a gauge; 0 none or unknown */
    int64_t max_power_uw;        /* the greatest power the part can draw, generously; > 0 */
    int64_t
        accuracy_ppm; /* systematic half-width of the device itself; errors are linear within a correlation key */
    int64_t
        accuracy_low_ppm; /* modelled and rated channels: band below and above best, where not symmetric; */
    int64_t accuracy_high_ppm; /* both 0 means accuracy_ppm on either side */
    char correlation[48];      /* the key: a board, a sensor kind, a factor edition */
    /* Names by which a run's environment may limit it to some boards; "" and 0 where there is none. */
    char uuid[48];  /* "GPU-8f9e...", "MIG-...", as the maker prints it */
    char pci[16];   /* "0000:65:00.0", lower case */
    int32_t board;  /* place in the maker's own order by PCI address, from 1; 0: not a board */
    int32_t slices; /* MIG instances that share the board; 0 for none */
    struct jb_power_curve curve; /* JB_SEMANTICS_BUSY only */
};

/* "package", "counter", "post" ... lower case words, stable (they stand in the book); never NULL. */
const char *jb_scope_name(enum jb_scope scope);
const char *jb_device_name(enum jb_device device);
const char *jb_semantics_name(enum jb_semantics semantics);
const char *jb_origin_name(enum jb_origin origin);
const char *jb_role_name(enum jb_role role);

/* As which it is charged unless something else is known of it. */
enum jb_device jb_device_of_scope(enum jb_scope scope);

/* The reverse; -1 if the word is not in the list. */
int jb_scope_from_name(const char *name);
int jb_device_from_name(const char *name);
int jb_semantics_from_name(const char *name);
int jb_origin_from_name(const char *name);
int jb_role_from_name(const char *name);

#endif
