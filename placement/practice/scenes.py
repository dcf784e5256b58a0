"""The scenes of the practice room: their time, the data that they need, and the recommended steps."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from sqlmodel import col, select

from placement.access import account_lookup
from placement.accounts.sessions import actor_for
from placement.audit.events import Event
from placement.capacity.corrections import shelter_of_unit
from placement.core.clock import day_of, moment_of
from placement.core.codes import Gender, LanguageLevel, Region, Registrant, ResidenceBasis, Role, Specialism, StayStatus
from placement.core.context import Act
from placement.core.event_codes import EventKind
from placement.core.practice_codes import SceneCode, SceneStep
from placement.duty import rota
from placement.duty.hours import duty_of
from placement.events import events, grid
from placement.events.events import EventInput
from placement.registrants import sending
from placement.registrants.sending import SentFacts
from placement.registrations import registrations
from placement.registrations.case import Case, PersonInput, PointInput, ThreatInput
from placement.registrations.household import is_minor
from placement.tables import Account, Registration, Shelter, Stay
from placement.tables.event import SharedDanger, SharedFacts
from placement.tables.facts import SpokenLanguage
from placement.text.catalogue import SOURCE

Facts = dict[str, str]
"""The facts that the task of a scene names: ids, and names of shelters and accounts. All of them are invented."""

EVENTS: Mapping[SceneStep, Event] = {
    SceneStep.RING_BACK: Event.REGISTRANT_RUNG,
    SceneStep.ACCEPT: Event.REGISTRATION_ACCEPTED,
    SceneStep.REGISTER_MEMBERS: Event.REGISTERED,
    SceneStep.PROPOSE: Event.PROPOSED,
    SceneStep.PROPOSE_AGAIN: Event.PROPOSED,
    SceneStep.DECIDE: Event.DECIDED,
    SceneStep.DECIDE_AGAIN: Event.DECIDED,
    SceneStep.REFUSE: Event.HOLD_REFUSED,
    SceneStep.CONFIRM: Event.HOLD_CONFIRMED,
    SceneStep.ARRIVE: Event.ARRIVED,
    SceneStep.END_STAY: Event.STAY_ENDED,
    SceneStep.INFORM: Event.CLIENT_INFORMED,
    SceneStep.LOOK: Event.CLIENT_LOOKED_FOR,
    SceneStep.EVACUATE: Event.EVENT_MADE,
    SceneStep.PLAN: Event.EVENT_PLAN_MADE,
    SceneStep.ACCEPT_PLAN: Event.EVENT_PLAN_ACCEPTED,
    SceneStep.ASK_TRANSFER: Event.REQUESTED,
}
"""The audit event that shows that a step was done, by step."""
_PLACED = (SceneStep.PROPOSE, SceneStep.DECIDE, SceneStep.CONFIRM)
_PLANNED = (SceneStep.PLAN, SceneStep.ACCEPT_PLAN, SceneStep.CONFIRM, SceneStep.ARRIVE)


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene. `weekday` (1: Monday), `at`: its beginning, in Amsterdam. `prepare`: stores the data that the scene
    needs, and returns the values for the text of its task. `steps`: the recommended acts, in order.
    """

    weekday: int
    at: time
    prepare: Callable[[Act], Facts]
    steps: tuple[SceneStep, ...]

    def begins_at(self, real: datetime) -> datetime:
        """Returns the first time after the present day at which this scene begins."""
        today = day_of(real)
        return moment_of(today + timedelta(days=(self.weekday - today.isoweekday() - 1) % 7 + 1), self.at)


def _first_night(act: Act) -> Facts:
    """Puts a person of the desk on call, and sends in a registration."""
    today = duty_of(act.settings).day_of_call(act.at)
    rota.name(act, account_lookup.desk_at_work(act.session)[0], today, today)
    danger = ThreatInput(PointInput("Delft"), 40)
    case = _woman(Registrant.NP, urgency=1, needs=[Specialism.PREGNANCY], threats=[danger])
    sent = sending.send(_as(act, Role.REGISTRANT), case, SentFacts(registering=True, sharing=True))
    return {"sent": sent.id}


def _refusal(act: Act) -> Facts:
    case = registrations.register(act, _woman(Registrant.ZORGCOORDINATIE, urgency=2))
    return {"case": case.id}


