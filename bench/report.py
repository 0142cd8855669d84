#!/usr/bin/env python3
"""Makes bench/RESULTS.md of what was measured: report.py LOGITD FOLDER OUT.md

FOLDER/serving.json is bench/serving's, FOLDER/training.md is bench/training's own text. Of a part that was
not measured in this session the file keeps what it says: each part tells the machine and the versions it is of.
"""
import json
import platform
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def command(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()


def cpu():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.machine()


def versions(requirements):
    lines = (ROOT / "bench" / requirements).read_text().splitlines()
    return ", ".join(line.replace("==", " ") for line in lines if "==" in line)


def number(value):
    """Three digits tell enough."""
    if value >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}"


def spread(values):
    return f"{number(statistics.median(values))} ({number(min(values))} to {number(max(values))})"


def ratio(ours, theirs):
    """Round by round: both ran within seconds of each other."""
    return spread([one / other for one, other in zip(ours, theirs)])


def peaks(told):
    single, json_peer = told["peak"]["single"], told["peak"]["batch json"]["FastAPI"]
    yield "### One prediction of 30 features a request, the peak of a closed loop\n"
    yield "| service | requests a second | logitd is so many times as fast | memory after, MB |"
    yield "|---|---|---|---|"
    for name, values in single.items():
        times = "" if name == "logitd" else ratio(single["logitd"], values)
        yield f"| {name} | {spread(values)} | {times} | {number(told['memory_mb'][name])} |"
    yield "\n### Batches of 1,000 rows\n"
    yield "| service, form | rows a second | times FastAPI's JSON |"
    yield "|---|---|---|"
    for kind, services in told["peak"].items():
        if kind == "single":
            continue
        for name, values in services.items():
            times = "" if name == "FastAPI" else ratio(values, json_peer)
            yield f"| {name}, {kind.removeprefix('batch ')} | {spread(values)} | {times} |"


def latencies(told):
    yield "\n### Latency of single predictions at a fixed rate\n"
    yield "Open loop: a request is counted from when it was due. Each at a third of its own peak, and all at"
    yield "a third of FastAPI's. Milliseconds, medians over the rounds.\n"
    yield "| service | requests a second | p50 | p99 | p99.9 |"
    yield "|---|---|---|---|---|"
    for name, rates in told.items():
        for rate, rounds in sorted(rates.items(), key=lambda one: int(one[0])):
            cells = [number(statistics.median(one[at] for one in rounds)) for at in ("p50", "p99", "p99.9")]
            yield f"| {name} | {number(int(rate))} | {' | '.join(cells)} |"


def small(told):
    yield "\n### Small\n"
    yield "| what | measured |"
    yield "|---|---|"
    yield f"| from the start of the process to `/readyz` 200, with a stored champion | {spread(told['ready_ms'])} ms |"
    yield f"| resident memory when idle, after a first prediction | {spread(told['idle_mb'])} MB |"
    yield f"| release binary | {told['binary_mb']:.1f} MB |"
    yield f"| image, unpacked | {told['image_mb']:.1f} MB |"


def serving(told):
    yield "The breast-cancer example. Services on one core, load on another. logitd runs with all that a"
    yield "production has switched on: a key on each request, limits, request ids, traces, metrics. \"bare poem\""
    yield "is the floor: the same body parsed by a derived serde struct and as many bytes answered, nothing"
    yield "else. Medians, in parentheses the least and the most of the rounds; ratios are made round by round.\n"
    yield from peaks(told)
    if "latency" in told:
        yield from latencies(told["latency"])
    if "small" in told:
        yield from small(told["small"])


def facts(logitd, peers):
    """What a part was measured with."""
    cores = len([line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("processor")])
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 2**20
    return ["", f"- {cpu()}, {cores} cores, {memory} GiB; Linux {platform.release()}; Python {platform.python_version()}",
            f"- {command(logitd, '--version')}, {command('rustc', '--version')}", f"- peers: {versions(peers)}", ""]


def part(title, body, old):
    """Its heading and what follows, or what the file said before."""
    if body is not None:
        return ["", f"## {title}", *body]
    kept = old.partition(f"\n## {title}\n")[2].partition("\n## ")[0].strip()
    return ["", f"## {title}", "", kept] if kept else []


def main():
    logitd, folder, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    old = out.read_text() if out.is_file() else ""
    served, trained = folder / "serving.json", folder / "training.md"
    of_serving = of_training = None
    if served.is_file():
        of_serving = [*facts(logitd, "serving/requirements.txt"), *serving(json.loads(served.read_text()))]
    if trained.is_file():
        of_training = [*facts(logitd, "training/requirements.txt"), trained.read_text().strip()]
    lines = ["# Results", "", "Written by `bench/run.sh`; run it to have those of your machine."]
    lines += part("Serving", of_serving, old) + part("Training", of_training, old)
    out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
