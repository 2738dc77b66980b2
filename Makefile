# The one command surface. Everything happens inside .venv; nothing needs root.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: help demo test check torture test-backends lock clean
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

$(BIN)/python:
	@echo "making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)

# opencv-python needs libGL and glib from the system; the headless build of the same release does not.
define ensure_cv2
	@$(BIN)/python scripts/ensure_cv2.py constraints.txt
endef
