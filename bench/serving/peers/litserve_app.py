"""LitServe, one worker."""
import os

import litserve
from answers import FEATURES, answers


class Predictions(litserve.LitAPI):
    def setup(self, device):
        pass

    def decode_request(self, request):
        return [float(request[name]) for name in FEATURES]

    def predict(self, row):
        return answers([row])[0]

    def encode_response(self, answer):
        return answer


if __name__ == "__main__":
    server = litserve.LitServer(
        Predictions(), accelerator="cpu", workers_per_device=1, api_path="/v1/predict"
    )
    server.run(host="127.0.0.1", port=int(os.environ["BENCH_PORT"]), num_api_servers=1, log_level="error")
