"""The story of a service, through the generated Python client: asked, refused, taught, taken back.

    python story.py ADDRESS KEY READER FIRST

KEY has the role operate, READER the role predict; FIRST is the first key of the rows to write. `shape` is
what differs between configurations.
"""

import sys
import time
from http import HTTPStatus
from io import BytesIO
from math import exp, isclose
from typing import TypeVar

import shape
from logitd_client import AuthenticatedClient
from logitd_client.api.deployments import list_deployments, promote_model, roll_back_model, unpin_model
from logitd_client.api.models import get_champion, get_model, get_schema, list_models
from logitd_client.api.observations import (
    delete_observation,
    get_observation,
    list_observations,
    put_observation,
    write_observations,
)
from logitd_client.api.prediction import predict, predict_batch, predict_csv
from logitd_client.api.training import get_training_run, request_training_run
from logitd_client.models import (
    Champion,
    Deployment,
    DeploymentList,
    DeploymentOrder,
    Instance,
    InstanceAnswer,
    InstanceBatch,
    ModelVersion,
    ModelVersionList,
    NewObservation,
    Observation,
    ObservationBatch,
    ObservationList,
    ObservationsWritten,
    ObservationValue,
    Prediction,
    PredictionBatch,
    Problem,
    Schema,
    TrainingRun,
)
from logitd_client.types import File, Unset

PATIENCE_SECONDS = 60.0
T = TypeVar("T")


def given(kind: type[T], answer: object) -> T:
    """The answer, if it is of this kind: a client gives a problem where it was refused."""
    assert isinstance(answer, kind), answer
    return answer


def there(value: T | Unset) -> T:
    """A value that is not left out."""
    assert not isinstance(value, Unset)
    return value


def asks(client: AuthenticatedClient) -> None:
    schema = given(Schema, get_schema.sync(client=client))
    assert [feature.name for feature in schema.features] == list(shape.refused().to_dict())
    assert schema.classes == shape.CLASSES
    alone = given(Prediction, predict.sync(client=client, body=shape.asked()))
    assert alone.label in shape.CLASSES and alone.model == schema.model, alone
    probabilities = alone.probabilities.additional_properties
    assert isclose(sum(probabilities.values()), 1.0) and alone.label == max(
        probabilities, key=lambda name: probabilities[name]
    )
    assert [(warning.feature, warning.kind) for warning in alone.warnings] == shape.WARNINGS
    batch = InstanceBatch(instances=[shape.asked(), shape.asked()])
    both = given(PredictionBatch, predict_batch.sync(client=client, body=batch))
    assert both.model == alone.model and len(both.predictions) == 2
    assert all(one.probabilities.to_dict() == probabilities for one in both.predictions)
    row = shape.asked().to_dict()
    table = "\n".join([",".join(row), ",".join(str(value) for value in row.values())])
    file = File(payload=BytesIO(table.encode()))
    answered = given(str, predict_csv.sync(client=client, body=file)).splitlines()
    header = ["label"] + [f"probability_{name}" for name in shape.CLASSES]
    shares = [str(probabilities[name]) for name in shape.CLASSES]
    assert [line.split(",") for line in answered] == [header, [alone.label, *shares]], answered
    explained = given(Prediction, predict.sync(client=client, body=shape.asked(), explain=True))
    check_explanation(explained)


def check_explanation(explained: Prediction | InstanceAnswer) -> None:
    """The parts add up: to the log-odds, or to scores whose softmax are the probabilities."""
    scores = shape.scores(explained)
    if len(scores) == 1:
        (score,) = scores.values()
        assert isclose(score, there(explained.log_odds)), explained
        return
    total = sum(exp(score) for score in scores.values())
    for name, score in scores.items():
        assert isclose(exp(score) / total, explained.probabilities[name]), explained


def is_refused(client: AuthenticatedClient) -> None:
    problem = given(Problem, predict.sync(client=client, body=shape.refused()))
    assert (problem.status, problem.code) == (400, "invalid_instance"), problem
    assert [fault.pointer for fault in there(problem.errors)] == shape.POINTERS, problem
    missing = given(Problem, get_model.sync(client=client, version=99))
    assert (missing.status, missing.code) == (404, "not_found"), missing


