# One image for every role; the command says which queue it serves.
FROM python:3.13-slim-trixie AS build
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN python -m venv /opt/crateline && /opt/crateline/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY crateline crateline
COPY producers producers
COPY tasks tasks
COPY workers workers
RUN /opt/crateline/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM node:22-trixie-slim AS node

FROM python:3.13-slim-trixie
# node runs the scripts that YouTube asks for; Debian's is too old for yt-dlp, which wants 22.
RUN apt-get update && apt-get install -y --no-install-recommends libstdc++6 && rm -rf /var/lib/apt/lists/*
COPY --from=node /usr/local/bin/node /usr/local/bin/node
RUN useradd --no-create-home --uid 1000 crateline
COPY --from=build /opt/crateline /opt/crateline
ENV PATH=/opt/crateline/bin:$PATH PYTHONUNBUFFERED=1
USER crateline
WORKDIR /srv
ENTRYPOINT ["crateline"]
CMD ["--help"]
