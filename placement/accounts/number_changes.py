"""Changes of shelters' telephone numbers. Each change is stored, and everybody who uses the numbers is notified.

A number is *new* for three days after its change, unless a person of the desk checks it with the shelter earlier.
Without this period a stranger could enter a telephone number and, an hour later, answer for the shelter or agree to
disclose an address.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.ids import new_id
from placement.core.telephone_codes import TelephoneUse
from placement.outbox.announcements import announce_numbers
from placement.tables import NumberChange

Telephones = Mapping[TelephoneUse, str]
"""Telephone numbers in E.164, each with its use."""

NEW_FOR = timedelta(hours=72)
"""The time for which a changed number is new."""


@dataclass(frozen=True, slots=True)
class ShelterNumber:
    """A shelter's current number with its last change. `new_until`: the time until which the number is new; `None` if
    it can be trusted.
    """

    use: TelephoneUse
    number: str | None
    change: NumberChange | None
    new_until: datetime | None


def numbers_of(history: Iterable[NumberChange], numbers: Telephones, at: datetime) -> dict[TelephoneUse, ShelterNumber]:
    """Returns, by use, the current number of a shelter with its last change. Includes uses whose number was removed.
    `numbers`: the current numbers. `history`: the changes, oldest first.
    """
    last = {row.use: row for row in history}
    return {
        use: ShelterNumber(use, numbers.get(use), last.get(use), new_until(last.get(use), at))
        for use in TelephoneUse
        if use in numbers or use in last
    }


def history_of(session: Session, shelter_id: str) -> list[NumberChange]:
    """Returns all stored changes of a shelter's numbers, oldest first."""
    return histories_of(session, [shelter_id])[shelter_id]


def histories_of(session: Session, shelter_ids: Collection[str]) -> defaultdict[str, list[NumberChange]]:
    """Returns all stored changes of these shelters' numbers, by shelter, oldest first."""
    rows = select(NumberChange).where(col(NumberChange.shelter_id).in_(shelter_ids))
    found: defaultdict[str, list[NumberChange]] = defaultdict(list)
    for row in session.exec(rows.order_by(col(NumberChange.changed_at), NumberChange.id)) if shelter_ids else ():
        found[row.shelter_id].append(row)
    return found


def new_until(change: NumberChange | None, at: datetime) -> datetime | None:
    """Returns the time until which the number of this change is new; `None` if the number is not new. If the row of the
    change is in doubt, the number always counts as new.
    """
    if change is not None and change.is_in_doubt:
        return at + NEW_FOR
    if change is None or change.number is None or change.confirmed_at is not None or change.number == change.former:
        return None
    until = change.changed_at + NEW_FOR
    return until if at < until else None


def record(act: Act, shelter_id: str, before: Telephones, after: Telephones, *, announced: bool = True) -> None:
    """Stores the changes of a shelter's numbers. If `announced`, notifies the desk and every account of the shelter."""
    changed = [use for use in TelephoneUse if before.get(use) != after.get(use)]
    if not changed:
        return
    known = numbers_of(history_of(act.session, shelter_id), before, act.at)
    for use in changed:
        was = known.get(use)
        former = was.change.former if was and was.change and was.new_until else before.get(use)
        act.session.add(
            NumberChange(
                id=new_id("N"),
                shelter_id=shelter_id,
                use=use,
                number=after.get(use),
                former=former,
                changed_at=act.at,
                changed_by=act.actor.id,
                browser=act.actor.browser,
            )
        )
    act.session.flush()
    replaced = [use.value for use in changed if before.get(use)]
    audit_log.write(act, Event.NUMBERS_CHANGED, subject=shelter_id, uses=changed, replaced=replaced)
    if announced:
        announce_numbers(act, shelter_id)