def ingests(client: AuthenticatedClient, first: int) -> None:
    """Writes two rows, changes one, deletes the other: one more than there was."""
    instance: Instance = shape.asked()
    rows = [
        NewObservation(key=first + place, features=instance, label=label)
        for place, label in enumerate(shape.CLASSES[:2])
    ]
    batch = ObservationBatch(observations=rows)
    written = given(ObservationsWritten, write_observations.sync(client=client, body=batch))
    assert written.written == 2
    value = ObservationValue(features=instance, label=shape.CLASSES[1])
    changed = given(Observation, put_observation.sync(str(first), client=client, body=value))
    assert (changed.key, changed.label) == (first, shape.CLASSES[1]), changed
    found = given(Observation, get_observation.sync(str(first), client=client))
    assert found == changed and found.features.to_dict() == instance.to_dict(), found
    listed = given(ObservationList, list_observations.sync(client=client, limit=3))
    assert len(listed.items) == 3 and there(listed.next_cursor)
    gone = delete_observation.sync_detailed(str(first + 1), client=client)
    assert gone.status_code == HTTPStatus.NO_CONTENT
    missing = given(Problem, get_observation.sync(str(first + 1), client=client))
    assert missing.code == "not_found", missing
    fault = NewObservation(key=first, features=shape.refused(), label="no class")
    problem = given(Problem, write_observations.sync(client=client, body=fault))
    assert len(there(problem.errors)) == len(shape.POINTERS) + 1, problem


def trains(client: AuthenticatedClient) -> TrainingRun:
    """Asks for a run and waits for its end; the version that it made has seen the new row."""
    before = given(ModelVersionList, list_models.sync(client=client)).items[0]
    accepted = request_training_run.sync_detailed(client=client)
    run = given(TrainingRun, accepted.parsed)
    assert accepted.status_code == HTTPStatus.ACCEPTED
    assert accepted.headers["location"] == f"/v1/training-runs/{run.id}"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while isinstance(run.finished_at, Unset):
        assert time.monotonic() < deadline, run
        time.sleep(0.05)
        run = given(TrainingRun, get_training_run.sync(run.id, client=client))
    assert run.status in ("promoted", "kept") and there(run.gate).decision == run.status, run
    made = given(ModelVersion, get_model.sync(there(run.version), client=client))
    assert made.training_run == run.id and made.rows.fitted == before.rows.fitted + 1, made
    return run


def goes_back(client: AuthenticatedClient, run: TrainingRun) -> None:
    """Lists what there is, puts another version in place, and takes that back."""
    newest = given(ModelVersionList, list_models.sync(client=client, limit=1))
    assert [version.version for version in newest.items] == [run.version]
    older = given(ModelVersionList, list_models.sync(client=client, cursor=there(newest.next_cursor)))
    assert [version.version for version in older.items] == list(range(there(run.version) - 1, 0, -1))
    serves = given(Champion, get_champion.sync(client=client)).version
    other = next(item.version for item in newest.items + older.items if item.version != serves)
    order = DeploymentOrder(reason="to see it serve", pin=False)
    promoted = given(Deployment, promote_model.sync(other, client=client, body=order))
    assert (promoted.version, promoted.action, promoted.pinned) == (other, "promote", False)
    back = given(Deployment, roll_back_model.sync(client=client, body=DeploymentOrder(reason="no")))
    assert (back.version, back.action, back.pinned) == (serves, "roll_back", True), back
    free = given(Deployment, unpin_model.sync(client=client, reason="the story is over"))
    history = given(DeploymentList, list_deployments.sync(client=client, limit=3)).items
    assert [entry.sequence for entry in history] == [free.sequence, back.sequence, promoted.sequence]
    assert back.deployed_by == "ci", back


def has_the_wrong_key(address: str, reader: str) -> None:
    stranger = AuthenticatedClient(base_url=address, token="wrong")
    problem = given(Problem, predict.sync(client=stranger, body=shape.asked()))
    assert (problem.status, problem.code) == (401, "unauthorized"), problem
    client = AuthenticatedClient(base_url=address, token=reader)
    given(Prediction, predict.sync(client=client, body=shape.asked()))
    problem = given(Problem, request_training_run.sync(client=client))
    assert (problem.status, problem.code) == (403, "forbidden"), problem


def main(address: str, key: str, reader: str, first: int) -> None:
    with AuthenticatedClient(base_url=address, token=key) as client:
        asks(client)
        is_refused(client)
        ingests(client, first)
        goes_back(client, trains(client))
    has_the_wrong_key(address, reader)
    print("the story in Python: told")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
