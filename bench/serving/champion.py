"""The stored champion that is asked: the breast-cancer example with a key, and the bodies."""
import subprocess
from pathlib import Path

import bodies

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "breast-cancer"
TABLE = EXAMPLE / "breast_cancer.csv"


def store(logitd, folder, connections):
    """Lays out configuration, database and key. Gives each body's name with its path and headers."""
    made = subprocess.run([logitd, "key", "new", "--name", "bench", "--role", "predict"],
                          capture_output=True, text=True, check=True)
    key, line = made.stdout.split("\n", 1)
    (folder / "key").write_text(key)
    configuration = (EXAMPLE / "logitd.toml").read_text()
    configuration = configuration.replace("sqlite://logitd.db", f"sqlite://{folder}/logitd.db")
    keys = f'\n[auth]\nkeys = [{line.strip().rstrip(",")}]\n\n[http]\nmax_connections = {connections}\n'
    (folder / "logitd.toml").write_text(configuration + keys)
    config = ["--config", folder / "logitd.toml"]
    for command in (["import", "--example", "breast-cancer"], ["train"]):
        subprocess.run([logitd, *command, *config], check=True, capture_output=True)
    return bodies.write(TABLE, folder)
