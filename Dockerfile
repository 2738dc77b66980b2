# Three images from one file: docker build --target cpu|gpu|train -t segrun:cpu .
# Linted in `make check`; not built there.

FROM python:3.11-slim-bookworm AS wheel
WORKDIR /src
COPY pyproject.toml README.md LICENSE constraints.txt ./
COPY runtime runtime
COPY export export
COPY train train
RUN python -m pip install --no-cache-dir -c constraints.txt hatchling \
    && python -m pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels .

# What opencv-python needs from the system, and a user that owns nothing.
FROM python:3.11-slim-bookworm AS base
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgl1=1.6.* libglib2.0-0=2.74.* \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 segrun \
    && install --directory --owner 10001 /data
COPY constraints.txt /tmp/constraints.txt
COPY --from=wheel /wheels /wheels
ENV PYTHONUNBUFFERED=1
WORKDIR /data

FROM base AS cpu
RUN python -m pip install --no-cache-dir -c /tmp/constraints.txt "$(echo /wheels/*.whl)[cpu,geo,openvino,litert]"
USER 10001
ENTRYPOINT ["segrun"]
CMD ["--help"]

FROM base AS train
RUN python -m pip install --no-cache-dir -c /tmp/constraints.txt "$(echo /wheels/*.whl)[cpu,geo,litert,export,train]"
USER 10001
ENTRYPOINT ["segrun"]
CMD ["--help"]

# onnxruntime-gpu 1.31 wants CUDA 13; its cuda and cudnn extras bring the libraries, the host brings the driver.
FROM nvidia/cuda:13.0.1-base-ubuntu24.04 AS gpu
ENV DEBIAN_FRONTEND=noninteractive PYTHONUNBUFFERED=1 PATH=/opt/segrun/bin:$PATH
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        python3=3.12.* python3-venv=3.12.* libgl1=1.7.* libglib2.0-0t64=2.80.* \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 segrun \
    && install --directory --owner 10001 /data \
    && python3 -m venv /opt/segrun
COPY constraints.txt /tmp/constraints.txt
COPY --from=wheel /wheels /wheels
RUN /opt/segrun/bin/pip install --no-cache-dir -c /tmp/constraints.txt "$(echo /wheels/*.whl)[gpu,geo]"
WORKDIR /data
USER 10001
ENTRYPOINT ["segrun"]
CMD ["--help"]
