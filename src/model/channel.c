/* SPDX-License-Identifier: Apache-2.0 */
/* The words for a channel's properties, each list in one table; they stand in the book and never change. */
#include "model/channel.h"

#include <string.h>

#include "base/compiler.h"

static const char *const scope_names[] = {
	[JB_SCOPE_FACILITY] = "facility", [JB_SCOPE_NODE] = "node",	  [JB_SCOPE_PSYS] = "psys",
	[JB_SCOPE_MODULE] = "module",	  [JB_SCOPE_PACKAGE] = "package", [JB_SCOPE_CORE] = "core",
	[JB_SCOPE_UNCORE] = "uncore",	  [JB_SCOPE_DRAM] = "dram",	  [JB_SCOPE_GPU] = "gpu",
	[JB_SCOPE_RAIL] = "rail",	  [JB_SCOPE_BATTERY] = "battery", [JB_SCOPE_OTHER] = "other",
};

static const char *const device_names[] = {
	[JB_DEVICE_CPU] = "cpu",   [JB_DEVICE_DRAM] = "dram",	[JB_DEVICE_GPU] = "gpu",
	[JB_DEVICE_NODE] = "node", [JB_DEVICE_OTHER] = "other",
};

static const char *const semantics_names[] = {
	[JB_SEMANTICS_COUNTER] = "counter",
	[JB_SEMANTICS_GAUGE] = "gauge",
	[JB_SEMANTICS_GAUGE_AVERAGE] = "gauge-average",
	[JB_SEMANTICS_BUSY] = "busy-time",
};

static const char *const origin_names[] = {
	[JB_ORIGIN_COUNTER] = "counter",   [JB_ORIGIN_GAUGE] = "gauge", [JB_ORIGIN_CALIBRATED] = "calibrated",
	[JB_ORIGIN_MODELLED] = "modelled", [JB_ORIGIN_RATED] = "rated", [JB_ORIGIN_BILLED] = "billed",
	[JB_ORIGIN_STATED] = "stated",
};

static const char *const role_names[] = {
	[JB_ROLE_POST] = "post",   [JB_ROLE_PARENT] = "parent",	      [JB_ROLE_DETAIL] = "detail",
	[JB_ROLE_CHECK] = "check", [JB_ROLE_DUPLICATE] = "duplicate",
};

static const char *name_of(const char *const *names, size_t n, unsigned value)
{
	return value < n ? names[value] : "unknown";
}

static int value_of(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

#define JB_WORDS(function, type, names) \
	const char *jb_##function##_name(enum type value) \
	{ \
		return name_of(names, JB_ARRAY_LEN(names), (unsigned)value); \
	} \
	int jb_##function##_from_name(const char *name) \
	{ \
		return value_of(names, JB_ARRAY_LEN(names), name); \
	}

JB_WORDS(scope, jb_scope, scope_names)
JB_WORDS(device, jb_device, device_names)
JB_WORDS(semantics, jb_semantics, semantics_names)
JB_WORDS(origin, jb_origin, origin_names)
JB_WORDS(role, jb_role, role_names)
