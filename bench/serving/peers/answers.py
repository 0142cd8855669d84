"""What every peer loads and how it answers: the fields of logitd's answer less warnings and log-odds."""
import os

import joblib
import numpy as np

LOADED = joblib.load(os.environ["BENCH_MODEL"])
MODEL, FEATURES, CLASSES = LOADED["model"], LOADED["features"], LOADED["classes"]


def answers(rows):
    """A prediction a row, by one call of the model."""
    probabilities = MODEL.predict_proba(np.asarray(rows, dtype=np.float64)).tolist()
    return [
        {
            "label": CLASSES[0] if row[0] >= row[1] else CLASSES[1],
            "probability": row[1],
            "probabilities": dict(zip(CLASSES, row)),
        }
        for row in probabilities
    ]
