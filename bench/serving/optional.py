"""Services that bring much with them: measured where a Python that has one is named."""
import json
from pathlib import Path

import services


def litserve(python, folder, port):
    return [python, services.HERE / "peers" / "litserve_app.py"]


def bentoml(python, folder, port):
    return [Path(python).parent / "bentoml", "serve", "bentoml_app:Predictions", "--host", "127.0.0.1",
            "--port", port, "--working-dir", services.HERE / "peers"]


def mlserver(python, folder, port):
    """Its settings are files; gRPC and metrics cannot be switched off."""
    settings = {"host": "127.0.0.1", "http_port": int(port), "grpc_port": services.free_port(),
                "metrics_port": services.free_port(), "parallel_workers": 0, "debug": False}
    model = {"name": "breast-cancer", "implementation": "mlserver_app.Predictions"}
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / "model-settings.json").write_text(json.dumps(model))
    return [Path(python).parent / "mlserver", "start", folder]


COMMANDS = {"litserve": litserve, "bentoml": bentoml, "mlserver": mlserver}


def start(name, python, folder):
    """The service of that name, by that Python."""
    port = services.free_port()
    environment = {"BENCH_MODEL": str(folder / "model.joblib"), "BENCH_PORT": str(port)}
    return services.Service(name, COMMANDS[name](python, folder, port), port, folder, environment)
