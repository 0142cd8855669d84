"""`logitd train` beside the usual pipeline, from both databases, on the same rows.

Both hold out a fifth, standardise, fit under the penalty 1 and evaluate; `logitd train` also judges every
row, takes its fingerprint, profiles the columns, draws the curves and writes a version.
"""

import pathlib
import statistics
import sys

import table
from measure import run
from postgres import Postgres
from trainings import spread, train

FEATURES = 20


def usual(url):
    command = [sys.executable, pathlib.Path(__file__).with_name("pipeline.py"), url, FEATURES]
    seconds, mebibytes, _ = run(command)
    return seconds, mebibytes


def line(name, ours, theirs, rounds):
    """Both sides in turn."""
    runs = [(ours(), theirs()) for _ in range(rounds)]
    seconds = [[side[at][0] for side in runs] for at in range(2)]
    memory = [[side[at][1] for side in runs] for at in range(2)]
    ratio = [statistics.median(of[1]) / statistics.median(of[0]) for of in (seconds, memory)]
    cells = [spread(seconds[0], 2), spread(seconds[1], 2), f"{ratio[0]:.1f}"]
    cells += [spread(memory[0], 0), spread(memory[1], 0), f"{ratio[1]:.1f}"]
    return f"| {name} | " + " | ".join(cells) + " |"


def measure(of):
    rows, rounds = (50_000, 1) if of.quick else (1_000_000, 5)
    yield f"### Beside the usual pipeline: {rows:,} rows of {FEATURES} features"
    yield ""
    yield "A ratio above 1 is in favour of `logitd train`."
    yield ""
    yield "| from | seconds | usual pipeline | ratio | peak MiB | usual pipeline | ratio |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    file = of.folder / "table.db"
    table.make(f"sqlite:///{file}", rows, FEATURES)
    ours = lambda url: lambda: train(of.logitd, of.folder, url, FEATURES)
    yield line("SQLite", ours(f"sqlite://{file}"), lambda: usual(f"sqlite:///{file}"), rounds)
    file.unlink()
    with Postgres(of.folder / "pg") as postgres:
        table.make(postgres.theirs(""), rows, FEATURES)
        theirs = lambda: usual(postgres.theirs("+psycopg2"))
        yield line("PostgreSQL", ours(postgres.ours()), theirs, rounds)
