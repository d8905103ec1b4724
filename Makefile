# make run   opens the app        make test   lint, doctests, all tests        make bench   the benchmarks
# make dev   the same, and follows every saved file              make soak   the tests that take minutes
# make audit  known faults of the pinned packages
PYTHON ?= python3
VENV ?= .venv
PY := $(VENV)/bin/python
# Bytecode is kept, whatever the environment says: tests start hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run dev test tests soak audit lint style types bench clean

run: $(VENV)/.installed
	$(PY) -m streamlit run streamlit_app.py

dev: $(VENV)/.installed
	$(PY) -m streamlit run streamlit_app.py --server.fileWatcherType poll --server.runOnSave true

# Types are looked at while the tests run.
test: style
	$(MAKE) --no-print-directory --jobs 2 types tests

tests: $(VENV)/.installed-dev
	$(PY) -m pytest --numprocesses 3 --dist loadfile

soak: $(VENV)/.installed-dev
	$(PY) -m pytest -m soak

# In an environment of its own, since pip-audit's needs are none of the app's.
audit:
	$(PYTHON) -m venv $(VENV)-audit
	$(VENV)-audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	$(VENV)-audit/bin/pip-audit --no-deps --disable-pip -r requirements.txt

lint: style types

style: $(VENV)/.installed-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(VENV)/.installed-dev
	$(PY) -m mypy

bench: $(VENV)/.installed-dev
	$(PY) -m benchmarks

$(PY):
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt deploy/install.py | $(PY)
	$(PY) deploy/install.py
	touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-audit
