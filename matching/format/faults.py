"""The faults of a file that does not match the format: the JSON path, what was expected, and what was found.

This thorough reader is slow. It reads a file only after the fast reader has rejected it. Both readers use the same
types, so the format is defined only once.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NoReturn

from msgspec import Struct
from msgspec import inspect as shapes

MOST_FAULTS = 10
LONGEST_SHOWN = 40

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


class Fault(Struct, frozen=True):
    """A fault in a file: its JSON path, such as `$.rooms[3].free_beds`, and a sentence."""

    path: str
    message: str


class Invalid(Exception):
    """An input that does not match the format. `faults`: the first ten faults, in file order."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{fault.path}: {fault.message}" for fault in faults))
        self.faults = faults


class ProblemInvalid(Invalid):
    """A problem that does not match the format."""


class SolutionInvalid(Invalid):
    """A solution that does not match the format."""


class _Repeated(dict[str, Any]):
    """A JSON object in which `key` occurs twice."""

    key: str


Unknown = Mapping[type[Struct], frozenset[str]]
NOTHING_UNKNOWN: Unknown = {}


def faults_of_shape(data: bytes, shape: type[Struct], unknown_in: Mapping[str, Unknown]) -> Iterator[Fault]:
    """Yields the faults of type and structure in the bytes, in file order.

    `unknown_in`: for each format, the keys that exist only in a later format.
    """
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_object, parse_constant=_not_a_number)
    except UnicodeDecodeError as error:
        yield Fault("$", f"expected UTF-8 text, found the byte 0x{data[error.start]:02x} at byte {error.start}")
    except json.JSONDecodeError as error:
        yield Fault("$", f"expected JSON, but at line {error.lineno}, column {error.colno}: {error.msg}")
    except RecursionError:
        yield Fault("$", "expected JSON of a few levels, found far too many")
    except ValueError as error:
        yield Fault("$", f"expected JSON numbers, but: {error}")
    else:
        said = value.get("format") if isinstance(value, dict) else None
        unknown = unknown_in.get(said, NOTHING_UNKNOWN) if isinstance(said, str) else NOTHING_UNKNOWN
        yield from _walk(value, shapes.type_info(shape), "$", unknown)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    repeated = _Repeated(plain)
    seen: set[str] = set()
    repeated.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # `add` returns nothing
    return repeated


def _not_a_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number in JSON")


def _walk(value: Any, shape: shapes.Type, path: str, unknown: Unknown) -> Iterator[Fault]:
    if isinstance(value, _Repeated):
        yield Fault(_under(path, value.key), "the key stands twice in one object")
    match shape:
        case shapes.UnionType():
            yield from _walk_union(value, shape, path, unknown)
        case shapes.StructType():
            yield from _walk_struct(value, shape, path, unknown)
        case shapes.VarTupleType():
            yield from _walk_list(value, shape, path, unknown)
        case shapes.DictType() if isinstance(value, dict):
            for key, inner in value.items():
                fault = _leaf(key, shape.key_type, _under(path, key))
                yield from [Fault(fault.path, f"unknown key: {fault.message}")] if fault else []
                yield from _walk(inner, shape.value_type, _under(path, key), unknown)
        case _:
            fault = _leaf(value, shape, path)
            yield from [fault] if fault else []


def _walk_union(value: Any, shape: shapes.UnionType, path: str, unknown: Unknown) -> Iterator[Fault]:
    """Yields the faults of a value whose type is a union. Every union in the format is a type or null."""
    if value is None and any(isinstance(option, shapes.NoneType) for option in shape.types):
        return
    [option] = [option for option in shape.types if not isinstance(option, shapes.NoneType)]
    yield from _walk(value, option, path, unknown)


