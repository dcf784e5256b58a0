"""The waiting list and the list of tasks as files: reference, scheme, urgency, days and state, and never a place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col

from placement.access import scoped_queries
from placement.core.codes import Urgency
from placement.core.context import Act
from placement.crypto.encrypted_columns import is_readable
from placement.solver.snapshot import entitlement_of, rules_on
from placement.tables import Registration
from placement.text.catalogue import Language
from placement.text.labels import label

COLUMNS = ("reference", "scheme", "urgency", "days", "state")
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A case or a task in a list. `since`: the day from which its days are counted. `state`: the state as text."""

    reference: str | None
    urgency: int
    since: datetime | None
    state: str


def rows_of(act: Act, listed: Sequence[Listed], language: Language) -> list[dict[str, object]]:
    """Returns the rows of a file as texts. The schemes of a case are the schemes that are open today; they are left out
    if the actor does not see the case.
    """
    of_day, references = rules_on(act.session, act.day), [one.reference for one in listed if one.reference]
    seen = scoped_queries.registrations_of(act.actor).where(col(Registration.id).in_(references))
    readable = [row for row in act.session.exec(seen) if is_readable(row.alias, row.content)]
    schemes = {row.id: entitlement_of(of_day, row, row.persons, act.day).schemes for row in readable}
    return [
        {
            "reference": one.reference,
            "scheme": [label("Scheme", scheme, language) for scheme in schemes.get(one.reference or "", ())],
            "urgency": label("Urgency", Urgency(one.urgency), language),
            "days": None if one.since is None else (act.at - one.since).days,
            "state": one.state,
        }
        for one in listed
    ]
