# Two stages: the first builds the environment, the second holds only what runs.
FROM python:3.13-slim-bookworm AS build
WORKDIR /srv/tocsin
COPY requirements.lock ./
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml setup.py README.md LICENSE tocsin.py ./
COPY app app
COPY detectors detectors
COPY alembic alembic
RUN /opt/venv/bin/pip wheel --no-cache-dir --no-deps --wheel-dir /dist .

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/tocsin --create-home tocsin
WORKDIR /srv/tocsin
COPY --from=build /opt/venv /opt/venv
# After the environment, so that a new version of the service alone is a small layer.
COPY --from=build /dist /dist
RUN /opt/venv/bin/pip install --no-cache-dir --no-deps /dist/*.whl
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TOCSIN_DATA_DIR=/var/lib/tocsin \
    TOCSIN_HOST=0.0.0.0 \
    TOCSIN_LOG_FORMAT=json
USER tocsin
VOLUME /var/lib/tocsin
EXPOSE 8321
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8321/readyz', timeout=4)"]
CMD ["tocsin", "serve"]
