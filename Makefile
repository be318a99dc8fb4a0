# tidemark: when a burst of connections has gone, does the server's memory go too?
#
#   make                 build everything into build/
#   make burst           as root: install what is missing, build, run the burst experiment for
#                        every allocator, write the report (under 5 minutes)
#   make million         a million connections, held for a minute, in turns with a bare pair (some ten
#                        minutes; MILLION="--connections 100000" scales it down)
#   make check           install what is missing, build, run all tests (under 8 minutes)
#   make study           run the studies that build/tidemark study lists (about 105 minutes); continues
#                        where it was interrupted
#   make check-clients   install a browser, curl, wrk and node if there are none, and try report and
#                        server with them
#   make lint            clang-format, cppcheck, shellcheck, and who may include whom
#   make deps            install the packages that are missing (Debian; elsewhere: name them)
#   make install         to PREFIX (/usr/local) below DESTDIR
#   make bench           throughput, latency, CPU and memory of every architecture and protocol, beside
#                        a bare loop and Go programs (15 minutes); BENCH='--connections 1000' and
#                        other options of tests/bench/bench.py
#   make trial           is the same "no difference", and what differs found? (40 minutes;
#                        TRIALS=1 KEEP=FOLDER: once, and the run directory stays there)
#   make fuzz            the fuzz targets for FUZZ_TIME seconds each (600)
#   make clean           remove build/ (runs/ is yours)
#
#   V=1                  print the commands
#   CC=clang             another compiler, into build/clang/
#   SANITIZE=address,undefined or thread: instrumented, into build/<the sanitizers>/
#   ALLOCATOR=jemalloc PREFIX=/opt/je LABEL=dev
#                        build/server-jemalloc@dev from the jemalloc below /opt/je
#   TESTS=tests/e2e/x.t  check only these
#   JOBS=1               tests one after the other (one more than there are CPUs run side by side)


MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.SECONDARY:
.DELETE_ON_ERROR:

comma := ,
CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
SANITIZE ?=
PREFIX ?= /usr/local
DESTDIR ?=
V ?= 0
Q := $(if $(filter 0,$(V)),@)
say = $(if $(filter 0,$(V)),@printf '  %-8s %s\n' $(1) $(2))

# A variant of the build has a folder of its own; the default variant is build/ itself.
VARIANT := $(subst $(comma),-,$(SANITIZE))$(if $(SANITIZE),$(if $(findstring clang,$(CC)),-))$(if $(findstring clang,$(CC)),clang)
BUILD := build$(if $(VARIANT),/$(VARIANT))
OBJ := $(BUILD)/obj

# Tables leave out what is 0, and lines for people may be cut off: no warnings for these two.
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wno-missing-field-initializers $(if $(findstring clang,$(CC)),,-Wno-format-truncation) \
	$(if $(CI),-Werror)
CFLAGS ?= -O2 -g
# Frame pointers let the probe's user stacks reach the caller of malloc.
ALL_CFLAGS := -std=gnu11 -D_GNU_SOURCE -I. $(WARNINGS) -fno-omit-frame-pointer -pthread $(CFLAGS) \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all)
ALL_LDFLAGS := -pthread $(LDFLAGS) $(if $(SANITIZE),-fsanitize=$(SANITIZE))

objects = $(patsubst %.c,$(OBJ)/%.o,$(sort $(wildcard $(1))))

BASE := $(call objects,server/base/*.c)
# nettle: SHA-1 and base64 of the WebSocket handshake.
SERVER_LIBS := -lnettle -luring
SERVER := $(call objects,server/*.c server/arch/*.c server/protocol/*.c)
PULSE := $(call objects,pulse/*.c pulse/protocol/*.c)
PROBE := $(filter-out %.bpf.o,$(call objects,probes/*.c))
TIDEMARK := $(call objects,analysis/*.c)

.PHONY: all
all: programs

# --- what must be installed: Debian package=the header or command that shows it is there ---------

NEEDS := gcc=gcc clang=clang libbpf-dev=bpf/libbpf.h bpftool=bpftool libcap-ng-dev=cap-ng.h \
	 libjansson-dev=jansson.h libgsl-dev=gsl/gsl_rng.h gnuplot-nox=gnuplot libcmocka-dev=cmocka.h \
	nettle-dev=nettle/sha1.h liburing-dev=liburing.h \
	perl=prove python3=python3 clang-format=clang-format cppcheck=cppcheck shellcheck=shellcheck \
	libclang-rt-dev=clang:-fsanitize=fuzzer

# --- allocators: one folder, one binary ----------------------------------------------------------
#
# allocator.mk may set: ALLOCATOR_LIBS, ALLOCATOR_CFLAGS, ALLOCATOR_NEEDS (package=probe, as below),
# ALLOCATOR_SANITIZES (1: may be built with SANITIZE, as it does not bring its own malloc), and
# EXAMPLE (1: not one of "all allocators").

PLUGINS := $(patsubst allocators/%/allocator.mk,%,$(sort $(wildcard allocators/*/allocator.mk)))
SERVERS :=
EXAMPLES :=
CONTRACTS :=

