"""`logitd train` on a table, from a configuration of its own, and how its numbers are told."""

import json
import pathlib
import shutil
import statistics
import tempfile

import table
from measure import run

ONE = "penalties = [1.0]"
FIVE = "penalties = [0.01, 0.1, 1.0, 10.0, 100.0]\nfolds = 5"


def configuration(folder, url, features, training):
    """Lays logitd.toml into the folder, and has our own tables there too."""
    own = f'[model]\nname = "bench"\n[database]\nurl = "sqlite://{folder}/own.db"\n'
    of = f'[dataset]\nurl = "{url}"\ntable = "observations"\nkey = "id"\ntarget = "class"\n'
    of += "".join(f'[[dataset.features]]\nname = "{name}"\n' for name in table.names(features))
    (folder / "logitd.toml").write_text(f"{own}{of}[training]\n{training}\n")


def train(logitd, beside, url, features, training=f"refit = false\n{ONE}"):
    """Seconds and peak MiB of one run in a new folder beside `beside`."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=beside))
    configuration(folder, url, features, training)
    seconds, mebibytes, out = run([logitd, "train", "--json"], cwd=folder)
    assert json.loads(out)["status"] == "promoted", out
    shutil.rmtree(folder)
    return seconds, mebibytes


def spread(values, digits):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"
