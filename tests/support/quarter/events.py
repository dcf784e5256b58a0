"""Events that do not happen on each day: each is a function of the days, named in the calendar of the run."""

import httpx
import pyotp

from tests.support.quarter import together
from tests.support.quarter.days import DESKS
from tests.support.quarter.people import Refused

MISSING, ENDED = "Een cliënt is vermist", "Een zoektocht naar een cliënt is beëindigd"
UNKNOWN = "left_to_unknown_destination"


def match(place):
    return {"If-Match": f'"{place["version"]}"'}


def room_closes(days):
    """A shelter closes an empty room at once."""
    ledger = days.ledger
    taken = ledger.taken(kept=False) + ledger.taken(kept=True)
    stays = {name: one for name, one in ledger.rooms.items() if not ledger.units[one["unit"]]["closes"]}
    empty = [name for name, one in stays.items() if one["open"] and not taken[name] and not one["others"]]
    if empty:
        name = days.random.choice(empty)
        staff = days.people.staff(name)
        today = days.room.now().date().isoformat()
        closed = staff.post(f"/rooms/{name}/close", {"until": today}, **match(staff.get(f"/rooms/{name}/closing")))
        assert closed["status"] == "closed", closed
        ledger.rooms[name]["open"] = False
        days.happened.append("a room closes")


def room_opens(days):
    """A shelter opens a closed room again and counts it; without a closed room, it registers a new room."""
    ledger = days.ledger
    closed = [name for name, one in ledger.rooms.items() if not one["open"] and not ledger.units[one["unit"]]["closes"]]
    if closed:
        name, staff = closed[0], days.people.staff(closed[0])
        staff.post(f"/rooms/{name}/reopen", None, **match(staff.get(f"/rooms/{name}/closing")))
    else:
        unit = days.random.choice(sorted(name for name, one in ledger.units.items() if not one["closes"]))
        staff = days.people.staff(unit)
        name = staff.post(f"/units/{unit}/rooms", {"name": f"Kamer van dag {ledger.day}", "beds": 2})["id"]
        ledger.rooms[name] = {"unit": unit, "beds": 2, "others": [], "taken": 0}
    ledger.rooms[name] |= {"open": True, "out": []}
    staff.ask(
        "PATCH", f"/shelters/{unit_of(ledger, name).split('-')[0]}/capacity/rooms/{name}", {"out_of_service": None}
    )
    days.happened.append("a room opens")


def unit_of(ledger, room):
    return ledger.rooms[room]["unit"]


def own(days, *, alone=False):
    """Returns a client who lives in a place that the run gave, or nobody. `alone`: with no other in the rooms."""
    taken = days.ledger.taken(kept=False) + days.ledger.taken(kept=True)
    found = [one for one in days.ledger.each("placed") if one["people"] is not None and "breaks" not in one]
    if alone:
        found = [one for one in found if all(taken[room] == number for room, number in one["beds"].items())]
    return days.random.choice(found) if found else None


def goes_missing(days):
    """A client leaves a shelter to an unknown destination."""
    if (one := own(days)) is None:
        return
    days.people.staff(one["unit"]).post(f"/stays/{one['stay']}/end", {"reason": UNKNOWN})
    one |= {"state": "missing", "lost": [one["beds"], days.room.now().date().isoformat()], "beds": {}}
    days.ledger.owes(MISSING, one["placer"], *days.ledger.coordinators(one["region"]), *DESKS)
    days.happened.append("a client is missing")


def comes_back(days):
    """Each client who was missing is found, and needs a place again."""
    for one in days.ledger.each("missing"):
        placer = days.people[one["placer"]]
        number = placer.get(f"/registrations/{one['id']}/whereabouts")["items"][-1]["number"]
        where = {"where": "bij een kennis", "wants_place": True}
        seen = placer.post(f"/registrations/{one['id']}/whereabouts/{number}/found", where)
        one |= {"state": seen["status"], "looked": None, "waits": days.room.now().isoformat(), "urgency": 1}
        one |= {"stay": None, "since": None, "limit": None}
        told = {one["placer"], *days.ledger.coordinators(one["region"]), *DESKS} - {one["placer"]}
        days.ledger.owes(ENDED, *told)
        days.happened.append("a client is found")


def asks_transfer(days):
    """A client asks for another place; it is sought with the others of the day."""
    if (one := own(days)) is None:
        return
    asked = {"kind": "transfer", "ground": "wish", "urgency": 2, "needed_by": days.room.now().date().isoformat()}
    asks(days, one, asked)
    one |= {"state": "moving", "urgency": 2, "waits": days.room.now().isoformat(), "looked": None}
    one["needed_by"] = asked["needed_by"]
    days.happened.append("a transfer")


def asks(days, one, asked):
    """Asks for another place for a client who lives in a place."""
    placer, path = days.people[one["placer"]], f"/registrations/{one['id']}/requests"
    placer.post(path, asked, **match(placer.get(path)))


