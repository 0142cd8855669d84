"""Has schemathesis ask a running service whatever its document allows and forbids, with every check that it
has: once with keys, once without.

    target/venv/bin/python tests/schemathesis/run.py target/debug/logitd
    target/venv/bin/python tests/schemathesis/run.py target/debug/logitd --examples 150 --at-least 5000

The first is the step of scripts/test.sh. `--examples` is a bound an operation and phase, `--at-least` what each
of the two runs must have asked to count at all. No failure, no 5xx, no error in the log of the service.
`schemathesis.toml` says where a check is narrowed, and why.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
CONFIGURATION = HERE / "measurements.toml"
KEYS = """[
  { name = "maker", role = "operate", sha256 = "%s" },
  { name = "reader", role = "predict", sha256 = "%s" },
]"""
PATIENCE_SECONDS = 60
GRADES = ["coarse", "middle", "fine"]


def rows(count: int = 240) -> str:
    """A table that can be learned from, the same every time: wide things are coarse, mostly."""
    lines = ["id,width,depth,grade"]
    for at in range(count):
        width, depth = (at * 37) % 100, (at * 53) % 71 - 10
        grade = GRADES[2 - (width + (at * 29) % 40) // 47]
        lines.append(f"row-{at},{width},{'' if at % 17 == 0 else depth},{grade}")
    return "\n".join(lines) + "\n"


def sha256(word: str) -> str:
    import hashlib
    return hashlib.sha256(word.encode()).hexdigest()


class Service:
    """A service on a free port, with a first version trained."""

    def __init__(self, program: str, folder: Path, with_keys: bool) -> None:
        self.program, self.folder = program, folder
        self.log = folder / "service.log"
        self.settings = os.environ | {
            "LOGITD_DATABASE__URL": f"sqlite://{folder}/logitd.db",
            "LOGITD_HTTP__LISTEN": "127.0.0.1:0",
            "LOGITD_HTTP__DRAIN_SECONDS": "0",
        }
        if with_keys:
            self.settings["LOGITD_AUTH__KEYS"] = KEYS % (sha256("maker"), sha256("reader"))

    def command(self, *words: str) -> list[str]:
        return [self.program, *words, "--config", str(CONFIGURATION)]

    def __enter__(self) -> str:
        table = self.folder / "measurements.csv"
        table.write_text(rows())
        for words in (("import", str(table)), ("train",)):
            subprocess.run(self.command(*words), env=self.settings, check=True, capture_output=True)
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                self.command("serve"), env=self.settings, stdout=log, stderr=log)
        return self.address()

    def address(self) -> str:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            found = re.search(r'"listening on (http:[^"]*)"', self.log.read_text())
            try:
                if found and urllib.request.urlopen(f"{found[1]}/readyz", timeout=5).status == 200:
                    return found[1]
            except urllib.error.URLError:
                pass
            time.sleep(0.1)
        self.process.kill()
        sys.exit(f"the service is not ready:\n{self.log.read_text()}")

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        self.ended = self.process.wait(PATIENCE_SECONDS)

    def complaints(self) -> list[str]:
        """What it logged as an error, and how it ended if not well."""
        lines = self.log.read_text().splitlines()
        said = [line for line in lines if not line.startswith("{") or json.loads(line)["level"] == "ERROR"]
        return said + ([f"ended with {self.ended}"] if self.ended != 0 else [])


def ask(address: str, folder: Path, given: argparse.Namespace, headers: list[str]) -> int:
    """One run of schemathesis; how many requests it made up."""
    tool = Path(sys.executable).with_name("schemathesis")
    command = [
        str(tool), "--config-file", str(HERE / "schemathesis.toml"), "--no-color", "run", f"{address}/openapi.json",
        "--checks", "all", "--max-response-time", "5", "--continue-on-failure", "--max-examples", str(given.examples),
        "--seed", str(given.seed), "--generation-database", "none", *headers,
    ]
    settings = os.environ | {
        "SCHEMATHESIS_HOOKS": "blame", "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1",
    }
    ran = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True)
    made = re.search(r"^Test cases:\n\s+([\d,]+) generated", ran.stdout, re.MULTILINE)
    if ran.returncode != 0 or made is None:
        sys.exit(f"{' '.join(command)}\n{ran.stdout}{ran.stderr}")
    if not re.search(r"Selected: (\d+)/\1\n\s+Tested: \1\n", ran.stdout):
        sys.exit(f"an operation was left out:\n{ran.stdout}")
    return int(made[1].replace(",", ""))


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("logitd", type=lambda path: str(Path(path).resolve()))
    reader.add_argument("--examples", type=int, default=12)
    reader.add_argument("--seed", type=int, default=20261125)
    reader.add_argument("--at-least", type=int, default=1000)
    given = reader.parse_args()
    for what, headers in (("with keys", ["--header", "Authorization: Bearer maker"]), ("without keys", [])):
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as work:
            folder = Path(work)
            service = Service(given.logitd, folder, bool(headers))
            with service as address:
                made = ask(address, folder, given, headers)
            if complaints := service.complaints():
                sys.exit("the service complains:\n" + "\n".join(complaints[:40]))
        if made < given.at_least:
            sys.exit(f"{what}: {made} requests are too few; {given.at_least} were wanted")
        print(f"{what}: {made} requests in {time.monotonic() - started:.0f} s, nothing found")


main()
