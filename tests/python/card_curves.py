"""What scikit-learn makes of held-out scores, as JSON.

    venv/bin/python tests/python/card_curves.py FILE

FILE: {"scores": [...], "labels": [...]}, the probability of the positive class and whether a row is of
it. Every threshold is kept (`drop_intermediate=False`). The precision-recall curve ends in scikit-learn
at recall 0 with a point that belongs to no threshold; it is left out.
"""
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.metrics import precision_recall_curve, roc_auc_score, roc_curve


def main():
    given = json.loads(Path(sys.argv[1]).read_text())
    scores, labels = np.array(given["scores"]), np.array(given["labels"])
    false_positive_rate, true_positive_rate, _ = roc_curve(labels, scores, drop_intermediate=False)
    precision, recall, _ = precision_recall_curve(labels, scores)
    share, mean = calibration_curve(labels, scores, n_bins=10, strategy="uniform")
    histograms = [
        np.histogram(scores[labels == of], bins=20, range=(0, 1))[0].tolist() for of in (False, True)
    ]
    print(json.dumps({
        "roc": {
            "false_positive_rate": false_positive_rate.tolist(),
            "true_positive_rate": true_positive_rate.tolist(),
            "area": roc_auc_score(labels, scores),
        },
        "precision_recall": {"recall": recall[:-1].tolist(), "precision": precision[:-1].tolist()},
        "calibration": {"mean_probability": mean.tolist(), "positive_share": share.tolist()},
        "score_histograms": histograms,
    }))


if __name__ == "__main__":
    main()
