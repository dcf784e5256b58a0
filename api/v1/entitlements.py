"""The schemes to which the rules of a day entitle a client, with the grounds."""

from collections.abc import Sequence
from datetime import date

from pydantic import Field

from api.http.context import Output
from placement.areas.lookup import areas
from placement.core.context import Act
from placement.registrations import case_rows, reads
from placement.solver.snapshot import entitlement_of, rules_on
from placement.tables import RegisteredPerson, Registration
from placement.text.catalogue import Language, translate


class PartnerOut(Output):
    """The partner organisation to call, if this service does not place clients in the region."""

    name: str
    telephone: str
    does: str | None


class EntitlementOut(Output):
    """The schemes that are open to the client, most suitable first, with their grounds. If there is no scheme, `words`
    explains to whom the client is referred.
    """

    schemes: list[str]
    rule: str
    ground: str
    source: str
    since: date | None
    until: date | None = Field(description="The first day on which another rule is valid, if known.")
    assumed: bool
    words: str
    question: str | None = Field(
        description="A question to ask, because an unknown fact decides which schemes are open; null: no question."
    )
    elsewhere: bool = Field(description="true: this service has no schemes in the region.")
    partner: PartnerOut | None = Field(description="The partner to call in the region; null if none is known.")


def entitlement_on(act: Act, registration_id: str, day: date, language: Language) -> EntitlementOut:
    found = reads.registration(act, registration_id)
    return serialize_entitlement(act, found, case_rows.persons_of(act, found.id), day, language)


def serialize_entitlement(
    act: Act, registration: Registration, persons: Sequence[RegisteredPerson], day: date, language: Language
) -> EntitlementOut:
    of_day = rules_on(act.session, day)
    entitled = entitlement_of(of_day, registration, persons, day)
    elsewhere = registration.region in of_day.schemes_of_area
    return EntitlementOut.of(
        entitled,
        ground=entitled.ground or translate("entitlement.ground", entitled.rule, language),
        question=entitled.asks and translate("entitlement.question", entitled.asks, language),
        elsewhere=elsewhere,
        partner=_partner(act, registration.region, day) if elsewhere else None,
        schemes=[scheme.value for scheme in entitled.schemes],
        words=entitled.words.get(language) or translate("entitlement", entitled.rule, language),
    )


def _partner(act: Act, area: str, day: date) -> PartnerOut | None:
    value = areas(act.session, day)[area].value
    if value.partner is None or value.partner_telephone is None:
        return None
    return PartnerOut(name=value.partner, telephone=value.partner_telephone, does=value.partner_does)
