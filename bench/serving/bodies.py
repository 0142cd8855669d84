"""The bodies that every service is asked with: seeded, drawn from the example's rows, a little moved."""
import csv
import json
import random
import struct

FEATURES = 30
BATCH = 1_000


def draw(table):
    """The names of the features, and BATCH rows of them as JSON's numbers."""
    with open(table, newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name not in ("id", "diagnosis")]
    assert len(names) == FEATURES, names
    chance = random.Random(42)

    def moved(text):
        return float(f"{float(text) * chance.uniform(0.98, 1.02):.5g}")

    return names, [[moved(row[name]) for name in names] for row in chance.choices(rows, k=BATCH)]


def tensor(names, rows):
    """The Open Inference Protocol's binary form: one tensor, little endian, behind its JSON; all outputs
    binary. Gives the body and the length of its JSON."""
    data = b"".join(struct.pack(f"<{len(names)}d", *row) for row in rows)
    one = {
        "name": "features",
        "shape": [len(rows), len(names)],
        "datatype": "FP64",
        "parameters": {"binary_data_size": len(data)},
    }
    head = json.dumps({"inputs": [one], "parameters": {"binary_data_output": True}}).encode()
    return head + data, len(head)


def write(table, folder):
    """Lays the bodies into the folder. Gives each one's name with its path and headers."""
    names, rows = draw(table)
    instances = [dict(zip(names, row)) for row in rows]
    lines = [",".join(names), *(",".join(map(repr, row)) for row in rows)]
    binary, length = tensor(names, rows)
    json_type = {"Content-Type": "application/json"}
    bodies = {
        "single": ("/v1/predict", json_type, json.dumps(instances[0]).encode()),
        "json": ("/v1/predict/batch", json_type, json.dumps({"instances": instances}).encode()),
        "csv": ("/v1/predict/csv", {"Content-Type": "text/csv"}, ("\n".join(lines) + "\n").encode()),
        "tensor": (
            "/v2/models/breast-cancer/infer",
            {
                "Content-Type": "application/octet-stream",
                "Inference-Header-Content-Length": str(length),
            },
            binary,
        ),
    }
    for name, (_, _, body) in bodies.items():
        (folder / f"{name}.body").write_bytes(body)
    return {name: (path, headers) for name, (path, headers, _) in bodies.items()}
