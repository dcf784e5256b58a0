"""Count records for tests."""

from datetime import date, timedelta

import msgspec
from sqlmodel import select

from placement.core.codes import Role
from placement.core.context import SYSTEM, Act, Actor
from placement.core.ids import new_id
from placement.core.periods import PeriodKind
from placement.core.second_person_codes import SecondPersonKind
from placement.counts import inbox, register
from placement.counts.facts import CountFacts
from placement.counts.releases import building, requests
from placement.tables import CountRelease, SecondPersonRequest
from placement.tables.count import InboxContent
from placement.tables.count_release import ReleaseContent

FACTS = CountFacts(
    month=date(2026, 11, 1),
    reporter="NP",
    region="west",
    exploitation="labour",
    sector="construction",
    means=("DebtBondage", "TakesEarnings"),
    recruitment=("AtWork",),
    origin="NG",
    recruited_in="unknown",
    age="24-29",
    gender="male",
    alone=False,
    file="count_only",
    ground="police_data",
)


def facts(**changed: object) -> CountFacts:
    return msgspec.structs.replace(FACTS, **changed)


def inbox_content(one: CountFacts, person: str | None = None) -> InboxContent:
    return InboxContent(month=one.month, facts=register.content_of(one), person=person)


def recorded(country, day: date) -> str:
    """Adds a record to the register, and returns its reference."""
    with country.database.transaction() as session:
        [made] = register.add(session, day, [inbox_content(FACTS, "a person")])
        return made


OF_A_RELEASE = SecondPersonKind.COUNTS, {"kind": "quarter", "begins_on": "2026-01-01"}
"""The kind and the facts of a request to release it."""
ANALYST, OTHER_ANALYST = (Actor(f"A-{name}", Role.ANALYST, session_id=name) for name in ("analyst", "second-analyst"))


def release_asked(town):
    """Asks for a release, makes it as the daily job does, and returns its request."""
    town.do(lambda act: register.add(act.session, act.day, [inbox_content(facts(month=date(2026, 1, 1)))] * 12))
    asked = town.do(requests.ask, PeriodKind.QUARTER, date(2026, 1, 1), actor=ANALYST)
    town.do(lambda act: building.make(act, act.at + timedelta(days=1)))
    query = select(SecondPersonRequest).where(SecondPersonRequest.about == asked.id)
    return town.do(lambda act: act.session.exec(query).one())


def is_released(town, request):
    """Checks whether a release is there and released."""
    found = town.do(lambda act: act.session.get(CountRelease, request.about))
    return found is not None and found.released_at is not None


def made_release(country, at, *, is_released=False) -> str:
    """Adds a release of counts with a few figures, and returns its id."""
    figures = [([], 20), (["gender", "female"], 15), (["gender", "others"], 5)]
    row = {"id": new_id("Q"), "kind": PeriodKind.QUARTER, "begins_on": date(2026, 1, 1), "version": 1}
    row |= {"as_of": at.date(), "asked_by": "-", "made_at": at, "released_at": at if is_released else None}
    with country.database.transaction() as session:
        session.add(CountRelease(**row, content=ReleaseContent(within=4, figures=figures)))
    return str(row["id"])


BODY = {
    "month": "2026-11",
    "reporter": "NLA",
    "unit": "rotterdam",
    "exploitation": "labour",
    "sector": "hospitality",
    "ground": "investigation_data",
    "person": {"name": "Zilveren Merel", "born_on": "1999-05-01"},
}
LIST = (
    "month;exploitation;ground;sector;gender\n"
    "2026-10;labour;consent;construction;male\n"
    "2026-10;begging;consent;;female\n"
)


def next_day(service):
    """Carries out the daily job of the next day."""
    service.moment.pass_by(days=1)
    with service.database.transaction() as session:
        inbox.move(Act(session, SYSTEM, service.moment.at, service.country.settings))
