"""Two clients of the Open Inference Protocol against a running logitd.

    python -m venv venv && venv/bin/pip install -r tests/python/requirements.txt
    venv/bin/python tests/python/open_inference_clients.py CASE.json

CASE.json: `address`, `model`, `version`, `features` (names in order), `optional` (those that may be
missing), `classes`, `rows` (numbers or null), and what logitd's own batch call said of them: `labels`,
`probabilities` (a row a list) and `log_odds` (absent with more than two classes). Every answer must be
the same, in binary to the last bit. Ends with 0 if all is as it should be; says what is not.
"""
import json
import sys
from pathlib import Path

import numpy as np
import tritonclient.http as triton
from open_inference.openapi import (
    BadRequestError,
    InferenceRequest,
    NotFoundError,
    RequestInput,
    RequestOutput,
)
from open_inference.openapi.client import OpenInferenceClient
from tritonclient.utils import InferenceServerException

OUTPUTS = ["predict", "predict_proba", "log_odds"]


class Case:
    def __init__(self, said):
        self.__dict__.update(said)
        self.outputs = OUTPUTS if said.get("log_odds") else OUTPUTS[:2]
        self.complete = np.array([row for row in self.rows if None not in row], dtype=np.float64)
        kept = [at for at, row in enumerate(self.rows) if None not in row]
        self.of_complete = {
            "predict": [self.labels[at] for at in kept],
            "predict_proba": [self.probabilities[at] for at in kept],
            "log_odds": [self.log_odds[at] for at in kept] if self.log_odds else None,
        }

    def expected(self, name):
        values = {"predict": self.labels, "predict_proba": self.probabilities,
                  "log_odds": self.log_odds}
        return values[name]


def same(found, expected, name, exact):
    """Labels as they are; numbers to the last bit, or as a decimal parser may round them."""
    if name == "predict":
        found = [one.decode() if isinstance(one, bytes) else one for one in found]
        assert found == list(expected), (name, found, expected)
        return
    found, expected = np.asarray(found, float).ravel(), np.asarray(expected, float).ravel()
    assert found.shape == expected.shape, (name, found.shape, expected.shape)
    if exact:
        assert found.tobytes() == expected.tobytes(), (name, found, expected)
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-12, err_msg=name)


def packed(values, datatype="FP64"):
    tensor = triton.InferInput("anything", list(values.shape), datatype)
    return tensor.set_data_from_numpy(values, binary_data=True), tensor


def refused(call, *words):
    """A refusal is a status and an `error` in words."""
    try:
        call()
    except InferenceServerException as error:
        for word in words:
            assert word in str(error), (word, str(error))
        return
    raise AssertionError(f"not refused: {words}")


def triton_metadata(client, case):
    assert client.is_server_live() and client.is_server_ready()
    assert client.is_model_ready(case.model)
    assert client.is_model_ready(case.model, str(case.version))
    assert not client.is_model_ready("another")
    assert not client.is_model_ready(case.model, "99")
    server = client.get_server_metadata()
    assert server["name"] == "logitd" and "binary_tensor_data" in server["extensions"], server
    for version in ["", str(case.version)]:
        model = client.get_model_metadata(case.model, version)
        assert model["name"] == case.model and model["versions"] == [str(case.version)], model
        assert [tensor["name"] for tensor in model["inputs"]] == case.features
        assert all(tensor["datatype"] == "FP64" for tensor in model["inputs"])
        assert [tensor["name"] for tensor in model["outputs"]] == case.outputs
        assert model["outputs"][1]["shape"] == [-1, len(case.classes)]
        assert model["outputs"][1]["labels"] == case.classes
    refused(lambda: client.get_model_metadata("another"), "another", case.model)
    refused(lambda: client.get_model_metadata(case.model, "99"), "99", str(case.version))


def triton_infer(client, case):
    for binary_in in [True, False]:
        for binary_out in [True, False, None]:
            tensor = triton.InferInput("anything", list(case.complete.shape), "FP64")
            tensor.set_data_from_numpy(case.complete, binary_data=binary_in)
            wanted = None
            if binary_out is not None:
                wanted = [triton.InferRequestedOutput(name, binary_data=binary_out)
                          for name in case.outputs]
            result = client.infer(case.model, [tensor], outputs=wanted, request_id="id-7")
            said = result.get_response()
            assert said["id"] == "id-7" and said["model_name"] == case.model, said
            assert said["model_version"] == str(case.version), said
            for name in case.outputs:
                found = result.as_numpy(name)
                exact = binary_out is not False
                same(list(found) if name == "predict" else found, case.of_complete[name], name, exact)
            shape = result.as_numpy("predict_proba").shape
            assert shape == (len(case.complete), len(case.classes)), shape
    only = [triton.InferRequestedOutput("predict_proba", binary_data=True)]
    tensor = triton.InferInput("x", list(case.complete.shape), "FP64")
    tensor.set_data_from_numpy(case.complete)
    result = client.infer(case.model, [tensor], str(case.version), outputs=only)
    assert [output["name"] for output in result.get_response()["outputs"]] == ["predict_proba"]
    assert result.as_numpy("predict") is None


def columns(case, datatype, shape):
    """A tensor a feature, in another order than the schema's."""
    kind = {"FP64": np.float64, "FP32": np.float32, "INT64": np.int64, "INT32": np.int32}[datatype]
    tensors = []
    for at, name in reversed(list(enumerate(case.features))):
        values = case.complete[:, at].astype(kind).reshape(shape)
        tensor = triton.InferInput(name, list(values.shape), datatype)
        tensors.append(tensor.set_data_from_numpy(values))
    return tensors


