"""BentoML, one worker."""
import bentoml
from answers import FEATURES, answers


@bentoml.service(workers=1)
class Predictions:
    @bentoml.api(route="/v1/predict")
    def predict(self, instance: dict[str, float], /) -> dict:
        return answers([[instance[name] for name in FEATURES]])[0]
