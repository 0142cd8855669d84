"""Prints a document without the calls of the Open Inference Protocol.

    python3 own_calls.py < openapi.json

They have clients of their own, and the tag `open-inference` for themselves. Schemas that nothing reaches
any more go with them.
"""

import json
import sys

PROTOCOL = "open-inference"


def references(part):
    """The names of the schemas that a part of the document refers to."""
    if isinstance(part, dict):
        reference = part.get("$ref")
        if isinstance(reference, str):
            yield reference.rsplit("/", 1)[1]
        for member in part.values():
            yield from references(member)
    elif isinstance(part, list):
        for member in part:
            yield from references(member)


def own_calls(document):
    """Removes the protocol's calls, its tag and its schemas."""
    paths = {}
    for path, calls in document["paths"].items():
        own = {method: call for method, call in calls.items() if PROTOCOL not in call["tags"]}
        if own:
            paths[path] = own
    document["paths"] = paths
    document["tags"] = [tag for tag in document["tags"] if tag["name"] != PROTOCOL]
    schemas = document["components"]["schemas"]
    reached, waiting = set(), list(references(paths))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(references(schemas[name]))
    document["components"]["schemas"] = {
        name: schema for name, schema in schemas.items() if name in reached
    }
    return document


if __name__ == "__main__":
    json.dump(own_calls(json.load(sys.stdin)), sys.stdout)
