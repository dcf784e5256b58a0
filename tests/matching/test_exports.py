"""The exports of the engine: each describes its numbers, arguments and errors; its types are for other programs."""

import ast
import inspect
import re
import typing
from importlib.resources import files

import msgspec
import pytest

import matching
from tests.support.paths import ROOT

EXPORTS = [getattr(matching, name) for name in matching.__all__]
CLASSES = [export for export in EXPORTS if inspect.isclass(export)]
FUNCTIONS = [export for export in EXPORTS if inspect.isfunction(export)]
NUMBERS = {int, float}


def own_words(export):
    """Returns the docstring that the export itself declares: an inherited one describes something else."""
    return vars(export).get("__doc__") or ""


def numbers_of(kind):
    """Yields the fields with a number in them, at any depth of `Annotated`, unions and tables."""

    def has_number(hint):
        return hint in NUMBERS or any(has_number(part) for part in typing.get_args(hint) if part is not hint)

    hints = typing.get_type_hints(kind, include_extras=True)
    return (name for name in getattr(kind, "__struct_fields__", ()) if has_number(hints[name]))


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_exported_class_describes_itself_and_its_numbers(kind):
    words = own_words(kind)
    assert words, "no docstring"
    assert "(" not in words.partition("\n")[0].partition(" ")[0], "the docstring that msgspec generates"
    missing = [name for name in numbers_of(kind) if not re.search(rf"`{name}`", words)]
    assert missing == []


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_exported_function_describes_errors_and_arguments(function):
    words = function.__doc__ or ""
    assert re.match(r"(Returns|Checks|Writes|Reads|Yields)\b", words)
    assert re.search(r"\b(Raises|raises)\b", words)
    parameters = set(inspect.signature(function).parameters) - {"problem", "solution", "registration_id", "unit_id"}
    assert [name for name in sorted(parameters) if f"`{name}`" not in words] == []


def test_exported_constants_are_described():
    lines = (ROOT / "matching/__init__.py").read_text()
    classes_and_functions = {export.__name__ for export in CLASSES + FUNCTIONS}
    constants = set(matching.__all__) - classes_and_functions
    for name in constants:
        assert re.search(rf"`{name}`", ast.get_docstring(ast.parse(lines)) or ""), name


def test_types_are_for_other_programs_too():
    assert files(matching).joinpath("py.typed").is_file()


def test_all_are_exported_in_order():
    assert matching.__all__ == sorted(matching.__all__, key=lambda name: (not name.isupper(), name.islower(), name))
    assert all(isinstance(kind, type) for kind in CLASSES if issubclass(kind, msgspec.Struct))
