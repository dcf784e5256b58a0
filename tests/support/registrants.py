"""Registrants in the town: the police with two units, and an organisation that registers by consent."""

from sqlalchemy import delete
from sqlmodel import select

from placement.areas.first import BY_THE_SERVICE
from placement.core.area_codes import PlaceKind
from placement.core.codes import OrganisationKind, Registrant, Role
from placement.core.context import SYSTEM, Act, Actor
from placement.registrants import form_links, received, sending
from placement.registrants.sending import SentFacts
from placement.registrations.case import Case, PersonInput, PointInput, ThreatInput
from placement.tables import Account, AccountDetails, ApiKey, Organisation, PlaceEntry, Registration, SentRegistration
from placement.tables.sent_registration import Rung
from tests.support.accounts import account_row
from tests.support.api.bodies import BODIES
from tests.support.api.service import Browser, Caller, Service
from tests.support.stores import Country
from tests.support.town import DESK, F, Town

POLICE = Actor("A-police", Role.REGISTRANT, session_id="Z")
COLLEAGUE = Actor("A-colleague", Role.REGISTRANT, session_id="Z")
UNION = Actor("A-union", Role.REGISTRANT, session_id="Z")
NUMBER, OTHER_NUMBER = "+31300000003", "+31300000004"
_ORGANISATIONS = {"O-police": NUMBER, "O-union": OTHER_NUMBER}
_UNITS = {
    "rotterdam": ("O-police", {"region": "rotterdam"}),
    "limburg": ("O-police", {"region": "limburg"}),
    "union": ("O-union", {"name": "FairWork", "registrants": [Registrant.FAIRWORK.value]}),
}
OF_REGISTRANTS = {"sentregistration.content": "Kanarie-bericht", "formlink.caller": "Kanarie-beller"}
"""Canaries by column (`write_to_desk`)."""
FROM_ROTTERDAM = SentFacts(registrant_unit="rotterdam", sharing=True)


def with_registrants(town: Town) -> Town:
    """Adds the organisations, their accounts and units."""
    with town.act() as act:
        for one, number in _ORGANISATIONS.items():
            kind = OrganisationKind.REGISTRANT
            act.session.add(Organisation(id=one, name=one, kind=kind, telephones={"general": number}))
        act.session.flush()
        for actor, organisation in ((POLICE, "O-police"), (COLLEAGUE, "O-police"), (UNION, "O-union")):
            act.session.add(account_row(actor.id, actor.role, organisation_id=organisation))
        for code, (organisation, facts) in _UNITS.items():
            given = {"organisation": organisation, **facts}
            number = 1 if "name" in facts else 2
            made = {"number": number, "facts": given, "source": "-", "set_by": BY_THE_SERVICE, "set_at": town.at}
            act.session.add(PlaceEntry(kind=PlaceKind.REGISTRANT_UNIT, code=code, **made))
    return town


def without_newer_roles(made: Country) -> Country:
    """Takes out the roles outside cases, so that a country can go back to a version without them."""
    with made.database.transaction() as session:
        newer = Account.role.in_([Role.REGISTRANT, Role.ANALYST, Role.REGISTRAR, Role.ADVISER])
        accounts = session.exec(select(Account.id).where(newer)).all()
        for table in (ApiKey, AccountDetails):
            session.execute(delete(table).where(table.account_id.in_(accounts)))
        session.execute(delete(Account).where(newer))
        session.execute(delete(Organisation).where(Organisation.kind == OrganisationKind.REGISTRANT))
        of_units = PlaceEntry.kind == PlaceKind.REGISTRANT_UNIT, PlaceEntry.number == 2
        session.execute(delete(PlaceEntry).where(*of_units))
    return made


def a_case(*, danger: str | None = None, **facts: object) -> Case:
    threats = [ThreatInput(PointInput(danger), None)] if danger else []
    return Case.of({"persons": [PersonInput(F, 31)], "threats": threats, "residence_basis": "unknown", **facts})


def sent(town: Town, *, actor: Actor = POLICE, facts: SentFacts = FROM_ROTTERDAM, **case: object) -> str:
    """Sends a registration in, and returns its reference."""
    return str(town.do(sending.send, a_case(**case), facts, actor=actor).id)


def rung(town: Town, sent_id: str, number: str = NUMBER, *, knows: bool = True) -> str:
    town.do(received.record_call, sent_id, number, knows=knows)
    return sent_id


def accepted(town: Town, sent_id: str, number: str = NUMBER) -> str:
    """Verifies a registration by a call and accepts it; returns the reference of its case."""
    with town.act() as act:
        row = received.of_desk(act, sent_id)
        case = act.session.get_one(Registration, row.registration_id)
        needed = received.call_needed(act, row, case)
    if needed is not None:
        rung(town, sent_id, number)
    return str(town.do(received.accept, sent_id, actor=DESK).registration_id)


def sent_and_linked(service: Service, registrant: Browser | Caller) -> tuple[tuple[str, str], tuple[str, str]]:
    """Returns ids of what the registrant sent in, and of what came by a link, each with a question about it. The desk
    has called the registrant.
    """
    own = registrant.made("/sent-registrations", BODIES["SentRegistrationIn"])["id"]
    with service.database.transaction() as session:
        act = Act(session, SYSTEM, service.moment.at, service.country.settings)
        known = session.get_one(SentRegistration, own)
        made = form_links.make(act, "-a", "-a", OTHER_NUMBER)
        browser = str(form_links.open_link(act, made.secret, made.word))
        linked = form_links.send_with_link(act, browser, a_case(region="rotterdam"), SentFacts())
        called = Rung(at=act.at, by="A-desk", number=NUMBER, knows=True)
        known.content = known.content.model_copy(update={"rung": called})
        ids = [(one.id, one.content.messages[0].id) for one in (known, linked)]
    return ids[0], ids[1]


def write_to_desk(service: Service, text: str, caller: str) -> None:
    """Lets a registrant send news with this text, and the desk make a link for this caller."""
    sent_in = service.registrant.made("/sent-registrations", BODIES["SentRegistrationIn"])["id"]
    service.registrant.made(f"/sent-registrations/{sent_in}/messages", {"kind": "news", "text": text})
    service.desk.made("/form-links", BODIES["FormLinkIn"] | {"caller": caller})
