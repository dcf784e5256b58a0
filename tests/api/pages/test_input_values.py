"""The values of an input model, read from a form."""

import pytest
from pydantic import Field

from api.http.context import Input
from api.http.field_types import Moment
from api.pages.forms import Form
from api.pages.input_values import values_of


class Call(Input):
    number: str
    heard_at: Moment | None = None


class Fields(Input):
    needed: str
    asked: str | None = None
    days: int | None = Field(None, ge=1)
    sure: bool = False
    wants: bool | None = None
    schemes: list[str] = Field([])
    numbers: list[int] = Field([])
    call: Call | None = None
    seen: list[str] | None = None


BOXES = {"sure": False, "schemes": [], "numbers": []}


def read(*fields):
    return values_of(Fields, Form(fields))


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ([("needed", " a ")], {"needed": "a"}),
        ([("days", "3")], {"days": 3}),
        ([("days", "three")], {"days": "three"}),  # the model rejects it, with a message
        ([("sure", "yes")], {"sure": True}),
        ([("wants", "no")], {"wants": False}),
        ([("schemes", "x"), ("schemes", "y")], {"schemes": ["x", "y"]}),
        ([("numbers", "1"), ("numbers", "two")], {"numbers": [1, "two"]}),
        ([("call.number", "1")], {"call": {"number": "1"}}),
        (
            [("call.number", "1"), ("call.heard_at", "2026-11-24T20:00")],
            {"call": {"number": "1", "heard_at": "2026-11-24T20:00:00+01:00"}},
        ),
        (
            [("call.number", "1"), ("call.heard_at", "2026-11-24T19:00:00Z")],
            {"call": {"number": "1", "heard_at": "2026-11-24T19:00:00Z"}},
        ),
        ([("seen", "x")], {"seen": ["x"]}),
        ([("other", "z")], {}),
    ],
)
def test_field_is_read_by_its_type(fields, found):
    assert read(*fields) == BOXES | found


@pytest.mark.parametrize("name", ["asked", "days", "wants"])
def test_empty_field_is_null_if_the_model_allows_it(name):
    assert read((name, " ")) == BOXES | {name: None}


def test_empty_field_that_is_required_stays_empty():
    assert read(("needed", "")) == BOXES | {"needed": ""}
