"""An example request and answer for each operation. The tests make them (`examples.json`)."""

import json
from functools import cache
from pathlib import Path

from api.http.field_words import Described

_FILE = Path(__file__).with_suffix(".json")


@cache
def _examples() -> dict[str, Described]:
    """Returns the examples by operation: `status`, `answer`, and `request` if the operation takes a JSON body."""
    return dict(json.loads(_FILE.read_text()))


def with_example(operation: Described) -> Described:
    example = _examples().get(operation["operationId"])
    if example is None:
        return operation
    status, responses = str(example["status"]), dict(operation["responses"])
    responses[status] = _with_value(responses[status], example, "answer")
    body = {"requestBody": _with_value(operation["requestBody"], example, "request")} if "request" in example else {}
    return {**operation, **body, "responses": responses}


def _with_value(part: Described, example: Described, name: str) -> Described:
    content = {
        media_type: {**described, "example": example[name]} if "json" in media_type and name in example else described
        for media_type, described in part.get("content", {}).items()
    }
    return {**part, "content": content} if content else part
