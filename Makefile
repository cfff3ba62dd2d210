# `make run` on a fresh machine with Python 3.11 or newer and make: installs, indexes, serves.
PYTHON ?= python3
VENV := .venv
POLICYCHAT_STORE ?= var/index
export POLICYCHAT_STORE

.PHONY: run test check baseline format clean

run: $(VENV)/installed
	$(VENV)/bin/python app.py

test: $(VENV)/installed-test
	$(VENV)/bin/python tests/install_chromium.py
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/python -m pytest
	$(VENV)/bin/python tests/question_set.py gate var/questions

# The quick half of the tests, for every change.
check: $(VENV)/installed-test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/python -m pytest --ignore=tests/browser -q
	$(VENV)/bin/python tests/question_set.py gate var/questions

# What the development questions reach now is what they must reach from now on.
baseline: $(VENV)/installed-test
	$(VENV)/bin/python tests/question_set.py raise var/questions

format: $(VENV)/installed-test
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

clean:
	rm -rf $(VENV) var

# Editable, so that the commands run what stands here; a changed pin installs again.
$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "policychat needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e .
	touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(VENV)/bin/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e '.[test]'
	touch $@
