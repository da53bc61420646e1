# make demo: three parties compute on real data, here.  make test: every test.  make lab: JupyterLab.
# Works from a path with spaces: every path below is relative.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lab bench clean

demo: $(VENV)/.ready
	"$(BIN)/python" -m mpckernel demo --run --out build/demo

test: $(VENV)/.ready-test
	"$(BIN)/python" -m pytest -q

lab: $(VENV)/.ready
	"$(BIN)/python" -m mpckernel demo

bench: $(VENV)/.ready
	"$(BIN)/python" -m mpckernel bench

$(VENV)/.ready: pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit("mpckernel needs Python 3.11 or newer; try: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@test -x "$(BIN)/python" || "$(PYTHON)" -m venv "$(VENV)" || { echo 'python3-venv is missing: sudo apt-get install python3-venv'; exit 1; }
	@echo 'Setting up $(VENV), once; this takes about a minute.'
	@"$(BIN)/python" -m pip install -qq --disable-pip-version-check --upgrade pip
	@"$(BIN)/python" -m pip install -qq --disable-pip-version-check -e '.[demo]'
	@touch "$@"

# The browser tests look at the widgets in a real JupyterLab, with Debian's Chromium.
$(VENV)/.ready-test: $(VENV)/.ready
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } \
		|| echo 'no Chromium here: the browser tests will say that they did not run (sudo apt-get install chromium)'
	@"$(BIN)/python" -m pip install -qq --disable-pip-version-check -e '.[test]'
	@touch "$@"

clean:
	rm -rf build dist .pytest_cache .ruff_cache .hypothesis
