# SPDX-License-Identifier: MIT
#
# The only makefile. Everything made lies in build/<config>/, so that configurations never mix:
#
#   release  what is installed           cov  gcov counters
#   asan     AddressSanitizer and UBSan   analyze  gcc -fanalyzer; warnings are errors
#   tsan     ThreadSanitizer              novec, novecfma  the specification alone, not vectorised by the compiler
#                                                          (-fma: with the processor's fma); what bench/levels divides by
#
# make CONFIG=asan test        tests in one configuration
# make CFLAGS=-O3              other flags get a folder of their own, build/release-<hash>/
# make V=1                     shows the commands

CONFIG ?= release
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
PKG_CONFIG ?= pkg-config
HOSTCC ?= cc
INSTALL ?= install
VENV ?= $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/trueno/venv

.SUFFIXES:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
Q := $(if $(V),,@)

# TARGET=arm64 and TARGET=wasm build the core for another processor: shapes, queue and CPU driver, without what needs
# Debian's libraries (files, models, the program) and without Vulkan. Its suites run in an emulator (tests/run). Files
# that ask too much of the target have a replacement in port/.
TARGET ?= native
ifneq ($(filter-out native arm64 wasm,$(TARGET)),)
$(error TARGET is native, arm64 or wasm, not "$(TARGET)")
endif
ifeq ($(TARGET),arm64)
CC := aarch64-linux-gnu-gcc
endif
ifeq ($(TARGET),wasm)
CC := clang --target=wasm32-wasi
endif
PORTED := $(filter-out native,$(TARGET))

# Flags. CFLAGS is the user's; BASE_CFLAGS is what the code relies on.
BASE_CFLAGS := -std=gnu11 -fvisibility=hidden -ffp-contract=off -fwrapv -fno-strict-aliasing
ifneq ($(TARGET),wasm)
BASE_CFLAGS += -fPIC -pthread
endif
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror=implicit-function-declaration \
	-Werror=int-conversion -Werror=incompatible-pointer-types
DEFAULT_CFLAGS := -O2 -g
CONFIG_FLAGS_release :=
# Not object-size: gcc 12 reports constant tables read at an index it has not bounded, and the address check covers it.
CONFIG_FLAGS_asan := -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize=object-size \
	-fno-sanitize-recover=all
CONFIG_FLAGS_tsan := -O1 -g1 -fno-omit-frame-pointer -fsanitize=thread
CONFIG_FLAGS_cov := -O0 --coverage
CONFIG_FLAGS_analyze := -fanalyzer -Werror
CONFIG_FLAGS_novec :=
CONFIG_FLAGS_novecfma :=
ifeq ($(origin CONFIG_FLAGS_$(CONFIG)),undefined)
$(error CONFIG is release, asan, tsan, cov, analyze, novec or novecfma, not "$(CONFIG)")
endif
CFLAGS ?= $(DEFAULT_CFLAGS)

# The key of the build folder: the configuration, and a hash if compiler or flags are not the usual ones.
USUAL := cc $(DEFAULT_CFLAGS)
GIVEN := $(strip $(CC) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS))
B := build/$(if $(PORTED),$(PORTED)$(addprefix -,$(filter-out release,$(CONFIG))),$(CONFIG)$(if $(filter-out $(USUAL),$(GIVEN))$(filter-out $(GIVEN),$(USUAL)),-$(shell \
	printf %s '$(GIVEN)' | cksum | cut -d' ' -f1)))

INCLUDES := -I. -Iuapi -I$(B)/gen
COMPILE = $(CC) $(INCLUDES) $(PACKAGE_CFLAGS) $(CPPFLAGS) $(BASE_CFLAGS) $(WARNINGS) $(CFLAGS) $(CONFIG_FLAGS_$(CONFIG)) -MMD -MP

# CPU levels: simd/levels/<part>.c is compiled once for each, as <level>-<part>.o, with LEVEL its name and flags that
# no other file may have.
ARCH := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
LEVELS_x86_64 := sse2 avx2 avx512
LEVELS_aarch64 := neon
LEVELS_wasm32 := wasm128
NOVEC := $(filter novec%,$(CONFIG))
LEVELS := $(if $(NOVEC),,$(LEVELS_$(ARCH)))
LEVEL_FLAGS_sse2 := -g1
LEVEL_FLAGS_neon := -g1
LEVEL_FLAGS_wasm128 := -g1 -msimd128
LEVEL_FLAGS_avx2 := -g1 -mavx2 -mfma -mf16c -mbmi2
LEVEL_FLAGS_avx512 := -g1 -march=x86-64-v4 -mprefer-vector-width=512
# Thousands of loops: calls instead of inline checks compile four times as fast. And gcc 12 lays out the frames of
# use-after-return for 32 bytes of alignment where 512-bit registers need 64 (its bug 110027).
LEVEL_FLAGS_asan := -fno-sanitize=null,pointer-overflow --param asan-instrumentation-with-call-threshold=0 \
	--param asan-use-after-return=0
