#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints the C sources and headers that are ours, one a line.
set -eu
cd "$(dirname "$0")/.."
find include src tests examples bench -name '*.[ch]' -type f 2>/dev/null | LC_ALL=C sort
