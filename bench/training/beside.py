"""Predictions while a run of a million rows goes through, against idle.

The service, its training and the load share all the cores. The peak of a closed loop is found first; then an
open loop asks a third of it, each request counted from when it was due: for as long as nothing else happens,
and for as long as a run takes to read, to search 5 penalties by 5 folds, to fit, to fit again on all rows and
to be swapped in. A request that is not answered 200 ends the bench.
"""

import json
import os
import pathlib
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
import urllib.request

# Nobody is pinned here.
CORES = f"0-{os.cpu_count() - 1}"
os.environ |= {"BENCH_SERVICE_CORES": CORES, "BENCH_LOAD_CORES": CORES}
sys.path.append(str(pathlib.Path(__file__).parents[1] / "serving"))

import load
import services
import table
from trainings import FIVE, configuration, spread

FEATURES, CONNECTIONS = 20, 16
# A champion so held back that every run is promoted over it.
HELD_BACK = "penalties = [1e6]\n"


class Beside:
    """A service over a table, asked by a key."""

    def __init__(self, of, rows):
        self.folder, self.file = of.folder, of.folder / "table.db"
        table.make(f"sqlite:///{self.file}", rows, FEATURES)
        url = f"sqlite://{self.file}"
        command = [of.logitd, "key", "new", "--name", "bench", "--role", "operate"]
        made = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        key, line = made.split("\n", 1)
        (self.folder / "key").write_text(key)
        keys = f'[auth]\nkeys = [{line.strip().rstrip(",")}]\n'
        configuration(self.folder, url, FEATURES, HELD_BACK + keys)
        command = [of.logitd, "train", "--config", self.folder / "logitd.toml"]
        subprocess.run(command, capture_output=True, check=True)
        configuration(self.folder, url, FEATURES, f'on_start = "never"\n{FIVE}\n{keys}')
        _, values, _ = next(table.chunks(1, FEATURES, 42))
        self.body = self.folder / "single.body"
        self.body.write_text(json.dumps(dict(zip(table.names(FEATURES), values[0].tolist()))))
        self.service = services.logitd(of.logitd, self.folder)
        self.headers = {"Content-Type": "application/json"} | self.service.headers
        self.service.answered("/v1/predict", self.headers, self.body.read_bytes())

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.service.url + path, data, self.headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def peak(self, seconds):
        lua = load.script(self.folder, "single", "/v1/predict", self.headers)
        load.peak(self.service.url, lua, CONNECTIONS, 1)
        return load.peak(self.service.url, lua, CONNECTIONS, seconds)

    def at_rate(self, rate, until):
        """Latencies in milliseconds, at this rate until the function returns."""
        command = [load.OHA, "--no-tui", "--output-format", "json", "-z", "600s", "-q", str(rate), "-w"]
        command += ["-c", str(CONNECTIONS), "--latency-correction", "-m", "POST", "-D", str(self.body)]
        for name, value in self.headers.items():
            command += ["-H", f"{name}: {value}"]
        asking = subprocess.Popen([*command, self.service.url + "/v1/predict"], stdout=subprocess.PIPE, text=True)
        try:
            until()
        finally:
            # It tells what it has seen.
            asking.send_signal(signal.SIGINT)
            told = json.loads(asking.communicate()[0])
        if set(told["statusCodeDistribution"]) != {"200"} or told["errorDistribution"]:
            raise load.LoadFailed(f"{told['statusCodeDistribution']} {told['errorDistribution']}")
        return {name: told["latencyPercentiles"][name] * 1000 for name in ("p50", "p99", "p99.9")}

    def run_through(self):
        """A run over the champion that is held back. Gives what it was to make."""
        self.call("POST", "/v1/models/1/promote", {"reason": "bench", "pin": False})
        with sqlite3.connect(self.file) as db:
            # Unchanged rows would be skipped.
            db.execute("update observations set feature_1 = feature_1 + 1e-6 where id = 1")
        db.close()
        began = time.monotonic()
        run = self.call("POST", "/v1/training-runs", {})
        while run["status"] in ("queued", "running"):
            time.sleep(0.1)
            run = self.call("GET", f"/v1/training-runs/{run['id']}")
        assert run["status"] == "promoted", run
        self.seconds = time.monotonic() - began
        while self.call("GET", "/v1/models/champion")["version"] != run["version"]:
            time.sleep(0.05)


def measure(of):
    rows, rounds, seconds = (50_000, 1, 2) if of.quick else (1_000_000, 3, 10)
    asked = Beside(of, rows)
    try:
        peak = asked.peak(seconds)
        rate = round(peak / 3)
        idle, beside, runs = [], [], []
        for _ in range(rounds):
            idle.append(asked.at_rate(rate, lambda: time.sleep(seconds)))
            beside.append(asked.at_rate(rate, asked.run_through))
            runs.append(asked.seconds)
    finally:
        asked.service.stop()
    yield f"### Predictions while a run of {rows:,} rows goes through"
    yield ""
    yield f"Single predictions of {FEATURES} features by JSON; service, training and load share {os.cpu_count()} cores. The"
    yield f"peak of a closed loop is {peak:,.0f} a second; asked at {rate:,} a second, open loop, every request answered 200."
    yield f"A run beside them takes {spread(runs, 1)} s: it reads, searches 5 penalties by 5 folds, fits twice and is"
    yield "swapped in. Milliseconds."
    yield ""
    yield "| | p50 | p99 | p99.9 |"
    yield "| --- | --- | --- | --- |"
    for name, all_ in (("idle", idle), ("beside the run", beside)):
        cells = [spread([one[at] for one in all_], 2) for at in ("p50", "p99", "p99.9")]
        yield f"| {name} | " + " | ".join(cells) + " |"
    ratio = statistics.median(one["p99"] for one in beside) / statistics.median(one["p99"] for one in idle)
    yield ""
    yield f"The p99 beside the run is {ratio:.1f} times that of an idle service."
