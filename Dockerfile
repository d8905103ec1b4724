# syntax=docker/dockerfile:1
#   docker build -t cnn-playground .                       PyTorch for the CPU
#   docker build -t cnn-playground:cuda --build-arg TORCH=cuda .   with the CUDA libraries, for `docker run --gpus all`
ARG PYTHON=3.12

FROM python:${PYTHON}-slim AS build
ARG TORCH=cpu
ENV PIP_NO_CACHE_DIR=1 CNN_PLAYGROUND_TORCH=${TORCH}
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt ./
COPY deploy/install.py deploy/
RUN /venv/bin/python deploy/install.py

FROM python:${PYTHON}-slim
RUN useradd --create-home --uid 10001 playground \
    && install --directory --owner playground --mode 0700 /cache
COPY --from=build /venv /venv
WORKDIR /app
COPY .streamlit .streamlit
COPY core core
COPY pages pages
COPY playground playground
COPY streamlit_app.py server.py ./
ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CNN_PLAYGROUND_CACHE=/cache \
    CNN_PLAYGROUND_LOGS=json \
    STREAMLIT_SERVER_HEADLESS=true \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=8501 \
    STREAMLIT_LOGGER_HIDE_WELCOME_MESSAGE=true
USER 10001
VOLUME /cache
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/healthz', timeout=8)"]
CMD ["python", "-m", "streamlit", "run", "server.py"]
