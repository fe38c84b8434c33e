# One image for web, worker and beat; docker-compose.yml says which process a container runs.
FROM python:3.12-slim AS build
COPY requirements/production.txt /tmp/production.txt
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/production.txt

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY --from=build /venv /venv
COPY . .
# The settings insist on these; collecting files connects to nothing, and no later step sees the values.
RUN SECRET_KEY=only-for-collecting-static-files-while-building \
    DATABASE_URL=postgres://unused@localhost/unused REDIS_URL=redis://localhost/0 \
    python manage.py collectstatic --noinput --verbosity 0
# By number, so that an orchestrator can see that it is not root.
USER 10001
EXPOSE 8000
# Asks by a name that Django accepts: the first of ALLOWED_HOSTS.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "import os, urllib.request as r; host = os.environ['ALLOWED_HOSTS'].split(',')[0].lstrip('.'); r.urlopen(r.Request('http://127.0.0.1:8000/healthz', headers={'Host': host}), timeout=4)"]
CMD ["gunicorn", "interviewprep.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--timeout", "60", "--graceful-timeout", "20", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--access-logfile", "-"]
