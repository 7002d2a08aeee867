#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Joulebook on a real NVIDIA board, in one call under five minutes: the counter against its own integral, against another
# reader of the driver and against nvidia-smi; two processes that share a board; a training with epochs. Prints a report to
# be kept in docs/method/validation.md, and says what it could not check. Needs the NVIDIA driver and python3, no network;
# builds Joulebook where there is no build/release yet (or names it: JOULEBOOK=/usr/bin/joulebook tests/gpu/run.sh).
# usage: tests/gpu/run.sh [--seconds N] [--out FOLDER]
set -eu
cd "$(dirname "$0")/../.."

JOULEBOOK=${JOULEBOOK:-build/release/src/joulebook}
if [ ! -x "$JOULEBOOK" ]; then
    tools/build.sh release program >&2 || {
        echo "gpu: Joulebook could not be built here: make deps && make, or carry build/release/src/joulebook along" >&2
        exit 1
    }
fi
export JOULEBOOK
exec "${PYTHON:-python3}" tests/gpu/gpu_check.py "$@"
