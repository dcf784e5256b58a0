"""The senders of registrations: persons and software of an organisation of registrants, and callers with a link."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import select

from placement.areas.lookup import Place, registrant_units
from placement.areas.values import RegistrantUnitValue
from placement.core.codes import OrganisationKind, Registrant
from placement.core.context import Act
from placement.core.errors import Conflict, Fault
from placement.core.registrant_codes import REGISTER_BY_LAW
from placement.tables import Account, Organisation, SentRegistration

Units = Mapping[str, Place[RegistrantUnitValue]]


@dataclass(frozen=True, slots=True)
class Sender:
    """The sender of a registration. `organisation`: `None` for a caller with a link. `caller`: the caller's name."""

    organisation: Organisation | None
    units: Units
    caller: str | None = None

    def unit(self, chosen: str | None) -> tuple[str | None, list[Fault]]:
        """Returns the unit that sends the registration, and the faults of the choice. Without a choice, the unit is the
        organisation's only unit. For a link it is `None`. Faults are a unit of another organisation, and no choice
        among several units. Raises `Conflict` if the organisation has no unit today.
        """
        if self.caller is not None:
            return None, []
        self.require_unit()
        if chosen is None and len(self.units) == 1:
            return next(iter(self.units)), []
        if chosen in self.units:
            return chosen, []
        allowed = sorted(one.value.name for one in self.units.values())
        facts = {"found": chosen, "kind": "registrant_unit", "allowed": allowed}
        return None, [Fault("registrant_unit", "entry_unknown" if chosen else "missing", facts)]

    def require_unit(self) -> None:
        """Raises `Conflict` if the organisation has no unit today."""
        if not self.units:
            raise Conflict("organisation_without_unit")

    def kind(self, unit: str | None) -> Registrant:
        """Returns the kind of registrant to which the unit belongs. Returns *other* without a unit, or if the unit
        belongs to several kinds.
        """
        kinds = self.units[unit].value.registrants if unit else ()
        return kinds[0] if len(kinds) == 1 else Registrant.OVERIG

    @property
    def is_by_law(self) -> bool:
        """True if every unit of the sender registers clients by law. Then no consent to registering is needed."""
        kinds = {self.kind(unit) for unit in self.units}
        return bool(kinds) and kinds <= REGISTER_BY_LAW


def sender_of(act: Act) -> Sender:
    """Returns the sender for the actor's account."""
    organisation = organisation_of(act)
    return Sender(organisation, units_of(act, organisation.id) if organisation else {})


def organisation_of(act: Act) -> Organisation | None:
    """Returns the organisation of the actor's account."""
    account = act.session.get_one(Account, act.actor.id)
    return act.session.get(Organisation, account.organisation_id) if account.organisation_id else None


def units_of(act: Act, organisation_id: str) -> Units:
    """Returns the units that an organisation has today, by code."""
    found = registrant_units(act.session, act.day)
    return {code: place for code, place in found.items() if place.value.organisation == organisation_id}


def own_numbers(act: Act, row: SentRegistration) -> list[str]:
    """Returns the registered telephone numbers of the sender's own organisation and unit, in E.164. Numbers that the
    sender typed are not among them.
    """
    if row.organisation is None:
        return []
    unit = registrant_units(act.session, act.day).get(row.content.unit or "")
    organisation = act.session.get(Organisation, row.organisation)
    kept = list(((organisation.telephones if organisation else None) or {}).values())
    numbers = [unit.value.telephone, *kept] if unit and unit.value.telephone else kept
    return list(dict.fromkeys(numbers))


def registrants(act: Act) -> dict[str, str]:
    """Returns the names of registrants' organisations, by id."""
    query = select(Organisation.id, Organisation.name).where(Organisation.kind == OrganisationKind.REGISTRANT)
    return dict(act.session.exec(query.order_by(Organisation.name, Organisation.id)).all())
