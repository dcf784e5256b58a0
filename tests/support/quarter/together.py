"""Events of many clients at once: a raid at night, the evacuation of a unit, and a shelter that closes."""

from datetime import timedelta

from tests.support.quarter.ledger import HELD

CASE = {"registrant": "NLA", "residence_basis": "reflection", "languages": ["en"], "language_required": False}


def raid(days):
    """At night the desk types the people of a raid, plans their places with all who wait, and asks the shelters."""
    desk, today = days.people["desk-1"], days.room.now().date().isoformat()
    region = min(days.ledger.wards)
    shared = {**CASE, "region": region, "dangers": [{"place": "Rotterdam"}], "urgency": 1}
    made = desk.post(
        "/events", {"name": f"Inval van dag {days.ledger.day}", "kind": "raid", "day": today, "shared": shared}
    )
    ages = [days.random.randint(19, 45) for _ in range(5)]
    rows = [
        {"cells": {"household": name, "gender": "V", "age": str(age)}} for name, age in zip("ABCDE", ages, strict=True)
    ]
    desk.post(f"/events/{made['id']}/members", {"rows": rows})
    members = desk.post(f"/events/{made['id']}/members/register", {})["items"]
    for member, age in zip(members, ages, strict=True):
        facts = {"persons": [{"gender": "female", "age": age}], "urgency": 1, "residence_basis": "reflection"}
        facts |= {"needed_by": today, "threats": [{"place": "Rotterdam"}]}
        days.takes_up(member["registration"], region, facts)
    plans(days, made["id"])
    days.ledger.marks.setdefault("events", []).append(made["id"])
    days.happened.append("a raid")


def evacuation(days):
    """A unit must be left within days: it closes, and its clients keep their beds until they arrive elsewhere."""
    ledger, desk = days.ledger, days.people["desk-1"]
    unit, clients = smallest(ledger, lambda name: name)
    until = (days.room.now().date() + timedelta(days=7)).isoformat()
    made = desk.post("/evacuations", {"kind": "unit", "place": unit, "until": until})
    ledger.closes(unit, until)
    for one in clients:
        case = days.people[placer_of(days, one)].get(f"/registrations/{one['id']}")
        seeks_again(days, one, until, case["urgency"])
        one["refused"].append(unit)
    plans(days, made["id"])
    ledger.marks.setdefault("events", []).append(made["id"])
    days.happened.append("an evacuation")


def smallest(ledger, place_of):
    """Returns the place with the fewest clients, all of whom can move, and these clients. Nobody is expected there."""
    busy = {place_of(one["next"]["unit"]) for one in ledger.each(*HELD)}
    busy |= {place_of(one["unit"]) for one in ledger.each("moving", "move_held", "adrift")}
    busy |= {place_of(unit) for unit, facts in ledger.units.items() if facts["closes"]}
    living = {}
    for one in ledger.each("placed"):
        living.setdefault(place_of(one["unit"]), []).append(one)
    place = min(living.keys() - busy, key=lambda name: (len(living[name]), name))
    return place, living[place]


def plans(days, event):
    """Makes the plan of an event and accepts it whole."""
    desk = days.people["desk-1"]
    plan = desk.post(f"/events/{event}/plan", {})
    if any(house["lines"] for house in plan["houses"]):
        version = {"If-Match": f'"{plan["version"]}"'}
        desk.post(f"/events/{event}/plan/acceptance", {}, **version)
    now = days.room.now().isoformat()
    for line in desk.get(f"/events/{event}/plan")["without"]:
        days.ledger.clients[line["registration"]]["looked"] = now
    for house in desk.get(f"/events/{event}/plan")["houses"]:
        asks = True  # each house gets a single question (`docs/guide/events.md`)
        for line in house["lines"]:
            one = days.ledger.clients[line["registration"]]
            one["looked"] = now
            if line["hold"] and one["state"] in {"open", "moving"}:
                days.is_held(one, line["hold"], "desk-1", asks=asks)
                asks = False


def events_end(days):
    """The desk ends each event whose members all have a place, or wait as ordinary cases."""
    for event in days.ledger.marks.pop("events", []):
        days.people["desk-1"].post(f"/events/{event}/finish")


def shelter_closes(days):
    """A shelter closes in ten days, and for each client another place is sought."""
    ledger, desk = days.ledger, days.people["desk-1"]
    name, clients = smallest(ledger, lambda unit: unit.split("-")[0])
    until = (days.room.now().date() + timedelta(days=10)).isoformat()
    version = desk.get(f"/shelters/{name}/closing")["version"]
    desk.post(f"/shelters/{name}/close", {"until": until}, **{"If-Match": f'"{version}"'})
    ledger.closes(name, until)
    for one in clients:
        seeks_again(days, one, until, 2)
        request = {"kind": "onward", "urgency": 2, "needed_by": until}
        placer, path = days.people[one["placer"]], f"/registrations/{one['id']}/requests"
        placer.post(path, request, **{"If-Match": f'"{placer.get(path)["version"]}"'})
    days.happened.append("a shelter closes")


def places_open(days):
    """Each shelter and unit that has closed opens again, and counts its rooms, which are empty: a count from before the
    closing no longer holds (`docs/guide/shelters.md`).
    """
    ledger, desk = days.ledger, days.people["desk-1"]
    for place in [*ledger.marks.get("closing", {})]:
        rooms = [name for name, one in ledger.rooms.items() if one.get("gone") == place]
        if ledger.rooms_of(place) or not rooms:
            continue  # somebody still lives there
        path = f"/{'units' if '-' in place else 'shelters'}/{place}"
        desk.post(f"{path}/reopen", None, **{"If-Match": f'"{desk.get(f"{path}/closing")["version"]}"'})
        del ledger.marks["closing"][place]
        for name in rooms:
            ledger.rooms[name] |= {"open": True, "out": [], "others": []}
            del ledger.rooms[name]["gone"]
            path = f"/shelters/{place.split('-')[0]}/capacity/rooms/{name}"
            days.people.staff(place).ask("PATCH", path, {"out_of_service": None, "used_by_others": []})
        for unit, facts in ledger.units.items():
            facts["closes"] = None if unit.startswith(place) else facts["closes"]
        days.happened.append("a place opens again")


def seeks_again(days, one, needed_by, urgency):
    """Writes down that a client who lives in a place seeks another."""
    one |= {"state": "moving", "urgency": urgency, "needed_by": needed_by, "looked": None}
    one["waits"] = days.room.now().isoformat()
    one["placer"] = placer_of(days, one)


def placer_of(days, one):
    """Returns who seeks a place for this client: the coordinator of the region, or the desk without a coordinator."""
    return one.get("placer") or days.ledger.wards.get(one["region"], ["desk-2"])[0]
