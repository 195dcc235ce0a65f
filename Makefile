# `make` alone lists what there is. Everything is built into one folder outside the checkout, so that a second clone is quick.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test lint bench

cache := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)
export MUSTER_CACHE ?= $(cache)/muster
export CARGO_TARGET_DIR ?= $(cache)/muster-target
MUSTER_LISTEN ?= 127.0.0.1:8080

# What set-up found out about this machine: which compiler to use, for instance.
ready = crates/xtask/setup.sh $@; . "$$MUSTER_CACHE/env"

help: ## List the targets
	@sed -nE 's/^([a-z]+): ## (.*)/\1\t\2/p' Makefile | while IFS=$$'\t' read -r name what; do printf 'make %-6s %s\n' "$$name" "$$what"; done

# Ctrl-C reaches Muster itself; if make is killed instead, Muster is told to stop.
run: ## Start the console and its demo deployment, on MUSTER_LISTEN (127.0.0.1:8080), with its data in MUSTER_DATA_DIR (a temporary folder)
	@$(ready); \
	cargo build --workspace --locked; \
	"$$CARGO_TARGET_DIR/debug/bundle"; \
	exec setpriv --pdeathsig TERM -- "$$CARGO_TARGET_DIR/debug/muster" demo --listen '$(MUSTER_LISTEN)' $${MUSTER_DATA_DIR:+--data-dir "$$MUSTER_DATA_DIR"}

test: ## Run every test, Rust and browser; one closing line for each
	@$(ready); cargo xtask test

lint: ## Check format, lints, dependency arrows, licences and SQL metadata
	@$(ready); cargo xtask lint

# Optimised, so that what is measured is Muster and not its debug build. BENCH_ARGS='--json bench.json' keeps the numbers; --help lists more.
bench: ## Measure keys against the bare cipher, rules over a site, pages against the bare SQL, readings, restores and drills against the raw tools; takes a quarter of an hour
	@$(ready); \
	cargo bench --locked --package domain --bench proof --bench rules; \
	cargo bench --locked --package recovery --bench restores; \
	cargo bench --locked --package server --bench pages -- $(BENCH_ARGS)