def _walk_struct(value: Any, shape: shapes.StructType, path: str, unknown: Unknown) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(path, f"expected an object, found {_shown(value)}")
        return
    later = unknown.get(shape.cls, frozenset())
    fields = {field.encode_name: field for field in shape.fields if field.encode_name not in later}
    for key, inner in value.items():
        if key in fields:
            yield from _walk(inner, fields[key].type, _under(path, key), unknown)
        else:
            yield Fault(_under(path, key), f"unknown key; known here: {', '.join(fields)}")
    for key, field in fields.items():
        if field.required and key not in value:
            yield Fault(_under(path, key), f"expected {_wanted(field.type)}, found nothing: the key is required")


def _walk_list(value: Any, shape: shapes.VarTupleType, path: str, unknown: Unknown) -> Iterator[Fault]:
    least, most = shape.min_length or 0, shape.max_length
    if not isinstance(value, list):
        yield Fault(path, f"expected a list, found {_shown(value)}")
    elif len(value) < least or (most is not None and len(value) > most):
        extent = f"{least} to {most} rows" if most is not None else f"at least {least}"
        yield Fault(path, f"expected {extent}, found {len(value)}")
    else:
        for index, inner in enumerate(value):
            yield from _walk(inner, shape.item_type, f"{path}[{index}]", unknown)


def _leaf(value: Any, shape: shapes.Type, path: str) -> Fault | None:
    fault = Fault(path, f"expected {_wanted(shape)}, found {_shown(value)}")
    match shape:
        case shapes.AnyType():
            return None
        case shapes.BoolType():
            right = isinstance(value, bool)
        case shapes.IntType():
            right = type(value) is int and _within(value, shape)
        case shapes.FloatType():
            right = type(value) in (int, float) and abs(value) != float("inf") and _within(value, shape)
        case shapes.LiteralType():
            right = isinstance(value, str) and value in shape.values
        case _:
            right = _is_text(value, shape)
    return None if right else fault


def _within(value: float, shape: shapes.IntType | shapes.FloatType) -> bool:
    if shape.gt is not None and value <= shape.gt:
        return False
    return (shape.ge is None or value >= shape.ge) and (shape.le is None or value <= shape.le)


def _is_text(value: Any, shape: shapes.Type) -> bool:
    if not isinstance(value, str) or any("\ud800" <= letter <= "\udfff" for letter in value):  # half of a UTF-16 pair
        return False
    if isinstance(shape, shapes.DateType):
        return _DATE.match(value) is not None and _is_day(value)
    if isinstance(shape, shapes.StrType):
        return len(value) >= (shape.min_length or 0) and re.search(shape.pattern or "", value) is not None
    return False


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _wanted(shape: shapes.Type) -> str:  # noqa: C901, PLR0911 - one line a kind of value
    match shape:
        case shapes.StructType() | shapes.DictType():
            return "an object"
        case shapes.VarTupleType():
            return "a list"
        case shapes.BoolType():
            return "true or false"
        case shapes.IntType():
            return f"an integer{_extent(shape)}"
        case shapes.FloatType():
            return f"a number{_extent(shape)}"
        case shapes.DateType():
            return "a date (YYYY-MM-DD)"
        case shapes.LiteralType():
            return "one of " + ", ".join(str(word) for word in shape.values)
        case shapes.StrType() if shape.pattern and shape.pattern.startswith("^[a-z]"):
            return "a code (a lower-case word: a-z, 0-9, _)"
        case shapes.StrType() if shape.pattern:
            return "a language code (BCP 47)"
        case shapes.UnionType():
            return " or ".join(_wanted(option) for option in shape.types)
        case shapes.NoneType():
            return "null"
        case _:
            return "a non-empty string"


def _extent(shape: shapes.IntType | shapes.FloatType) -> str:
    if shape.gt is not None:
        return f" above {shape.gt:g}"
    if shape.ge is None and shape.le is None:
        return ""
    return f" from {shape.ge:.12g}" + (f" to {shape.le:.12g}" if shape.le is not None else "")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "..."


def _under(path: str, key: str) -> str:
    return f"{path}.{key}" if key.isidentifier() or key.isdigit() else f"{path}[{json.dumps(key)}]"
