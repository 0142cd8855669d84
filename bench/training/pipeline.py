#!/usr/bin/env python3
"""pipeline.py URL FEATURES: what a user would otherwise write, told in seconds a step as JSON.

The table is read by pandas, a fifth is held out, the rest standardised and fitted under the penalty 1,
and the held-out rows evaluated. `URL` is one of SQLAlchemy's.
"""

import json
import sys
import time

import pandas
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, brier_score_loss, confusion_matrix, log_loss, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sqlalchemy import create_engine

url, features = sys.argv[1], int(sys.argv[2])
names = [f"feature_{at + 1}" for at in range(features)]
began = time.perf_counter()
table = pandas.read_sql(f"select {', '.join(names)}, class from observations", create_engine(url))
read = time.perf_counter()
rows = train_test_split(table[names], table["class"], test_size=0.2, random_state=42, stratify=table["class"])
x_train, x_test, y_train, y_test = rows
classifier = make_pipeline(StandardScaler(), LogisticRegression(C=1.0))
classifier.fit(x_train, y_train)
fitted = time.perf_counter()
p = classifier.predict_proba(x_test)[:, 1]
said = classifier.predict(x_test)
told = {
    "rows": len(table),
    "log_loss": log_loss(y_test, p),
    "brier_score": brier_score_loss(y_test, p),
    "accuracy": accuracy_score(y_test, said),
    "roc_auc": roc_auc_score(y_test, p),
    "confusion": confusion_matrix(y_test, said).tolist(),
}
ended = time.perf_counter()
told["seconds"] = {"read": read - began, "fit": fitted - read, "evaluate": ended - fitted}
print(json.dumps(told))
