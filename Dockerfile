# CoLLM-NAS in a container. Runs are written to /work, decoded images and fetched weights to /cache:
#   docker build -t collm-nas .
#   docker run --rm -it -v "$PWD:/work" -v collm-nas-cache:/cache collm-nas --supernet ofa
# torch comes without CUDA; for GPUs, name the index of another build with --build-arg TORCH_INDEX=ADDRESS.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY . /source
# A build of this index, such as 2.11.0+cpu, counts as later than the same version of the default index.
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --extra-index-url "$TORCH_INDEX" -c /source/constraints.txt /source

FROM python:${PYTHON}-slim
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH XDG_CACHE_HOME=/cache
RUN useradd --create-home user && mkdir /work /cache && chown user /work /cache
USER user
WORKDIR /work
VOLUME ["/cache"]
ENTRYPOINT ["collm-nas"]
CMD ["--help"]
