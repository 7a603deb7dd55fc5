# `make demo` and `make test` do their own set-up in .venv; PYTHON=... chooses the interpreter, VENV=... the place.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready

.PHONY: demo test lint wheel clean

demo: $(READY)
	$(BIN)/ethopipe demo

# two workers on two cores: a thread each
test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

wheel: $(READY)
	rm -rf build dist
	$(BIN)/python -m build --wheel
	$(BIN)/python scripts/check_wheel.py dist

clean:
	rm -rf $(VENV) build dist *.egg-info

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[dev,openvino]"
	touch $(READY)
