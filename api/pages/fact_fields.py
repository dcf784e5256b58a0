"""The facts of a registration as fields of a form and as rows of a page, from their declaration.

Languages and the place to be near have several inputs each: the form has these by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from types import NoneType
from typing import Any, get_args, get_origin

from api.pages.forms import Form, number
from placement.tables.facts import FACTS, Facts, Section, default_of


class Widget(StrEnum):
    """The names of the macros in `fact_fields.html`."""

    PICK = "pick"
    BOXES = "boxes"
    BOX = "box"
    DAY = "day"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class FactField:
    """`labels`: the kind of the codes to choose from, in the catalogue. `default`: of a new registration."""

    name: str
    widget: Widget
    section: Section
    labels: str = ""
    hint: bool = False
    default: Any = None

    def read(self, form: Form) -> Mapping[str, object]:
        """As the API takes it."""
        if self.widget is Widget.DAY:
            return form.some(self.name)
        value: object = form.get(self.name)
        if self.widget is Widget.BOX:
            value = form.has(self.name)
        elif self.widget is Widget.BOXES:
            value = form.all(self.name)
        elif self.widget is Widget.TEXT:
            value = value or None
        elif isinstance(self.default, int):
            value = number(form.get(self.name))
        return {self.name: value}

    def filled(self, value: Any) -> list[tuple[str, object]]:
        """The form's fields for this value."""
        if self.widget is Widget.BOX:
            return [(self.name, "yes")] if value else []
        return [(self.name, one) for one in (value if self.widget is Widget.BOXES else [value])]


def _widget_of(kind: Any, labels: type[Enum] | None) -> tuple[Widget, type[Enum] | None] | None:
    alone = next((one for one in get_args(kind) if one is not NoneType), kind)
    if labels or (isinstance(kind, type) and issubclass(kind, Enum)):
        return Widget.PICK, labels or kind
    if get_origin(kind) is list and issubclass(alone, Enum):
        return Widget.BOXES, alone
    widgets = {bool: Widget.BOX, date: Widget.DAY, str: Widget.TEXT}
    return (widgets[alone], None) if alone in widgets else None


def _fields() -> dict[Section, list[FactField]]:
    found: dict[Section, list[FactField]] = {section: [] for section in Section}
    for name, fact in FACTS.items():
        field = Facts.model_fields[name]
        drawn = _widget_of(field.annotation, fact.labels)
        if drawn is not None:
            widget, labels = drawn
            default = None if field.is_required() else default_of(name)
            called = labels.__name__ if labels else ""
            found[fact.section].append(FactField(name, widget, fact.section, called, fact.hint, default))
    order = [Widget.PICK, Widget.TEXT, Widget.DAY, Widget.BOXES, Widget.BOX]
    return {section: sorted(fields, key=lambda one: order.index(one.widget)) for section, fields in found.items()}


FIELDS = _fields()
"""By section, in the order of the page."""
ALL_FIELDS = [field for fields in FIELDS.values() for field in fields]
