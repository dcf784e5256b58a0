"""Form fields and page rows for the facts of registrations and unit profiles, derived from the declarations of these
facts.

Facts with several inputs (languages, a place to be near) are written in the templates.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from api.pages.forms import Form, day_in, number
from placement.tables.facts import Facts, ProfileFacts, facts_of


class Widget(StrEnum):
    """The kinds of form fields, in their order within a section."""

    PICK = "pick"
    TEXT = "text"
    DAY = "day"
    BOXES = "boxes"
    NUMBER = "number"
    BOX = "box"


_ASKED = {"urgency"}
"""Facts whose default a form does not use, because the user must choose (`drafts.py`)."""


@dataclass(frozen=True, slots=True)
class FactField:
    """A form field. `words`, `labels`: the catalogue's contexts for its label and its choices. `default`: its value in
    a new form. `limits`: smallest and largest number. `required`: the form is refused without it.
    """

    name: str
    widget: Widget
    section: str
    words: str
    labels: str = ""
    hint: bool = False
    default: object = None
    limits: tuple[int, int] | None = None
    nullable: bool = False
    required: bool = False

    @property
    def field(self) -> str:
        """The field's name in the form: `not_...` if the fact is true by default, because its checkbox means false."""
        return f"not_{self.name}" if self.widget is Widget.BOX and self.default is True else self.name

    def read(self, form: Form) -> Mapping[str, object]:
        """Returns the fact as input for the API, from a form."""
        written = form.get(self.name)
        value: object = written
        match self.widget:
            case Widget.BOX if self.default is True:
                value = not form.has(self.field)
            case Widget.DAY if not self.nullable:
                return {self.name: day_in(written)} if written else {}
            case Widget.BOX:
                value = form.has(self.name)
            case Widget.BOXES:
                value = form.all(self.name)
            case Widget.TEXT | Widget.NUMBER | Widget.DAY | Widget.PICK if self.nullable and not written:
                value = None
            case Widget.DAY:
                value = day_in(written)
            case Widget.NUMBER:
                value = number(written)
            case Widget.PICK if self.default is not None and not written:
                return {}  # `drafts.py` reports a missing choice
            case Widget.PICK if isinstance(self.default, int):
                value = number(written)
        return {self.name: value}

    @property
    def box_words(self) -> str:
        """The catalogue's context for the text beside the checkbox."""
        return self.words if self.field == self.name else f"{self.words}.not"

    def filled(self, value: Any) -> list[tuple[str, object]]:
        if self.widget is Widget.BOX:
            return [(self.field, "yes")] if value is not (self.default is True) else []
        return [(self.name, one) for one in (value if self.widget is Widget.BOXES else [value])]


@dataclass(frozen=True, slots=True)
class ShownFacts:
    """The facts of a page in three groups: with a value, false, and unknown."""

    rows: list[FactField]
    not_so: list[FactField]
    unknown: list[FactField]


def told(fields: Iterable[FactField], values: Mapping[str, Any] | BaseModel) -> ShownFacts:
    """Sorts facts into three groups by their values. Leaves out erased facts."""
    found = ShownFacts([], [], [])
    erased = (values.get("erased") if isinstance(values, Mapping) else getattr(values, "erased", ())) or ()
    for field in fields:
        if field.name in erased:
            continue
        value = values[field.name] if isinstance(values, Mapping) else getattr(values, field.name)
        if field.widget is Widget.BOX:
            (found.rows if value else found.not_so).append(field)
        else:
            (found.unknown if value in (None, "", []) else found.rows).append(field)
    return found


def ticked(fields: Iterable[FactField], values: BaseModel) -> list[FactField]:
    """Returns the checkboxes that are ticked for these values."""
    return [one for one in fields if one.widget is Widget.BOX and one.filled(getattr(values, one.name))]


def _widget_of(kind: Any, labels: type[Enum] | None) -> tuple[Widget, type[Enum] | None] | None:
    alone = next((one for one in get_args(kind) if one is not NoneType), kind)
    if labels or (isinstance(kind, type) and issubclass(kind, Enum)):
        return Widget.PICK, labels or kind
    if get_origin(kind) is list and issubclass(alone, Enum):
        return Widget.BOXES, alone
    widgets = {bool: Widget.BOX, date: Widget.DAY, str: Widget.TEXT, int: Widget.NUMBER}
    return (widgets[alone], None) if alone in widgets and get_origin(kind) is not list else None


def _is_refused_empty(field: FieldInfo, widget: Widget) -> bool:
    """Checks whether the form is refused if the field is empty: a choice without a default, a number, or a text or list
    that must not be empty.
    """
    has_least = any(getattr(one, "min_length", 0) for one in field.metadata)
    return has_least or widget is Widget.NUMBER or (widget is Widget.PICK and field.is_required())


def fields_of(model: type[BaseModel], words: str) -> dict[str, list[FactField]]:
    found: dict[str, list[FactField]] = {}
    for name, fact in facts_of(model).items():
        field = model.model_fields[name]
        drawn = _widget_of(field.annotation, fact.labels)
        if drawn is None:
            continue
        widget, labels = drawn
        nullable = NoneType in get_args(field.annotation)
        if widget is Widget.BOX and nullable:
            raise TypeError(f"{name}: a box says yes or no; give a fact that may be unknown `labels`, as `Consent`")
        limits = [bound for one in field.metadata for bound in (getattr(one, "ge", None), getattr(one, "le", None))]
        known = [bound for bound in limits if bound is not None]
        found.setdefault(fact.section, []).append(
            FactField(
                name=name,
                widget=widget,
                section=fact.section,
                words=words,
                labels=labels.__name__ if labels else "",
                hint=fact.hint,
                default=None if field.is_required() else field.get_default(call_default_factory=True),
                limits=(known[0], known[-1]) if known else None,
                nullable=nullable,
                required=not nullable and (name in _ASKED or _is_refused_empty(field, widget)),
            )
        )
    order = list(Widget)
    return {section: sorted(fields, key=lambda one: order.index(one.widget)) for section, fields in found.items()}


FIELDS = fields_of(Facts, "fact")
PROFILE_FIELDS = fields_of(ProfileFacts, "profile")


def all_of(sections: Mapping[str, list[FactField]]) -> list[FactField]:
    return [field for fields in sections.values() for field in fields]
