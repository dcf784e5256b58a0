"""`python -m bench.pages`: the page of a proposal beside the API's answer, at national size, solving left out.

The service runs in this process, on SQLite; each is asked alternately, after a first time that is not counted.
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
from placement import chain, clock, second_factor
from placement.database import Database
from placement.settings import Settings

TIMES = 30
SOMEBODY: dict[str, Any] = {
    "region": "amsterdam",
    "registrant": "ZORGCOORDINATIE",
    "residence_basis": "reflection",
    "urgency": 1,
    "persons": [{"gender": "female", "age": 24}],
    "languages": [{"code": "en", "level": "fluent"}],
}


def measured(times: int = TIMES, size: str = "national") -> dict[str, float]:
    """Milliseconds of the API's answer and of the page, medians, and how many times longer the page takes."""
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
        people = fixtures.load(database, settings, size=size, seed=1, at=clock.now()).as_json()["people"]
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
    took: dict[str, list[float]] = {"api": [], "page": []}
    for _ in range(times + 1):
        for what, path in (("api", f"/api/v1/proposals/{made}"), ("page", f"/proposals/{made}")):
            started = time.perf_counter()
            answer = client.get(path)
            took[what].append(1000 * (time.perf_counter() - started))
            assert answer.status_code == 200, answer.text  # noqa: S101, PLR2004 - a benchmark of refusals is none
    api, page = (median(took[what][1:]) for what in ("api", "page"))
    return {"api_ms": api, "page_ms": page, "ratio": page / api}


if __name__ == "__main__":
    sys.stdout.write("".join(f"{name} {value:.4g}\n" for name, value in measured().items()))
