"""A fit alone beside scikit-learn's fastest solver, and a search beside one fit, on tables in memory.

Ours is benches/fit: from the values as a table has them to a certified fit, scaling, its checks and its start
included. Theirs is the solver alone, on values that were standardised before.
"""

import json
import os
import pathlib
import statistics
import sys

import table
from measure import run
from trainings import spread

# Settings for old builds of OpenBLAS, which hold a current one back.
OLD_SETTINGS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def theirs(path, rows, features, threads, *of):
    """The fits of one process of scikit-learn's; 0 threads: as many as it takes by itself."""
    words = [word for name in OLD_SETTINGS for word in ("-u", name)]
    words += [f"{name}={threads}" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS") if threads]
    solvers = pathlib.Path(__file__).with_name("solvers.py")
    _, _, out = run(["env", *words, sys.executable, solvers, path, rows, features, *of])
    return json.loads(out)


def ours(fit, *words):
    return json.loads(run([fit, *words])[2])


def line(of, path, rows, features, threads, rounds):
    """Both in turn, theirs by whatever of its solvers was the fastest in a round of all."""
    all_ = theirs(path, rows, features, threads)
    best = min(all_, key=lambda one: one["fit"])
    told, peers = [], []
    for _ in range(rounds):
        told.append(ours(of.fit, path, rows, features, threads or os.cpu_count(), 1))
        peers += theirs(path, rows, features, threads, best["solver"], best["order"])
    seconds = [one["seconds"][0] for one in told]
    fits = [one["fit"] for one in peers]
    whole = [one["fit"] + one["scale"] for one in peers]
    assert all(one["converged"] for one in told), told
    ratio = statistics.median(fits) / statistics.median(seconds)
    with_scaling = statistics.median(whole) / statistics.median(seconds)
    cells = [f"{rows:,} x {features}", str(threads or "default"), spread(seconds, 3),
             f"{told[-1]['gradient_norm']:.0e}", f"{best['solver']} ({best['order']})", spread(fits, 3),
             f"{best['gradient']:.0e}", f"{ratio:.2f}", f"{with_scaling:.2f}"]
    others = ", ".join(f"{one['solver']} ({one['order']}) {one['fit']:.2f}" for one in all_)
    return "| " + " | ".join(cells) + " |", others


def measure(of):
    rounds = 1 if of.quick else 5
    shapes = [(20_000, 20), (2_000, 200)] if of.quick else [(1_000_000, 20), (100_000, 200)]
    yield "### A fit alone"
    yield ""
    yield "Penalty 1. Ours from raw values to a certificate; scikit-learn's fastest solver on values that are"
    yield "standardised already, from row-major (C) or column-major (F) values, at its default tolerance. A ratio"
    yield "above 1 is in favour of ours; the last one counts their StandardScaler too."
    yield ""
    yield "| table | threads | seconds | gradient norm | fastest solver | seconds | its gradient norm | ratio | scaled |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    notes = []
    for rows, features in shapes:
        path = of.folder / f"raw-{rows}-{features}"
        table.make(f"raw:{path}", rows, features)
        for threads in (0, 1):
            words, others = line(of, path, rows, features, threads, rounds)
            notes.append(f"{rows:,} x {features} on {threads or 'default'}: {others}")
            yield words
        path.unlink()
    yield ""
    yield f"One round of all its solvers, seconds. {'. '.join(notes)}."


def search(of):
    rows, features, rounds = (20_000, 20, 1) if of.quick else (1_000_000, 20, 3)
    path = of.folder / "raw-search"
    table.make(f"raw:{path}", rows, features)
    yield f"### A search of 5 penalties by 5 folds: {rows:,} rows of {features} features"
    yield ""
    yield "Beside the one fit that follows on it, in the same process."
    yield ""
    yield "| threads | search, seconds | one fit, seconds | ratio |"
    yield "| --- | --- | --- | --- |"
    for threads in (os.cpu_count(), 1):
        told = ours(of.fit, "--search", path, rows, features, threads, rounds)
        searches, fits = told["search_seconds"], told["fit_seconds"]
        ratio = [one / other for one, other in zip(searches, fits)]
        yield f"| {threads} | {spread(searches, 2)} | {spread(fits, 3)} | {spread(ratio, 1)} |"
    path.unlink()
