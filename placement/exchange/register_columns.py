"""The values of an imported row, as arguments of the register's operations."""

from datetime import date
from typing import TypedDict

from placement.exchange.import_steps import Stop
from placement.exchange.table_rows import Values


class OfNew(TypedDict):
    as_id: str | None
    opens_on: date | None
    open_until: date | None


def of_new(values: Values) -> OfNew:
    return {"as_id": values.get("id"), "opens_on": values.get("opens_on"), "open_until": values.get("open_until")}


def require_ages(values: Values) -> None:
    if values.get("min_age", 18) > values.get("max_age", 120):
        raise Stop("min_age", "ages_reversed")
    if "boys_max_age" in values and values["boys_max_age"] > values.get("children_max_age", -1):
        raise Stop("boys_max_age", "boys_above_children")
