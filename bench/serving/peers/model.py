"""The peers' model: scikit-learn on the same table as logitd's, at the same penalty.

    python model.py TABLE.csv MODEL.joblib
"""
import csv
import sys

import joblib
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def main():
    table, out = sys.argv[1:]
    with open(table, newline="") as file:
        rows = list(csv.DictReader(file))
    features = [name for name in rows[0] if name not in ("id", "diagnosis")]
    values = np.array([[float(row[name]) for name in features] for row in rows])
    labels = np.array([row["diagnosis"] for row in rows])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=1000)).fit(values, labels)
    joblib.dump({"model": model, "features": features, "classes": list(model.classes_)}, out)


if __name__ == "__main__":
    main()
