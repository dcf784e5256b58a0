"""The list of shelters, for the desk: figures, telephone, age of the count, filters, and a map. Staff of a shelter get
the page of their shelter instead.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self, TypeVar

from api.http.context import Acts, RequestActs
from api.pages import list_choices
from api.pages.frame import Page, Reply, Wrong, go, page, page_at
from api.pages.list_choices import ORDER, Chosen, Codes, chosen_of
from api.pages.map import CellTotal, cell_totals
from api.v1 import shelters as routes
from api.v1.places import ProviderOut, RegisteredShelterOut
from placement.access.permissions import Permission
from placement.accounts.organisations import telephones_of_shelters
from placement.capacity import reads
from placement.capacity.overview import ShelterAtAGlance, UnitCapacity
from placement.core.codes import Freshness, Gender, Region, Scheme
from placement.core.context import Act
from placement.core.geography import Cell
from placement.core.list_orders import PlaceOrder
from placement.text.catalogue import Language
from placement.text.labels import label

Code = TypeVar("Code", bound=StrEnum)
HERE = "/shelters"
WITH_CHILDREN, WITH_PLACE = "children", "yes"
LONGEST_NAME = 60


class _AnyName:
    """The allowed values of the filter by name: a set that contains every text short enough for a name."""

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and len(text) <= LONGEST_NAME


_ALLOWED: dict[str, Codes] = {
    "name": _AnyName(),
    "region": Region,
    "scheme": Scheme,
    "takes": {*Gender, WITH_CHILDREN},
    "free": {WITH_PLACE},
    ORDER: PlaceOrder,
}
_USUAL = {ORDER: PlaceOrder.MOST_FREE_FIRST.value}
_NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class ListedUnit:
    """The facts of a unit by which the list is filtered."""

    region: Region
    scheme: Scheme
    cell: Cell
    takes: frozenset[str]
    """The genders that the unit admits, and `children` if it admits children."""
    free: int
    beds: int
    not_reported: int

    @classmethod
    def of(cls, known: UnitCapacity) -> Self:
        unit, location = known.unit, known.location
        return cls(
            region=location.region,
            scheme=unit.scheme,
            cell=Cell(location.cell_row, location.cell_column),
            takes=frozenset({*unit.admits, *([] if unit.children_max_age is None else [WITH_CHILDREN])}),
            free=known.free_now,
            beds=known.beds,
            not_reported=known.not_reported,
        )

    def fits(self, chosen: Chosen) -> bool:
        return (
            chosen["region"] in {"", self.region}
            and chosen["scheme"] in {"", self.scheme}
            and chosen["takes"] in {"", *self.takes}
            and (not chosen["free"] or self.free > 0)
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A shelter in the list. `units`: its present units that match the filters; empty if it is closed or not open yet.
    All figures and lists of codes are those of these units.
    """

    shelter: RegisteredShelterOut
    units: Sequence[ListedUnit]
    freshness: Freshness
    reported_at: datetime | None
    number: str | None

    @property
    def free(self) -> int:
        return sum(unit.free for unit in self.units)

    @property
    def beds(self) -> int:
        return sum(unit.beds for unit in self.units)

    @property
    def not_reported(self) -> int:
        return sum(unit.not_reported for unit in self.units)

    @property
    def regions(self) -> list[Region]:
        return _in_order_of(Region, (unit.region for unit in self.units))

    @property
    def schemes(self) -> list[Scheme]:
        return _in_order_of(Scheme, (unit.scheme for unit in self.units))

    @property
    def admits(self) -> list[Gender]:
        return _in_order_of(Gender, (code for unit in self.units for code in unit.takes))

    @property
    def children(self) -> bool:
        return any(WITH_CHILDREN in unit.takes for unit in self.units)

    def narrowed(self, chosen: Chosen) -> "Row | None":
        """Returns the row with only those units that match the filters together, or `None` if nothing matches."""
        if chosen["name"].strip().casefold() not in self.shelter.name.casefold():
            return None
        if not any(chosen[name] for name in ("region", "scheme", "takes", "free")):
            return self
        units = [unit for unit in self.units if unit.fits(chosen)]
        return replace(self, units=units) if units else None


@dataclass(frozen=True, slots=True)
class Listed:
    rows: list[Row]
    """The rows that match the filters, sorted."""
    shelters: int
    """The number of all shelters."""
    free: int
    beds: int
    """Free beds and all beds of the units that match the filters."""
    cells: list[CellTotal]
    providers: list[ProviderOut]
    provider_names: list[tuple[str, str]]
    chosen: Chosen


@page_at(HERE, permission=Permission.REGISTER_READ)
def list_shelters(request: Page, acts: RequestActs, wrong: Wrong | None = None) -> Reply:
    if request.user.shelter_id is not None:
        return go(f"{HERE}/{request.user.shelter_id}")
    chosen = chosen_of(request, HERE, _ALLOWED, _USUAL)
    view = _listed(acts, chosen)
    answer = page(request, "shelters.html", view, wrong)
    list_choices.remember(request, answer, chosen)
    return answer


def _listed(acts: Acts, chosen: Chosen) -> Listed:
    def found(act: Act) -> Listed:
        rows = _rows(act)
        fit = [narrowed for row in rows if (narrowed := row.narrowed(chosen)) is not None]
        providers = routes.providers(act).items
        return Listed(
            rows=_sorted(fit, PlaceOrder(chosen[ORDER]), acts.language),
            shelters=len(rows),
            free=sum(row.free for row in fit),
            beds=sum(row.beds for row in fit),
            cells=cell_totals((unit.cell, row.shelter.name, unit.free) for row in fit for unit in row.units),
            providers=providers,
            provider_names=[(provider.id, provider.name) for provider in providers],
            chosen=chosen,
        )

    return acts.show("shelters", found, Permission.REGISTER_READ, Permission.COUNTRY_READ, Permission.PROVIDER_READ)


def _rows(act: Act) -> list[Row]:
    shelters = routes.shelters(act).items
    at_a_glance = {known.shelter.id: known for known in reads.country(act)}
    numbers = telephones_of_shelters(act.session, [row.id for row in shelters])
    return [_row(row, at_a_glance.get(row.id), next(iter(numbers.get(row.id, {}).values()), None)) for row in shelters]


def _row(shelter: RegisteredShelterOut, known: ShelterAtAGlance | None, number: str | None) -> Row:
    if known is None:
        return Row(shelter, (), Freshness.NEVER, None, number)
    units = [ListedUnit.of(unit) for unit in known.units]
    return Row(shelter, units, known.freshness, known.reported_at, number)


def _sorted(rows: list[Row], order: PlaceOrder, language: Language) -> list[Row]:
    """Sorts rows. Equal rows are sorted by name."""

    def regions(row: Row) -> str:
        return ", ".join(label("Region", code, language) for code in row.regions)

    by: dict[str, Callable[[Row], tuple[float, str]]] = {
        "free": lambda row: (row.free, ""),
        "name": lambda row: (0, row.shelter.name.casefold()),
        "region": lambda row: (0, regions(row)),
        "fresh": lambda row: (-(row.reported_at or _NEVER).timestamp(), ""),
    }
    named = sorted(rows, key=by["name"])
    return sorted(named, key=by[order.removeprefix("-")], reverse=order.startswith("-"))


def _in_order_of(codes: type[Code], found: Iterable[str]) -> list[Code]:
    named = set(found)
    return [code for code in codes if code in named]
