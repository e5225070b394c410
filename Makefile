# Countersign's commands. `make help` lists them; everything else is in cargo and xtask/.

# Builds are shared between checkouts, outside of them. One folder, one set of flags: .cargo/config.toml holds them.
COUNTERSIGN_TARGET ?= $(or $(CARGO_TARGET_DIR),$(or $(XDG_CACHE_HOME),$(or $(HOME),/tmp)/.cache)/countersign/target)
export CARGO_TARGET_DIR := $(COUNTERSIGN_TARGET)

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo clean-demo build test bench
# One job at a time: cargo uses the cores.
.NOTPARALLEL:

# $(call xtask,setup's argument,command): sets the machine up, then runs the command with the toolchain found, and says
# how long it took. The tool is compiled first, with progress shown: the first time takes minutes.
define xtask
@start=$$SECONDS; \
echo "==> set-up: what is missing is installed (first time: up to some minutes)"; \
toolchain=$$(scripts/setup.sh $(1)); export RUSTUP_TOOLCHAIN=$$toolchain; \
echo "    $$(rustc -V 2>/dev/null || cargo -V), target folder $$CARGO_TARGET_DIR, set-up took $$((SECONDS - start)) s"; \
echo "==> build tool (first time: about 2 minutes)"; \
cargo build --package xtask; \
exec cargo run --quiet --package xtask -- $(2)
endef

help: ## list the commands
	@echo "make COMMAND, where COMMAND is one of"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name what; do \
	  printf '%-14s%s\n' "$$name" "$$what"; done
	@echo "Arguments go on as ARGS='...', for example: make demo ARGS='--port 4000', make test ARGS='--only tidy'"
	@echo "Builds are kept in $(COUNTERSIGN_TARGET) (COUNTERSIGN_TARGET changes it)."

demo: ## build, start a server and an agent with a demo organisation, print addresses and sign-ins
	$(call xtask,build,demo $(ARGS))

clean-demo: ## remove ./.demo
	@rm -rf .demo && echo "./.demo is gone"

build: ## build everything: frontend, verifier, style, server, agent
	$(call xtask,build,build $(ARGS))

test: ## run every check, end to end in headless Chromium too
	$(call xtask,test,test $(ARGS))

bench: ## print the benchmarks side by side with their baselines
	$(call xtask,build,bench $(ARGS))
