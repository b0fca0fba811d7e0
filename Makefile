# ngx_http_events_module.  "make help" tells the targets.

JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60

export JOBS FUZZ_SECONDS

MODULE = build/ngx_http_events_module.so
BROKER = build/broker
VALIDATE = build/events-validate
BENCH_PROGRAMS = $(addprefix build/bench/, core paced_load plain_producer)

# commands are shown with V=1

Q = $(if $(V),,@echo "  $@";)

CFLAGS_WARN = -Wall -Wextra -Wno-unused-parameter -Werror
LIBS = -lrdkafka -lyajl -lz -lpcre2-8

# the nginx to test: the installed one, or that of NGX_SRC

ifneq ($(NGX_SRC),)
VERSION := $(shell sed -n 's/^.define NGINX_VERSION *"\(.*\)"/\1/p' \
                       $(NGX_SRC)/src/core/nginx.h)
NGINX ?= $(CURDIR)/build/nginx-$(VERSION)/nginx
else
NGINX ?= $(shell PATH="$$PATH:/usr/sbin" command -v nginx)
endif

TEST_NGINX_BINARY ?= $(NGINX)
export TEST_NGINX_BINARY


all: ## build the module (NGX_SRC=DIR: for the nginx source in DIR)
	@t/tools/build-module

contract: ## try a contract, FILE=contract, on events, EVENT=events.ndjson
	@echo '#include <pcre2.h>' \
	    | $(CC) -DPCRE2_CODE_UNIT_WIDTH=8 -E - >/dev/null 2>&1 \
	    || t/tools/install-deps contract
	@$(MAKE) -s --no-print-directory $(VALIDATE)
	@$(VALIDATE) "$(FILE)" $(EVENT)

demo: ## install, build, post events to nginx, show what Kafka holds
	@t/tools/install-deps demo
	@$(MAKE) --no-print-directory all broker
	@examples/demo.sh

check: ## install, build, test all: lint, unit, t, Kafka, browser, examples
	@t/tools/install-deps test kafka
	@t/tools/install-deps browser || echo "check: goes on without a browser"
	@t/tools/check

unit: ## unit tests of the core, and replay of what fuzzing has found

t: all broker $(VALIDATE) ## suites t/*.t (TEST_NGINX_LIB=DIR: under that runner)
	@t/tools/run-suites t/*.t

kafka-check: ## suites t/kafka/*.t, against Apache Kafka
	@t/tools/install-deps test kafka
	@$(MAKE) --no-print-directory all
	@t/tools/run-suites -j 1 t/kafka/*.t

chaos: export CHAOS_SECONDS ?= 1200

chaos: ## break brokers and nginx for CHAOS_SECONDS, count every event
	@t/tools/install-deps test kafka
	@$(MAKE) --no-print-directory all
	@rm -f build/chaos/report
	@t/tools/run-suites -j 1 t/kafka/chaos.t; rc=$$?; \
	    cat build/chaos/report 2>/dev/null; exit $$rc

browser-check: ## suites t/browser/*.t, with pages in Chromium
	@t/tools/install-deps browser || true
	@$(MAKE) --no-print-directory all broker
	@t/tools/run-suites -j 1 t/browser/*.t

examples: all broker ## the demo, as a test
	@examples/demo.sh

sanitize: ## unit tests and suites under sanitizers, some under valgrind
	@t/tools/install-deps sanitize
	@$(MAKE) --no-print-directory all broker $(VALIDATE)
	@t/tools/sanitize

soak: all broker ## a million requests (REQUESTS=N) at one worker: does it grow
	@t/tools/install-deps test
	@t/tools/soak

fuzz: ## libFuzzer, each target FUZZ_SECONDS long
	@t/tools/install-deps fuzz
	@t/tools/fuzz

key: ## make an API key: NAME=ios-app [BRAND=a,b] [ORIGIN=https://...]
	@examples/new-key "$(NAME)" $(if $(BRAND),"brand=$(BRAND)") \
	    $(if $(ORIGIN),"origin=$(ORIGIN)")

lint: ## includes, symbols, style; directives against README.md
	@t/tools/lint

bench: ## load one worker, print figures beside their targets
	@t/tools/install-deps bench
	@$(MAKE) --no-print-directory all broker $(BENCH_PROGRAMS)
	@t/bench/run

install: all ## copy the module to nginx's modules directory, MODULES_PATH
	$(if $(MODULES_PATH),,$(error nginx does not tell: give MODULES_PATH=DIR))
	install -d "$(DESTDIR)$(MODULES_PATH)"
	install -m 644 $(MODULE) "$(DESTDIR)$(MODULES_PATH)/"

broker: $(BROKER) ## the embedded broker of the demo and the suites

clean: ## remove what was built
	rm -rf build t/servroot*

help: ## this text
	@sed -n 's/^\([a-z-]*\):.*## /    make \1\t/p' Makefile | expand -t 24

.PHONY: all contract demo check unit t kafka-check examples sanitize fuzz lint bench
.PHONY: browser-check chaos soak install broker key clean help
.DELETE_ON_ERROR:


MODULES_PATH ?= $(shell $(TEST_NGINX_BINARY) -V 2>&1 \
                    | sed -n 's/.*--modules-path=\([^ ]*\).*/\1/p')


