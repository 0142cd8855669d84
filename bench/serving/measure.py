#!/usr/bin/env python3
"""Serving: logitd beside a bare poem handler and what a user would otherwise run, in turn in one session.

    measure.py LOGITD FLOOR PYTHON OUT.json [--rounds N] [--seconds S] [--latency-seconds S]
               [--only PART]... [--beside NAME=PYTHON]...

Every service runs on the core BENCH_SERVICE_CORES (0), the load on BENCH_LOAD_CORES (1). In each round
each pair is asked in turn, so that a slow minute of the machine is everybody's. All numbers of all rounds
go into OUT.json; bench/report.py makes medians and ratios of them.
"""
import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import bodies
import champion
import load
import optional
import services
import small

HERE = Path(__file__).resolve().parent
SINGLE_CONNECTIONS, BATCH_CONNECTIONS = 16, 4
# Of the peak of a closed loop: what a service is run at that nobody wants to see shed.
SHARE_OF_PEAK = 1 / 3
PARTS = ("peak", "latency", "small")


def lay_out(logitd, python, folder):
    """The stored champion with a key, the peers' model, the bodies."""
    asked = champion.store(logitd, folder, 512)
    command = [python, HERE / "peers" / "model.py", champion.TABLE, folder / "model.joblib"]
    subprocess.run(command, check=True)
    return asked


def start_all(arguments, asked, folder, started):
    """Every service into `started`, which is to be stopped whatever happens; each has answered one request rightly."""
    path, headers = asked["single"]
    body = (folder / "single.body").read_bytes()
    ours = services.logitd(arguments.logitd, folder)
    started.append(ours)
    answer = ours.answered(path, headers, body)
    started.append(services.floor(arguments.floor, folder, len(answer)))
    started.append(services.fastapi(arguments.python, folder))
    started.append(services.flask(arguments.python, folder))
    started += [optional.start(*beside.split("=", 1), folder) for beside in arguments.beside]
    for peer in started[1:]:
        told = peer.answered(path, headers, body)
        # The same model: the peers differ from ours by what their solver left.
        theirs = json.loads(told).get("probability", 0) if peer.name != "bare poem" else None
        if theirs is not None and abs(theirs - json.loads(answer)["probability"]) > 1e-3:
            raise SystemExit(f"{peer.name} answers {told} where logitd answers {answer}")


def plan(started, asked):
    """What is asked of whom: (name of the number, service, body, connections, rows a request)."""
    for service in started:
        yield ("single", service, "single", SINGLE_CONNECTIONS, 1)
    ours, fastapi = started[0], started[2]
    for kind in ("json", "csv", "tensor"):
        yield (f"batch {kind}", ours, kind, BATCH_CONNECTIONS, bodies.BATCH)
    yield ("batch json", fastapi, "json", BATCH_CONNECTIONS, bodies.BATCH)


def peaks(started, asked, folder, rounds, seconds):
    """Rows a second of each, a list of rounds."""
    numbers = {}
    for turn in range(rounds + 1):
        for number, service, kind, connections, rows in plan(started, asked):
            path, headers = asked[kind]
            if service.name != "logitd" and kind == "tensor":
                continue
            lua = load.script(folder, kind, path, headers | service.headers)
            # The first round only warms up.
            peak = load.peak(service.url, lua, connections, seconds if turn else 1)
            if turn:
                numbers.setdefault(number, {}).setdefault(service.name, []).append(peak * rows)
    return numbers


def latencies(started, asked, folder, peaks_of, rounds, seconds):
    """At a third of its own peak, and all at a third of FastAPI's."""
    path, headers = asked["single"]
    third = {name: round(sorted(all_)[len(all_) // 2] * SHARE_OF_PEAK) for name, all_ in peaks_of.items()}
    numbers = {}
    for _ in range(rounds):
        for service in started:
            for rate in sorted({third["FastAPI"], third[service.name]}):
                told = load.at_rate(service.url, path, folder / "single.body", headers | service.headers,
                                    rate, SINGLE_CONNECTIONS, seconds)
                numbers.setdefault(service.name, {}).setdefault(str(rate), []).append(told)
    return numbers


def keep(out, told):
    """After each part: what comes later may fail."""
    out.write_text(json.dumps(told, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name in ("logitd", "floor", "python", "out"):
        parser.add_argument(name, type=lambda given: Path(given).absolute())
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--latency-seconds", type=int, default=8)
    parser.add_argument("--only", action="append", choices=PARTS)
    parser.add_argument("--beside", action="append", default=[])
    arguments = parser.parse_args()
    parts = arguments.only or PARTS
    told, started = {}, []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asked = lay_out(arguments.logitd, arguments.python, folder)
        try:
            if "peak" in parts:
                start_all(arguments, asked, folder, started)
                told["peak"] = peaks(started, asked, folder, arguments.rounds, arguments.seconds)
                told["memory_mb"] = {service.name: service.memory_mb() for service in started}
                keep(arguments.out, told)
            if "latency" in parts:
                told["latency"] = latencies(started, asked, folder, told["peak"]["single"],
                                            min(arguments.rounds, 3), arguments.latency_seconds)
        finally:
            for service in started:
                service.stop()
        keep(arguments.out, told)
        if "small" in parts:
            told["small"] = small.measure(arguments.logitd, folder, asked, arguments.rounds)
    keep(arguments.out, told)


if __name__ == "__main__":
    main()
