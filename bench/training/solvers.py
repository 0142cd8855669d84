#!/usr/bin/env python3
"""solvers.py FILE ROWS FEATURES [SOLVER ORDER]: scikit-learn's fits of a table in memory, as JSON.

The file is table.py's raw form. The values are standardised once, timed apart; each solver then fits under
C = 1 at its default tolerance, from row-major (C) and from column-major (F) values. `gradient` is the norm
of the summed gradient where it stopped.
"""

import json
import sys
import time

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

SOLVERS = ("lbfgs", "newton-cholesky", "newton-cg")


def gradient(x, y, fitted):
    w = fitted.coef_[0]
    p = 1 / (1 + np.exp(-(x @ w + fitted.intercept_[0])))
    return float(np.sqrt(np.sum((x.T @ (p - y) + w) ** 2) + np.sum(p - y) ** 2))


path, rows, features = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
asked = [tuple(sys.argv[4:6])] if len(sys.argv) > 4 else [(name, order) for name in SOLVERS for order in "CF"]
values = np.fromfile(path, np.float64, rows * features).reshape(features, rows).T
y = np.fromfile(path, np.uint8, rows, offset=8 * rows * features)
fits = []
for solver, order in asked:
    began = time.perf_counter()
    x = StandardScaler().fit_transform(np.array(values, order=order))
    x = np.asarray(x, order=order)
    scaled = time.perf_counter()
    fitted = LogisticRegression(C=1.0, solver=solver).fit(x, y)
    ended = time.perf_counter()
    fits.append({"solver": solver, "order": order, "scale": scaled - began, "fit": ended - scaled,
                 "gradient": gradient(x, y, fitted)})
print(json.dumps(fits))