def birth(days):
    """A woman who has a room for herself gets a child."""
    women = [
        one for one in days.ledger.each("placed") if one["people"] and [who for who, _ in one["people"]] == ["female"]
    ]
    taken = days.ledger.taken(kept=False) + days.ledger.taken(kept=True)
    rooms = days.ledger.rooms
    for one in women:
        if all(taken[room] == number and not rooms[room]["others"] for room, number in one["beds"].items()):
            break
    else:
        return
    today = days.room.now().date().isoformat()
    placer, [(_, age)] = days.people[one["placer"]], one["people"]
    persons = [{"gender": "female", "age": age, "guardian": True}, {"gender": "female", "age": 0}]
    case = placer.get(f"/registrations/{one['id']}")
    change = {"persons": persons, "reason": "birth"}
    try:
        placer.ask("PATCH", f"/registrations/{one['id']}", change, **match(case))
    except Refused as refused:
        assert "place_breaks" in str(refused), refused  # noqa: PT017 (what follows depends on it)
        placer.ask("PATCH", f"/registrations/{one['id']}", {**change, "confirm": True}, **match(case))
        one["breaks"] = True
    one |= {"people": [["female", age], ["female", 0]], "persons": 2}
    one["beds"] = {room: rooms[room]["beds"] - days.ledger.other_beds(room, "out", today) for room in one["beds"]}
    days.happened.append("a birth")


def registrant(days):
    """The police send a registration in. The desk rings back, accepts it, and opens the case."""
    region = days.random.choice(sorted(days.ledger.wards))
    facts = days.drawn() | {"urgency": 1}
    sent = {name: facts[name] for name in ("persons", "languages", "residence_basis", "urgency")}
    sent |= {"region": region, "registering": True, "sharing": True}
    made = days.people["registrant"].post("/sent-registrations", sent)
    desk = days.people["desk-2"]
    seen = desk.get(f"/received/{made['id']}")
    if seen["call_needed"]:
        desk.post(f"/received/{made['id']}/call", {"number": seen["own_numbers"][0], "knows": True})
    case = desk.post(f"/received/{made['id']}/accept")["registration"]
    version = desk.get(f"/registrations/{case}")
    needed = days.room.now().date().isoformat()
    opened = {"open": True, "language_required": False, "needed_by": needed}
    desk.ask("PATCH", f"/registrations/{case}", opened, **match(version))
    days.takes_up(case, region, {**facts, "needed_by": needed, "threats": []})
    days.happened.append("a registrant")


def admin_leaves(days):
    """An admin invites a successor, whom the other admin grants, and is disabled. The session ends at once. The admin
    who stays did not ask for the successor: an admin and the one whose access that admin asked for are not two people.
    """
    ledger = days.ledger
    staying, leaving = ledger.marks.get("admins", ["admin", "admin-2"])
    new = f"admin-{ledger.day + 100}"
    first, second = days.people[staying], days.people[leaving]
    centre = next(one["id"] for one in first.get("/organisations")["items"] if one["kind"] == "coordination_centre")
    second.proves()
    asked = second.post(
        "/invitations",
        {"email": f"{new}@placement.example", "role": "admin", "regions": [], "organisation": centre},
    )
    first.proves()
    link = first.post(f"/second-person-requests/{asked['id']}/grant", {})["link"]
    joins(days, link.partition("#")[2])
    gone = second.get("/session")["account"]
    first.post(f"/accounts/{gone}/disable")
    try:
        second.get("/session")
    except Refused as refused:
        assert refused.status == httpx.codes.UNAUTHORIZED, refused  # noqa: PT017
    else:
        raise AssertionError("the session of a disabled account goes on")
    ledger.marks["admins"] = [staying, new]
    days.happened.append("an admin leaves")


def by_telephone(days):
    """The two largest shelters begin to work by telephone: the desk rings them, and enters what they answer."""
    largest = sorted({room.split("-")[0] for room in days.ledger.rooms}, key=lambda name: -size_of(days.ledger, name))
    desk = days.people["desk-1"]
    for name in largest[:2]:
        shelter = desk.get(f"/shelters/{name}")
        desk.ask("PATCH", f"/shelters/{name}", {"works_by_telephone": True}, **match(shelter))
    days.ledger.marks["telephone"] = largest[:2]
    days.happened.append("shelters by telephone")


def size_of(ledger, shelter):
    return sum(one["beds"] for one in ledger.rooms.values() if one["unit"].startswith(shelter))


def joins(days, token):
    """Chooses a password and a second factor, as the link of an invitation asks."""
    with httpx.Client(base_url=f"{days.room.base}/api/v1", timeout=120) as browser:
        password = {"token": token, "password": "een lange zin van dag " + "x" * days.ledger.day}
        secret = browser.post("/invitations/password", json=password).raise_for_status().json()["totp_secret"]
        code = pyotp.TOTP(secret).at(days.room.now())
        browser.post("/invitations/join", json={"token": token, "code": code}).raise_for_status()


MORNINGS = {
    1: (registrant, room_closes, by_telephone),
    2: (goes_missing, birth),
    3: (comes_back, room_opens, admin_leaves, together.events_end),
    4: (together.evacuation, together.shelter_closes, asks_transfer),
    5: (registrant, goes_missing),
    6: (together.events_end,),
    8: (comes_back, room_closes),
    10: (goes_missing, asks_transfer, birth),
    12: (registrant, room_opens, comes_back),
    14: (together.places_open,),
}
"""The events of a morning by the day of a round of two weeks."""
RAIDS, NO_MAIL, DAYS_OFF = {2}, {5, 11}, {6}
"""Days with a raid at night, without mail, and after which the service is away for a day."""
ROUND = 14


def of_day(number):
    return MORNINGS.get(day_of_round(number), ())


def day_of_round(number):
    return (number - 1) % ROUND + 1
