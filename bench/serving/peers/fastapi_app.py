"""FastAPI with pydantic: typed instances, unknown fields and non-finite numbers refused, typed answers."""
from answers import FEATURES, answers
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, FiniteFloat, create_model

Instance = create_model(
    "Instance", __config__=ConfigDict(extra="forbid"), **{name: (FiniteFloat, ...) for name in FEATURES}
)


class Batch(BaseModel):
    instances: list[Instance]


class Prediction(BaseModel):
    label: str
    probability: float
    probabilities: dict[str, float]


class Predictions(BaseModel):
    predictions: list[Prediction]


app = FastAPI()


def row(instance):
    return [getattr(instance, name) for name in FEATURES]


# `async`, so that no request changes threads: the computation is shorter than the change.
@app.post("/v1/predict")
async def predict(instance: Instance) -> Prediction:
    return answers([row(instance)])[0]


@app.post("/v1/predict/batch")
async def predict_batch(batch: Batch) -> Predictions:
    return {"predictions": answers([row(instance) for instance in batch.instances])}
