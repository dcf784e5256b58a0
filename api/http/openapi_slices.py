"""Parts of the description for one kind of software: its operations and events, with the models that they use."""

import json
import re
from collections.abc import Iterator, Mapping

from api.http.field_words import Described
from placement.core.codes import MessageKind

FOR_SHELTERS = (
    "exchange_key",
    "read_session",
    "read_vocabulary",
    "read_shelter",
    "list_rooms",
    "read_capacity",
    "report_capacity",
    "report_room",
    "confirm_capacity",
    "read_profile",
    "list_holds",
    "read_hold",
    "report_arrival",
    "report_arrivals",
    "list_stays",
)
"""The operations for the software of a shelter: about its key, its rooms, expected clients and residents."""
EVENTS_FOR_SHELTERS = (
    MessageKind.HOLD_ASKED,
    MessageKind.HOLD_SETTLED,
    MessageKind.HOLD_RELEASED,
    MessageKind.HOLD_EXPIRED,
    MessageKind.ROOMS_CHANGED,
)
_MODEL = re.compile(r'"#/components/schemas/([^"]+)"')


def for_shelters(whole: Described) -> Described:
    """Returns the part of the description for the software of shelters."""
    paths = {
        path: {method: one for method, one in methods.items() if one["operationId"] in FOR_SHELTERS}
        for path, methods in whole["paths"].items()
    }
    paths = {path: methods for path, methods in paths.items() if methods}
    events = {kind: event for kind, event in whole["webhooks"].items() if kind in EVENTS_FOR_SHELTERS}
    models = whole["components"]["schemas"]
    used = {name: models[name] for name in sorted(_used_in([paths, events], models))}
    tags = {tag for item in (*paths.values(), *events.values()) for one in item.values() for tag in one["tags"]}
    return {
        **whole,
        "info": {**whole["info"], "title": f"{whole['info']['title']}: software of shelters"},
        "tags": [tag for tag in whole["tags"] if tag["name"] in tags],
        "paths": paths,
        "webhooks": events,
        "components": {**whole["components"], "schemas": used},
    }


def _used_in(part: object, models: Mapping[str, Described]) -> set[str]:
    """Returns the names of all models to which a part refers, directly or through other models."""
    found: set[str] = set()
    waiting = set(_named_in(part))
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= set(_named_in(models[name])) - found
    return found


def _named_in(part: object) -> Iterator[str]:
    yield from _MODEL.findall(json.dumps(part))
