"""Newton's method in 40 digits on Spector and Mazzeo's table: tests/data/spector_exact.json.

    python -m venv venv && venv/bin/pip install mpmath
    venv/bin/python tests/python/exact_newton.py tests/data/spector.csv > tests/data/spector_exact.json
"""
import csv
import json
import sys

from mpmath import exp, log, matrix, mp, mpf, sqrt

mp.dps = 40

with open(sys.argv[1], newline="") as file:
    table = list(csv.reader(file))
header, table = table[0], table[1:]
features = header[1:-1]
rows = [[mpf(cell) for cell in row[1:-1]] + [mpf(1)] for row in table]
labels = [int(row[-1]) for row in table]
size = len(features) + 1
point = matrix(size, 1)
for _ in range(60):
    gradient, hessian = matrix(size, 1), matrix(size, size)
    for row, label in zip(rows, labels):
        odds = sum(row[at] * point[at] for at in range(size))
        share = 1 / (1 + exp(-odds))
        for one in range(size):
            gradient[one] += (share - label) * row[one]
            for two in range(size):
                hessian[one, two] += share * (1 - share) * row[one] * row[two]
    point -= hessian**-1 * gradient
covariance = hessian**-1
likelihood = sum(
    -log(1 + exp(-(2 * label - 1) * sum(row[at] * point[at] for at in range(size))))
    for row, label in zip(rows, labels)
)
json.dump(
    {
        "features": features,
        "coefficients": [float(value) for value in point[: size - 1]],
        "intercept": float(point[size - 1]),
        "standard_errors": [float(sqrt(covariance[at, at])) for at in range(size - 1)],
        "intercept_standard_error": float(sqrt(covariance[size - 1, size - 1])),
        "log_likelihood": float(likelihood),
    },
    sys.stdout,
    indent=1,
)
print()
