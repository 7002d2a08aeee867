/* SPDX-License-Identifier: Apache-2.0 */
/* The words for gaps and idle sources; they stand in the book and never change. */
#include <string.h>

#include "base/compiler.h"
#include "model/sample.h"
#include "model/share.h"

static const char *const gap_names[] = {
	[JB_GAP_NONE] = "none",	      [JB_GAP_RESET] = "counter reset",	  [JB_GAP_TOO_LONG] = "unread too long",
	[JB_GAP_SUSPEND] = "suspend", [JB_GAP_TOO_MUCH] = "implausible",   [JB_GAP_GONE] = "device gone",
	[JB_GAP_RANGE] = "range",     [JB_GAP_UNREADABLE] = "unreadable", [JB_GAP_HANDOVER] = "handover",
	[JB_GAP_STALE] = "stale gauge",
};

static const char *const idle_names[] = {
	[JB_IDLE_UNKNOWN] = "unknown", [JB_IDLE_CALIBRATED] = "calibrated", [JB_IDLE_QUIET] = "quiet window",
	[JB_IDLE_STATED] = "stated",   [JB_IDLE_MODELLED] = "modelled",
};

const char *jb_gap_name(enum jb_gap gap)
{
	return (unsigned)gap < JB_ARRAY_LEN(gap_names) ? gap_names[gap] : "unknown";
}

int jb_gap_from_name(const char *name)
{
	for (size_t i = 0; i < JB_ARRAY_LEN(gap_names); i++)
		if (strcmp(gap_names[i], name) == 0)
			return (int)i;
	return -1;
}

const char *jb_idle_source_name(enum jb_idle_source source)
{
	return (unsigned)source < JB_ARRAY_LEN(idle_names) ? idle_names[source] : "unknown";
}

int jb_idle_source_from_name(const char *name)
{
	for (size_t i = 0; i < JB_ARRAY_LEN(idle_names); i++)
		if (strcmp(idle_names[i], name) == 0)
			return (int)i;
	return -1;
}