define plugin
ALLOCATOR_LIBS :=
ALLOCATOR_CFLAGS :=
ALLOCATOR_NEEDS :=
ALLOCATOR_SANITIZES :=
EXAMPLE :=
include allocators/$(1)/allocator.mk
plugin_libs_$(1) := $$(ALLOCATOR_LIBS)
plugin_cflags_$(1) := $$(ALLOCATOR_CFLAGS)
NEEDS += $$(ALLOCATOR_NEEDS)
ifneq ($$(or $$(ALLOCATOR_SANITIZES),$$(if $$(SANITIZE),,1)),)
plugin_place_$(1) := $$(BUILD)$$(if $$(EXAMPLE),/examples)
$$(if $$(EXAMPLE),EXAMPLES,SERVERS) += $$(plugin_place_$(1))/server-$(1)
$$(eval $$(call server,$(1),$(1),$$(plugin_place_$(1))))
endif
endef

# $(1) folder, $(2) name behind "server-", $(3) where it goes, $(4) and $(5) more compiler and linker
# flags
define server
plugin_objects_$(2) := $(patsubst allocators/$(1)/%.c,$(OBJ)/allocators/$(2)/%.o,$(wildcard allocators/$(1)/*.c))
$(OBJ)/allocators/$(2)/%.o: allocators/$(1)/%.c $(BUILD)/flags
	$$(call say,CC,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(CC) $(ALL_CFLAGS) -DALLOCATOR_NAME='"$(2)"' $(4) $(plugin_cflags_$(1)) -MMD -MP -c $$< -o $$@
$(3)/server-$(2): $(SERVER) $$(plugin_objects_$(2)) $(BASE)
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(CC) $(ALL_LDFLAGS) $(5) -Wl,--export-dynamic-symbol='tidemark_*' $$^ $(plugin_libs_$(1)) $(SERVER_LIBS) -lm -o $$@
contracts_$(2) := $(patsubst tests/contract/%.c,$(BUILD)/tests/contract-%-$(2),$(wildcard tests/contract/*.c))
$$(contracts_$(2)): $(BUILD)/tests/contract-%-$(2): $(OBJ)/tests/contract/%.o $$(plugin_objects_$(2))
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(CC) $(ALL_LDFLAGS) $(5) $$^ -lcmocka $(plugin_libs_$(1)) -lm -o $$@
CONTRACTS += $$(contracts_$(2))
endef

$(foreach name,$(PLUGINS),$(eval $(call plugin,$(name))))

# A maintainer's own build of an allocator.
ifdef ALLOCATOR
ifeq ($(filter $(ALLOCATOR),$(PLUGINS)),)
$(error ALLOCATOR=$(ALLOCATOR): no such folder in allocators/; there are: $(PLUGINS))
endif
ifeq ($(and $(LABEL),$(filter file command line,$(origin PREFIX))),)
$(error ALLOCATOR=$(ALLOCATOR) wants PREFIX=<where it is installed> and LABEL=<a name for this build>)
endif
OWN := $(ALLOCATOR)@$(LABEL)
$(eval $(call server,$(ALLOCATOR),$(OWN),$(BUILD),-I$(PREFIX)/include,-L$(PREFIX)/lib -Wl$(comma)-rpath$(comma)$(PREFIX)/lib))
all: $(BUILD)/server-$(OWN)
endif

# --- eBPF: one .bpf.c a concern, linked into one object, and its skeleton --------------------------
#
# follow.bpf.c and endpoints.bpf.c stand first: they define the maps that others share.

CLANG ?= clang
BPFTOOL := $(or $(shell command -v bpftool),/usr/sbin/bpftool)
BPF_ARCH := $(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/; s/ppc64le/powerpc/; s/s390x/s390/; s/riscv64/riscv/')
BPF_CFLAGS := -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_$(BPF_ARCH) -I. \
	-I/usr/include/$(shell $(CC) -print-multiarch 2>/dev/null) -Wall -Wextra -Wno-unused-parameter
BPF_FIRST := $(call objects,probes/follow.bpf.c) $(call objects,probes/endpoints.bpf.c)
BPF := $(BPF_FIRST) $(filter-out $(BPF_FIRST),$(call objects,probes/*.bpf.c))

$(OBJ)/probes/%.bpf.o: probes/%.bpf.c $(BUILD)/flags
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c $< -o $@

$(OBJ)/probes/programs.bpf.o: $(BPF)
	$(call say,LINK,$@)
	$(Q)rm -f $@
	$(Q)$(BPFTOOL) gen object $@ $^

$(OBJ)/probes/programs.skel.h: $(OBJ)/probes/programs.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name programs_bpf >$@

$(OBJ)/probes/programs.o: $(OBJ)/probes/programs.skel.h
$(OBJ)/probes/programs.o: ALL_CFLAGS += -I$(OBJ)/probes

# --- programs ------------------------------------------------------------------------------------

PROGRAMS := $(SERVERS) $(BUILD)/pulse $(BUILD)/probe $(BUILD)/tidemark

.PHONY: programs examples
programs: $(PROGRAMS)
examples: $(EXAMPLES)

$(BUILD)/pulse: $(PULSE) $(BASE)
$(BUILD)/probe: $(PROBE) $(BASE)
$(BUILD)/tidemark: $(TIDEMARK) $(BASE)
$(BUILD)/tidemark: LIBS := -ljansson -lgsl -lgslcblas
# nettle: SHA-1 and base64 of the WebSocket handshake.
$(BUILD)/pulse: LIBS := -ljansson -lnettle
$(BUILD)/probe: LIBS := -lbpf -lcap-ng

$(BUILD)/pulse $(BUILD)/probe $(BUILD)/tidemark:
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(LIBS) -lm -o $@

$(OBJ)/%.o: %.c $(BUILD)/flags
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

# The page's style and script are files of their own, which the assembler puts in.
$(OBJ)/analysis/page_files.o: $(wildcard analysis/page*.css analysis/page.js)

# run.json says which revision measured.
REVISION := $(shell git describe --always --dirty 2>/dev/null || echo unknown)
$(OBJ)/analysis/plan.o: ALL_CFLAGS += -DTIDEMARK_REVISION='"$(REVISION)"'
$(OBJ)/analysis/plan.o: $(BUILD)/revision
$(BUILD)/revision: force
	@mkdir -p $(@D)
	@echo '$(REVISION)' | cmp -s - $@ || echo '$(REVISION)' >$@

# Everything is rebuilt when the flags change.
FLAGS := $(CC) $(ALL_CFLAGS) / $(ALL_LDFLAGS)
.PHONY: force
$(BUILD)/flags: force
	@mkdir -p $(@D)
	@echo '$(FLAGS)' | cmp -s - $@ || echo '$(FLAGS)' >$@

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)

# --- the two commands ----------------------------------------------------------------------------

.PHONY: burst
burst: deps
	$(Q)$(MAKE) --no-print-directory programs
	$(Q)$(BUILD)/tidemark run --label burst --release native,quiet=1s --footprint session \
		--survivors 1% -- --burst 10000 --bursts 3 --linger 500ms --burst-gap 1500ms \
		--window 15s --trickle 1000 --trickles 2 --trickle-gap 500ms

.PHONY: study
study: deps
	$(Q)$(MAKE) --no-print-directory programs
	$(Q)$(BUILD)/tidemark study all

# --connections scales it down: make million MILLION="--connections 100000".
.PHONY: million
million: deps
	$(Q)$(MAKE) --no-print-directory $(PROGRAMS) $(BUILD)/tests/dial $(BUILD)/tests/accept
	$(Q)$(BUILD)/tidemark million --warm --peers $(BUILD)/tests $(MILLION)

# --- tests ---------------------------------------------------------------------------------------
#
# A unit test is one file with one group of cmocka tests, linked with everything but the mains (of our
# own allocator, with what stands below the plug-in). The plug-in is glibc's, unless the test defines
# one itself: glibc's stands in an archive, of which a linker takes only what is still missing. A
# contract test is linked once a plug-in, with that plug-in alone.

UNIT := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/*.c))
PEERS := $(patsubst tests/peers/%.c,$(BUILD)/tests/%,$(wildcard tests/peers/*.c))
UNDER_TEST := $(filter-out %/main.o,$(BASE) $(SERVER) $(PULSE) $(PROBE) $(TIDEMARK))
TESTS ?= $(sort $(filter-out tests/client/%,$(wildcard tests/*/*.t))) $(UNIT)
# Most tests wait most of the time.
JOBS ?= $(shell expr $$(nproc) + 1)

