# SPDX-License-Identifier: Apache-2.0
# Front door. Meson and ninja do the work below build/; a second call does only what has changed.
# `make help` lists the targets.
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := all
.SUFFIXES:

# Debian's own Python: another one on PATH has neither torch nor sklearn.
PYTHON ?= /usr/bin/python3
CLANG ?= clang-14
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
PREFIX ?= /usr/local
DESTDIR ?=
# Warnings are errors in CI; a newer compiler's warning does not stop a user's build.
WERROR ?= $(if $(CI),true,false)
FUZZ_SECONDS ?= 3

RELEASE := build/release
ASAN := build/asan
TSAN := build/tsan
FUZZ := build/fuzz
COVERAGE := build/coverage
DEMO ?= build/demo
BOOK = $(DEMO)/book.db
JOULEBOOK := $(RELEASE)/src/joulebook

PROVE := prove --merge --timer --exec tools/tap_run
DEPS := tools/deps.sh
export PYTHON CLANG JOBS PREFIX WERROR

.PHONY: all help deps release demo test check check-quick check-asan check-tsan check-fuzz check-live check-conformance check-training
.PHONY: asan tsan fuzz coverage bench nightly lint format install clean build-test-deps release-tests

all: release

help:
	@echo 'make              build $(JOULEBOOK) (release)'
	@echo 'make demo         install what is missing, build, train a small network under joulebook, show its account'
	@echo 'make test         every test: what the gate runs (.ci/run)'
	@echo 'make check        unit, house and command tests of the release build, and the corpus replays'
	@echo 'make check-quick  unit tests only'
	@echo 'make check-asan   unit and command tests under AddressSanitizer and UBSan'
	@echo 'make check-tsan   the tests with threads or processes under ThreadSanitizer'
	@echo 'make check-fuzz   each fuzzer for FUZZ_SECONDS=$(FUZZ_SECONDS) over its corpus'
	@echo 'make check-live   runs against a scripted machine of exact energy, kills, disk full'
	@echo 'make check-conformance   every scenario of exactly known energy, faults included, put to Joulebook'
	@echo 'make check-training   a PyTorch training under joulebook'
	@echo 'make asan|tsan|fuzz|coverage   build that preset below build/ (coverage also measures)'
	@echo 'make bench        the figures of bench/'
	@echo 'make nightly      longer fuzzing, soak and kills'
	@echo 'make lint         clang-format, clang-tidy, layers, banned calls, man pages; errors stop it'
	@echo 'make format       lay out the sources with clang-format'
	@echo 'make install      to DESTDIR and PREFIX=$(PREFIX)'
	@echo 'make deps         install missing Debian packages (tools/packages.txt), or print the list'
	@echo 'make clean        remove build/'

deps:
	@$(DEPS) build test demo lint

build-test-deps:
	@$(DEPS) build test

# -- presets: tools/build.sh says what each is set up with -----------------------------------------------------------------
release:
	@$(DEPS) build
	@tools/build.sh release program

asan: build-test-deps
	@tools/build.sh asan program meson-test-prereq

tsan: build-test-deps
	@tools/build.sh tsan tsan-tests

fuzz: build-test-deps
	@tools/build.sh fuzz fuzzers

coverage: build-test-deps
	@$(DEPS) coverage
	@tools/build.sh coverage program meson-test-prereq
	@find $(COVERAGE) -name '*.gcda' -delete
	@$(PROVE) $$(tools/list_tests.py $(COVERAGE) unit cli fuzz-corpus) || \
		echo '== a test failed; what follows is the coverage of those that ran'
	@gcovr --root . --filter src/ --print-summary --html-details $(COVERAGE)/index.html $(COVERAGE)
	@echo '== $(COVERAGE)/index.html'

release-tests: build-test-deps
	@tools/build.sh release program meson-test-prereq

