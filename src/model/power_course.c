/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a course of power. */
#include "model/power_course.h"

#include <stdlib.h>

void jb_power_course_release(struct jb_power_course *course)
{
    for (size_t i = 0; i < course->n_channels; i++)
        free(course->channels[i].slices);
    free(course->channels);
    *course = (struct jb_power_course){0};
}
