"""One of everything, for tests of routes with an id."""

from typing import Any

import pytest

from tests.support.api.bodies import BODIES
from tests.support.api.service import Service, somebody


@pytest.fixture(scope="module")
def things(shared: Service) -> dict[str, str]:
    """One of everything, of the shelter S01 and of the coordinator for Amsterdam."""
    shared.close_all()
    shared.shelter.made("/shelters/S01/capacity/confirm")

    def decided() -> tuple[str, str, dict[str, Any]]:
        reference = shared.coordinator.made(
            "/registrations", somebody(avoided=[{"kind": "region", "target": "limburg"}])
        )
        proposal = shared.coordinator.made(f"/registrations/{reference['id']}/proposals")
        unit = "S01-L1-U1"
        shared.opened(reference["id"])
        body = {"decision": "accept"}
        if proposal["chosen"]["unit"] != unit:
            body = {"decision": "override", "unit": unit, "reason": "client_preference"}
        decision = shared.desk.made(f"/proposals/{proposal['id']}/decision", body)
        return reference["id"], proposal["id"], decision

    registration, proposal, decision = decided()
    of_staff = shared.signed_in("shelter_staff", 1).get("/session").json()["account"]
    stays = shared.desk.get("/stays").json()["items"]
    foreign = shared.desk.made("/registrations", somebody(region="den-haag"))
    return {
        "registration": registration,
        "proposal": proposal,
        "decision": decision["id"],
        "hold": decision["hold"],
        "stay": next(stay["id"] for stay in stays if stay["unit"].startswith("S01")),
        "avoidance": shared.desk.get(f"/registrations/{registration}").json()["avoided"][0]["id"],
        "foreign": foreign["id"],
        "change": shared.staff.made("/locations/S01-L1/units", BODIES["UnitIn"])["request"]["id"],
        "session": shared.signed_in("desk").get("/session").json()["session"],
        "absence": shared.desk.made("/absences", {"starts_on": "2027-01-04", "ends_on": "2027-01-08"})["id"],
        "key": shared.verified(of_staff).made("/keys", {"shelter": "S02"})["id"],
    }
