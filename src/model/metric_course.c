/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a course of metrics. */
#include "model/metric_course.h"

#include <stdlib.h>

void jb_metric_course_release(struct jb_metric_course *course)
{
    free(course->points);
    *course = (struct jb_metric_course){0};
}