def _missing_minor(act: Act) -> Facts:
    return _client_in_house(act, minor=True)


def _leaked_address(act: Act) -> Facts:
    return _client_in_house(act, minor=False)


def _raid(act: Act) -> Facts:
    """Makes the event of the day, with the list of clients from the labour inspectorate."""
    shared = SharedFacts(
        registrant=Registrant.NLA,
        region=Region.AMSTERDAM.value,
        residence_basis=ResidenceBasis.REFLECTION,
        languages=["en"],
        language_required=False,
        dangers=[SharedDanger(place="Rotterdam")],
    )
    desk = _as(act, Role.DESK)
    made = events.make(desk, EventInput("Inval kas", EventKind.RAID, act.day, shared=shared))
    people = zip("ABCDEF", "VVVMMV", (24, 31, 22, 27, 40, 35), strict=True)
    rows = [grid.TypedRow({"household": one, "gender": sex, "age": str(age)}) for one, sex, age in people]
    grid.save_rows(desk, made.id, rows, SOURCE)
    return {"event": made.id, "number": str(len(rows))}


def _evacuation(act: Act) -> Facts:
    """Chooses the shelter with the fewest clients, but at least two. The players themselves make the event."""
    houses = Counter(shelter_of_unit(act, stay.unit_id).id for stay in _in_house(act))
    number, house = min((number, house) for house, number in houses.items() if number > 1)
    return {"house": act.session.get_one(Shelter, house).name, "number": str(number)}


SCENES: Mapping[SceneCode, Scene] = {
    SceneCode.FIRST_NIGHT: Scene(
        2, time(22, 40), _first_night, (SceneStep.RING_BACK, SceneStep.ACCEPT, *_PLACED, SceneStep.ARRIVE)
    ),
    SceneCode.REFUSAL: Scene(
        3,
        time(14, 0),
        _refusal,
        (
            SceneStep.PROPOSE,
            SceneStep.DECIDE,
            SceneStep.REFUSE,
            SceneStep.PROPOSE_AGAIN,
            SceneStep.DECIDE_AGAIN,
            SceneStep.CONFIRM,
        ),
    ),
    SceneCode.MISSING_MINOR: Scene(
        4, time(21, 0), _missing_minor, (SceneStep.END_STAY, SceneStep.INFORM, SceneStep.LOOK)
    ),
    SceneCode.RAID: Scene(1, time(9, 0), _raid, (SceneStep.REGISTER_MEMBERS, *_PLANNED)),
    SceneCode.EVACUATION: Scene(5, time(16, 0), _evacuation, (SceneStep.EVACUATE, *_PLANNED)),
    SceneCode.LEAKED_ADDRESS: Scene(
        2, time(10, 0), _leaked_address, (SceneStep.ASK_TRANSFER, *_PLACED, SceneStep.ARRIVE)
    ),
}


def _woman(registrant: Registrant, **facts: object) -> Case:
    known = {
        "registrant": registrant,
        "region": Region.DEN_HAAG.value,
        "residence_basis": ResidenceBasis.REFLECTION,
        "persons": [PersonInput(Gender.FEMALE, 26)],
        "languages": [SpokenLanguage(code="en", level=LanguageLevel.FLUENT)],
    }
    return Case.of({**known, **facts})


def _client_in_house(act: Act, *, minor: bool) -> Facts:
    """Returns a client who lives alone in a shelter, the shelter's name, and an email address of its staff."""
    for stay in _in_house(act):
        case = act.session.get_one(Registration, stay.registration_id)
        if len(case.persons) == 1 and is_minor(case.persons[0], act.day) is minor:
            house = shelter_of_unit(act, stay.unit_id)
            staff = act.session.get_one(Account, account_lookup.staff_at_work(act.session, house.id)[0])
            return {"case": case.id, "house": house.name, "staff": staff.email}
    raise LookupError("no such client lives in a shelter of the synthetic country")


def _in_house(act: Act) -> Iterator[Stay]:
    return iter(act.session.exec(select(Stay).where(Stay.status == StayStatus.IN_HOUSE).order_by(col(Stay.id))))


def _as(act: Act, role: Role) -> Act:
    """Returns a copy of the act, with the first account of this role as its actor."""
    account = act.session.exec(account_lookup.accounts_in_roles({role}).limit(1)).one()
    return replace(act, actor=actor_for(act.session, account, act.at, session_id="Z"))
