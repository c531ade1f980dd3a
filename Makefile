# The habits of the house. `make run` and `make test` need Python 3.11 and nothing else.
PYTHON ?= $(firstword $(shell command -v python3.11 python3) python3)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help run embeddings test test-deploy lint format protos protos-release lock bench pictures clean
.DEFAULT_GOAL := help

help: ## What there is to do
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: ## Install, make demonstration data and model if absent, start everything on http://localhost:5006
	@$(PYTHON) bootstrap.py $(VENV) all
	@exec $(BIN)/clairscore up

embeddings: ## Install torch, export all-MiniLM-L6-v2 and train the demonstration classifier of products
	@$(PYTHON) bootstrap.py $(VENV) all,embedding-study
	$(BIN)/clairscore export-embedding all-MiniLM-L6-v2
	$(BIN)/clairscore generate-products --out var/products.csv
	$(BIN)/clairscore train-products var/products.csv
	$(BIN)/clairscore publish-products

test: ## Install what the tests need and run every test
	@$(PYTHON) bootstrap.py $(VENV) test
	@$(BIN)/python tests/prepare.py
	$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

test-deploy: ## Build every image, run the stack of docker-compose.yml and break it (root on Debian; about ten minutes)
	@$(PYTHON) bootstrap.py $(VENV) test-deploy
	@$(BIN)/python tests/deploy/prepare.py
	$(BIN)/python -m pytest tests/deploy -m deploy

lint: ## Formatting, style, types, contracts
	@$(PYTHON) bootstrap.py $(VENV) test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	protos/check.sh $(BIN)

format: ## Format the code and mend what can be mended by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

protos: ## Generate the Python contracts from protos/
	@$(PYTHON) bootstrap.py $(VENV) test
	protos/generate.sh $(abspath $(BIN)/python)

protos-release: ## Take today's contracts as the ones that must not be broken any more
	$(BIN)/buf build protos -o protos/released.binpb

lock: ## Choose exact versions anew
	@$(PYTHON) bootstrap.py $(VENV) test
	$(BIN)/pip install --quiet uv
	@# torch is pinned in pyproject.toml; its parts differ between the CPU and the CUDA build, so the lock names none.
	echo "torch ; sys_platform == 'never'" > $(VENV)/overrides.txt
	$(BIN)/uv pip compile pyproject.toml --all-extras --python-version 3.11 --no-annotate --no-header --upgrade --override $(VENV)/overrides.txt -o requirements.lock
	deploy/images/lock.sh $(abspath $(BIN)/uv) $(abspath deploy/images/locks)

bench: ## Figures beside what a user would pick instead
	@$(PYTHON) bootstrap.py $(VENV) test
	$(BIN)/python benchmarks/scoring.py
	$(BIN)/python -m benchmarks.explain
	$(BIN)/python benchmarks/batch.py
	$(BIN)/python benchmarks/features.py

pictures: ## Take the README's pictures from a dashboard that runs (make run, after make embeddings)
	@$(PYTHON) bootstrap.py $(VENV) test
	$(BIN)/python docs/images/take.py

clean: ## Remove environment, demonstration data and caches
	rm -rf $(VENV) var .mypy_cache .pytest_cache .ruff_cache .hypothesis
