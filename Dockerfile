# One image for every role; the command says which queue it serves.
FROM python:3.13-slim-bookworm AS build
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN python -m venv /opt/crateline && /opt/crateline/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY crateline crateline
COPY producers producers
COPY tasks tasks
COPY workers workers
RUN /opt/crateline/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim-bookworm
RUN useradd --create-home --uid 1000 crateline && mkdir -p /music /media /state && chown crateline /music /media /state
COPY --from=build /opt/crateline /opt/crateline
ENV PATH=/opt/crateline/bin:$PATH PYTHONUNBUFFERED=1 OUT_DIR=/music MEDIA_ROOT=/media STATE_DIR=/state
USER crateline
WORKDIR /home/crateline
ENTRYPOINT ["crateline"]
CMD ["--help"]
