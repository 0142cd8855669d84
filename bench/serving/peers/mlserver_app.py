"""MLServer, one process: a custom handler, so that it need not take the row apart from a tensor."""
from answers import FEATURES, answers
from mlserver import MLModel
from mlserver.handlers import custom_handler


class Predictions(MLModel):
    async def load(self) -> bool:
        return True

    @custom_handler(rest_path="/v1/predict")
    async def one(self, payload: dict) -> dict:
        return answers([[float(payload[name]) for name in FEATURES]])[0]
