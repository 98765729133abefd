# pexec
#   make               builds ./pexec
#   make deps          installs what the goals beside it need (root or sudo, apt)
#   make demo          runs a real queue over files of this machine
#   make check         runs the tests on a build with assertions; RELEASE=1 on the one that is installed;
#                      SANITIZE=address,undefined or =thread on an instrumented one; TESTS="input linux"
#   make PORTABLE=1    builds build/portable/pexec with nothing that only Linux has (src/base/features.h); check and lint, too
#   make check-originals  runs tests/xargs and tests/parallel with the real xargs and GNU parallel
#   make fuzz          runs each fuzzer for SECONDS
#   make bench         pexec beside its peers, as ratios; QUICK=1 in under a minute; ROWS, ROUNDS, COUNT: see tests/bench/run
#   tests/bench/auto   -j auto beside fixed numbers of slots
#   make soak          trials that take an hour: killed, resumed, full, signals; COUNT, MINUTES...: see tests/soak
#   make lint          format, static analysis, shell scripts, manual page
#   make install       honours PREFIX, LIBEXECDIR and DESTDIR; completions for bash, zsh and fish with it
#   make deb           builds the Debian package pexec-pool in build/
VERSION = 0.1.0
PREFIX ?= /usr/local
LIBEXECDIR ?= $(PREFIX)/libexec
# Where each shell looks for completions of what is installed there.
BASH_COMPLETIONS ?= $(PREFIX)/share/bash-completion/completions
ZSH_COMPLETIONS ?= $(PREFIX)/share/zsh/site-functions
FISH_COMPLETIONS ?= $(PREFIX)/share/fish/vendor_completions.d

CC ?= cc
PKG_CONFIG ?= pkg-config
OPTIMIZE ?= -O2
SANITIZE ?=
PORTABLE ?=
RELEASE ?=

# Assertions state what must hold: they are on where tests run, and cost nothing where pexec is used.
ASSERTIONS = $(if $(RELEASE),,$(if $(SANITIZE),yes,$(filter check,$(MAKECMDGOALS))))

# Objects of different builds do not mix.
comma = ,
BUILD = build$(if $(PORTABLE),/portable)$(if $(SANITIZE),/$(subst $(comma),-,$(SANITIZE)),$(if $(ASSERTIONS),/checked))
PEXEC = $(if $(PORTABLE)$(SANITIZE)$(ASSERTIONS),$(BUILD)/)pexec
FEATURES = $(if $(PORTABLE),-DPEXEC_PORTABLE) $(if $(ASSERTIONS),-UNDEBUG,-DNDEBUG)

