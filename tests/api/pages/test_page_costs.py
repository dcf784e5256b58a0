"""The cost of a page: one transaction and one audit event, and statements that do not grow with rows."""

import pytest
from sqlmodel import select

from placement.core.codes import Region, StayStatus
from placement.core.ids import new_id
from placement.core.notice_codes import ReminderKind
from placement.tables import Reminder, Shelter, Stay
from tests.support.api.bodies import BODIES, CALL
from tests.support.api.page_cost import MOST, MOST_OF_FIRST, cost
from tests.support.api.pages import signed_in
from tests.support.api.service import AT, somebody

MOST_OF_RESIDENT = 36
"""Of the page of a client who was taken over: the rules that the place breaks today are looked up with it."""
MOST_OF_HOUSE = 42
"""Statements of the page of a shelter: its rooms, parts in the register, requests, residents and numbers."""
MOST_OF = {"a shelter": MOST_OF_HOUSE, "first": MOST_OF_FIRST, "board": MOST_OF_FIRST, "taken over": MOST_OF_RESIDENT}

FAR = ("Vlissingen", "Delfzijl")
REGIONS = (Region.LIMBURG, Region.OOST_BRABANT)
PAGES = (
    *("first", "board", "registration", "proposal", "decided", "country", "registrations", "holds", "stays"),
    *("takeover", "takeover in a shelter", "taken over", "places", "places of a case", "ways out"),
    *("a shelter", "its numbers", "a call", "by telephone", "an event", "its members", "its plan", "its day"),
    "its beds",
)


def parts(service, number):
    """Makes so many of each part of a case."""
    apart = [service.desk.made("/registrations", somebody(urgency=4, open=False))["id"] for _ in range(number)]
    return {
        "threats": [{"place": place, "min_km": 1} for place in FAR[:number]],
        "avoided": [{"kind": "region", "target": region} for region in REGIONS[:number]],
        "keep_apart": apart,
        "near": {"place": "Utrecht"},
    }


def place(service, case):
    """Accepts a proposal for a case; returns the hold and the proposal."""
    proposal = service.desk.made(f"/registrations/{case}/proposals")["id"]
    return service.desk.made(f"/proposals/{proposal}/decision", {"decision": "accept"})["hold"], proposal


def add_reminders(service, number):
    with service.database.transaction() as session:
        stays = session.exec(select(Stay.id).where(Stay.status == StayStatus.IN_HOUSE).order_by(Stay.id)).all()
        shelters = session.exec(select(Shelter.id).order_by(Shelter.id)).all()
        about = [(ReminderKind.STAY_IS_LONG, one) for one in stays] + [
            (ReminderKind.COUNT_IS_MISSING, one) for one in shelters
        ]
        for kind, subject in about[:number] + about[-number:]:
            marks = {
                "kind": kind,
                "subject_id": subject,
                "mark": "1",
                "made_at": service.moment.at,
                "made_on": AT.date(),
            }
            session.add(Reminder(id=new_id("N"), once=new_id("N"), **marks))


def take_over(service, **facts):
    """Takes over a client who lives in S01, and returns the case."""
    where = {"unit": "S01-L1-U1", "rooms": [{"room": "S01-L1-U1-R01"}], "came_on": str(AT.date())}
    return service.desk.made("/takeovers", somebody(**where, **facts))["registration"]["id"]


def with_place(service):
    """Makes the proposal of the most urgent client, which has a place and no near tie."""
    case = service.desk.made("/registrations", somebody(urgency=1))["id"]
    proposal = service.desk.made(f"/registrations/{case}/proposals")
    assert proposal["chosen"]
    assert proposal["near_tie"] is None
    return proposal["id"]


def without_place(service):
    """Makes the proposal of a client for whom there is no place, with its ways out."""
    case = service.desk.made("/registrations", somebody(urgency=4, needs=["pregnancy", "infant", "medical"]))["id"]
    proposal = service.desk.made(f"/registrations/{case}/proposals")
    assert proposal["ways_out"]
    return proposal["id"]


def costs(service, reader, case, decided, open_one, *, resident):
    paths = (
        *("/", "/today/board", f"/registrations/{case}", f"/proposals/{open_one}", f"/proposals/{decided}"),
        *("/country", "/registrations", "/holds", "/stays"),
        *("/takeovers/new", "/takeovers/new?shelter=S01", f"/registrations/{resident}"),
        *("/places", f"/places?registration={case}"),
    )
    paths += (f"/proposals/{without_place(service)}",)
    paths += ("/shelters/S01", "/shelters/S01/telephones", "/shelters/S01/call", "/telephone")
    event = service.desk.made("/events", BODIES["EventIn"])["id"]
    known = [one["id"] for one in service.desk.get("/registrations?limit=200").json()["items"]]
    service.desk.made(f"/events/{event}/cases", {"registrations": known})
    service.desk.made(f"/events/{event}/plan", {})
    paths += tuple(f"/events/{event}{page}" for page in ("", "/members", "/plan", "/day"))
    paths += ("/beds?shelter=S01",)
    service.desk.made("/shelters/S01/telephone/confirmation", {"call": CALL})
    service.desk.made("/shelters/S02/telephone/confirmation", {"call": CALL})
    for path in paths:
        reader.get(path)  # what is compiled once
    return dict(zip(PAGES, (cost(service, reader, path) for path in paths), strict=True))


@pytest.mark.wide
def test_page_is_one_transaction_and_grows_with_no_rows(service):
    service.close_all()
    reader = signed_in(service, "desk")
    for _ in range(12):
        service.desk.made("/registrations", somebody(urgency=4))
    case = service.desk.made("/registrations", somebody(**parts(service, 1)))["id"]
    hold, decided = place(service, case)
    asked = with_place(service)
    add_reminders(service, 1)
    few = costs(service, reader, case, decided, asked, resident=take_over(service, **parts(service, 1)))
    for page, (transactions, statements, events) in few.items():
        assert (transactions, events) == (2, 1), page  # one looks the session up
        assert statements <= MOST_OF.get(page, MOST), (page, few)

    for _ in range(15):
        service.desk.made("/registrations", somebody(urgency=3))
    service.desk.made(f"/holds/{hold}/release", {"reason": "unreachable"})
    service.moment.pass_by(seconds=1)
    version = service.desk.get(f"/registrations/{case}").headers["ETag"]
    assert service.desk.patch(f"/registrations/{case}", parts(service, 2), if_match=version).is_success
    _, decided = place(service, case)
    asked = with_place(service)
    add_reminders(service, 5)
    assert (
        costs(service, reader, case, decided, asked, resident=take_over(service, confirm=True, **parts(service, 2)))
        == few
    )
