#!/usr/bin/env python3
"""run.py LOGITD OUT.md [--quick]: `logitd train` beside the usual pipeline, and by size.

Makes the same seeded table in a SQLite file and in a PostgreSQL of its own (the installed binaries, on a
socket in a temporary directory), runs both sides in turn, and writes medians, spread and ratios as text for
bench/RESULTS.md. Both hold out a fifth, standardise, fit under the penalty 1 on the same rows' number and
evaluate; `logitd train` also judges every row, takes its fingerprint, profiles the columns, draws the curves
and writes a version. Needs postgresql, and the packages of requirements.txt in the Python that runs it.
"""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

import table
from measure import run

HERE = pathlib.Path(__file__).parent
FEATURES = 20


def configuration(folder, url, features, lines=()):
    own = f'[model]\nname = "bench"\n[database]\nurl = "sqlite://{folder}/own.db"\n'
    of = f'[dataset]\nurl = "{url}"\ntable = "observations"\nkey = "id"\ntarget = "class"\n'
    of += "".join(f'[[dataset.features]]\nname = "{name}"\n' for name in table.names(features))
    training = ["[training]", "refit = false", *(lines or ["penalties = [1.0]"])]
    (folder / "logitd.toml").write_text(own + of + "\n".join(training) + "\n")


def train(logitd, url, features, lines=()):
    """Seconds and peak megabytes of one run in a folder of its own."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=os.environ["BENCH_FOLDER"]))
    configuration(folder, url, features, lines)
    seconds, megabytes, out = run([logitd, "train", "--json"], cwd=folder)
    assert json.loads(out)["status"] == "promoted", out
    shutil.rmtree(folder)
    return seconds, megabytes


def usual(url, features):
    seconds, megabytes, _ = run([sys.executable, str(HERE / "pipeline.py"), url, str(features)])
    return seconds, megabytes


class Postgres:
    """A cluster of the installed binaries, on a socket; as `postgres` where we are root."""

    def __init__(self, folder):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        if not found:
            sys.exit("PostgreSQL is missing: apt-get install postgresql")
        self.folder, self.programs = folder, found[-1]
        self.words = []
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
            self.words = ["runuser", "-u", "postgres", "--"]
        options = "--username=logitd --auth=trust --encoding=UTF8 --no-locale --no-sync"
        self.call("initdb", "-D", f"{folder}/data", *options.split())
        settings = f"-c listen_addresses='' -k {folder} -c fsync=off -c shared_buffers=256MB"
        self.call("pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", settings, "start")

    def call(self, program, *words):
        subprocess.run([*self.words, self.programs / program, *words], check=True, stdout=subprocess.DEVNULL)

    def stop(self):
        self.call("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "-w", "stop")

    def ours(self):
        return f"postgres://logitd@{str(self.folder).replace('/', '%2F')}/postgres"

    def theirs(self, driver):
        return f"postgresql{driver}://logitd@/postgres?host={self.folder}"


def spread(values, digits):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def beside(name, ours, theirs, rounds):
    """A line of the table, both sides in turn."""
    runs = [(ours(), theirs()) for _ in range(rounds)]
    seconds = [[side[at][0] for side in runs] for at in range(2)]
    memory = [[side[at][1] for side in runs] for at in range(2)]
    ratio = [statistics.median(of[1]) / statistics.median(of[0]) for of in (seconds, memory)]
    cells = [spread(seconds[0], 2), spread(seconds[1], 2), f"{ratio[0]:.1f}"]
    cells += [spread(memory[0], 0), spread(memory[1], 0), f"{ratio[1]:.1f}"]
    return f"| {name} | " + " | ".join(cells) + " |"


def search_line(logitd, url, rounds):
    lines = ["penalties = [0.01, 0.1, 1.0, 10.0, 100.0]", "folds = 5"]
    one = [train(logitd, url, FEATURES)[0] for _ in range(rounds)]
    five = [train(logitd, url, FEATURES, lines)[0] for _ in range(rounds)]
    more = statistics.median(five) - statistics.median(one)
    return (f"A search of 5 penalties by 5 folds adds {more:.2f} s to a run of {spread(one, 2)} s with one "
            "penalty.")


def by_size(logitd, url, sizes, rounds):
    lines = ["| rows | seconds | microseconds a row | peak MiB | beyond the values, bytes a row |"]
    lines += ["| --- | --- | --- | --- | --- |"]
    for rows in sizes:
        path = url.removeprefix("sqlite://")
        pathlib.Path(path).unlink(missing_ok=True)
        table.make(f"sqlite:///{path}", rows, FEATURES)
        runs = [train(logitd, url, FEATURES) for _ in range(rounds)]
        seconds, memory = ([one[at] for one in runs] for at in range(2))
        least = statistics.median(seconds)
        rest = (statistics.median(memory) * 2**20 - 8 * FEATURES * rows) / rows
        lines += [f"| {rows:,} | {spread(seconds, 2)} | {least / rows * 1e6:.2f} "
                  f"| {statistics.median(memory):.0f} | {rest:.0f} |"]
    return lines


def main():
    logitd, out, quick = sys.argv[1], pathlib.Path(sys.argv[2]), "--quick" in sys.argv
    rows, rounds = (50_000, 1) if quick else (1_000_000, 5)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="logitd-bench-"))
    os.environ["BENCH_FOLDER"] = str(folder)
    cluster = folder / "pg"
    cluster.mkdir()
    folder.chmod(0o755)
    postgres = Postgres(cluster)
    try:
        file = f"sqlite://{folder}/table.db"
        table.make(f"sqlite:///{folder}/table.db", rows, FEATURES)
        table.make(postgres.theirs(""), rows, FEATURES)
        lines = [f"## Training: {rows:,} rows of {FEATURES} features", "",
                 "Median (least to most) of each; a ratio above 1 is in favour of `logitd train`.", "",
                 "| from | seconds | usual pipeline | ratio | peak MiB | usual pipeline | ratio |",
                 "| --- | --- | --- | --- | --- | --- | --- |"]
        lines += [beside("SQLite", lambda: train(logitd, file, FEATURES),
                         lambda: usual(f"sqlite:///{folder}/table.db", FEATURES), rounds)]
        lines += [beside("PostgreSQL", lambda: train(logitd, postgres.ours(), FEATURES),
                         lambda: usual(postgres.theirs("+psycopg2"), FEATURES), rounds)]
        lines += ["", search_line(logitd, file, 1 if quick else 3), ""]
        sizes = [10_000, 50_000] if quick else [100_000, 1_000_000, 3_000_000]
        lines += by_size(logitd, file, sizes, 1 if quick else 3)
    finally:
        postgres.stop()
        shutil.rmtree(folder)
    out.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
