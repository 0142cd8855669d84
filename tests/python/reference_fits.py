"""Seeded tables, and what scikit-learn and statsmodels make of them, one JSON file each.

    python -m venv venv && venv/bin/pip install numpy scikit-learn statsmodels
    venv/bin/python tests/python/reference_fits.py FOLDER

FOLDER/problem_00.json to problem_49.json: two to six classes, 1 to 60 features, correlated,
imbalanced, in scales from 1e-8 to 1e8, penalties from 1e-3 to 1e3, solved by `newton-cholesky` at
tolerance 1e-10 on the matrix standardised with ddof 0. FOLDER/mnlogit_0.json to mnlogit_2.json: three
classes that do not separate, without a penalty, by MNLogit. `columns` is column by column, so that
every number is the same double on both sides.
"""
import json
import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

PROBLEMS = 50


def draw(random, rows, features, classes, signal):
    """Correlated columns of mixed scale, and labels that follow a softmax of them."""
    mixing = random.normal(size=(features, features)) + np.eye(features) * random.uniform(0.1, 3)
    plain = random.normal(size=(rows, features)) @ mixing
    plain += random.normal(size=features) * random.choice([0, 1, 30])
    standard = (plain - plain.mean(0)) / plain.std(0)
    weights = random.normal(size=(features, classes)) * signal / np.sqrt(features)
    # Imbalance: constants as much as three apart.
    scores = standard @ weights + random.uniform(-1.5, 1.5, size=classes)
    scores += random.gumbel(size=scores.shape)
    labels = scores.argmax(1)
    labels[:classes * 3] = np.arange(classes * 3) % classes
    scales = 10.0 ** random.uniform(-8, 8, size=features)
    return plain * scales, labels


def standardised(matrix):
    """In long doubles, so that the reference adds no rounding of its own."""
    wide = matrix.astype(np.longdouble)
    wide = wide - wide.mean(0)
    return (wide / np.sqrt((wide * wide).mean(0))).astype(float)


def problem(seed):
    random = np.random.default_rng([20261123, seed])
    classes = 2 + seed % 5
    features = int(random.integers(1, 61)) if seed > 4 else [1, 60, 60, 2, 60][seed]
    rows = int(random.integers(150, 900))
    matrix, labels = draw(random, rows, features, classes, random.uniform(0.3, 4))
    penalty = 10.0 ** random.uniform(-3, 3)
    solver = LogisticRegression(
        C=1 / penalty, solver="newton-cholesky", tol=1e-10, max_iter=1000
    )
    solver.fit(standardised(matrix), labels)
    return {
        "columns": matrix.T.tolist(),
        "labels": labels.tolist(),
        "classes": classes,
        "penalty": 1 / solver.C,
        "coefficients": solver.coef_.tolist(),
        "intercepts": solver.intercept_.tolist(),
        "probabilities": solver.predict_proba(standardised(matrix)).tolist(),
    }


def mnlogit(seed):
    import statsmodels.api as sm

    random = np.random.default_rng([19740529, seed])
    plain = random.normal(size=(500, 4)) * [1, 3, 0.1, 20] + [0, 5, -1, 100]
    weights = random.normal(size=(4, 3)) * 0.5
    scores = (plain - plain.mean(0)) / plain.std(0) @ weights + [0.3, 0, -0.4]
    labels = (scores + random.gumbel(size=scores.shape)).argmax(1)
    fit = sm.MNLogit(labels, sm.add_constant(plain)).fit(
        method="newton", maxiter=100, tol=1e-14, disp=False
    )
    interval = fit.conf_int()
    return {
        "columns": plain.T.tolist(),
        "labels": labels.tolist(),
        "classes": 3,
        "log_likelihood": fit.llf,
        "null_log_likelihood": fit.llnull,
        # [contrast][term], the constant first, each class against class 0.
        "coefficients": fit.params.T.tolist(),
        "standard_errors": fit.bse.T.tolist(),
        "z": fit.tvalues.T.tolist(),
        "p_values": fit.pvalues.T.tolist(),
        "confidence_intervals": np.asarray(interval).reshape(2, 5, 2).tolist(),
    }


def outlier():
    """300 rows, three classes, one row of 5,000 standard deviations."""
    random = np.random.default_rng(5000)
    plain = random.normal(size=(300, 5))
    labels = (plain @ random.normal(size=(5, 3)) * 2 + random.gumbel(size=(300, 3))).argmax(1)
    plain[17, 2] = 5000.0
    matrix = standardised(plain)
    solver = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10, max_iter=1000)
    solver.fit(matrix, labels)
    return {
        "columns": plain.T.tolist(),
        "labels": labels.tolist(),
        "classes": 3,
        "penalty": 1.0,
        "coefficients": solver.coef_.tolist(),
        "intercepts": solver.intercept_.tolist(),
        "probabilities": solver.predict_proba(matrix).tolist(),
        "accuracy": solver.score(matrix, labels),
    }


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("error")
    tables = {f"problem_{seed:02}": problem(seed) for seed in range(PROBLEMS)}
    tables |= {f"mnlogit_{seed}": mnlogit(seed) for seed in range(3)}
    tables["outlier"] = outlier()
    for name, table in tables.items():
        (folder / f"{name}.json").write_text(json.dumps(table))


if __name__ == "__main__":
    main()
