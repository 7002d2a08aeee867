#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Puts every scenario to Joulebook and to the other tools that are installed, and writes the table of docs/method/conformance.md.
# Python packages are looked for in the interpreters that JB_PEER_PYTHONS lists, with colons between them (else python3):
#   python3 -m venv /tmp/peers && /tmp/peers/bin/pip install codecarbon carbontracker
#   JB_PEER_PYTHONS=/tmp/peers/bin/python sh tests/conformance/compare.sh
# No gate runs it. The tools under test reach no network (bwrap --unshare-net).
set -eu
cd "$(dirname "$0")/../.."
tools/build.sh release program
ninja -C build/release tests/tools/scripted_tree tests/tools/burn tests/doubles/nvml/libnvidia-ml.so.1 >/dev/null
exec "${PYTHON:-/usr/bin/python3}" tests/conformance/compare.py "$@"
