"""The history of a client's facts. Each change has its time, actor and reason, and the values before and after it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import select

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.ids import new_id
from placement.core.reason_codes import ChangeReason
from placement.crypto.encrypted_columns import is_readable
from placement.registrations import case_rows
from placement.registrations.related_cases import all_named_by
from placement.tables import FactChange, Registration
from placement.tables.facts import FACTS, Facts
from placement.tables.keys import new_change

NAMES_OTHERS = frozenset({"keep_apart", "stay_with", "avoided"})
"""Parts of a registration that name other clients or places. The history stores only that such a part changed."""

FactsByName = Mapping[str, object]
"""Facts by name, as JSON values."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of facts. `before`, `after`: the changed values, as JSON. For parts in `NAMES_OTHERS` they are null."""

    at: datetime
    by: str
    reason: ChangeReason | None
    text: str | None
    before: FactsByName
    after: FactsByName


@dataclass(frozen=True, slots=True)
class Listed:
    """A change in a list. `change`: `None` if it was erased, or if its data key is missing."""

    id: str
    change: Change | None


def said_of(act: Act, registration: Registration) -> FactsByName:
    """Returns all current facts of this client, in the form in which a change stores facts."""
    facts = Facts.model_construct(**registration.facts(FACTS))
    named = all_named_by(act, registration.id)
    return {
        **facts.model_dump(mode="json"),
        "persons": [one.model_dump(mode="json", exclude={"id"}) for one in registration.persons],
        "threats": [{**one.point, "min_km": one.min_km} for one in registration.threats],
        "reach": [{**one.point, "max_km": one.max_km} for one in registration.reach],
        "avoided": sorted((one.kind, one.target) for one in case_rows.active_avoidances(act, registration.id)),
        "keep_apart": named.keep_apart,
        "stay_with": named.stay_with,
    }


def record(
    act: Act,
    registration: Registration,
    before: FactsByName,
    *,
    reason: ChangeReason | None = None,
    text: str | None = None,
) -> list[str]:
    """Stores the differences between `before` and the current facts. Returns the names of the changed facts, sorted.
    `before`: an earlier result of `said_of`.
    """
    after = said_of(act, registration)
    differs = sorted(name for name in after if before[name] != after[name])
    if not differs:
        return []
    change = Change(
        at=act.at,
        by=act.actor.id,
        reason=reason,
        text=text,
        before={name: None if name in NAMES_OTHERS else before[name] for name in differs},
        after={name: None if name in NAMES_OTHERS else after[name] for name in differs},
    )
    content = asdict(change) | {"at": change.at.isoformat()}
    case = registration.id
    act.session.add(FactChange(id=new_id("X"), registration_id=case, key=new_change(case), content=content))
    return differs


@needs(Permission.REGISTRATION_READ)
def history(act: Act, registration_id: str) -> list[Listed]:
    """Returns the changes of a client's facts, newest first. Unreadable changes come last. Writes an audit event."""
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id)
    found = _all_of(act, registration.id)
    audit_log.write(act, Event.HISTORY_READ, registration=registration.id, found=len(found))
    return sorted(found, key=lambda one: (one.change is not None, one.change and one.change.at, one.id), reverse=True)


def changes_of(act: Act, registration_id: str) -> list[Change]:
    """Returns the readable changes of a case, unsorted. The caller checks access to the case."""
    return [one.change for one in _all_of(act, registration_id) if one.change is not None]


def _all_of(act: Act, registration_id: str) -> list[Listed]:
    rows = act.session.exec(select(FactChange).where(FactChange.registration_id == registration_id))
    return [_listed(row) for row in rows]


def _listed(row: FactChange) -> Listed:
    if not is_readable(row.content) or row.content is None:
        return Listed(row.id, None)
    reason = row.content["reason"]
    said = row.content | {"at": datetime.fromisoformat(row.content["at"]), "reason": reason and ChangeReason(reason)}
    return Listed(row.id, Change(**said))
