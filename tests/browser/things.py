"""What the pages show: cases of every kind, made through the API on the country that `make run` puts up."""

from typing import Any, Self

import httpx

from tests.browser.reader import person_of
from tests.journeys.service import Service

DESK = "desk-1@placement.example"
COORDINATOR = "coordinator-amsterdam@placement.example"
ADMIN, AUDITOR, READER = (f"{role}@placement.example" for role in ("admin", "auditor", "reader"))

SOMEBODY: dict[str, Any] = {
    "region": "amsterdam",
    "registrant": "ZORGCOORDINATIE",
    "residence_basis": "reflection",
    "urgency": 1,
    "persons": [{"gender": "female", "age": 24}],
    "languages": [{"code": "en", "level": "fluent"}],
    "threats": [{"place": "Rotterdam", "min_km": 40}],
}
NOWHERE = {"threats": [{"place": "Utrecht", "min_km": 300}]}
"""Farther from the middle than the country is long."""


class Caller:
    """A program with somebody's key."""

    def __init__(self, service: Service, email: str) -> None:
        self._client = httpx.Client(base_url=f"{service.base}/api/v1", timeout=30)
        key = person_of(service, email)["api_key"]
        self._client.headers["Authorization"] = f"Bearer {self.post('/token', key=key)['token']}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str) -> Any:
        return self._client.get(path).raise_for_status().json()

    def post(self, path: str, **facts: Any) -> Any:
        answer = self._client.post(path, json=facts or None)
        assert answer.is_success, answer.text
        return answer.json()


def staff_of(unit: str) -> str:
    """Who answers for a unit, at its shelter."""
    return f"staff-{unit[:3].lower()}@placement.example"


def make_things(service: Service) -> dict[str, str]:
    """References by what they are of."""
    with Caller(service, DESK) as desk, Caller(service, COORDINATOR) as coordinator:
        held, waiting, nobody = (_registered(desk, **facts) for facts in ({}, {"urgency": 2}, NOWHERE))
        first = desk.post(f"/registrations/{held}/proposals")["id"]
        decision = desk.post(f"/proposals/{first}/decision", decision="accept")["id"]
        hold = desk.get(f"/holds?registration={held}")["items"][0]
        proposal = desk.post(f"/registrations/{waiting}/proposals")
        other = next(unit["unit"] for unit in proposal["others"] if unit["can_be_chosen"] and unit["broken"])
        return {
            "decision": decision,
            "choice": f"{proposal['id']}/units/{other}",
            "unit": hold["unit"],
            "shelter": hold["unit"][:3],
            "held": held,
            "hold": hold["id"],
            "staff": staff_of(hold["unit"]),
            "decided": first,
            "open": waiting,
            "draft": _registered(desk, open=False),
            "proposal": proposal["id"],
            "nobody": nobody,
            "nobody_proposal": desk.post(f"/registrations/{nobody}/proposals")["id"],
            "foreign": _registered(coordinator),
        }


def _registered(caller: Caller, **facts: Any) -> str:
    return str(caller.post("/registrations", **(SOMEBODY | facts))["id"])