build/broker: $(wildcard t/broker/*.c) t/broker/broker.h
	@mkdir -p $(@D)
	$(Q)$(CC) -g -O2 $(CFLAGS_WARN) -o $@ $(filter %.c,$^) -lrdkafka -lpthread


# the program of "make contract", and what "make bench" times: the core without
# librdkafka and zlib

FILE ?= examples/contract.schema.json

CLI ?= build/cli
CLI_CFLAGS = $(or $(CFLAGS),-g -O2) $(CFLAGS_WARN) -Isrc -MMD -MP
CLI_CORE := $(filter-out src/events_producer% src/events_inflate.c, \
                $(wildcard src/events_*.c))
CLI_LIB := $(patsubst src/%.c,$(CLI)/%.o,$(CLI_CORE))
CLI_OBJS := $(patsubst src/cli/%.c,$(CLI)/%.o,$(wildcard src/cli/*.c))

$(VALIDATE): $(CLI_OBJS) $(CLI)/core.a
	$(Q)$(CC) $(CLI_CFLAGS) $(LDFLAGS) -o $@ $^ -lpcre2-8

$(CLI)/core.a: $(CLI_LIB)
	@rm -f $@
	@$(AR) rcs $@ $^

$(CLI)/%.o: src/cli/%.c | $(CLI)
	$(Q)$(CC) $(CLI_CFLAGS) -c -o $@ $<

$(CLI)/%.o: src/%.c | $(CLI)
	$(Q)$(CC) $(CLI_CFLAGS) -c -o $@ $<

$(CLI)/events_cli_options.o: CLI_CFLAGS += -DEVENTS_CLI_RELEASE='"$(RELEASE)"'
$(CLI)/events_cli_options.o: CHANGELOG.md

RELEASE = $(shell sed -n '/^\#\# /{s///;y/U/u/;p;q}' CHANGELOG.md)

build/bench/core: t/bench/bench_core.c $(CLI)/core.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CLI_CFLAGS) $(LDFLAGS) -o $@ $^ -lpcre2-8

build/bench/%: t/bench/%.c t/bench/pace.c t/bench/bench.h
	@mkdir -p $(@D)
	$(Q)$(CC) -g -O2 -D_GNU_SOURCE $(CFLAGS_WARN) -o $@ $(filter %.c,$^) \
	    $(LDFLAGS) -lrdkafka -lpthread

$(CLI):
	@mkdir -p $@


# unit tests: one program for each t/unit/test_*.c and t/fuzz/fuzz_*.c;
# UNIT and SANITIZE let "make sanitize" have its own

UNIT ?= build/unit
UNIT_CFLAGS = -g -O1 $(CFLAGS_WARN) $(SANITIZE) -Isrc -It/unit -MMD -MP

UNIT_LIB := $(patsubst src/%.c,$(UNIT)/%.o,$(wildcard src/events_*.c))
UNIT_HELP := $(patsubst t/unit/%.c,$(UNIT)/%.o, \
                 $(filter-out t/unit/test_%,$(wildcard t/unit/*.c)))
UNIT_TESTS := $(patsubst t/unit/%.c,$(UNIT)/%,$(wildcard t/unit/test_*.c))
UNIT_REPLAYS := $(patsubst t/fuzz/fuzz_%.c,$(UNIT)/replay_%, \
                    $(wildcard t/fuzz/fuzz_*.c))

unit: $(UNIT_TESTS) $(UNIT_REPLAYS)
	@t/tools/run-unit $^

$(UNIT)/test_%: $(UNIT)/test_%.o $(UNIT_HELP) $(UNIT_LIB)
	$(Q)$(CC) $(SANITIZE) -o $@ $^ -lcmocka $(LIBS)

$(UNIT)/replay_%: $(UNIT)/fuzz_%.o $(UNIT)/replay.o $(UNIT_LIB)
	$(Q)$(CC) $(SANITIZE) -o $@ $^ $(LIBS)

$(UNIT)/%.o: src/%.c | $(UNIT)
	$(Q)$(CC) $(UNIT_CFLAGS) -c -o $@ $<

$(UNIT)/%.o: t/unit/%.c | $(UNIT)
	$(Q)$(CC) $(UNIT_CFLAGS) -c -o $@ $<

$(UNIT)/%.o: t/fuzz/%.c | $(UNIT)
	$(Q)$(CC) $(UNIT_CFLAGS) -c -o $@ $<

$(UNIT):
	@mkdir -p $@

# fuzz targets, with the core built once for all of them

FUZZ_CFLAGS = -g -O1 -fsanitize=fuzzer,address,undefined \
              -fno-sanitize-recover=all -Isrc -MMD -MP \
              -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION

FUZZ_LIB := $(patsubst src/%.c,build/fuzz/%.o,$(wildcard src/events_*.c))

build/fuzz/%: t/fuzz/fuzz_%.c $(FUZZ_LIB)
	$(Q)clang $(FUZZ_CFLAGS) -o $@ $^ $(LIBS)

build/fuzz/%.o: src/%.c
	@mkdir -p $(@D)
	$(Q)clang $(FUZZ_CFLAGS) -c -o $@ $<


.SECONDARY:
-include $(wildcard build/fuzz/*.d $(UNIT)/*.d $(CLI)/*.d build/bench/*.d)
