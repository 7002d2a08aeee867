# SPDX-License-Identifier: Apache-2.0
"""A course of power over time and its exact integral, as tests/tools/course.h has them: const:W, square:LO:HI:PERIOD_MS,
bursts:LO:HI:PERIOD_MS:HIGH_MS (high first), ramp:LO:HI:MS and level from then on. Times in ns since the course began."""

from fractions import Fraction

MS = 1000000


class Course:
    def __init__(self, text):
        self.shape, *rest = text.split(":")
        numbers = [Fraction(part) for part in rest]
        self.low = self.high = numbers[0]
        self.period_ns = self.high_ns = 1
        if self.shape != "const":
            self.high = numbers[1]
            self.period_ns = int(numbers[2] * MS)
            self.high_ns = self.period_ns // 2
        if self.shape == "bursts":
            self.high_ns = int(numbers[3] * MS)

    def watts(self, t_ns):
        if self.shape == "const":
            return self.low
        if self.shape == "ramp":
            return self.low + (self.high - self.low) * min(Fraction(t_ns, self.period_ns), 1)
        return self.high if t_ns % self.period_ns < self.high_ns else self.low

    def joules(self, t_ns):
        """From the beginning of the course, exactly."""
        if self.shape == "const":
            watt_ns = self.low * t_ns
        elif self.shape == "ramp":
            rise = min(t_ns, self.period_ns)
            watt_ns = self.low * rise + (self.high - self.low) * Fraction(rise * rise, 2 * self.period_ns)
            watt_ns += self.high * (t_ns - rise)
        else:
            periods, rest = divmod(t_ns, self.period_ns)
            high = periods * self.high_ns + min(rest, self.high_ns)
            watt_ns = self.high * high + self.low * (t_ns - high)
        return watt_ns / 10**9


def decimal(value, places):
    """Cut, not rounded, as a meter's register is: "12.345"."""
    scaled = int(value * 10**places)
    if places == 0:
        return str(scaled)
    return f"{scaled // 10**places}.{scaled % 10**places:0{places}d}"
