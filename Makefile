# Everything a developer types. The work is in scripts/, so that it can be read and run on its own.
.DEFAULT_GOAL := help
.PHONY: help run test lint format dev bench simulate fuzz web openapi tidy

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

run: ## build what changed, start the demo (SQLite) and print what to open
	@scripts/run.sh

test: ## everything: both databases, front ends, browser journeys
	@scripts/test.sh

lint: ## formatting, clippy, tidy, TypeScript, biome
	@scripts/lint.sh

format: ## what lint would ask for, done
	@scripts/format.sh

dev: ## debug builds and the console with hot reload
	@scripts/dev.sh

bench: ## ratios against plain nginx, rusqlite and pgbench; ONLY=page runs one group, ONLY=records SIZE=200k one size
	@scripts/bench.sh $(ONLY)

simulate: ## 2 000 seeded runs of the whole system with everything going wrong; SEEDS=100, SEED=7 replays one
	@scripts/simulate.sh

fuzz: ## a minute of made-up input for every parser of what institutions send; ONLY=wechatpay_bill fuzzes one, FUZZ_SECONDS=600 longer
	@scripts/fuzz.sh $(ONLY)

web: ## build the web apps that changed
	@scripts/web.sh

openapi: ## the API description and the TypeScript client made from it
	@cargo xtask openapi

tidy: ## the rules of ARCHITECTURE.md that a compiler cannot see
	@cargo xtask tidy
