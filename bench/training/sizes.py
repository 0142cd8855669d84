"""`logitd train` from a SQLite file by the number of rows: time a row, and peak memory."""

import statistics

import table
from trainings import spread, train

FEATURES = 20


def measure(of):
    sizes, rounds = ([10_000, 50_000], 1) if of.quick else ([100_000, 1_000_000, 3_000_000, 10_000_000], 3)
    yield f"### By size: {FEATURES} features, from SQLite"
    yield ""
    yield "The bound is 8 bytes a value, 64 a row and 64 MB; the aim 8 a value, 24 a row and 32 MB."
    yield ""
    yield "| rows | seconds | microseconds a row | peak MiB | bound | aim |"
    yield "| --- | --- | --- | --- | --- | --- |"
    file = of.folder / "table.db"
    for rows in sizes:
        table.make(f"sqlite:///{file}", rows, FEATURES)
        runs = [train(of.logitd, of.folder, f"sqlite://{file}", FEATURES) for _ in range(rounds)]
        file.unlink()
        seconds, memory = ([one[at] for one in runs] for at in range(2))
        values = 8 * FEATURES * rows
        bound, aim = ((values + a_row * rows + base * 1e6) / 2**20 for a_row, base in ((64, 64), (24, 32)))
        yield (f"| {rows:,} | {spread(seconds, 2)} | {statistics.median(seconds) / rows * 1e6:.2f} "
               f"| {statistics.median(memory):.0f} | {bound:.0f} | {aim:.0f} |")
