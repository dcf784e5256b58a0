"""What the rules of a day open to a registration, and on what ground."""

from collections.abc import Sequence
from datetime import date

from pydantic import Field

from api.http.context import Output
from placement.core.context import Act
from placement.registrations import case_rows, reads
from placement.solver.snapshot import entitlement_of, rules_on
from placement.tables import RegisteredPerson, Registration
from placement.text.catalogue import Language, translate


class EntitlementOut(Output):
    """Which schemes are open, the most fitting first, and on what ground.

    Empty: another service, which `words` names.
    """

    schemes: list[str]
    rule: str
    ground: str
    source: str
    since: date | None
    until: date | None = Field(description="The first day on which another rule holds, as far as is known.")
    assumed: bool
    words: str


def entitlement_on(act: Act, registration_id: str, day: date, language: Language) -> EntitlementOut:
    found = reads.registration(act, registration_id)
    return serialize_entitlement(act, found, case_rows.persons_of(act, found.id), day, language)


def serialize_entitlement(
    act: Act, registration: Registration, persons: Sequence[RegisteredPerson], day: date, language: Language
) -> EntitlementOut:
    entitled = entitlement_of(rules_on(act.session, day), registration, persons, day)
    return EntitlementOut.of(
        entitled,
        schemes=[scheme.value for scheme in entitled.schemes],
        words=entitled.words.get(language) or translate("entitlement", entitled.rule, language),
    )
