# The one command surface. Everything happens inside .venv; nothing needs root.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet -c constraints.txt
TORCH ?= torch>=2.9,<3
# On a GPU; CUDA 13 is what onnxruntime-gpu takes, too.
JAX ?= jax[cuda13]>=0.10,<1
# The newest release of which both the CPU and the GPU build exist.
ONNXRUNTIME := 1.31.1

.PHONY: help demo test check torture test-backends bench bench-check bench-exact bench-counters bench-overhead bench-peers bench-scaling bench-gpu picture lock clean

# The suites are no tests: they bring none of the options that pyproject.toml gives to tests.
SUITES := -o addopts="--import-mode=importlib -ra --strict-markers --strict-config" -o timeout=1800 benchmarks/suites

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' $(MAKEFILE_LIST)

demo: $(VENV)/.light  ## install the light runtime and segment drawn scenes with the bundled model
	@echo "drawing 24 sample tiles and an orthophoto into demo/"
	@rm -rf demo
	@$(BIN)/segrun scenes --out demo/tiles --count 24 --seed 7 --stem tile --quiet
	@$(BIN)/segrun scenes --out demo/ortho --count 1 --size 2048 --seed 5 --stem ortho --style suburb --geotiff --border alpha --quiet
	@echo "segmenting them with the bundled model"
	@$(BIN)/segrun predict --model roofs demo/tiles/images demo/ortho/images -o demo/masks --overlay

test: $(VENV)/.full  ## install everything but the gpu extra and run the whole suite (the longest tests: make torture)
	@echo "running the tests"
	@$(BIN)/python -m pytest -m "not torture" -n auto --dist loadfile

torture: $(VENV)/.full  ## run the tests that take minutes
	@$(BIN)/python -m pytest -m torture

test-backends: $(VENV)/.backends  ## train a few steps on jax and on torch
	@for backend in jax torch; do \
		echo "training on $$backend"; \
		KERAS_BACKEND=$$backend $(VENV)-backends/bin/python -m pytest -W default tests/train/test_backends.py || exit 1; \
	done

check: $(VENV)/.full  ## ruff, mypy, hadolint
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/hadolint Dockerfile

bench: $(VENV)/.full  ## run the benchmark suites (pytest-benchmark)
	@$(BIN)/python -m pytest $(SUITES) --benchmark-only --benchmark-columns=min,median,iqr,rounds

bench-check: bench-exact  ## fail where the working tree is slower than BASE (default: merge base with main, HEAD if changed), or counts more
	@$(BIN)/python -m benchmarks.gate.check $(if $(BASE),--base $(BASE)) $(BENCH_FLAGS)

bench-exact: $(VENV)/.full  ## compare what the suites count with benchmarks/counters.json
	@$(BIN)/python -m benchmarks.gate.exact

bench-counters: $(VENV)/.full  ## rewrite benchmarks/counters.json, on purpose
	@$(BIN)/python -m benchmarks.gate.exact --write

picture: $(VENV)/.full  ## draw the picture of the README again
	@$(BIN)/python docs/pictures/readme.py

bench-peers: $(VENV)/.full  ## write docs/results/peers.md; RUNS: folders of segrun train, or exported fp32 files
	@$(if $(strip $(RUNS)),,echo 'bench-peers needs RUNS, one or more: RUNS="FOLDER-OF-SEGRUN-TRAIN exported.onnx"' && exit 2)
	@$(BIN)/python -m benchmarks.peers $(BENCH_FLAGS) $(RUNS)

bench-overhead: $(VENV)/.full  ## write docs/results/overhead.md; BENCH_FLAGS="--network unet.onnx --raster ortho.tif" for the orthophoto
	@$(BIN)/python -m benchmarks.overhead_report $(BENCH_FLAGS)

bench-scaling: $(VENV)/.full  ## write docs/results/scaling.md: time and memory against pixels, tile, overlap, batch, threads
	@$(BIN)/python -m benchmarks.scaling $(BENCH_FLAGS)

bench-gpu:  ## write docs/results/gpu.md where an NVIDIA card is; MODELS: a folder of segrun train, or exported .onnx files
	@if nvidia-smi -L >/dev/null 2>&1; then \
		$(MAKE) --no-print-directory $(VENV)/.gpu && $(VENV)-gpu/bin/python -m benchmarks.gpu $(BENCH_FLAGS) $(MODELS); \
	else echo "skipped: no NVIDIA card answers here (nvidia-smi finds none), nothing installed, nothing measured"; fi

# backports.strenum 1.3 leaves out Python 3.11 by an upper bound that uv does not heed.
lock:  ## renew constraints.txt (needs uv)
	@printf 'onnxruntime==$(ONNXRUNTIME)\nonnxruntime-gpu==$(ONNXRUNTIME)\nbackports-strenum<1.3\n' | uv pip compile pyproject.toml -c - \
		--extra cpu --extra gpu --extra geo --extra openvino --extra litert --extra export --extra train --extra dev \
		--universal --python-version 3.11 --no-annotate --quiet \
		--custom-compile-command "make lock" -o constraints.txt

clean:  ## remove the environments and what the commands made
	@rm -rf $(VENV) $(VENV)-backends $(VENV)-peers $(VENV)-gpu demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks

$(BIN)/python:
	@echo "making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)

# opencv-python needs libGL and glib from the system; where they are missing the headless build of the same release serves.
define settle_cv2
	@$(BIN)/python -c "import cv2" 2>/dev/null || { \
		version=$$($(PIP) show opencv-python 2>/dev/null | sed -n 's/^Version: //p'); \
		echo "the system lacks libGL or glib: taking opencv-python-headless $$version"; \
		$(PIP) uninstall --quiet --quiet --yes opencv-python opencv-python-headless; \
		$(PIP) install --quiet --force-reinstall --no-deps "opencv-python-headless==$$version"; \
		$(BIN)/python -c "import cv2"; }
endef

$(VENV)/.light: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing the light runtime into $(VENV)"
	@$(INSTALL) -e '.[cpu,geo,openvino]'
	$(settle_cv2)
	@touch $@

$(VENV)/.full: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing everything but the gpu extra into $(VENV); tensorflow is large, this takes minutes"
	@$(INSTALL) -e '.[cpu,geo,openvino,litert,export,train,dev]'
	$(settle_cv2)
	@touch $@ $(VENV)/.light

# jax and torch stay out of the main environment: torch alone takes gigabytes.
$(VENV)/.backends: pyproject.toml constraints.txt
	@echo "installing keras with jax and torch into $(VENV)-backends"
	@$(PYTHON) -m venv $(VENV)-backends
	@$(VENV)-backends/bin/python -m pip install --quiet -e . 'keras>=3.15,<4' 'jax>=0.10,<1' '$(TORCH)' hypothesis pytest pytest-benchmark pytest-timeout
	@mkdir -p $(VENV) && touch $@

# onnxruntime-gpu and onnxruntime share their files, so that one environment cannot hold both.
$(VENV)/.gpu: BIN := $(VENV)-gpu/bin
$(VENV)/.gpu: PIP := $(VENV)-gpu/bin/python -m pip --disable-pip-version-check
$(VENV)/.gpu: pyproject.toml constraints.txt
	@echo "installing the gpu extra with jax and torch into $(VENV)-gpu; this takes gigabytes"
	@$(PYTHON) -m venv $(VENV)-gpu
	@$(PIP) install --quiet -c constraints.txt -e '.[gpu,geo,export,train]' '$(JAX)' '$(TORCH)'
	$(settle_cv2)
	@mkdir -p $(VENV) && touch $@
