# The bot in an image: docker build -t countersign .
# It runs as its own user with a read-only root file system; /data is all that it writes to.
FROM python:3.13-slim AS build
WORKDIR /app
COPY requirements.lock ./
RUN python -m venv .venv
RUN .venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY LICENSE README.md app.py app.yml pyproject.toml ./
COPY bot ./bot
COPY config ./config
RUN .venv/bin/python -m compileall -q app.py bot config/gunicorn.conf.py

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home countersign && install -d -o countersign -m 700 /data
COPY --from=build /app /app
WORKDIR /app
ENV COUNTERSIGN_HOME=/data TMPDIR=/data HOST=0.0.0.0 PORT=3000 PATH=/app/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER countersign
VOLUME /data
EXPOSE 3000
HEALTHCHECK --start-period=20s --interval=30s --timeout=5s CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["python", "app.py"]
CMD ["serve"]
