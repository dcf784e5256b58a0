"""The validator of JSON Schemas, whose import takes a second: not in each process that collects the tests."""

from functools import cache
from typing import Any


@cache
def validator() -> Any:
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    return Draft202012Validator
