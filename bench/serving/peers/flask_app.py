"""Flask, checked by hand: every feature there, nothing else, finite numbers."""
import math

from answers import FEATURES, answers
from flask import Flask, abort, jsonify, request

app = Flask(__name__)
KNOWN = set(FEATURES)


def row(instance):
    if not isinstance(instance, dict) or instance.keys() != KNOWN:
        abort(400)
    values = [instance[name] for name in FEATURES]
    if not all(isinstance(value, (int, float)) and math.isfinite(value) for value in values):
        abort(400)
    return values


@app.post("/v1/predict")
def predict():
    return jsonify(answers([row(request.get_json())])[0])


@app.post("/v1/predict/batch")
def predict_batch():
    return jsonify({"predictions": answers([row(one) for one in request.get_json()["instances"]])})
