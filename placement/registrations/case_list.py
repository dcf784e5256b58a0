"""Cases in lists, for the API and the pages."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col

from placement.access import scoped_queries
from placement.areas.lookup import names
from placement.core.area_codes import PlaceKind
from placement.core.clock import start_of
from placement.core.codes import Registrant, RegistrationStatus
from placement.core.context import Act
from placement.core.list_orders import CaseOrder
from placement.registrations import reads
from placement.registrations.case_summary import Brief, brief_of
from placement.tables import Registration

_MOST_FOUND = 50
_FACTS = ("registrant", "waits_since", "taken_over_on", "needed_by", "persons")


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A row in a list of cases. If the data key of the case is missing, the encrypted values are `None`."""

    id: str
    status: RegistrationStatus
    region: str
    area_name: str
    registrant: Registrant | None
    urgency: int
    waits_since: datetime
    taken_over_on: date | None
    needed_by: date | None
    persons: int | None
    version: int
    brief: Brief | None
    """The summary of the case. `None`: it was not requested, or cannot be read."""


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of a list, and the total number of rows."""

    items: list[ListedCase]
    total: int


def case_page(
    act: Act,
    status: RegistrationStatus | None,
    region: str | None,
    limit: int,
    offset: int,
    *,
    briefs: bool = True,
    urgency: int | None = None,
    waited_days: int | None = None,
    order: CaseOrder = CaseOrder.URGENT_FIRST,
) -> CasePage:
    """Returns a page of a list of cases. `briefs`: true to include summaries. The filters and `order` are those of
    `reads.registrations`.
    """
    rows, total = reads.registrations(
        act, status, region, limit, offset, urgency=urgency, waited_days=waited_days, order=order
    )
    return CasePage(listed(act, rows, briefs=briefs), total)


def called_page(act: Act, said: str, *, briefs: bool = True, fits: Callable[[Brief], bool] | None = None) -> CasePage:
    """Returns at most 50 cases to which the text can refer: by handle, reference or alias. `fits`: also includes cases
    that are not closed and whose summary fits, such as *woman 22 Tigrinya*.
    """
    rows, total = reads.registrations_called(act, said, _MOST_FOUND, described(act, fits) if fits else ())
    return CasePage(listed(act, rows, briefs=briefs), total)


def described(act: Act, fits: Callable[[Brief], bool]) -> list[str]:
    """Returns the cases that are not closed and whose summary fits. The caller writes the audit event."""
    seen = scoped_queries.registrations_of(act.actor).where(col(Registration.status) != RegistrationStatus.CLOSED)
    briefs = ((row.id, brief_of(row, act.day)) for row in act.session.exec(seen))
    return [reference for reference, brief in briefs if brief is not None and fits(brief)]


def listed(act: Act, rows: Sequence[Registration], *, briefs: bool = True) -> list[ListedCase]:
    """Returns the rows for these cases. `briefs`: true to include the summaries, which distinguish similar cases."""
    day, regions = act.day, {row.region for row in rows}
    known = names(act.session, PlaceKind.AREA, day, *sorted(regions)) if regions else {}
    return [_listed(row, known.get(row.region, row.region), brief_of(row, day) if briefs else None) for row in rows]


def listed_ones(act: Act, ids: Collection[str]) -> list[ListedCase]:
    """Returns the rows of these cases, except cases that the actor may not see. The caller writes the audit event."""
    seen = scoped_queries.registrations_of(act.actor).where(col(Registration.id).in_(ids))
    return listed(act, act.session.exec(seen).all())


def _listed(row: Registration, area_name: str, brief: Brief | None) -> ListedCase:
    registrant, since, taken_over_on, needed_by, persons = row.all_known(*_FACTS)
    return ListedCase(
        id=row.id,
        status=row.status,
        region=row.region,
        area_name=area_name,
        registrant=registrant,
        urgency=row.urgency,
        waits_since=since or start_of(row.waits_on),
        taken_over_on=taken_over_on,
        needed_by=needed_by,
        persons=None if persons is None else len(persons),
        version=row.version,
        brief=brief,
    )


def waits_since(row: Registration) -> datetime:
    """Returns the time at which the wait began or, if the data key is missing, the beginning of that day."""
    return row.known("waits_since") or start_of(row.waits_on)
