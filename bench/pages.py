"""`python -m bench.pages`: the pages of a proposal and of a daily report, compared with the API, at national size.

Solving is excluded. The service runs in this process, on SQLite; page and API are requested alternately, after a first
request that is not counted.
"""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from cryptography.fernet import Fernet
from litestar.testing import TestClient

import fixtures
from api.app import create_app
from placement.accounts import totp as second_factor
from placement.core import clock
from placement.core.settings import Settings
from placement.storage import hash_chain as chain
from placement.storage.database import Database

TIMES = 30
DAYS_BEFORE = 35
SOMEBODY: dict[str, Any] = {
    "region": "amsterdam",
    "registrant": "ZORGCOORDINATIE",
    "residence_basis": "reflection",
    "urgency": 1,
    "persons": [{"gender": "female", "age": 24}],
    "languages": [{"code": "en", "level": "fluent"}],
}


def measured(times: int = TIMES, size: str = "national") -> dict[str, float]:
    """For each page: medians in milliseconds of the API and of the page, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            var=Path(folder),
            key_store=Path(folder) / "keys",
            database_url=f"sqlite:///{folder}/bench.db",
            field_keys=(Fernet.generate_key().decode(),),
            audit_key=chain.new_key(),
            plain_http=True,
        )
        database = Database.open(settings)
        database.migrate()
        people = fixtures.load(
            database, settings, size=size, seed=1, at=clock.now(), days_before=DAYS_BEFORE
        ).as_json()["people"]
        with TestClient(create_app(settings, database)) as client:
            found = _asked(client, next(one for one in people if one["role"] == "desk"), times)
        database.close()
        return found


def _asked(client: TestClient[Any], desk: dict[str, Any], times: int) -> dict[str, float]:
    facts = {"email": desk["email"], "password": desk["password"]}
    challenge = client.post("/api/v1/session", json=facts).json()["challenge"]
    code = second_factor.code_at(desk["totp_secret"], clock.now())
    begun = client.post("/api/v1/session/code", json={"challenge": challenge, "code": code}).json()
    headers = {"X-CSRF-Token": begun["csrf_token"]}
    case = client.post("/api/v1/registrations", json=SOMEBODY, headers=headers).json()["id"]
    made = client.post(f"/api/v1/registrations/{case}/proposals", headers=headers).json()["id"]
    day = client.get("/api/v1/reports").json()["items"][0]["on"]
    proposal = _compared(client, f"/api/v1/proposals/{made}", f"/proposals/{made}", times)
    report = _compared(client, f"/api/v1/reports/{day}", f"/reports/{day}", times)
    named = {"proposal": proposal, "report": report}
    return {f"{what}_{figure}": value for what, told in named.items() for figure, value in told.items()}


def _compared(client: TestClient[Any], api: str, page: str, times: int) -> dict[str, float]:
    took: dict[str, list[float]] = {api: [], page: []}
    for _ in range(times + 1):
        for path, all_of_it in took.items():
            started = time.perf_counter()
            answer = client.get(path)
            all_of_it.append(1000 * (time.perf_counter() - started))
            assert answer.status_code == 200, answer.text  # noqa: S101, PLR2004 - a benchmark of refusals is meaningless
    told, shown = (median(took[path][1:]) for path in (api, page))
    return {"api_ms": told, "page_ms": shown, "ratio": shown / told}


if __name__ == "__main__":
    sys.stdout.write("".join(f"{name} {value:.4g}\n" for name, value in measured().items()))
