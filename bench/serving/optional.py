"""Services that bring much with them: measured where a Python that has one is named."""
from pathlib import Path

import services


def litserve(python, folder, port):
    return [python, services.HERE / "peers" / "litserve_app.py"]


def bentoml(python, folder, port):
    return [Path(python).parent / "bentoml", "serve", "bentoml_app:Predictions", "--host", "127.0.0.1",
            "--port", port, "--working-dir", services.HERE / "peers"]


COMMANDS = {"litserve": litserve, "bentoml": bentoml}


def start(name, python, folder):
    """The service of that name, by that Python."""
    port = services.free_port()
    environment = {"BENCH_MODEL": str(folder / "model.joblib"), "BENCH_PORT": str(port)}
    return services.Service(name, COMMANDS[name](python, folder, port), port, folder, environment)
