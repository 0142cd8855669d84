#!/usr/bin/env python3
"""What the open port takes: slow clients by the hundred, and four times the load that can be served.

    BENCH_OHA=oha python3 bench/serving/edge.py target/release/logitd [SECONDS]

The service runs on the core BENCH_SERVICE_CORES (0), all clients on BENCH_LOAD_CORES (1). First 500 clients send
half a head, 500 half a body and 500 ask for the largest page and take nothing; each comes back when it is cut off. Beside
them real clients predict at a fixed rate. Then a closed loop finds the peak of single predictions and
of batches of a hundred and of a thousand rows, and an open loop asks four times as much. Numbers are printed; nothing is asserted, since the machine decides.
Two minutes with 15 seconds each; needs wrk, taskset and oha.
"""
import json
import re
import selectors
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import champion
import load
import services

EACH, CONNECTIONS, TIMES = 500, 4096, 4
REAL_RATE, REAL_CONNECTIONS = 1_000, 16
HEAD = b"POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-api-key: KEY\r\n"
BEGUN = {
    "half a head": b"GET /livez HTTP/1.1\r\nhost",
    "half a body": HEAD + b"content-length: 500\r\n\r\n{",
    "slow reader": b"GET /docs HTTP/1.1\r\nhost: x\r\n\r\n",
}
# Deadlines that come round several times in the time measured.
DEADLINES = {f"LOGITD_HTTP__{name}_TIMEOUT_MS": "3000" for name in ("HEADER_READ", "BODY_READ", "WRITE")}


def resident_mb(service, what="VmRSS"):
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+)", status)[1]) * 1024 / 1e6


class Slow(threading.Thread):
    """Clients who begin and do not go on, each again when it is cut off."""

    def __init__(self, url, key):
        super().__init__(daemon=True)
        # Without its key half a body would be refused at once, by its head.
        self.begun = {kind: begun.replace(b"KEY", key.encode()) for kind, begun in BEGUN.items()}
        self.address = ("127.0.0.1", int(url.rsplit(":", 1)[1]))
        self.waiting, self.end = selectors.DefaultSelector(), threading.Event()
        self.cut_off = dict.fromkeys(BEGUN, 0)

    def begin(self, kind):
        client = socket.socket()
        # Little room, so that what is not taken stays with the service.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(self.address)
        client.sendall(self.begun[kind])
        if kind == "slow reader":
            return client, time.monotonic()
        self.waiting.register(client, selectors.EVENT_READ, kind)
        return None

    def run(self):
        begun = [self.begin(kind) for kind in BEGUN for _ in range(EACH)]
        readers = [reader for reader in begun if reader]
        while not self.end.is_set():
            for key, _ in self.waiting.select(0.1):
                if not self.is_over(key.fileobj):
                    continue
                self.waiting.unregister(key.fileobj)
                key.fileobj.close()
                self.cut_off[key.data] += 1
                self.begin(key.data)
            readers = [self.still(reader) for reader in readers]

    @staticmethod
    def is_over(client):
        """A 408 is read to its end."""
        try:
            return client.recv(4096) == b""
        except OSError:
            return True

    def still(self, reader):
        """The same one, or the next where it was cut off: a write of nobody's then fails."""
        client, since = reader
        if time.monotonic() - since < 1:
            return reader
        try:
            client.send(b"G")
            return client, time.monotonic()
        except OSError:
            client.close()
            self.cut_off["slow reader"] += 1
            return self.begin("slow reader")


def beside_slow_clients(logitd, folder, asked, seconds):
    service = services.logitd(logitd, folder, environment=DEADLINES)
    try:
        path, headers = asked["single"]
        service.answered(path, headers, (folder / "single.body").read_bytes())
        body = folder / "single.body"
        ask = lambda: load.at_rate(service.url, path, body, headers | service.headers, REAL_RATE,
                                   REAL_CONNECTIONS, seconds)
        alone, before = ask(), resident_mb(service)
        slow = Slow(service.url, service.headers["X-API-Key"])
        slow.start()
        time.sleep(2)
        beside = ask()
        slow.end.set()
        slow.join()
        told = ", ".join(f"{count} times {kind}" for kind, count in slow.cut_off.items())
        print(f"{REAL_RATE} predictions a second, each answered 200:")
        for name, one, memory in (("alone", alone, before),
                                  ("beside 1,500 slow clients", beside, resident_mb(service, "VmHWM"))):
            print(f"  {name}: half within {one['p50']:.2f} ms, 99 in 100 within {one['p99']:.2f} ms, "
                  f"{memory:.0f} MB resident at most")
        print(f"  cut off: {told}")
    finally:
        service.stop()


def overloaded(logitd, folder, asked, seconds):
    rows = json.loads((folder / "json.body").read_bytes())["instances"][:100]
    (folder / "hundred.body").write_text(json.dumps({"instances": rows}))
    for body, asked_by in (("single", "single"), ("hundred", "json"), ("json", "json")):
        service = services.logitd(logitd, folder)
        try:
            path, headers = asked[asked_by]
            headers = headers | service.headers
            data = (folder / f"{body}.body").read_bytes()
            service.answered(path, headers, data)
            peak = load.peak(service.url, load.script(folder, body, path, headers), 16, seconds)
            print(f"bodies of {len(data):,} bytes: peak {peak:,.0f} a second, {resident_mb(service):.0f} MB resident")
            for connections in (64, 512, 2048):
                flood(service, folder / f"{body}.body", path, headers, peak, connections, seconds)
        finally:
            service.stop()


def flood(service, body, path, headers, peak, connections, seconds):
    command = [load.OHA, "--no-tui", "--output-format", "json", "-z", f"{seconds}s", "-q", str(int(peak * TIMES))]
    command += ["-c", str(connections), "-w", "-m", "POST", "-D", str(body)]
    for key, value in headers.items():
        command += ["-H", f"{key}: {value}"]
    ran = subprocess.run(load.pinned([*command, service.url + path]), capture_output=True, text=True, check=True)
    told = json.loads(ran.stdout)
    codes, errors = told["statusCodeDistribution"], told["errorDistribution"]
    took = told["summary"]["total"]
    served = codes.get("200", 0) / took
    print(f"{TIMES} times that over {connections} connections: {codes} {errors or ''}\n"
          f"  {served:,.0f} a second answered 200, {served / peak:.0%} of the peak; asked "
          f"{sum(codes.values()) / took:,.0f}; slowest {told['summary']['slowest'] * 1000:,.0f} ms; "
          f"{resident_mb(service, 'VmHWM'):.0f} MB resident at most")


def main():
    logitd = Path(sys.argv[1]).absolute()
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asked = champion.store(logitd, folder, CONNECTIONS)
        beside_slow_clients(logitd, folder, asked, seconds)
        overloaded(logitd, folder, asked, seconds)


if __name__ == "__main__":
    main()
