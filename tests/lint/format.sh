#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# clang-format has nothing to change. `make format` does it.
. tests/lib.sh

mapfile -t files < <(tools/c_files.sh)
ok "${#files[@]} C files are laid out by .clang-format" clang-format-14 --dry-run -Werror "${files[@]}"
done_testing