# Matrix units beyond a level: simd/units/<unit>.c, with flags of its own.
UNITS_x86_64 := avx512_vnni avx512_bf16 amx
UNITS := $(if $(NOVEC),,$(UNITS_$(ARCH)))
UNIT_FLAGS_avx512_vnni := $(LEVEL_FLAGS_avx512) -mavx512vnni
UNIT_FLAGS_avx512_bf16 := $(LEVEL_FLAGS_avx512) -mavx512bf16
UNIT_FLAGS_amx := $(LEVEL_FLAGS_avx512) -mavx512bf16 -mamx-tile -mamx-int8 -mamx-bf16
level_flags = -DLEVEL=$1 $(LEVEL_FLAGS_$1) $(LEVEL_FLAGS_$(CONFIG))

# Third-party libraries, by pkg-config name. The command-line program needs more than the library.
LIB_PACKAGES := libutf8proc jansson liburing libzip
CLI_PACKAGES := nettle libdrm
TEST_PACKAGES := cunit
ifeq ($(PORTED),)
ifneq ($(filter-out clean help uninstall,$(or $(MAKECMDGOALS),all)),)
ifneq ($(shell $(PKG_CONFIG) --exists $(LIB_PACKAGES) $(CLI_PACKAGES) $(TEST_PACKAGES) && echo yes),yes)
$(error not all of $(LIB_PACKAGES) $(CLI_PACKAGES) $(TEST_PACKAGES) are installed; tools/setup does it)
endif
endif
PACKAGE_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(LIB_PACKAGES) $(CLI_PACKAGES) $(TEST_PACKAGES))
LIB_LIBS := $(shell $(PKG_CONFIG) --libs $(LIB_PACKAGES)) -lm -pthread
CLI_LIBS := $(shell $(PKG_CONFIG) --libs $(CLI_PACKAGES))
TEST_LIBS := $(shell $(PKG_CONFIG) --libs $(TEST_PACKAGES))
else
PACKAGE_CFLAGS := -Itests/port
LIB_LIBS := -lm
endif

