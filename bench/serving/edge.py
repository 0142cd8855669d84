#!/usr/bin/env python3
"""What the open port takes: slow clients by the hundred, and four times the load that can be served.

    ulimit -n 20000
    BENCH_OHA=oha python3 bench/serving/edge.py target/release/logitd [SECONDS] [OUT.md]

The service runs on the core BENCH_SERVICE_CORES (0), all clients on BENCH_LOAD_CORES (1). 500 clients send half a head,
500 half a body and 500 ask for the largest page and take nothing; each comes back when it is cut off. Beside them real
clients predict at a fixed rate. Then a closed loop finds the peak of single predictions and of batches of a hundred and
of a thousand rows, and four times as much is asked. Writes bench/RESULTS-edge.md, or OUT.md; nothing is asserted, since
the machine decides. Three minutes with the 8 seconds each that it takes by itself; needs wrk, taskset and oha.
"""
import json
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import champion
import load
import services
import slow

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "bench"))
import report  # noqa: E402

CONNECTIONS, TIMES = 4096, 4
FLOODS = (64, 512, 2048)
REAL_RATE, REAL_CONNECTIONS = 1_000, 16
# Deadlines that come round several times in the time measured, and one that does not.
SHORT, LONG = (
    {f"LOGITD_HTTP__{name}_TIMEOUT_MS": milliseconds for name in ("HEADER_READ", "BODY_READ", "WRITE")}
    for milliseconds in ("3000", "60000")
)


def resident_mb(service, what="VmRSS"):
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+)", status)[1]) * 1024 / 1e6


def beside_slow_clients(logitd, folder, asked, seconds):
    """The lines of a table: who else is there, what a prediction takes, memory; and how many were cut off."""
    path, headers = asked["single"]
    body = folder / "single.body"
    service = services.logitd(logitd, folder, environment=SHORT)
    try:
        service.answered(path, headers, body.read_bytes())

        def ask():
            with_key = headers | service.headers
            return load.at_rate(service.url, path, body, with_key, REAL_RATE, REAL_CONNECTIONS, seconds)

        measured = [("nobody", ask(), resident_mb(service))]
        with slow.Slow(service.url, service.headers["X-API-Key"]) as clients:
            time.sleep(2)
            measured.append((f"{slow.EACH} of each", ask(), resident_mb(service, "VmHWM")))
    finally:
        service.stop()
    yield "| beside | p50 ms | p99 ms | p99.9 ms | memory MB |"
    yield "|---|---|---|---|---|"
    for name, took, memory in measured:
        cells = " | ".join(f"{took[part]:.2f}" for part in ("p50", "p99", "p99.9"))
        yield f"| {name} | {cells} | {memory:.0f} |"
    told = ", ".join(f"{kind} {count}" for kind, count in clients.cut_off.items())
    yield f"\nCut off at its deadline, each time to come back: {told}."


def memory_of_each(logitd, folder, asked):
    """What the memory grows by for one slow client, a line a kind."""
    path, headers = asked["single"]
    yield "| kind | KB of memory each |"
    yield "|---|---|"
    for kind in slow.BEGUN:
        service = services.logitd(logitd, folder, environment=LONG)
        try:
            service.answered(path, headers, (folder / "single.body").read_bytes())
            time.sleep(1)
            before = resident_mb(service)
            with slow.Slow(service.url, service.headers["X-API-Key"], (kind,)):
                time.sleep(2)
                yield f"| {kind} | {(resident_mb(service) - before) * 1000 / slow.EACH:.1f} |"
        finally:
            service.stop()


