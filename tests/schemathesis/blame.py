"""What schemathesis is told beside the document: a check of our own, and two failures that are none.

Where the document has no words for what makes a request of the right types wrong, a refusal may blame that and
nothing else. `schemathesis.toml` lists the same operations.
"""

import re

import schemathesis

CURSOR = r"cursor"
TENSORS = r"(/inputs|/outputs)\b.*"
KEY = r"key|(/observations/\d+)?/(key|label)"
REASON = r"/?reason"
UNSAID = {
    "list_models": CURSOR,
    "list_training_runs": CURSOR,
    "list_deployments": CURSOR,
    "list_observations": CURSOR,
    "write_observations": KEY,
    "get_observation": KEY,
    "put_observation": KEY,
    "delete_observation": KEY,
    "promote_model": REASON,
    "roll_back_model": REASON,
    "pin_model": REASON,
    "unpin_model": REASON,
    "predict_csv": r"\d+",
    "open_inference_infer": TENSORS,
    "open_inference_infer_version": TENSORS,
}


def operation_of(case) -> str:
    return case.operation.definition.raw.get("operationId", "")


@schemathesis.check
def blames_what_the_document_cannot_say(ctx, response, case) -> None:
    operation = operation_of(case)
    positive = case.meta is not None and case.meta.generation.mode.is_positive
    if operation not in UNSAID or response.status_code != 400 or not positive:
        return
    problem = response.json()
    for fault in problem.get("errors", [{}]):
        blamed = str(fault.get("parameter") or fault.get("pointer") or fault.get("line") or "")
        if not re.fullmatch(UNSAID[operation], blamed):
            raise AssertionError(f"{operation} was given what its document allows, and blames {fault}: {problem}")


@schemathesis.hook
def filter_failure(context, failure, case, response) -> bool:
    """False for what is no failure."""
    kind, operation = type(failure).__name__, operation_of(case)
    # DELETE cancels a run, and RFC 9110 (9.3.5) leaves open what becomes of a resource: it stays to be read, as
    # cancelled. That what was deleted is gone is checked for observations.
    if kind == "UseAfterFree" and "/training-runs" in case.operation.path:
        return False
    # A value that may be missing is `null` in a path, which has no other way to leave one out. The document does
    # not say so: clients made from it would write their language's word (`None`) there.
    missing = operation == "predict_from_path" and "null" in response.request.url
    return not (kind == "AcceptedNegativeData" and missing)
