"""Descriptions and codes of fields, for fields whose model does not describe them (`field_words.toml`)."""

import tomllib
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from placement.tasks.task import TaskKind
from placement.text.labels import KINDS

Described = dict[str, Any]
WORDS: dict[str, Described] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
_LIST_OF = {field: kind for kind, fields in WORDS["codes"].items() for field in fields}
EXTENSIBLE = "x-extensible-enum"
"""The name of the list of codes in a schema. Later versions may add codes."""


def with_words(models: Mapping[str, Described]) -> dict[str, Described]:
    """Adds the missing descriptions and codes to the fields of these models."""
    listed = {name: list(schema["enum"]) for name, schema in models.items() if "enum" in schema}
    kinds: Mapping[str, type[Enum]] = {**KINDS, "TaskKind": TaskKind}
    listed |= {name: [code.value for code in kind] for name, kind in kinds.items()}
    return {name: _of_model(name, schema, listed) for name, schema in models.items()}


def _of_model(name: str, schema: Described, listed: Mapping[str, list[object]]) -> Described:
    if "enum" in schema:
        return {**schema, EXTENSIBLE: schema["enum"]}
    if "properties" not in schema:
        return schema
    fields = {
        field: _of_field(field, f"{name}.{field}", described, listed)
        for field, described in schema["properties"].items()
    }
    return {**schema, "properties": fields}


def _of_field(field: str, place: str, described: Described, listed: Mapping[str, list[object]]) -> Described:
    if words := WORDS["of"].get(place) or WORDS["any"].get(field):
        described = {"description": words, **described}
    return _with_codes(described, listed[_LIST_OF[place]]) if place in _LIST_OF else described


def _with_codes(described: Described, codes: list[object]) -> Described:
    """Adds the codes to a string type, also to a string type within a list or a union."""
    if described.get("type") == "string":
        return {**described, EXTENSIBLE: codes}
    if "items" in described:
        return {**described, "items": _with_codes(described["items"], codes)}
    if "anyOf" in described:
        return {**described, "anyOf": [_with_codes(part, codes) for part in described["anyOf"]]}
    return described
