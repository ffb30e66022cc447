# syntax=docker/dockerfile:1

# Kadr without Render. `docker compose up -d` builds and runs it: see compose.yaml.
FROM python:3.13-slim-bookworm AS build
COPY --from=ghcr.io/astral-sh/uv:0.13.9 /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /kadr
# What Kadr depends on changes seldom: a layer of its own.
RUN --mount=type=cache,target=/root/.cache/uv \
    --mount=type=bind,source=uv.lock,target=uv.lock \
    --mount=type=bind,source=pyproject.toml,target=pyproject.toml \
    uv sync --locked --no-dev --all-extras --no-install-project
COPY . .
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --locked --no-dev --all-extras --no-editable

FROM python:3.13-slim-bookworm
COPY --from=build /kadr/.venv /kadr/.venv
# A user without a name and a home: a number is all that a platform which forbids root can check.
RUN install -d -m 0700 -o 10001 -g 10001 /data
ENV PATH=/kadr/.venv/bin:$PATH \
    DATA_DIR=/data \
    LOG_FORMAT=json \
    MPLCONFIGDIR=/tmp/matplotlib \
    PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /data
VOLUME /data
# Docker kills after 10 s unless told otherwise; Kadr may need 20: compose.yaml gives it 30.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=1m --timeout=10s --start-period=1m --retries=3 CMD ["python", "-m", "actors.commandline.healthcheck"]
ENTRYPOINT ["kadr"]
CMD ["run"]
