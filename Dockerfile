FROM python:3.12-slim AS compiled
WORKDIR /app
COPY requirements-compiler.lock ./
COPY scripts/native.py ./scripts/
COPY liveroom/__init__.py ./liveroom/
COPY liveroom/media/__init__.py ./liveroom/media/
COPY liveroom/media/native ./liveroom/media/native
RUN python scripts/native.py
COPY requirements-paper.lock ./
COPY scripts/paper.py ./scripts/
COPY liveroom/server ./liveroom/server
RUN python scripts/paper.py

FROM python:3.12-slim
WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY liveroom ./liveroom
COPY --from=compiled /app/liveroom/media/native ./liveroom/media/native
COPY --from=compiled /app/liveroom/server ./liveroom/server
COPY web ./web
RUN useradd --system --home /data liveroom && mkdir /data && chown liveroom /data
USER liveroom
ENV LIVEROOM_DATA=/data LIVEROOM_PORT=8080 LIVEROOM_UDP_PORT=8081 LIVEROOM_LOG=json PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8080/tcp 8081/udp
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
  CMD ["python", "-m", "liveroom.health"]
CMD ["python", "-m", "liveroom", "serve"]