# -- tests: all of them speak TAP to prove ------------------------------------------------------------------------------
check-quick: release-tests
	@$(PROVE) $$(tools/list_tests.py $(RELEASE) unit)

check: release-tests
	@$(PROVE) $$(tools/list_tests.py $(RELEASE) unit house cli fuzz-corpus onnx pages)

check-asan: asan
	@$(PROVE) $$(tools/list_tests.py $(ASAN) unit cli fuzz-corpus)

check-tsan: tsan
	@$(PROVE) $$(tools/list_tests.py $(TSAN) tsan)

check-fuzz: fuzz
	@JB_FUZZ_SECONDS=$(FUZZ_SECONDS) $(PROVE) $$(tools/list_tests.py $(FUZZ) fuzz)

check-live: release-tests
	@$(PROVE) $$(tools/list_tests.py $(RELEASE) live)

check-conformance: release-tests
	@$(PROVE) $$(tools/list_tests.py $(RELEASE) conformance)

check-training: release
	@$(DEPS) test demo
	@$(PROVE) $$(tools/list_tests.py $(RELEASE) training)

# As many at a time as there are processors: first what needs nothing else, then what mostly waits. Then, one by one, what looks at
# the clock while processes go on. The first prove that fails ends it, so that the closing lines speak for the whole gate.
test: release-tests asan tsan fuzz
	@$(DEPS) test demo lint
	@echo '== test'
	@JB_FUZZ_SECONDS=$(FUZZ_SECONDS) $(PROVE) --jobs $(JOBS) \
		$$(tools/list_tests.py $(RELEASE) lint house untimed fuzz-corpus onnx cli pages | grep -v /nvml.sh) \
		$$(tools/list_tests.py $(ASAN) untimed fuzz-corpus cli | grep -v /nvml.sh) \
		$$(tools/list_tests.py $(FUZZ) fuzz)
	@$(PROVE) --jobs $(JOBS) $$(tools/list_tests.py $(RELEASE) live training)
	@$(PROVE) \
		$$(tools/list_tests.py $(RELEASE) timed conformance) \
		$$(tools/list_tests.py $(ASAN) timed) \
		$$(tools/list_tests.py $(TSAN) tsan) \
		tests/cli/nvml.sh $(ASAN)/tests/cli/nvml.sh

nightly: release-tests fuzz
	@$(DEPS) test demo bench
	@JB_NIGHTLY=1 JB_FUZZ_SECONDS=60 JB_FUZZ_SEED=0 $(PROVE) \
		$$(tools/list_tests.py $(FUZZ) fuzz) \
		$$(tools/list_tests.py $(RELEASE) unit cli onnx live conformance training nightly)

bench: release
	@$(DEPS) bench
	@tools/build.sh release bench-tools
	@tools/run_bench.sh $(RELEASE)

# -- layout and rules ---------------------------------------------------------------------------------------------------
lint: release
	@$(DEPS) lint test
	@$(PROVE) $$(tools/list_tests.py $(RELEASE) lint)

format:
	@$(DEPS) lint
	@tools/c_files.sh | xargs clang-format-14 -i
	@echo '== formatted'

# -- demo, install, clean -----------------------------------------------------------------------------------------------
demo:
	@$(DEPS) build demo
	@$(MAKE) release
	@mkdir -p $(DEMO)
	@echo '== train a small network on handwritten digits under joulebook; the book is $(BOOK)'
	$(JOULEBOOK) run --book $(BOOK) --project demo --model digits-mlp --place DE -- \
		$(PYTHON) examples/train_digits.py
	@echo '== its account'
	$(JOULEBOOK) show --book $(BOOK) last
	@echo '== the book'
	$(JOULEBOOK) balance --book $(BOOK)

install: release
	@DESTDIR='$(DESTDIR)' meson install -C $(RELEASE) --no-rebuild --quiet --strip
	@echo '== installed to $(DESTDIR)$(PREFIX)'

clean:
	@rm -rf build
	@echo '== removed build/'
