"""A shelter's answer to several holds at once. It accepts or refuses each hold; each refusal has its reason.

All holds are answered in one transaction. Each answer has the effects of a single answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.core.context import Act
from placement.core.errors import Fault, Invalid, NotFound
from placement.outbox import recipients
from placement.placements.holds import holds, telephone_entries
from placement.placements.holds.arrival_details import ArrivalDetails
from placement.placements.holds.telephone_entries import Call
from placement.placements.stays import stays
from placement.tables import Hold, Stay


@dataclass(frozen=True, slots=True)
class HoldRefusal:
    """The refusal of a hold. `until`: the day on which a closed room or unit takes people again."""

    hold: str
    reason: str | None
    text: str | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class HouseAnswer:
    """An answer to several holds. `said`: the details of the arrival, for all confirmed holds."""

    confirmed: Sequence[str] = ()
    said: ArrivalDetails = field(default_factory=ArrivalDetails)
    refused: Sequence[HoldRefusal] = ()

    @property
    def holds(self) -> dict[str, str]:
        """All answered holds, by the name of the input field that contains the hold."""
        confirmed = {f"confirmed.{number}": one for number, one in enumerate(self.confirmed)}
        return confirmed | {f"refused.{number}.hold": one.hold for number, one in enumerate(self.refused)}


@needs(Permission.HOLD_ANSWER)
def answer(act: Act, given: HouseAnswer, happened_at: datetime | None = None) -> list[Hold]:
    """Records the answer of a shelter. Raises the same errors as a single answer; then no hold is answered."""
    _require_known(act, given.holds)

    def yes(hold_id: str) -> object:
        return holds.confirm(act, hold_id, given.said, happened_at)

    def no(one: HoldRefusal) -> object:
        return holds.refuse(act, one.hold, one.reason, one.text, one.until, happened_at=happened_at)

    return _answered(act, given, yes, no)


@needs(Permission.TELEPHONE_ENTER)
def enter(act: Act, shelter_id: str, call: Call, given: HouseAnswer) -> list[Hold]:
    """Enters an answer that a shelter gave by telephone in a single call. The rules of a single entry apply to each
    hold. The shelter's people get a single mail about all entries. Raises `Invalid` for a hold of another shelter.
    """
    act = replace(act, shelters_mailed=set())
    _require_known(act, given.holds, shelter_id)

    def yes(hold_id: str) -> object:
        return telephone_entries.enter_yes(act, hold_id, call, given.said)

    def no(one: HoldRefusal) -> object:
        return telephone_entries.enter_no(act, one.hold, call, one.reason, one.text, one.until)

    return _answered(act, given, yes, no)


@needs(Permission.HOLD_ARRIVE)
def arrive(act: Act, hold_ids: Sequence[str], happened_at: datetime | None = None) -> list[Stay]:
    """Records the arrival of several clients at once."""
    _require_known(act, {f"holds.{number}": one for number, one in enumerate(hold_ids)})
    return [stays.arrive(act, one, happened_at) for one in sorted({*hold_ids})]


def _require_known(act: Act, hold_ids: Mapping[str, str], shelter_id: str | None = None) -> None:
    """Raises `Invalid` with every hold that the actor does not see, or that is of another shelter than `shelter_id`."""
    faults = []
    for name, one in hold_ids.items():
        try:
            unit_id = scoped_queries.hold_of(act.session, act.actor, one).unit_id
            if shelter_id not in {None, recipients.shelter_of_unit(act.session, unit_id)}:
                raise NotFound
        except NotFound:
            faults.append(Fault(name, "hold_unknown", {"found": one}))
    if faults:
        raise Invalid(faults)


def _answered(
    act: Act, given: HouseAnswer, yes: Callable[[str], object], no: Callable[[HoldRefusal], object]
) -> list[Hold]:
    ids = [*given.holds.values()]
    if not ids:
        raise Invalid.at("confirmed", "several_none")
    if len({*ids}) < len(ids):
        raise Invalid.at("refused", "hold_answered_twice")
    for refusal in sorted(given.refused, key=lambda row: row.hold):
        no(refusal)
    for hold_id in sorted(given.confirmed):
        yes(hold_id)
    return [scoped_queries.hold_of(act.session, act.actor, one) for one in ids]
