"""A client who lives in a shelter, through the API."""

from placement.core.geography import Cell
from placement.tables import Location, Unit
from tests.support.api.bodies import CONFIRM
from tests.support.api.service import somebody


def lives_somewhere(service):
    """Places a client of the coordinator in a shelter, and returns the path of the registration."""
    service.close_all()
    service.shelter.made("/shelters/S01/capacity/confirm")
    client = service.coordinator.made("/registrations", somebody())["id"]
    proposal = service.coordinator.made(f"/registrations/{client}/proposals")["id"]
    service.opened(client)
    decision = service.desk.made(f"/proposals/{proposal}/decision", {"decision": "accept"})
    service.staff.made(f"/holds/{decision['hold']}/answer", CONFIRM)
    service.shelter.made(f"/holds/{decision['hold']}/arrival")
    return f"/registrations/{client}"


def near_the_place(service, path):
    """Returns a danger point in the cell of the client's location."""
    stays = service.desk.get("/stays").json()["items"]
    unit = next(one["unit"] for one in stays if path.endswith(one["registration"]))
    with service.database.transaction() as session:
        location = session.get_one(Location, session.get_one(Unit, unit).location_id)
        centre = Cell(location.cell_row, location.cell_column).centre
    return {"lat": centre.lat, "lon": centre.lon, "min_km": 5}


def change_facts(service, case, text):
    """Changes a fact of a client who has a place, for a reason in these words, and reads the history."""
    path, caller = f"/registrations/{case}", service.coordinator
    body = {"high_care": True, "reason": "care", "text": text, "confirm": True}
    assert caller.patch(path, body, If_Match=f'"{caller.get(path).json()["version"]}"').is_success
    assert text in caller.get(f"{path}/changes").text


def leave_asked(service, person, accept):
    """Lets the desk accept a proposal for a client of the coordinator; no shelter answers."""
    waiting = service.coordinator.made("/registrations", person)["id"]
    proposal = service.coordinator.made(f"/registrations/{waiting}/proposals")["id"]
    service.opened(waiting)
    service.desk.made(f"/proposals/{proposal}/decision", accept)


def send_back(service, person, text):
    """Lets the desk reject, with a text, the decision in which the coordinator accepts a proposal."""
    waiting = service.coordinator.made("/registrations", person)["id"]
    proposal = service.coordinator.made(f"/registrations/{waiting}/proposals")["id"]
    decision = service.coordinator.made(f"/proposals/{proposal}/decision", {"decision": "accept"})
    service.desk.made(f"/decisions/{decision['id']}/confirmation", {"granted": False, "text": text})


def breaking(proposal):
    """Returns a unit that breaks a rule, but no rule about danger."""
    others = [one for one in proposal["others"] if one["can_be_chosen"] and one["broken"]]
    return next(one for one in others if not one["review_needed"])


def overridden(service, proposal, **said):
    """Makes the coordinator's decision for a unit that breaks a hard rule; it waits for a second person."""
    body = {"decision": "override", "unit": breaking(proposal)["unit"], "reason": "client_preference", **said}
    made = service.coordinator.made(f"/proposals/{proposal['id']}/decision", body)
    assert made["status"] == "waiting_for_second"
    return made


def override_refused(service, text):
    """Lets a second person refuse such a decision, with these words."""
    waiting = service.coordinator.made("/registrations", somebody())["id"]
    decision = overridden(service, service.coordinator.made(f"/registrations/{waiting}/proposals"))
    service.desk.made(f"/decisions/{decision['id']}/confirmation", {"granted": False, "text": text})
