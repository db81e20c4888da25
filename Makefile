# What there is to do here; `make` alone lists it. All set-up stays in .build/, but for system packages (see scripts/setup).
BIN := .build/venv/bin

help: ## list these
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' Makefile

demo: ## a stand-in panel, three profiles and a shell to try dctx in; without a terminal the same as a script
	@scripts/setup demo && $(BIN)/python scripts/demo.py

test: ## all set-up, then every test (ARGS="-k switch" narrows it)
	@scripts/setup test
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

lint: ## all linters: Python, types, four shells
	@scripts/setup test && scripts/lint

fmt: ## put everything into the form that lint wants
	@scripts/setup test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	scripts/lint --fix

matrix: ## the preload with Node 18 to 24 and each official CLI; a fault at each system call; long random runs
	@scripts/setup test && scripts/matrix
	DCTX_FAULTS=all $(BIN)/python -m pytest -q -n auto tests/files/test_faults.py
	for seed in 1 2 3; do DCTX_STEPS=2000 $(BIN)/python -m pytest -q -n 0 tests/whole/test_machine.py --hypothesis-seed=$$seed || exit; done
	DCTX_BATCHES=100 $(BIN)/python -m pytest -q -n auto tests/whole/test_codec.py

mutants: ## break one line at a time and see that a test turns red (ARGS="--seed 2 --count 20")
	@scripts/setup test
	$(BIN)/python scripts/mutants.py $(ARGS)

bench: ## measure shells, shim and core side by side
	@scripts/setup test
	$(BIN)/python bench/run.py $(ARGS)

.PHONY: help demo test lint fmt matrix mutants bench
