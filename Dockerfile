# CoLLM-NAS in a container. Runs are written to /work, decoded images and fetched weights to /cache:
#   docker build -t collm-nas .
#   docker run --rm -it -v "$PWD:/work" -v collm-nas-cache:/cache collm-nas --supernet ofa
# For CPUs, name the package index of PyTorch's CPU wheels, a tenth of the size, as PyTorch's installation page gives it:
#   docker build -t collm-nas --build-arg TORCH_INDEX=ADDRESS .
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
ARG TORCH_INDEX
COPY . /source
# A CPU build, such as 2.11.0+cpu, counts as later than the same version without a suffix.
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} \
       -c /source/constraints.txt /source

FROM python:${PYTHON}-slim
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH XDG_CACHE_HOME=/cache
RUN useradd --create-home user && mkdir /work /cache && chown user /work /cache
USER user
WORKDIR /work
VOLUME ["/cache"]
ENTRYPOINT ["collm-nas"]
CMD ["--help"]