def overloaded(logitd, folder, asked, seconds):
    """The lines of a table: bodies, connections, what was answered."""
    rows = json.loads((folder / "json.body").read_bytes())["instances"][:100]
    (folder / "hundred.body").write_text(json.dumps({"instances": rows}))
    yield "| bytes a body | connections | peak a second | 200s a second | 503s a second | anything else | slowest s | memory MB |"
    yield "|---|---|---|---|---|---|---|---|"
    for body, asked_by in (("single", "single"), ("hundred", "json"), ("json", "json")):
        path, headers = asked[asked_by]
        data = (folder / f"{body}.body").read_bytes()
        peak = None
        for connections in FLOODS:
            service = services.logitd(logitd, folder)
            try:
                service.answered(path, headers, data)
                with_key = headers | service.headers
                peak = peak or load.peak(service.url, load.script(folder, body, path, with_key), 16, seconds)
                told = flood(service, folder / f"{body}.body", path, with_key, peak * TIMES, connections, seconds)
                memory = resident_mb(service, "VmHWM")
            finally:
                service.stop()
            yield f"| {len(data):,} | {connections:,} | {peak:,.0f} | {answers(told, peak)} | {memory:.0f} |"


def flood(service, body, path, headers, rate, connections, seconds):
    """What oha tells of asking so often, with no more at once than there are connections."""
    command = [load.OHA, "--no-tui", "--output-format", "json", "-z", f"{seconds}s", "-q", str(int(rate))]
    command += ["-c", str(connections), "-w", "-m", "POST", "-D", str(body)]
    for key, value in headers.items():
        command += ["-H", f"{key}: {value}"]
    ran = subprocess.run(load.pinned([*command, service.url + path]), capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)


def answers(told, peak):
    codes, took = dict(told["statusCodeDistribution"]), told["summary"]["total"]
    served, refused = (codes.pop(code, 0) / took for code in ("200", "503"))
    else_ = codes | {what: count for what, count in told["errorDistribution"].items() if "deadline" not in what}
    named = ", ".join(f"{what}: {count}" for what, count in else_.items()) or "0"
    return f"{served:,.0f} ({served / peak:.0%}) | {refused:,.0f} | {named} | {told['summary']['slowest']:.2f}"


def facts(logitd):
    changed = report.command("git", "status", "--porcelain", "--untracked-files=no", "--", "src", "Cargo.toml", "Cargo.lock")
    commit = report.command("git", "rev-parse", "--short", "HEAD") + (", changed" if changed else "")
    versions = [report.command(str(logitd), "--version"), report.command("rustc", "--version"),
                report.command(load.OHA, "--version"),
                subprocess.run([load.WRK, "--version"], capture_output=True, text=True).stdout.split(" [")[0]]
    yield f"- commit {commit}; {', '.join(versions)}"
    yield f"- {report.cpu()}; Linux {platform.release()}; service and load on a core each, default limits, a key with each request"


def written(logitd, folder, asked, seconds):
    yield "# At the edge\n"
    yield "Written by `bench/serving/edge.py`; run it to have the numbers of your machine.\n"
    yield from facts(logitd)
    yield "\n## Slow clients\n"
    yield f"{slow.EACH} clients each with half a head, half a body and an answer that is not read, by deadlines of three seconds,"
    yield f"and {REAL_RATE:,} predictions a second that are all answered 200.\n"
    yield from beside_slow_clients(logitd, folder, asked, seconds)
    yield f"\nEach kind alone, {slow.EACH} of them:\n"
    yield from memory_of_each(logitd, folder, asked)
    yield "\n## Four times the load that can be served\n"
    yield f"The peak is a closed loop of 16 connections. Then {TIMES} times as much is asked for {seconds} seconds, over so many connections"
    yield "that ask again as soon as they are answered, whatever `Retry-After` says.\n"
    yield from overloaded(logitd, folder, asked, seconds)


def main():
    logitd = Path(sys.argv[1]).absolute()
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    out = Path(sys.argv[3]) if len(sys.argv) > 3 else ROOT / "bench" / "RESULTS-edge.md"
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 2 * CONNECTIONS:
        raise SystemExit("too few open files are allowed: ulimit -n 20000")
    lines = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asked = champion.store(logitd, folder, CONNECTIONS)
        for line in written(logitd, folder, asked, seconds):
            print(line, flush=True)
            lines.append(line)
    out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
