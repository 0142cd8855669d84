"""What is measured, each started the same way: on a core of its own, on the loopback, until it answers."""
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
CORES = os.environ.get("BENCH_SERVICE_CORES", "0")
ANSWERS_WITHIN_SECONDS = 90


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Service:
    """One running service."""

    def __init__(self, name, command, port, folder, environment=None, headers=None):
        self.name, self.url, self.headers = name, f"http://127.0.0.1:{port}", headers or {}
        self.log = folder / f"{name.replace(' ', '-')}.log"
        environment = os.environ | {"PYTHONPATH": str(HERE / "peers")} | (environment or {})
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["taskset", "-c", CORES, *map(str, command)],
                cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True,
            )

    def answered(self, path, headers, body):
        """The answer, once the service gives one; ends with its log where it does not."""
        until = time.monotonic() + ANSWERS_WITHIN_SECONDS
        while True:
            request = urllib.request.Request(self.url + path, body, headers | self.headers, method="POST")
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    return answer.read()
            except (urllib.error.URLError, OSError) as refused:
                if time.monotonic() > until or self.process.poll() is not None:
                    raise SystemExit(f"{self.name}: {refused}\n{self.log.read_text()[-3000:]}") from refused
                time.sleep(0.05)

    def processes(self):
        """It and those that it started."""
        found = subprocess.run(
            ["ps", "-o", "pid=", "-s", str(self.process.pid)], capture_output=True, text=True, check=True
        )
        return found.stdout.split()

    def memory_mb(self):
        """Resident, of all its processes; what they share is counted once (proportional set size)."""
        total = 0
        for pid in self.processes():
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        return total * 1024 / 1e6

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


def logitd(binary, folder, name="logitd", environment=None):
    """The service with all that a production has switched on: keys, limits, request ids, traces, measures."""
    port = free_port()
    key = (folder / "key").read_text().strip()
    environment = {"LOGITD_HTTP__LISTEN": f"127.0.0.1:{port}"} | (environment or {})
    command = [binary, "serve", "--config", folder / "logitd.toml"]
    return Service(name, command, port, folder, environment, {"X-API-Key": key})


def floor(binary, folder, answer_bytes):
    port = free_port()
    return Service("bare poem", [binary, f"127.0.0.1:{port}", answer_bytes], port, folder)


def fastapi(python, folder):
    port = free_port()
    command = [python, "-m", "uvicorn", "fastapi_app:app", "--port", port, "--loop", "uvloop"]
    command += ["--http", "httptools", "--no-access-log", "--log-level", "warning"]
    return Service("FastAPI", command, port, folder, {"BENCH_MODEL": str(folder / "model.joblib")})


def flask(python, folder):
    port = free_port()
    command = [python, "-m", "gunicorn", "flask_app:app", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    # Threads keep connections open; gunicorn's plain worker would open one a request.
    command += ["--worker-class", "gthread", "--threads", "4", "--keep-alive", "60", "--log-level", "warning"]
    return Service("Flask", command, port, folder, {"BENCH_MODEL": str(folder / "model.joblib")})