def triton_columns(client, case):
    for shape in [(-1,), (-1, 1)]:
        result = client.infer(case.model, columns(case, "FP64", shape))
        same(result.as_numpy("predict_proba"), case.of_complete["predict_proba"], "predict_proba", True)
    for datatype in ["FP32", "INT64", "INT32"]:
        one = client.infer(case.model, columns(case, datatype, (-1,)))
        narrow = case.complete.astype(np.float32 if datatype == "FP32" else np.int64)
        tensor = triton.InferInput("x", list(narrow.shape), "FP64")
        tensor.set_data_from_numpy(narrow.astype(np.float64))
        two = client.infer(case.model, [tensor])
        same(one.as_numpy("predict_proba"), two.as_numpy("predict_proba"), "predict_proba", True)


def triton_missing(client, case):
    """A tensor that is left out stands for the training mean, where the feature may be missing."""
    for missing in case.optional:
        whole = [row for row in case.rows if row[case.features.index(missing)] is None]
        kept = [at for at, row in enumerate(case.rows) if row in whole]
        tensors = []
        for at, name in enumerate(case.features):
            if name != missing:
                values = np.array([row[at] for row in whole], dtype=np.float64)
                tensor = triton.InferInput(name, [len(whole)], "FP64")
                tensors.append(tensor.set_data_from_numpy(values))
        result = client.infer(case.model, tensors)
        expected = [case.probabilities[at] for at in kept]
        assert expected, "no row without the feature"
        same(result.as_numpy("predict_proba"), expected, "predict_proba", True)


def triton_refused(client, case):
    wide = np.hstack([case.complete, case.complete[:, :1]])
    _, tensor = packed(wide)
    found = f"found [{wide.shape[0]}, {wide.shape[1]}]"
    refused(lambda: client.infer(case.model, [tensor]), "400", "/inputs/0/shape", found)

    tensors = columns(case, "FP64", (-1,))
    wrong = triton.InferInput("no_such_feature", [len(case.complete)], "FP64")
    tensors[0] = wrong.set_data_from_numpy(case.complete[:, 0])
    refused(lambda: client.infer(case.model, tensors), "400", "/inputs/0/name", "not a feature")

    for odd in [np.nan, np.inf]:
        spoiled = case.complete.copy()
        spoiled[0, 1] = odd
        _, tensor = packed(spoiled)
        place = f'row 0, "{case.features[1]}"'
        refused(lambda: client.infer(case.model, [tensor]), "400", place, "finite number")
    spoiled[0, 1] = np.nan
    in_json = triton.InferInput("x", list(spoiled.shape), "FP64")
    in_json.set_data_from_numpy(spoiled, binary_data=False)
    refused(lambda: client.infer(case.model, [in_json]), "400", "JSON")

    _, tensor = packed(case.complete)
    output = [triton.InferRequestedOutput("no_such_output")]
    refused(lambda: client.infer(case.model, [tensor], outputs=output), "400", "/outputs/0/name", "predict_proba")
    refused(lambda: client.infer("another", [tensor]), "404", "another")
    refused(lambda: client.infer(case.model, [tensor], "99"), "404", "does not serve")
    _, half = packed(case.complete.astype(np.float16), "FP16")
    refused(lambda: client.infer(case.model, [half]), "400", "FP16")


def open_inference(case):
    client = OpenInferenceClient(base_url=f"http://{case.address}")
    client.check_server_liveness()
    client.check_server_readiness()
    client.check_model_readiness(case.model)
    client.check_model_version_readiness(case.model, str(case.version))
    assert client.read_server_metadata().name == "logitd"
    for model in [client.read_model_metadata(case.model),
                  client.read_model_version_metadata(case.model, str(case.version))]:
        assert model.versions == [str(case.version)]
        assert [tensor.name for tensor in model.inputs] == case.features
        assert [tensor.name for tensor in model.outputs] == case.outputs
    shape = list(case.complete.shape)

    def ask(data, shape=shape, outputs=None):
        tensor = RequestInput(name="x", datatype="FP64", shape=shape, data=data)
        asked = [RequestOutput(name=name) for name in outputs] if outputs else None
        return InferenceRequest(id="42", inputs=[tensor], outputs=asked)

    for data in [case.complete.tolist(), case.complete.ravel().tolist()]:
        said = client.model_infer(case.model, request=ask(data))
        assert said.id == "42" and said.model_name == case.model, said
        assert [output.name for output in said.outputs] == case.outputs
        for output in said.outputs:
            same(output.data.__root__, case.of_complete[output.name], output.name, True)
    request = ask(case.complete.tolist(), outputs=["predict"])
    said = client.model_version_infer(case.model, str(case.version), request=request)
    assert [output.name for output in said.outputs] == ["predict"]

    def refusal(kind, call):
        try:
            call()
        except kind as error:
            assert error.body["error"] and error.body["code"], error.body
            return
        raise AssertionError(f"not refused with {kind}")

    refusal(BadRequestError, lambda: client.model_infer(case.model, request=ask([1.0], [1, 1])))
    refusal(NotFoundError, lambda: client.check_model_readiness("another"))
    refusal(NotFoundError, lambda: client.check_model_version_readiness(case.model, "99"))


def main():
    case = Case(json.loads(Path(sys.argv[1]).read_text()))
    client = triton.InferenceServerClient(case.address)
    triton_metadata(client, case)
    triton_infer(client, case)
    triton_columns(client, case)
    triton_missing(client, case)
    triton_refused(client, case)
    open_inference(case)
    print(f"{case.model}: {len(case.rows)} rows, {len(case.outputs)} outputs")


main()