$(OBJ)/tests/plugin.a: $(plugin_objects_glibc)
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@
	$(Q)ar rcs $@ $^

$(UNIT): $(BUILD)/tests/%: $(OBJ)/tests/unit/%.o $(UNDER_TEST) \
		$(filter-out %/allocator.o,$(plugin_objects_slab)) $(OBJ)/tests/plugin.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ -lcmocka -ljansson -lgsl -lgslcblas -lbpf -lcap-ng $(SERVER_LIBS) -lm -o $@

$(PEERS): $(BUILD)/tests/%: $(OBJ)/tests/peers/%.o
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ -lm -o $@

# libFuzzer is clang's: one command a target, with the sanitizers, whatever CC is.
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/*.c))
FUZZED := $(wildcard server/base/*.c) server/footprint.c server/release.c
# What is said in a dialog, without the server around it.
SPEAKING := $(wildcard server/protocol/*.c) server/dialog.c server/buffer.c allocators/glibc/allocator.c
$(BUILD)/fuzz/http $(BUILD)/fuzz/websocket: $(SPEAKING)
$(BUILD)/fuzz/http $(BUILD)/fuzz/websocket: LIBS := -lnettle
$(BUILD)/fuzz/answers: $(wildcard pulse/protocol/*.c)
$(BUILD)/fuzz/answers: LIBS := -lnettle
# What reads a run directory.
READING := $(patsubst %,analysis/%.c,bill bootstrap brief bursts cell contrast curve difference doubts \
	estimate evidence factors forms grid ledger load metrics names notes operations plausible \
	recording rows steady summary table table_json takeaway tidy usage whole)
$(BUILD)/fuzz/experiment: $(READING)
$(BUILD)/fuzz/experiment: LIBS := -ljansson -lgsl -lgslcblas
$(FUZZERS): $(BUILD)/fuzz/%: tests/fuzz/%.c $(FUZZED) $(BUILD)/flags
	$(call say,FUZZER,$@)
	$(Q)mkdir -p $(@D)
	$(Q)clang -std=gnu11 -D_GNU_SOURCE -DALLOCATOR_NAME='"glibc"' -I. -O1 -g \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		$(filter %.c,$^) $(LIBS) -lm -o $@

# What servers of the field are held against: bare loops, and what people write today.
.PHONY: bench bench-peers
bench-peers: $(BUILD)/tests/floor $(BUILD)/tests/ticker
	$(Q)if command -v go >/dev/null; then \
		for name in echo feed; do \
			GOFLAGS= GO111MODULE=off GOCACHE=$(CURDIR)/$(BUILD)/go-cache \
				go build -o $(BUILD)/tests/go-$$name tests/peers/$$name.go || exit; \
		done; \
	fi
bench: deps
	$(Q)$(MAKE) --no-print-directory programs bench-peers
	$(Q)tests/bench/bench.py --build $(BUILD) $(BENCH)

# What the probe costs, with it and without in turns; see the script for ROUNDS and CONNECTIONS.
.PHONY: bench-probe
bench-probe: $(BUILD)/server-glibc $(BUILD)/pulse $(BUILD)/probe $(BUILD)/tests/pages
	$(Q)BUILD=$(BUILD) SANITIZE=$(SANITIZE) tests/calibration/bench-probe.sh

# Is there "no difference" between one allocator and itself? 20 experiments, some 40 minutes; see the
# script for TRIALS and REPEAT.
.PHONY: trial
trial: deps
	$(Q)$(MAKE) --no-print-directory programs
	$(Q)$(MAKE) --no-print-directory ALLOCATOR=glibc PREFIX=/usr LABEL=again $(BUILD)/server-glibc@again
	$(Q)BUILD=$(BUILD) tests/calibration/trial.sh

.PHONY: tests check
tests: programs examples $(UNIT) $(PEERS) $(CONTRACTS) $(if $(SANITIZE),,$(FUZZERS))
check: deps
	$(Q)$(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS)) tests
	$(Q)BUILD=$(BUILD) SANITIZE=$(SANITIZE) CC='$(CC)' FUZZ_TIME=$(or $(FUZZ_TIME),5) \
		HARNESS_RULESFILE=tests/together.yml prove --timer --failures $(if $(CI),--comments) -j$(JOBS) $(TESTS)

# With what people really use: a browser is large, and make check does without.
.PHONY: check-clients
check-clients: deps
	$(Q)$(MAKE) --no-print-directory deps \
		NEEDS='chromium=chromium curl=curl wrk=wrk nodejs=node $(if $(shell command -v npm),,npm=npm)'
	$(Q)$(MAKE) --no-print-directory programs
	$(Q)mkdir -p $(BUILD)/client && cp tests/client/package*.json $(BUILD)/client/
	$(Q)npm ci --prefix $(BUILD)/client --ignore-scripts --no-audit --no-fund --silent || \
		echo "the package ws could not be installed; its test is skipped" >&2
	$(Q)BUILD=$(BUILD) prove --timer $(sort $(wildcard tests/client/*.t))

.PHONY: fuzz
fuzz: deps
	$(Q)$(MAKE) --no-print-directory $(FUZZERS)
	$(Q)FUZZ_TIME=$(or $(FUZZ_TIME),600) BUILD=$(BUILD) prove -v tests/fuzz/fuzz.t

.PHONY: lint
SOURCES := $(shell git ls-files --cached --others --exclude-standard '*.c' '*.h' 2>/dev/null)
SCRIPTS := $(shell git ls-files --cached --others --exclude-standard '*.t' '*.sh' .ci/run 2>/dev/null)
# eBPF programs are checked by the kernel's verifier; cppcheck does not know their macros.
lint: deps
	$(call say,FORMAT,clang-format)
	$(Q)clang-format --dry-run --Werror $(SOURCES)
	$(call say,CPPCHECK,cppcheck)
	$(Q)cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 -D_GNU_SOURCE -I. \
		--enable=warning,portability,performance --suppress=missingIncludeSystem \
		-DALLOCATOR_NAME='""' $(filter-out %.bpf.c,$(filter %.c,$(SOURCES)))
	$(call say,SHELL,shellcheck)
	$(Q)shellcheck $(SCRIPTS)
	$(call say,WALLS,tests/lint/walls.sh)
	$(Q)tests/lint/walls.sh

# --- installing ----------------------------------------------------------------------------------

# A need is met when its header can be included, or its command is there (or a command with a flag
# that compiles, as clang:-fsanitize=fuzzer).
.PHONY: deps
deps:
	$(Q)missing=; \
	for need in $(NEEDS); do \
		package=$${need%%=*}; probe=$${need#*=}; \
		case $$probe in \
		*.h) echo "#include <$$probe>" | cpp -I/usr/local/include >/dev/null 2>&1 ;; \
		*:*) echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void) { return 0; }' | \
			$${probe%%:*} $${probe#*:} -x c - -o /dev/null >/dev/null 2>&1 ;; \
		*) command -v $$probe >/dev/null ;; \
		esac || missing="$$missing $$package"; \
	done; \
	[ -z "$$missing" ] && exit 0; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		echo "installing:$$missing"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -qq -y --no-install-recommends $$missing >/dev/null; \
	else \
		echo "missing (names of Debian packages):$$missing" >&2; \
		echo "install them, or run make deps as root on Debian" >&2; exit 1; \
	fi

.PHONY: install
install: programs
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/tidemark
	install $(PROGRAMS) $(DESTDIR)$(PREFIX)/libexec/tidemark/
	ln -sf ../libexec/tidemark/tidemark $(DESTDIR)$(PREFIX)/bin/tidemark

.PHONY: clean help
clean:
	rm -rf build

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' $(firstword $(MAKEFILE_LIST))