# Sources.
LIB_SRC := $(wildcard lib/*.c lib/*/*.c simd/*.c vk/*.c hub/*.c)
PART_SRC := $(wildcard simd/levels/*.c)
CLI_SRC := $(wildcard tools/cli/*.c)
TEST_SRC := $(wildcard tests/test_*.c)
TEST_COMMON := $(wildcard tests/harness*.c)
ifneq ($(PORTED),)
# The core, and the suites that need no more.
LIB_SRC := $(filter-out lib/drivers.c lib/dynamic.c lib/formats/% lib/linalg/% lib/fft/% vk/% hub/%,$(LIB_SRC)) port/drivers.c
ifeq ($(TARGET),wasm)
LIB_SRC := $(filter-out simd/host.c lib/pool.c lib/cpus.c lib/trace.c,$(LIB_SRC)) $(wildcard port/wasi/*.c)
TEST_COMMON := $(filter-out tests/harness_crash.c tests/harness_guard.c,$(TEST_COMMON)) tests/port/crash.c tests/port/guard.c \
	tests/port/stack.c
endif
CLI_SRC :=
TEST_COMMON := $(filter-out tests/harness_pairs.c,$(TEST_COMMON)) tests/port/cunit.c
TEST_SRC := $(patsubst %,tests/test_%.c,attention conv cpu errors exhaustive gemm golden index interpolate kernels map plan queue \
	random reduce ref ring rows shape tensor vecdot)
endif
LIB_SRC := $(if $(NOVEC),$(filter-out simd/levels.c,$(LIB_SRC)) port/levels.c,$(LIB_SRC))
BENCH_SRC := $(wildcard bench/bench_*.c)
# oneDNN's own program needs its headers, of version 2.
SIDE_SRC := bench/side_trueno.c bench/side_blas.c $(if $(wildcard /usr/include/dnnl.h),bench/side_dnnl.c)
SIDE_COMMON := bench/side.c bench/measure.c
BENCH_COMMON := bench/measure.c
objects = $(patsubst %.c,$(B)/obj/%.o,$1)
LIB_OBJ := $(call objects,$(LIB_SRC) $(foreach l,$(LEVELS),$(PART_SRC:simd/levels/%=simd/levels/$l-%))) \
	$(call objects,$(UNITS:%=simd/units/%.c))

GEN_HEADERS := $(B)/gen/trueno/opcodes.h $(B)/gen/trueno/ops.h
HEADERS := $(wildcard uapi/trueno/*.h) $(GEN_HEADERS)
TESTS := $(patsubst tests/%.c,$(B)/tests/%,$(TEST_SRC))
BENCHES := $(patsubst bench/%.c,$(B)/bench/%,$(BENCH_SRC))
SIDES := $(patsubst bench/%.c,$(B)/bench/%,$(SIDE_SRC))
MAN := $(wildcard docs/man/*.[1-8])

VERSION := $(shell awk '/define TR_VERSION_/ {v = v dot $$3; dot = "."} END {print v}' uapi/trueno/types.h)
SONAME := libtrueno.so.$(firstword $(subst ., ,$(VERSION)))

STATIC := $(B)/libtrueno.a
# A sanitizer's run-time is linked into programs only, so that a shared library would have undefined symbols.
SHARED := $(if $(and $(filter release novec%,$(CONFIG)),$(filter native,$(TARGET))),$(B)/$(SONAME) $(B)/libtrueno.so)
CLI := $(if $(CLI_SRC),$(B)/trueno)

# The Python package: an extension of the limited API that holds the library, and Python files. VENV's interpreter, if it
# is there, says where Python.h is; any from 3.11 on will do.
PYTHON = $(or $(wildcard $(VENV)/bin/python),python3)
PYTHON_INCLUDE = $(shell $(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("include"))')
PY_SRC := $(wildcard tools/python/src/*.c)
PY_FILES := $(wildcard tools/python/trueno/*.py)
PACKAGE := $(B)/python/trueno/_core.abi3.so $(PY_FILES:tools/python/%=$(B)/python/%)
WHEEL := $(B)/trueno-$(VERSION)-cp311-abi3-linux_$(ARCH).whl

.PHONY: all tests clean install uninstall demo help python wheel
all: $(if $(PORTED),,$(STATIC)) $(SHARED) $(CLI) $(B)/gen/tr_ops.3
tests: all $(TESTS) $(if $(SHARED),$(B)/bench/side_trueno $(PACKAGE))
python: $(PACKAGE)
wheel: $(WHEEL)

# Files whose content is a variable's: rewritten when it changes, so that what depends on them is made again.
.PHONY: FORCE
FORCE:
define stamp
$(B)/$1.stamp: FORCE
	@mkdir -p $$(@D)
	@printf '%s\n' '$$($2)' | cmp -s - $$@ || printf '%s\n' '$$($2)' >$$@
endef
STAMP_FLAGS = $(COMPILE) $(foreach l,$(LEVELS),$(call level_flags,$l)) $(foreach u,$(UNITS),$(UNIT_FLAGS_$u))
STAMP_SOURCES = $(LIB_OBJ) $(CLI_SRC) $(LDFLAGS)
$(eval $(call stamp,flags,STAMP_FLAGS))
$(eval $(call stamp,sources,STAMP_SOURCES))

# Generated from the op table.
$(B)/opgen: tools/gen/opgen.c tools/gen/stage0/trueno/opcodes.h lib/ops.def lib/op.h uapi/trueno/types.h
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -O1 $(WARNINGS) -Itools/gen/stage0 -I. -Iuapi $< -o $@

$(B)/gen/trueno/%.h: $(B)/opgen
	@mkdir -p $(@D)
	$(Q)$< $* >$@

$(B)/gen/tr_ops.3: $(B)/opgen
	@mkdir -p $(@D)
	$(Q)$< man >$@

$(B)/gen/ops.tsv: $(B)/opgen
	@mkdir -p $(@D)
	$(Q)$< list >$@

# The Vulkan driver's shaders: the specification's own expressions, turned from C into GLSL and compiled to one SPIR-V
# library, from which vk/link.c takes the functions a kernel calls.
$(B)/glsl: vk/gen/glsl.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -O1 $(WARNINGS) $< -o $@

$(B)/gen/vk/ops.spv.h: $(B)/glsl $(wildcard vk/shaders/*.h lib/ref/expr/*.h) lib/ops.def
	@mkdir -p $(@D)
	$(Q)cpp -P -undef -nostdinc -I. vk/shaders/ops.h >$(@D)/ops.i
	$(Q)$(B)/glsl <$(@D)/ops.i >$(@D)/ops.comp
	$(Q)glslangValidator --target-env vulkan1.2 -S comp --vn tr__vk_ops $(@D)/ops.comp -o $@ >/dev/null

$(B)/obj/vk/library.o: $(B)/gen/vk/ops.spv.h

# The kernels of level scalar, as written.
NOVEC_FLAGS := -fno-tree-vectorize -fno-tree-slp-vectorize
$(B)/obj/lib/ref/%.o: CONFIG_FLAGS_novec := $(NOVEC_FLAGS)
$(B)/obj/lib/ref/%.o: CONFIG_FLAGS_novecfma := $(NOVEC_FLAGS) -mfma

# Objects: one set serves both libraries.
$(B)/obj/%.o: %.c $(B)/flags.stamp | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(if $(Q),@echo '  CC      $<')
	$(Q)$(COMPILE) -c $< -o $@

define level
$(B)/obj/simd/levels/$1-%.o: simd/levels/%.c $(B)/flags.stamp | $(GEN_HEADERS)
	@mkdir -p $$(@D)
	$(if $(Q),@echo '  CC      $$< ($1)')
	$(Q)$$(COMPILE) $$(call level_flags,$1) -c $$< -o $$@
endef
$(foreach l,$(LEVELS),$(eval $(call level,$l)))

$(B)/obj/simd/units/%.o: simd/units/%.c $(B)/flags.stamp | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(if $(Q),@echo '  CC      $<')
	$(Q)$(COMPILE) $(UNIT_FLAGS_$*) $(LEVEL_FLAGS_$(CONFIG)) -c $< -o $@

$(STATIC): $(LIB_OBJ) $(B)/sources.stamp
	$(if $(Q),@echo '  AR      $@')
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(B)/$(SONAME): $(LIB_OBJ) lib/libtrueno.map $(B)/sources.stamp
	$(if $(Q),@echo '  LD      $@')
	$(Q)$(CC) -shared $(LDFLAGS) -Wl,-soname,$(SONAME) -Wl,--version-script=lib/libtrueno.map -Wl,-z,defs \
		-Wl,-z,relro -Wl,-z,now -Wl,--as-needed $(filter %.o,$^) $(LIB_LIBS) -o $@

$(B)/libtrueno.so: $(B)/$(SONAME)
	$(Q)ln -sf $(SONAME) $@

LINK = $(CC) $(CFLAGS) $(CONFIG_FLAGS_$(CONFIG)) $(LDFLAGS) $(if $(filter wasm,$(TARGET)),-Wl$(comma)-z$(comma)stack-size=8388608 -lc-printscan-long-double,\
	-Wl$(comma)--as-needed)
comma := ,

$(B)/trueno: $(call objects,$(CLI_SRC)) $(STATIC) $(B)/sources.stamp
	$(if $(Q),@echo '  LD      $@')
	$(Q)$(LINK) $(filter %.o %.a,$^) $(CLI_LIBS) $(LIB_LIBS) -o $@

$(B)/obj/tools/python/%.o: INCLUDES += -isystem $(PYTHON_INCLUDE)

$(B)/python/trueno/_core.abi3.so: $(call objects,$(PY_SRC)) $(STATIC)
	@mkdir -p $(@D)
	$(if $(Q),@echo '  LD      $@')
	$(Q)$(LINK) -shared $^ -Wl,--exclude-libs,ALL -Wl,-z,relro -Wl,-z,now $(LIB_LIBS) -o $@

$(B)/python/trueno/%.py: tools/python/trueno/%.py
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(WHEEL): tools/python/build.py $(PACKAGE)
	$(Q)$(PYTHON) $< $(VERSION) $(B)/python $@
	@echo $@

# Tests and benches link the static library, where internal names can be reached; ported ones what would be in it.
$(B)/tests/test_%: $(B)/obj/tests/test_%.o $(call objects,$(TEST_COMMON)) $(if $(PORTED),$(LIB_OBJ),$(STATIC))
	@mkdir -p $(@D)
	$(if $(Q),@echo '  LD      $@')
	$(Q)$(LINK) $^ $(TEST_LIBS) $(LIB_LIBS) -o $@

$(B)/bench/bench_%: $(B)/obj/bench/bench_%.o $(call objects,$(BENCH_COMMON)) $(STATIC)
	@mkdir -p $(@D)
	$(if $(Q),@echo '  LD      $@')
	$(Q)$(LINK) $^ $(LIB_LIBS) -o $@

# The sides of bench/versus: ours as a program would link it, each peer with its own library.
SIDE_LIBS_trueno := $(if $(PORTED),$(LIB_LIBS),-L$(B) -ltrueno -Wl$(comma)-rpath$(comma)'$$ORIGIN/..' -ldl)
SIDE_LIBS_blas := -ldl
SIDE_LIBS_dnnl := -ldnnl
$(B)/bench/side_trueno: $(if $(PORTED),$(LIB_OBJ),$(B)/libtrueno.so)
$(B)/bench/side_%: $(B)/obj/bench/side_%.o $(call objects,$(SIDE_COMMON))
	@mkdir -p $(@D)
	$(if $(Q),@echo '  LD      $@')
	$(Q)$(LINK) $(filter %.o,$^) $(SIDE_LIBS_$*) -o $@

.SECONDARY:
-include $(patsubst %.o,%.d,$(LIB_OBJ) $(call objects,$(CLI_SRC) $(PY_SRC) $(TEST_SRC) $(TEST_COMMON)) \
	$(call objects,$(BENCH_SRC) $(SIDE_SRC) $(SIDE_COMMON)))

# Testing. Tier 1 is for every save; tier 2, or test, is what CI runs; tier 3 takes hours: every CPU level under every sanitizer,
# and the exhaustive and long-running tests.
.PHONY: test check check-all check-asan check-tsan tier1 tier2 tier3 lint analyze cppcheck coverage kaizen
.PHONY: bench bench-sides bench-levels bench-versus bench-compare bench-save-baseline
check: tests $(B)/gen/ops.tsv
	@VENV='$(VENV)' tests/run $(B)

tier1: tests $(B)/gen/ops.tsv
	@VENV='$(VENV)' tests/run --changed $(B)

check-asan check-tsan: check-%:
	+$(Q)$(MAKE) CONFIG=$* tests
	+$(Q)VENV='$(VENV)' tests/run --all-levels build/$*

check-all:
	+$(Q)$(MAKE) CONFIG=asan tests
	+$(Q)$(MAKE) CONFIG=tsan tests
	+$(Q)VENV='$(VENV)' tests/run --all-levels build/asan build/tsan

# The ports are built where their compiler is. Their tests are tier 2's and 3's; wasm's are tier 3's alone, because the engine
# that runs them ends large programs with a fault of its own now and then.
PORTS := $(if $(shell command -v aarch64-linux-gnu-gcc),arm64) $(if $(wildcard /usr/include/wasm32-wasi),wasm)
.PHONY: ports
ports:
	+$(Q)for t in $(PORTS); do $(MAKE) TARGET=$$t tests || exit 1; done

test tier2: analyze cppcheck tests $(B)/gen/ops.tsv ports
	+$(Q)$(MAKE) CONFIG=asan tests
	+$(Q)VENV='$(VENV)' tests/run $(B) build/asan $(patsubst %,build/%,$(filter-out wasm,$(PORTS)))

tier3: tier2
	+$(Q)$(MAKE) check-all
	+$(Q)TRUENO_TEST_LONG=1 TRUENO_PROPERTY_CASES=20000 VENV='$(VENV)' tests/run --long $(B)
	+$(Q)$(MAKE) fuzz
	+$(Q)$(MAKE) numpy-asan
	+$(Q)$(MAKE) mutate
	+$(Q)for s in ' vk ' vk_map vk_rows vk_windows; do TRUENO_TEST_GPU_ASSISTED=1 tests/run --long --only "$$s" $(B) || exit 1; done
	+$(Q)tests/run --all-levels $(PORTS:%=build/%)

# Small mistakes made in the sources, one at a time: do the suites notice? Some are no mistakes (a bound of speed alone).
.PHONY: mutate
MUTATE_FLAGS ?= --floor 60
mutate:
	$(Q)tests/mutate $(MUTATE_FLAGS)

# Fuzzing: the readers of files under libFuzzer, AddressSanitizer and UBSan, FUZZ_SECONDS each; the rest of the library is
# as released. What is found is in build/fuzz/, by target; a run goes on from what the ones before it found.
.PHONY: fuzz
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= npy npz safetensors tokenizer vocab
FUZZ_CC ?= clang
FUZZ_FLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_READERS := $(wildcard lib/formats/*.c hub/tokenizer*.c) hub/wordpiece.c hub/unicode.c hub/bert_normalizer.c
$(B)/fuzz/fuzz_%: tests/fuzz/fuzz.c $(wildcard tests/fuzz/*.h) $(FUZZ_READERS) $(STATIC)
	@mkdir -p $(@D)
	$(if $(Q),@echo '  FUZZ    $@')
	$(Q)$(FUZZ_CC) $(INCLUDES) $(PACKAGE_CFLAGS) $(BASE_CFLAGS) $(FUZZ_FLAGS) \
		$(if $(filter seeds,$*),-DFUZZ_SEEDS,-DFUZZ_TARGET=$* -fsanitize=fuzzer) $(filter %.c %.a,$^) $(LIB_LIBS) -o $@

fuzz: $(B)/fuzz/fuzz_seeds $(FUZZ_TARGETS:%=$(B)/fuzz/fuzz_%)
	$(Q)mkdir -p $(B)/fuzz/seeds && $(B)/fuzz/fuzz_seeds $(B)/fuzz/seeds
	$(Q)set -e; for t in $(FUZZ_TARGETS); do mkdir -p $(B)/fuzz/found/$$t; \
		(cd $(B)/fuzz && ./fuzz_$$t -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=4096 -max_len=65536 \
			-print_final_stats=1 -verbosity=1 -artifact_prefix=$$t- found/$$t seeds/$$t); done

# docs/radv.md: what AMD's compiler makes of every kernel.
.PHONY: radv-report
radv-report: $(B)/tests/test_vk_radv
	$(Q)TRUENO_RADV_REPORT=docs/radv.md $<

# NumPy's own tests, with the package in NumPy's place.
.PHONY: numpy-tests
numpy-tests: $(PACKAGE)
	$(Q)PYTHONPATH='$(CURDIR)/$(B)/python' TRUENO_BUILD='$(CURDIR)/$(B)' $(PYTHON) tests/python/numpy_suite.py --write docs/numpy-tests.md

# The same with a package under AddressSanitizer and UBSan: how many pass is not asked, but none may end its process.
.PHONY: numpy-asan
numpy-asan:
	+$(Q)$(MAKE) CONFIG=asan python
	$(Q)LD_PRELOAD="$$($(CC) -print-file-name=libasan.so) $$($(CC) -print-file-name=libubsan.so)" PYTHONMALLOC=malloc \
		ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 PYTHONPATH='$(CURDIR)/build/asan/python' \
		TRUENO_BUILD='$(CURDIR)/build/asan' $(PYTHON) tests/python/numpy_suite.py --deaths

# The source rules of the house, and two analysers that must have nothing to say.
lint: analyze cppcheck
	$(Q)tests/lint.sh

# Levels are left out: they are the loops of lib/ref again, a thousand times expanded.
ifeq ($(CONFIG),analyze)
analyze: $(call objects,$(LIB_SRC) $(CLI_SRC))
else
analyze:
	+$(Q)$(MAKE) CONFIG=analyze analyze
endif

cppcheck: $(GEN_HEADERS)
	@mkdir -p $(B)/cppcheck
	$(Q)cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr --suppressions-list=tests/cppcheck.txt \
		--enable=warning,portability,performance --cppcheck-build-dir=$(B)/cppcheck $(INCLUDES) \
		$(filter-out vk/library.c,$(LIB_SRC)) $(CLI_SRC)

coverage:
	+$(Q)$(MAKE) CONFIG=cov tests
	+$(Q)VENV='$(VENV)' tests/run build/cov
	$(Q)gcovr --root . --object-directory build/cov --exclude tests/ --txt build/cov/coverage.txt --print-summary

bench-sides: $(SIDES) $(B)/gen/ops.tsv

bench: $(BENCHES) $(CLI)
	$(Q)set -e; for b in $(BENCHES); do $$b | tee $$b.txt; done

# Instructions a call, against bench/baseline; BENCH_FLAGS='--time COMMIT' times against a build of that commit.
bench-compare: bench-sides
	$(Q)TRUENO_BUILD='$(CURDIR)/$(B)' VENV='$(VENV)' bench/compare $(BENCH_FLAGS)

bench-save-baseline: bench-sides
	$(Q)TRUENO_BUILD='$(CURDIR)/$(B)' VENV='$(VENV)' bench/compare --save

# The CPU levels against plain C, here and in the emulators of the ports: docs/bench-levels.md.
$(B)/bench/insns.so: bench/insns.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -O2 $(WARNINGS) -fPIC -shared $< -o $@

NOVEC_BUILDS := release novec $(if $(filter x86_64,$(ARCH)),novecfma)
bench-levels: bench-sides $(B)/bench/insns.so
	+$(Q)set -e; for c in $(NOVEC_BUILDS); do $(MAKE) CONFIG=$$c build/$$c/bench/side_trueno; done
	+$(Q)set -e; for t in $(PORTS); do $(MAKE) TARGET=$$t build/$$t/bench/side_trueno; \
		$(MAKE) TARGET=$$t CONFIG=novec build/$$t-novec/bench/side_trueno; done
	$(Q)TRUENO_BUILD='$(CURDIR)/$(B)' VENV='$(VENV)' bench/levels $(BENCH_FLAGS)

# Beside NumPy, PyTorch and the others; BENCH_FLAGS are bench/versus's.
bench-versus: bench-sides
	$(Q)TRUENO_BUILD='$(CURDIR)/$(B)' VENV='$(VENV)' bench/versus $(BENCH_FLAGS)

# What to improve next: everything tier 2 checks, speed against the baseline, uncovered lines, the longest functions.
kaizen: tier2
	+$(Q)$(MAKE) bench-compare
	+$(Q)$(MAKE) coverage
	$(Q)tests/lint.sh --complexity

demo: all
	$(Q)tools/demo $(B)

# Installation. DESTDIR is put before every path.
D = $(DESTDIR)
install: all
	$(INSTALL) -d '$(D)$(LIBDIR)/pkgconfig' '$(D)$(INCLUDEDIR)/trueno' '$(D)$(MANDIR)/man3'
	$(INSTALL) -m 644 $(HEADERS) '$(D)$(INCLUDEDIR)/trueno'
	$(INSTALL) -m 644 $(STATIC) '$(D)$(LIBDIR)'
	$(INSTALL) -m 755 $(B)/$(SONAME) '$(D)$(LIBDIR)'
	ln -sf $(SONAME) '$(D)$(LIBDIR)/libtrueno.so'
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|' \
		-e 's|@REQUIRES@|$(LIB_PACKAGES)|' trueno.pc.in >'$(D)$(LIBDIR)/pkgconfig/trueno.pc'
	$(INSTALL) -m 644 $(B)/gen/tr_ops.3 '$(D)$(MANDIR)/man3'
	for m in $(MAN); do $(INSTALL) -D -m 644 $$m "$(D)$(MANDIR)/man$${m##*.}/$${m##*/}"; done
	for c in $(CLI); do $(INSTALL) -D -m 755 $$c '$(D)$(BINDIR)/trueno'; done
	for c in $(wildcard tools/completion/trueno.bash); do \
		$(INSTALL) -D -m 644 $$c '$(D)$(COMPLETIONDIR)/trueno'; done

uninstall:
	rm -f $(foreach h,$(notdir $(HEADERS)),'$(D)$(INCLUDEDIR)/trueno/$h')
	rm -f '$(D)$(LIBDIR)/libtrueno.a' '$(D)$(LIBDIR)/libtrueno.so' '$(D)$(LIBDIR)/$(SONAME)'
	rm -f '$(D)$(LIBDIR)/pkgconfig/trueno.pc' '$(D)$(BINDIR)/trueno' '$(D)$(COMPLETIONDIR)/trueno'
	rm -f '$(D)$(MANDIR)/man3/tr_ops.3' $(foreach m,$(MAN),'$(D)$(MANDIR)/man$(subst .,,$(suffix $m))/$(notdir $m)')
	-rmdir '$(D)$(INCLUDEDIR)/trueno'

clean:
	rm -rf build

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile
	@echo 'Targets: all tests check test check-all lint bench bench-levels bench-versus bench-compare install uninstall demo python wheel numpy-tests numpy-asan fuzz mutate radv-report tier1 tier2 tier3 kaizen clean'
