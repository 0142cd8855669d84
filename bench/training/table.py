#!/usr/bin/env python3
"""table.py URL ROWS FEATURES [--seed N]

Makes the table `observations`: a bigint key `id`, doubles `feature_1`..., and a class, 0 or 1. Seeded,
with signal: features of different scales that go together in part, and a class drawn from a logistic
function of some of them, so that about a sixth of the rows cannot be told. Anew each time. URL is
sqlite:///path or postgresql://...; raw:path takes the doubles, column after column, and then
the classes as bytes, for a fit without a database.
"""

import argparse
import sqlite3

import numpy as np

CHUNK = 100_000


def chunks(rows, features, seed):
    """(first id, values, classes) of up to CHUNK rows each."""
    random = np.random.default_rng(seed)
    scales = 10.0 ** random.uniform(-2, 3, features)
    centres = scales * random.normal(0, 3, features)
    mix = np.eye(features) + random.normal(0, 0.3 / np.sqrt(features), (features, features))
    weights = random.normal(0, 1, features) * (random.uniform(size=features) < 0.6)
    weights *= 2.5 / max(np.linalg.norm(weights), 1e-9)
    for first in range(0, rows, CHUNK):
        here = min(CHUNK, rows - first)
        plain = random.normal(size=(here, features)) @ mix
        odds = 1.0 / (1.0 + np.exp(-(plain @ weights - 0.5)))
        classes = (random.uniform(size=here) < odds).astype(np.uint8)
        yield first, plain * scales + centres, classes


def names(features):
    return [f"feature_{at + 1}" for at in range(features)]


def columns(features, number, key):
    of = ", ".join(f"{name} {number} not null" for name in names(features))
    return f"create table observations (id {key} primary key, {of}, class integer not null)"


def into_sqlite(path, rows, features, seed):
    db = sqlite3.connect(path)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = off")
    db.execute("drop table if exists observations")
    db.execute(columns(features, "real", "integer"))
    places = ", ".join("?" * (features + 2))
    for first, values, classes in chunks(rows, features, seed):
        ids = range(first + 1, first + 1 + len(classes))
        lines = ([at, *row, label] for at, row, label in zip(ids, values.tolist(), classes.tolist()))
        db.executemany(f"insert into observations values ({places})", lines)
        db.commit()
    db.execute("pragma wal_checkpoint(truncate)")
    db.close()


def into_postgres(url, rows, features, seed):
    import psycopg

    with psycopg.connect(url, autocommit=True) as db:
        db.execute("drop table if exists observations")
        db.execute(columns(features, "double precision", "bigint"))
        with db.cursor() as cursor, cursor.copy("copy observations from stdin (format binary)") as copy:
            copy.set_types(["int8"] + ["float8"] * features + ["int4"])
            for first, values, classes in chunks(rows, features, seed):
                lines = zip(values.tolist(), classes.tolist())
                for at, (row, label) in enumerate(lines, first + 1):
                    copy.write_row((at, *row, label))
        db.execute("vacuum analyze observations")


def into_raw(path, rows, features, seed):
    values = np.empty((features, rows))
    classes = np.empty(rows, np.uint8)
    for first, block, labels in chunks(rows, features, seed):
        values[:, first : first + len(labels)] = block.T
        classes[first : first + len(labels)] = labels
    with open(path, "wb") as file:
        values.tofile(file)
        classes.tofile(file)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("rows", type=int)
    parser.add_argument("features", type=int)
    parser.add_argument("--seed", type=int, default=42)
    of = parser.parse_args()
    make(of.url, of.rows, of.features, of.seed)


def make(url, rows, features, seed=42):
    if url.startswith("sqlite:///"):
        into_sqlite(url.removeprefix("sqlite:///"), rows, features, seed)
    elif url.startswith("raw:"):
        into_raw(url.removeprefix("raw:"), rows, features, seed)
    else:
        into_postgres(url, rows, features, seed)


if __name__ == "__main__":
    main()