ifeq ($(SANITIZE),)
# Some compilers define it by themselves, and so may whoever builds packages: theirs is kept.
FORTIFY = $(if $(findstring _FORTIFY_SOURCE,$(CFLAGS) $(CPPFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
HARDENING = $(FORTIFY) -fstack-protector-strong -fstack-clash-protection
HARDENING_LINK = -pie -Wl,-z,relro,-z,now
else
HARDENING = -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer -DSTACK_MORE=2097152
HARDENING_LINK = -fsanitize=$(SANITIZE)
endif

WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wundef -Wstrict-prototypes -Wmissing-prototypes
CFLAGS ?= $(OPTIMIZE) -g
BASE_CFLAGS = -std=c17 -D_GNU_SOURCE -DLIBBSD_NETBSD_VIS -DPEXEC_VERSION='"$(VERSION)"' -pthread -fPIE \
	$(FEATURES) $(WARNINGS) -Isrc $(shell $(PKG_CONFIG) --cflags libbsd-overlay)
ALL_CFLAGS = $(BASE_CFLAGS) $(HARDENING) $(CFLAGS)
ALL_LIBS = -pthread -lm $(shell $(PKG_CONFIG) --libs libbsd-overlay)

SOURCES = $(filter-out src/dist/%,$(wildcard src/*.c src/*/*.c src/*/*/*.c))
# Files that are made of others and become parts of the program.
TEXTS = $(addprefix $(BUILD)/,help_text.o report_template.o)
OBJECTS = $(SOURCES:src/%.c=$(BUILD)/%.o) $(TEXTS)
COMPLETIONS = $(addprefix $(BUILD)/dist/completion.,bash zsh fish)
LIBRARY = $(filter-out $(BUILD)/main.o,$(OBJECTS))
UNITS = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*.c))
# Calls are made to fail with ptrace(2), of an uninstrumented program.
SHORTAGE = $(if $(SANITIZE),,$(addprefix $(BUILD)/shortage/,sweep job))
FUZZERS = $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/*.c))

# What the fuzzers link, instrumented once for all of them; what they test they include.
FUZZ_OBJECTS = $(patsubst src/%.c,$(BUILD)/fuzz/src/%.o,$(wildcard src/base/*.c src/command/*.c)) \
	$(patsubst %,$(BUILD)/fuzz/src/%.o,output/job_output output/listener output/memory_budget output/spool queue/batch queue/block \
	queue/columns queue/job queue/keys queue/order queue/ready queue/shares queue/split record/journal_line record/run_times \
	service/lock_holder)
FUZZ_CFLAGS = $(BASE_CFLAGS) -UNDEBUG -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
SECONDS ?= 60

all: $(PEXEC) $(COMPLETIONS)

$(PEXEC): $(OBJECTS)
	$(CC) $(HARDENING_LINK) $(LDFLAGS) -o $@ $(OBJECTS) $(ALL_LIBS)

$(BUILD)/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

# What --help OPTION shows is made from the manual.
$(BUILD)/help_text.c: man/pexec.1 src/dist/help-texts
	@mkdir -p $(@D)
	awk -f src/dist/help-texts man/pexec.1 >$@.new
	@mv $@.new $@

# The page of --report is a template.
$(BUILD)/report_template.c: src/record/report.html src/dist/report-template
	@mkdir -p $(@D)
	src/dist/report-template src/record/report.html >$@.new
	@mv $@.new $@

$(TEXTS): $(BUILD)/%.o: $(BUILD)/%.c Makefile
	$(CC) $(ALL_CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d)

# Completions are made from the table of options.
$(BUILD)/dist/completions: src/dist/completions.c $(BUILD)/libpexec.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(CPPFLAGS) -MMD -MP -MF $@.d -MT $@ $(HARDENING_LINK) $(LDFLAGS) -o $@ $< \
		$(BUILD)/libpexec.a $(ALL_LIBS)

$(COMPLETIONS): $(BUILD)/dist/completion.%: src/dist/completion.% $(BUILD)/dist/completions
	$(BUILD)/dist/completions <$< >$@.new
	@mv $@.new $@

-include $(BUILD)/dist/completions.d

# What each goal needs beside a shell and coreutils; `make deps` installs for the goals named with it.
DEPS_BUILD = gcc make pkg-config libc6-dev libbsd-dev
DEPS_CHECK = bats bats-support bats-assert clang libclang-rt-dev procps strace util-linux parallel mandoc \
	python3-minimal python3-pyte tmux redis-server postgresql zsh fish bash-completion munge slurmctld slurmd \
	slurm-client slurm-wlm-basic-plugins openmpi-bin $(DEPS_DEB)
DEPS_ORIGINALS = bats bats-support bats-assert findutils parallel procps perl-base python3-minimal
DEPS_SOAK = cron
DEPS_DEB = dpkg-dev lintian
DEPS_LINT = clang-format clang-tidy clang cppcheck shellcheck mandoc
DEPS_BENCH = bsdextrautils findutils parallel moreutils xe xjobs busybox toybox procps
PACKAGES = $(sort $(DEPS_BUILD) $(if $(filter check fuzz soak,$(MAKECMDGOALS)),$(DEPS_CHECK)) \
	$(if $(filter check-originals,$(MAKECMDGOALS)),$(DEPS_ORIGINALS)) \
	$(if $(filter soak,$(MAKECMDGOALS)),$(DEPS_SOAK)) \
	$(if $(filter lint,$(MAKECMDGOALS)),$(DEPS_LINT)) \
	$(if $(filter deb,$(MAKECMDGOALS)),$(DEPS_DEB)) \
	$(if $(filter bench,$(MAKECMDGOALS)),$(DEPS_BENCH)))

deps:
	@tests/install-packages $(PACKAGES)

# The other goals need what deps installs: `make -j deps check` must not begin with them.
ifneq ($(filter deps,$(MAKECMDGOALS)),)
$(OBJECTS) $(FUZZ_OBJECTS) $(FUZZERS) demo check check-originals lint bench fuzz soak deb: | deps
endif

demo: $(PEXEC)
	@tests/demo ./$(PEXEC)

# A unit program may include the module that it tests, with other functions in the place of the system's.
# From an archive the linker then leaves that module out.
$(BUILD)/libpexec.a: $(LIBRARY)
	@rm -f $@
	$(AR) rcs $@ $(LIBRARY)

$(UNITS): $(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libpexec.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d -MT $@ $(HARDENING_LINK) -o $@ $< $(BUILD)/libpexec.a $(ALL_LIBS)

# The job ends as soon as it can: it is started a million times.
$(BUILD)/shortage/job: tests/shortage/job.c tests/shortage/modes.h
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fno-pie -static -no-pie -o $@ $<

$(BUILD)/shortage/sweep: $(filter-out %/job.c,$(wildcard tests/shortage/*.c)) $(wildcard tests/shortage/*.h)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(HARDENING_LINK) -o $@ $(filter %.c,$^) $(ALL_LIBS)

$(BUILD)/fuzz/src/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	clang $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/fuzz/libpexec.a: $(FUZZ_OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $(FUZZ_OBJECTS)

$(FUZZERS): $(BUILD)/fuzz/%: tests/fuzz/%.c $(BUILD)/fuzz/libpexec.a
	@mkdir -p $(@D)
	clang $(FUZZ_CFLAGS) -fsanitize=fuzzer -MMD -MP -MF $@.d -MT $@ -o $@ $< $(BUILD)/fuzz/libpexec.a $(ALL_LIBS)

-include $(UNITS:=.d) $(FUZZERS:=.d) $(FUZZ_OBJECTS:.o=.d)

# A sanitizer run is about the program; the fuzzers have their own instrumentation. They are half of what is
# built, and no other tests need them.
CHECKED_FUZZERS = $(if $(SANITIZE),,$(if $(or $(findstring fuzz,$(TESTS)),$(if $(TESTS),,all)),$(FUZZERS)))

check: $(PEXEC) $(COMPLETIONS) $(UNITS) $(SHORTAGE) $(CHECKED_FUZZERS)
	@PEXEC=$(CURDIR)/$(PEXEC) SANITIZE=$(SANITIZE) PORTABLE=$(PORTABLE) BUILD=$(CURDIR)/$(BUILD) tests/run $(TESTS)

# What pexec does as xargs and GNU parallel do, the originals do as well. No pexec is there for these runs.
check-originals:
	@ORIGINALS=1 PEXEC=/nonexistent BUILD=$(CURDIR)/$(BUILD) tests/run $(or $(TESTS),xargs parallel)

fuzz: $(FUZZERS)
	@for fuzzer in $(FUZZERS); do \
		mkdir -p $$fuzzer.corpus && ASAN_OPTIONS=quarantine_size_mb=1 $$fuzzer -max_total_time=$(SECONDS) -max_len=600 \
			-artifact_prefix=$$fuzzer. $$fuzzer.corpus || exit 1; \
	done

soak: $(PEXEC) $(SHORTAGE) $(BUILD)/unit/autosize
	@PEXEC=$(CURDIR)/$(PEXEC) BUILD=$(CURDIR)/$(BUILD) tests/soak

bench: $(PEXEC)
	@PEXEC=$(CURDIR)/$(PEXEC) tests/bench/run

lint: $(BUILD)/dist/completion.bash
	tests/lint/layers
	clang-format --dry-run --Werror $(wildcard src/*.[ch] src/*/*.[ch] src/*/*/*.[ch] tests/*/*.[ch])
	printf '%s\n' $(SOURCES) src/dist/completions.c | xargs -P "$$(nproc)" -I @ clang-tidy --quiet @ -- $(ALL_CFLAGS)
	cppcheck --quiet -j "$$(nproc)" --std=c11 --enable=warning,performance,portability --inline-suppr \
		--suppress=missingIncludeSystem --error-exitcode=1 -D_GNU_SOURCE $(FEATURES) \
		'-DRB_PROTOTYPE(name, type, field, compare)=' '-DRB_GENERATE(name, type, field, compare)=' -Isrc src
	shellcheck -x $(wildcard tests/run tests/demo src/dist/deb tests/install-packages tests/soak tests/bench/run tests/bench/auto tests/*/*.bash tests/*/*.bats) .ci/run
	shellcheck -s bash $(BUILD)/dist/completion.bash
	mandoc -Tlint -Wwarning man/pexec.1

# The programs whose rules pexec follows under their names: with this folder first in PATH, scripts use it.
NAMES = xargs parallel sem
NAMES_DIR = $(LIBEXECDIR)/pexec

install: $(PEXEC) $(COMPLETIONS)
	install -d $(addprefix $(DESTDIR),$(PREFIX)/bin $(PREFIX)/share/man/man1 \
		$(BASH_COMPLETIONS) $(ZSH_COMPLETIONS) $(FISH_COMPLETIONS))
	install -m 755 $(PEXEC) $(DESTDIR)$(PREFIX)/bin/pexec
	install -m 644 man/pexec.1 $(DESTDIR)$(PREFIX)/share/man/man1/pexec.1
	install -m 644 $(BUILD)/dist/completion.bash $(DESTDIR)$(BASH_COMPLETIONS)/pexec
	install -m 644 $(BUILD)/dist/completion.zsh $(DESTDIR)$(ZSH_COMPLETIONS)/_pexec
	install -m 644 $(BUILD)/dist/completion.fish $(DESTDIR)$(FISH_COMPLETIONS)/pexec.fish
	install -d $(DESTDIR)$(NAMES_DIR)
	for name in $(NAMES); do ln -srf $(DESTDIR)$(PREFIX)/bin/pexec $(DESTDIR)$(NAMES_DIR)/$$name; done

# The package is one of its own, pexec-pool: Debian has another program called pexec, and a package of the same name
# would be replaced by that one, or it by this, in an upgrade. Both cannot be installed: each has a /usr/bin/pexec.
deb:
	@src/dist/deb $(BUILD) $(VERSION)

uninstall:
	rm -f $(addprefix $(DESTDIR),$(PREFIX)/bin/pexec $(PREFIX)/share/man/man1/pexec.1 \
		$(BASH_COMPLETIONS)/pexec $(ZSH_COMPLETIONS)/_pexec $(FISH_COMPLETIONS)/pexec.fish)
	rm -f $(addprefix $(DESTDIR)$(NAMES_DIR)/,$(NAMES))
	-rmdir $(DESTDIR)$(NAMES_DIR)

clean:
	rm -rf build pexec

.PHONY: all deps demo check check-originals fuzz soak bench lint install deb uninstall clean
