#!/usr/bin/env python3
"""How long the card of a model with many features takes to open, and what it weighs.

    python3 bench/card.py target/release/logitd [FEATURES]

It makes a table of 2,000 rows and 300 features with units and descriptions, trains on it, serves it on the
loopback, and asks for the card: by HTTP alone, and in a headless Chromium with an empty cache, each several
times. Medians are printed; nothing is asserted, since the machine decides. It needs chromium and
chromium-driver, and nothing of Python but itself.
"""
import csv
import json
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROWS, TIMES = 2_000, 9
CARD = "/v1/models/1/card"


def lay_out(folder, features):
    """A table and its configuration; gives the address to serve on."""
    draw = random.Random(300)
    names = [f"measurement_number_{at}" for at in range(features)]
    with open(folder / "rows.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", *names, "kind"])
        for row in range(ROWS):
            values = [round(draw.gauss(0, 1), 4) for _ in names]
            rows.writerow([row, *values, "yes" if values[0] - values[-1] + draw.gauss(0, 1) > 0 else "no"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    described = "".join(
        f'[[dataset.features]]\nname = "{name}"\nunit = "mmol/l"\n'
        'description = "A measurement of the blood, taken in the morning"\n'
        for name in names
    )
    (folder / "logitd.toml").write_text(
        f'[model]\nname = "wide"\n[database]\nurl = "sqlite://{folder}/wide.db"\n'
        f'[http]\nlisten = "{address}"\n[dataset]\ntable = "rows"\nkey = "id"\ntarget = "kind"\n{described}'
    )
    return f"http://{address}"


def asked(url, accept):
    """Seconds and bytes of one answer."""
    request = urllib.request.Request(url, headers={"Accept": accept})
    start = time.perf_counter()
    with urllib.request.urlopen(request) as answer:
        size = len(answer.read())
    return time.perf_counter() - start, size


def told(label, samples, size=None):
    seconds = statistics.median(samples)
    weight = "" if size is None else f"  {size / 1000:8.1f} kB"
    print(f"{label:<44}{seconds * 1000:8.1f} ms{weight}")


class Browser:
    """One page of a headless Chromium, by its driver."""

    def __init__(self, folder):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        line = next(line for line in self.driver.stdout if "successfully on port" in line)
        port = re.search(r"port (\d+)", line)[1]
        self.base = f"http://127.0.0.1:{port}"
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile"]
        wanted = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": {"args": arguments}}}
        self.base += "/session/" + self.call("/session", {"capabilities": wanted})["sessionId"]

    def call(self, path, body, method="POST"):
        request = urllib.request.Request(
            self.base + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method=method
        )
        return json.load(urllib.request.urlopen(request))["value"]

    def opened(self, url):
        """Seconds until the page has loaded, from an empty cache."""
        self.call("/goog/cdp/execute", {"cmd": "Network.clearBrowserCache", "params": {}})
        self.call("/url", {"url": url})
        script = "return performance.getEntriesByType('navigation')[0].loadEventEnd"
        return self.call("/execute/sync", {"script": script, "args": []}) / 1000

    def close(self):
        self.call("", {}, "DELETE")
        self.driver.terminate()
        self.driver.wait()


def measure(url, folder):
    for label, accept in [("page", "text/html"), ("JSON", "application/json")]:
        answers = [asked(url + CARD, accept) for _ in range(TIMES)]
        told(f"the {label}, by HTTP", [seconds for seconds, _ in answers], answers[0][1])
    browser = Browser(folder)
    try:
        first = browser.opened(url + CARD)
        told("the page in a browser, the first time", [first])
        told("the page in a browser", [browser.opened(url + CARD) for _ in range(TIMES)])
    finally:
        browser.close()


def main():
    binary, features = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 300
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = lay_out(folder, features)
        config = ["--config", str(folder / "logitd.toml")]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([binary, "import", str(folder / "rows.csv"), *config], check=True, **quiet)
        subprocess.run([binary, "train", *config], check=True, **quiet)
        service = subprocess.Popen([binary, "serve", *config], **quiet)
        try:
            while subprocess.run([binary, "healthcheck", *config], **quiet).returncode != 0:
                time.sleep(0.2)
            print(f"the card of {features} features, medians of {TIMES}")
            measure(url, folder)
        finally:
            service.send_signal(signal.SIGINT)
            service.wait()


if __name__ == "__main__":
    main()
