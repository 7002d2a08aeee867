#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Marks without any library, from a shell: one line appended to the file that JOULEBOOK_MARKS names, or the `mark`
# command. Outside of a run it does the same work and marks nothing.
#
#     joulebook run --project demo -- examples/marks.sh
set -eu

mark() {
    # A training is never stopped by its marks.
    [ -z "${JOULEBOOK_MARKS:-}" ] || echo "$*" >>"$JOULEBOOK_MARKS" 2>/dev/null || true
}

# Something to do: primes below a limit that grows.
work() {
    awk -v limit="$1" 'BEGIN {
        for (n = 2; n < limit; n++) {
            prime = 1
            for (d = 2; d * d <= n; d++) if (n % d == 0) { prime = 0; break }
            count += prime
        }
        print count
    }'
}

mark phase warm-up
work 20000 >/dev/null
mark phase count
for epoch in 1 2 3; do
    found=$(work $((epoch * 40000)))
    mark "epoch $epoch primes=$found"
    echo "epoch $epoch: $found primes below $((epoch * 40000))"
done
