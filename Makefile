# Builds, tests and installs Stillpoint. "make" alone lists what there is.

PREFIX  ?= /usr/local
DESTDIR ?=
# How many compilers run at the same time.
JOBS    ?= 2

# SwiftPM's release folder, named without asking Swift: "sudo make install" often has no Swift in its PATH.
BIN     := .build/release
# One set of flags for everything that is released: others would build everything anew.
RELEASE := -c release --static-swift-stdlib -j $(JOBS)

.DEFAULT_GOAL := help

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: build
build: ## stillpoint and stillpoint-guard, side by side in .build/release
	@scripts/setup build
	swift build $(RELEASE)
	@echo "built $(BIN)/stillpoint and $(BIN)/stillpoint-guard"

.PHONY: test
test: ## every test: on this host, then in the lab on both kernels; ends with the totals
	@scripts/test all

.PHONY: test-unit
test-unit: ## the tests on this host alone
	@scripts/test host

.PHONY: test-lab
test-lab: ## the tests in the lab alone: virtual machines with stock kernels
	@scripts/test lab

.PHONY: demo
demo: ## a set of a busy PostgreSQL on two volumes, and a second server started from it
	@scripts/demo

.PHONY: bench
bench: ## frozen windows and the lifecycle, side by side with loops of lvcreate and lvremove
	@scripts/bench

.PHONY: soak
soak: ## all tests with all their rounds; takes hours
	@scripts/soak

.PHONY: fmt
fmt: ## formats the Swift sources in place
	swift format --in-place --recursive Sources Tests Package.swift

.PHONY: lint
lint: ## checks formatting, scripts, and that nothing names the machine it was written on
	@scripts/lint

.PHONY: install
install: ## into PREFIX (/usr/local), below DESTDIR; builds only what was never built
	@test -x $(BIN)/stillpoint -a -x $(BIN)/stillpoint-guard || $(MAKE) --no-print-directory build
	install -d -m 0755 "$(DESTDIR)$(PREFIX)/sbin" "$(DESTDIR)$(PREFIX)/share/man/man8"
	install -m 0755 $(BIN)/stillpoint $(BIN)/stillpoint-guard "$(DESTDIR)$(PREFIX)/sbin/"
	install -m 0644 man/stillpoint.8 "$(DESTDIR)$(PREFIX)/share/man/man8/"
	install -d -m 0755 "$(DESTDIR)$(PREFIX)/share/stillpoint/hooks.d"
	install -m 0644 hooks/*.yaml "$(DESTDIR)$(PREFIX)/share/stillpoint/hooks.d/"
	install -d -m 0755 "$(DESTDIR)$(PREFIX)/share/stillpoint/monitoring"
	install -m 0644 packaging/monitoring/stillpoint-alerts.yaml packaging/monitoring/stillpoint-dashboard.json \
		"$(DESTDIR)$(PREFIX)/share/stillpoint/monitoring/"
	install -d -m 0755 "$(DESTDIR)$(PREFIX)/lib/systemd/system" "$(DESTDIR)/etc/cron.d"
	for unit in service timer; do sed 's|@PREFIX@|$(PREFIX)|' packaging/stillpoint.$$unit \
		>"$(DESTDIR)$(PREFIX)/lib/systemd/system/stillpoint.$$unit" || exit 1; done
	sed 's|@PREFIX@|$(PREFIX)|' packaging/stillpoint.cron >"$(DESTDIR)/etc/cron.d/stillpoint"
	chmod 0644 "$(DESTDIR)$(PREFIX)/lib/systemd/system/stillpoint."* "$(DESTDIR)/etc/cron.d/stillpoint"

.PHONY: uninstall
uninstall: ## removes what install put there; sets and settings stay
	rm -f "$(DESTDIR)$(PREFIX)/sbin/stillpoint" "$(DESTDIR)$(PREFIX)/sbin/stillpoint-guard"
	rm -f "$(DESTDIR)$(PREFIX)/share/man/man8/stillpoint.8"
	rm -rf "$(DESTDIR)$(PREFIX)/share/stillpoint"
	rm -f "$(DESTDIR)$(PREFIX)/lib/systemd/system/stillpoint.service"
	rm -f "$(DESTDIR)$(PREFIX)/lib/systemd/system/stillpoint.timer" "$(DESTDIR)/etc/cron.d/stillpoint"
	rm -f "$(DESTDIR)/etc/systemd/system/timers.target.wants/stillpoint.timer"

.PHONY: clean
clean: ## removes everything that was built here; the lab's images stay (scripts/lab/lab clean)
	rm -rf .build
