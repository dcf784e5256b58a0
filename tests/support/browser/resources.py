"""Content for the pages: cases of every kind, made through the API on the country that `make run` puts up."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import httpx

from placement.core import clock
from placement.core.periods import PeriodKind, period_of
from tests.support.api.bodies import BODIES
from tests.support.service_process import Service

DESK, OTHER_DESK = "desk-1@placement.example", "desk-2@placement.example"
COORDINATOR = "coordinator-amsterdam@placement.example"
ADMIN, AUDITOR, READER, REGISTRANT, ANALYST, REGISTRAR, ADVISER = (
    f"{role}@placement.example"
    for role in ("admin", "auditor", "reader", "registrant", "analyst", "registrar", "adviser")
)

SOMEBODY: dict[str, Any] = {
    "region": "amsterdam",
    "registrant": "ZORGCOORDINATIE",
    "residence_basis": "reflection",
    "urgency": 1,
    "persons": [{"gender": "female", "age": 24}],
    "languages": [{"code": "en", "level": "fluent"}],
    "threats": [{"place": "Rotterdam", "min_km": 40}],
}
MAN = {"persons": [{"gender": "male", "age": 31}], "threats": []}
NOWHERE = {"threats": [{"place": "Utrecht", "min_km": 300}]}
"""Farther from the middle than the country is long."""


class Caller:
    """A signed-in user, at the API."""

    def __init__(self, service: Service, email: str) -> None:
        headers = service.signed_in(email)
        self._client = httpx.Client(base_url=f"{service.base}/api/v1", headers=headers, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str) -> Any:
        return self._client.get(path).raise_for_status().json()

    def post(self, path: str, **facts: Any) -> Any:
        return self._sent("POST", path, facts)

    def put(self, path: str, **facts: Any) -> Any:
        return self._sent("PUT", path, facts)

    def _sent(self, method: str, path: str, facts: dict[str, Any]) -> Any:
        answer = self._client.request(method, path, json=facts or None)
        assert answer.is_success, answer.text
        return answer.json()


def confirms(staff: Caller, hold: str) -> None:
    """Confirms the hold for the shelter: a taxi brings the client at the first offered time."""
    first = staff.get(f"/holds/{hold}")["offered_times"][0]
    staff.post(f"/holds/{hold}/answer", answer="confirm", expected_at=first, driver="taxi")


def staff_of(unit: str) -> str:
    """Returns the account of the person who answers for a unit, at its shelter."""
    return f"staff-{unit[:3].lower()}@placement.example"


def make_things(service: Service) -> dict[str, str]:
    """References by what they are of."""
    with Caller(service, DESK) as desk, Caller(service, COORDINATOR) as coordinator:
        held, coming, waiting, nobody = (_registered(desk, **facts) for facts in ({}, MAN, {"urgency": 2}, NOWHERE))
        decided, decision, hold = _placed(desk, held)
        _, _, confirmed = _placed(desk, coming)
        with Caller(service, staff_of(confirmed["unit"])) as staff:
            confirms(staff, confirmed["id"])
        missing = _missing(service, desk)
        proposal = desk.post(f"/registrations/{waiting}/proposals")
        chosen = (unit for unit in proposal["others"] if unit["can_be_chosen"] and not unit["review_needed"])
        other = next(unit["unit"] for unit in chosen if unit["broken"])
        return {
            "day": _reported(service),
            "other": other,
            "held": held,
            "hold": hold["id"],
            "unit": hold["unit"],
            "shelter": hold["unit"][:3],
            "location": hold["unit"][:6],
            "room": hold["unit"] + "-R01",
            "staff": staff_of(hold["unit"]),
            "decided": decided,
            "decision": decision,
            "confirmed": confirmed["id"],
            "missing": missing,
            "open": waiting,
            "draft": _registered(desk, open=False),
            "proposal": proposal["id"],
            "nobody": nobody,
            "nobody_proposal": desk.post(f"/registrations/{nobody}/proposals")["id"],
            "foreign": _registered(coordinator),
            "sent": _sent(service),
            "release": _released(service, desk),
            "count": _counted(service, desk),
            **_of_help_desk(service, desk),
            "event": _event(desk, held, _registered(coordinator)),
            "stay": desk.get("/stays?status=in_house")["items"][0]["id"],
        }


def load_first_entries(caller: Caller) -> None:
    """Loads the first texts of the help desk, unless they are there."""
    if not caller.get("/entries")["items"]:
        caller.post("/entries/first")


def _of_help_desk(service: Service, desk: Caller) -> dict[str, str]:
    """Loads the first texts; makes a call that lasts, a caller to ring back, and an entry that shows rules."""
    with Caller(service, ADVISER) as adviser:
        load_first_entries(adviser)
        open_one = str(adviser.post("/enquiries", status="open", asker="police", subjects=["shelter"])["id"])
        ring_back = str(desk.post("/enquiries", **BODIES["EnquiryIn"])["id"])
        entries = adviser.get("/entries")["items"]
    shown = next(one["id"] for one in entries if one["rule"] == "stay_limit")
    return {"call": open_one, "ring_back": ring_back, "knowledge": shown}


def _event(desk: Caller, *cases: str) -> str:
    """Makes a raid with these cases, a household that is not registered, and a row with a wrong cell."""
    made = str(desk.post("/events", **BODIES["EventIn"])["id"])
    desk.post(f"/events/{made}/cases", registrations=list(cases))
    desk.post(f"/events/{made}/members", pasted="A\tvrouw\t31\tja\nA\tmeisje\t3\n\tman\t200")
    return made


def _counted(service: Service, desk: Caller) -> str:
    """Sends a person twice, carries out the daily job as if it were tomorrow, and returns a reference."""
    month = f"{datetime.now(UTC):%Y-%m}"
    for age in ("18-23", "24-29"):
        desk.post("/count-records", **BODIES["CountRecordIn"] | {"month": month, "age": age})
    _job(service, "move_counts", days=1)
    with Caller(service, REGISTRAR) as registrar:
        return str(registrar.get(f"/count-records?month={month}")["items"][0]["reference"])


def _released(service: Service, desk: Caller) -> str:
    """Sends records of a quarter that is over, and returns a release of them that waits for a second analyst."""
    past = period_of(PeriodKind.QUARTER, datetime.now(UTC).date()).previous.begins_on
    for _ in range(12):
        desk.post("/count-records", **BODIES["CountRecordIn"] | {"month": f"{past:%Y-%m}", "person": None})
    _job(service, "move_counts", days=-1)
    with Caller(service, ANALYST) as analyst:
        made = str(analyst.post("/count-releases", kind="quarter", day=f"{past}")["id"])
    _job(service, "make_count_releases", days=2)
    return made


def _job(service: Service, name: str, days: int) -> None:
    """Carries out a job as if it were this many days later."""
    then = f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
    command = [sys.executable, "-m", "placement", "jobs", name, "--as-of", then]
    subprocess.run(command, env=service.environment, capture_output=True, check=True)


def _sent(service: Service) -> str:
    """Sends a registration in for a registrant, without consent, so that questions wait."""
    facts = {name: SOMEBODY[name] for name in ("urgency", "persons", "languages", "threats")}
    with Caller(service, REGISTRANT) as registrant:
        return str(registrant.post("/sent-registrations", **facts)["id"])


def _missing(service: Service, desk: Caller) -> str:
    """Makes a missing client, who lived in a shelter and left it to an unknown destination."""
    case = _registered(desk)
    _, _, hold = _placed(desk, case)
    with Caller(service, staff_of(hold["unit"])) as staff:
        confirms(staff, hold["id"])
        stay = staff.post(f"/holds/{hold['id']}/arrival")["id"]
        staff.post(f"/stays/{stay}/end", reason="left_to_unknown_destination")
    return case


def legal_hold_asked_for(service: Service, by: str = OTHER_DESK) -> None:
    """Asks for a legal hold as another person of the desk, so that the first person can answer. It needs no bed."""
    review_on = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    with Caller(service, by) as other:
        case = _registered(other)
        other.post(f"/registrations/{case}/legal-hold", reason="complaint", review_on=review_on)


def _reported(service: Service) -> str:
    """Returns today, after the command has made the report of the day. Before seven o'clock it makes no report, and the
    page shows that.
    """
    day = clock.day_of(clock.now()).isoformat()
    command = [sys.executable, "-m", "placement", "report", "--on", day]
    subprocess.run(command, env=service.environment, capture_output=True, check=False)
    return day


def _placed(desk: Caller, registration: str) -> tuple[str, str, dict[str, str]]:
    """Places a client, and returns the proposal, its decision, and the hold."""
    proposal = _proposal_with_a_place(desk, registration)
    decision = desk.post(f"/proposals/{proposal}/decision", decision="accept")["id"]
    return proposal, decision, desk.get(f"/holds?registration={registration}")["items"][0]


def _proposal_with_a_place(desk: Caller, registration: str) -> str:
    """Returns a proposal that names a place. Asks again up to five times if a busy machine cuts the search off."""
    made: dict[str, Any] = {}
    for _ in range(5):
        made = desk.post(f"/registrations/{registration}/proposals")
        if made["chosen"]:
            return str(made["id"])
        assert made["engine"]["why"], made["nobody"]
    raise AssertionError(made["engine"]["why"])


def _registered(caller: Caller, **facts: Any) -> str:
    return str(caller.post("/registrations", **(SOMEBODY | facts))["id"])
