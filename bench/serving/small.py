"""How small it is: seconds from its start to ready with a stored champion, resident memory, bytes."""
import re
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import services

ROOT = Path(__file__).resolve().parents[2]
IDLE_SECONDS = 5


def ready_after(binary, folder):
    """Seconds from the start of the process to the first 200 of /readyz."""
    began = time.perf_counter()
    service = services.logitd(binary, folder)
    try:
        while True:
            try:
                with urllib.request.urlopen(service.url + "/readyz", timeout=5):
                    return time.perf_counter() - began
            except (urllib.error.URLError, OSError):
                if service.process.poll() is not None:
                    raise SystemExit(service.log.read_text()) from None
                time.sleep(0.001)
    finally:
        service.stop()


def resident_mb(service):
    """Of the service's one process."""
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024 / 1e6


def idle_mb(binary, folder, asked):
    """A while after the start and one prediction."""
    service = services.logitd(binary, folder)
    try:
        path, headers = asked["single"]
        service.answered(path, headers, (folder / "single.body").read_bytes())
        time.sleep(IDLE_SECONDS)
        return resident_mb(service)
    finally:
        service.stop()


def image_mb(binary, folder):
    """The layers of the image as scripts/image.sh fills it, unpacked."""
    root = folder / "rootfs"
    command = [ROOT / "scripts" / "image.sh", "--rootfs", root, "--binary", binary]
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode != 0:
        raise SystemExit(f"scripts/image.sh: {ran.stderr}")
    files = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    return sum(path.stat().st_size for path in files) / 1e6


def measure(binary, folder, asked, rounds):
    """Every number."""
    return {
        "ready_ms": [ready_after(binary, folder) * 1000 for _ in range(max(rounds, 5))],
        "idle_mb": [idle_mb(binary, folder, asked) for _ in range(3)],
        "binary_mb": binary.stat().st_size / 1e6,
        "image_mb": image_mb(binary, folder),
    }
