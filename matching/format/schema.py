"""The JSON Schemas of the formats, made from the types. `matching/schemas/` contains a file for each format."""

import inspect
from typing import Any

import msgspec
from msgspec import inspect as shapes

from matching.format import problem as problems
from matching.format import solution as solutions
from matching.format.policy import Policy
from matching.format.problem import Problem
from matching.format.read import UNKNOWN_IN
from matching.format.solution import Solution

FORMATS: dict[str, type[msgspec.Struct]] = {
    problems.FIRST_FORMAT: Problem,
    problems.PROBLEM_FORMAT: Problem,
    solutions.FIRST_FORMAT: Solution,
    solutions.SOLUTION_FORMAT: Solution,
}
_TABLES = {
    field.encode_name: list(field.type.key_type.values)
    for field in shapes.type_info(Policy).fields  # type: ignore[attr-defined]  # a struct
    if isinstance(field.type, shapes.DictType) and isinstance(field.type.key_type, shapes.LiteralType)
}
"""The policy's tables of weights by code, with the codes of each."""
_EMPTY: dict[str, Any] = {"properties": {}}
_DAY = r"^\d{4}-\d{2}-\d{2}$"


def json_schema(name: str) -> dict[str, Any]:
    """Returns the JSON Schema (draft 2020-12) of a format. `name`: the format, such as `placement-problem/2`.

    The schema contains types, limits and codes. Only `read_problem` checks relations between rows (ids, numbers of
    beds, the total of points). Raises KeyError for an unknown format.
    """
    top = FORMATS[name]
    [found], defs = msgspec.json.schema_components([top], ref_template="#/$defs/{name}")
    for struct, later in UNKNOWN_IN.get(name, {}).items():
        for key in later & defs.get(struct.__name__, _EMPTY)["properties"].keys():
            del defs[struct.__name__]["properties"][key]
    for key, codes in _TABLES.items():
        defs.get("Policy", _EMPTY)["properties"].get(key, {})["propertyNames"] = {"enum": codes}
    defs[top.__name__]["properties"]["format"] = {"const": name}
    if name == solutions.SOLUTION_FORMAT:
        defs[top.__name__]["required"].append("together")
    for part in _objects(defs):
        _make_portable(part)
    used = {part["$ref"].rpartition("/")[2] for part in _objects([found, defs]) if "$ref" in part}
    defs = {part: value for part, value in defs.items() if part in used}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name, **found, "$defs": defs}


def _make_portable(part: dict[str, Any]) -> None:
    """Changes an object of the schema from the form that msgspec writes to standard JSON Schema."""
    if isinstance(part.get("description"), str):
        part["description"] = inspect.cleandoc(part["description"])
    if isinstance(part.get("pattern"), str):
        part["pattern"] = part["pattern"].replace(r"\Z", "$")
    if part.get("format") == "date":
        part["pattern"] = _DAY
        part.pop("default", None)  # the default is `as_of`, which no schema can express


def _objects(value: Any) -> list[dict[str, Any]]:
    """Returns all objects in the value, at any depth."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return ([value] if isinstance(value, dict) else []) + [part for row in inner for part in _objects(row)]
