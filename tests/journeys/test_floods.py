"""Floods of each kind against the service as it is run: liveness answers, and an urgent client gets a bed meanwhile.

It measures, so it runs in `make prove` alone; what came out is in `docs/guide/reliability.md`.
"""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from placement.accounts.totp import code_at
from placement.core import clock
from placement.core.codes import Role
from tests.support.api.processes import person_of, serving
from tests.support.floods import percentile
from tests.support.ports import free_port
from tests.support.proof import FULL

SECONDS = 600 if FULL else 20
BETWEEN_CLIENTS = max(1, SECONDS / 60)
"""Seconds: sixty urgent clients in ten minutes are already more than a country has in a day."""
LIVE_MILLISECONDS, STEP_SECONDS = 50, 5.0
WORKERS = 2
KINDS = {
    "nothing": 1,
    "shortage": 60,
    "proposals": 30,
    "previews": 30,
    "passwords": 60,
    "live_pages": 200,
    "large_bodies": 20,
    "slow_bodies": 100,
    "reads": 48,
}
GONE = {"reason": "found_other_place"}
REGION = "den-haag"
"""It has no coordinator: the desk is its coordinator."""


class Meanwhile:
    """Use of the service by others during a flood: how long liveness and each step of a placement take."""

    def __init__(self, desk, ports):
        self.desk, self.ports = desk, ports
        self.live, self.steps, self._end = {}, {}, threading.Event()
        self.refused = self.held = 0
        self._thread = ThreadPoolExecutor(1)

    def __enter__(self):
        self._probe = program("ask", *self.ports, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._placing = self._thread.submit(self._place)
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.shutdown()
        took, _ = self._probe.communicate()
        assert self._probe.returncode == 0
        self._placing.result()
        self.live = {int(port): times for port, times in json.loads(took).items()}

    def _place(self):
        while not self._end.is_set():
            client = self._step("register", "/registrations", urgent_client())["id"]
            proposal = self._step("propose", f"/registrations/{client}/proposals")
            if proposal["chosen"] is not None:
                made = self._step("decide", f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
                self._step("release", f"/holds/{made['hold']}/release", GONE)  # the bed is for the next
                self.held += 1
            else:
                self._step("close", f"/registrations/{client}/close", GONE)
            self._end.wait(BETWEEN_CLIENTS)

    def _step(self, name, path, body=None):
        began = time.monotonic()
        while True:
            answer = self.desk.post(path, json=body or {})
            if answer.status_code not in {429, 503}:
                break
            self.refused += 1
            time.sleep(int(answer.headers["Retry-After"]))
        answer.raise_for_status()
        self.steps.setdefault(name, []).append(time.monotonic() - began)
        return answer.json()


def program(*words, **pipes):
    """Starts a program of `tests.support.probe`."""
    return subprocess.Popen([sys.executable, "-m", "tests.support.probe", *map(str, words)], text=True, **pipes)


def urgent_client():
    return {
        "region": REGION,
        "registrant": "NP",
        "residence_basis": "reflection",
        "persons": [{"gender": "female", "age": 30}],
        "language_required": False,
        "urgency": 1,
    }


@contextmanager
def people(base, country):
    """A signed-in user of each role that asks, by role."""
    with ExitStack() as stack:
        yield {
            role: stack.enter_context(person_of(base, country, email_of(country, role)))
            for role in (Role.DESK, Role.COORDINATOR, Role.ADMIN)
        }


def email_of(country, role):
    return next(one["email"] for one in country.credentials["people"] if one["role"] == role)


def facts_for(users):
    """Returns the facts that the load generator needs."""
    headers = {
        role.value: {name: user.headers[name] for name in ("cookie", "x-csrf-token")} for role, user in users.items()
    }
    desk = users[Role.DESK]
    cases = [desk.post("/registrations", json={**urgent_client(), "urgency": 3}).json()["id"] for _ in range(10)]
    return {**headers, "cases": cases}


@pytest.fixture
def served(stores, tmp_path):
    country = stores.make("national")
    beside, nothing = free_port(), free_port()
    with serving(country, tmp_path, WORKERS, "--health-port", str(beside)) as base, people(base, country) as users:
        file = tmp_path / "facts.json"
        file.write_text(json.dumps(facts_for(users)))
        idle = program("answer", nothing)
        ports = {"live": beside, "live_of_a_worker": int(base.rpartition(":")[2]), "machine": nothing}
        yield base, ports, users, file
        idle.kill()
        idle.wait()


@pytest.mark.long
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_floods_live_answers_and_urgent_client_gets_a_bed(served, capsys):
    base, ports, users, file = served
    found, wrong = {}, []
    for kind, at_once in KINDS.items():
        for user in users.values():  # a session that nobody used for a quarter of an hour ends
            user.get("/session").raise_for_status()
        command = [sys.executable, "-m", "tests.support.floods", base, str(file), kind, str(at_once), str(SECONDS)]
        with Meanwhile(users[Role.DESK], ports.values()) as meanwhile:
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        live = {
            name: [round(1000 * percentile(meanwhile.live[port], part)) for part in (0.5, 0.99, 1)]
            for name, port in ports.items()
        }
        steps = {name: round(max(times), 2) for name, times in meanwhile.steps.items()}
        found[kind] = {"flood": json.loads(done.stdout), "milliseconds": live}
        found[kind] |= {"steps": steps, "placed": meanwhile.held, "refused": meanwhile.refused}
        with capsys.disabled():
            sys.stdout.write(f"\n{kind}: {json.dumps(found[kind])}")
        nobody_placed = meanwhile.held == 0
        signed_out = "401" in found[kind]["flood"]["answers"] and kind != "passwords"
        if signed_out or nobody_placed or live["live"][1] > LIVE_MILLISECONDS or max(steps.values()) > STEP_SECONDS:
            wrong.append(kind)
    assert wrong == []


NETWORKS, PEOPLE = 60, 20
TRIES = 30
SIGNS_IN_SECONDS = 3.0


@pytest.mark.long
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_known_browser_signs_in_during_a_flood_of_passwords(stores, tmp_path, capsys):
    """60 networks guess without a pause; a known browser, and a browser of another network, give the right password."""
    country = stores.make("national")
    people = country.credentials["people"][:PEOPLE]
    behind_proxy = {"PLACEMENT_TRUSTED_PROXIES": "127.0.0.1/32", "PLACEMENT_PLAIN_HTTP": "yes"}
    with serving(country, tmp_path, WORKERS, more=behind_proxy) as base, ExitStack() as stack:
        browsers = [_signed_in(stack, base, number, person) for number, person in enumerate(people)]
        file = tmp_path / "facts.json"
        file.write_text("{}")
        command = [
            sys.executable,
            "-m",
            "tests.support.floods",
            base,
            str(file),
            "guesses",
            str(NETWORKS),
            str(min(SECONDS, 60)),
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as flood:
            known, new = [], []
            for number in range(4 * PEOPLE):  # after five tries without a code each browser waits
                if flood.poll() is not None:
                    break
                browser, first = browsers[number % PEOPLE]
                known.append(_gives(browser, first))
                stranger = {"X-Forwarded-For": f"203.0.113.{number + 1}"}
                with httpx.Client(base_url=f"{base}/api/v1", timeout=60, headers=stranger) as other:
                    new.append(_gives(other, first))
                time.sleep(0.2)
            answers = json.loads(flood.communicate()[0])
    found = {
        "flood": answers,
        "known": [round(percentile([took for took, _ in known], part), 2) for part in (0.5, 0.95, 1)],
        "known_answers": dict(Counter(status for _, status in known)),
        "new": [round(percentile([took for took, _ in new], part), 2) for part in (0.5, 0.95, 1)],
        "new_answers": dict(Counter(status for _, status in new)),
    }
    with capsys.disabled():
        sys.stdout.write(f"\n{json.dumps(found)}")
    assert found["known_answers"] == {200: len(known)}
    assert found["known"][1] <= SIGNS_IN_SECONDS


def _signed_in(stack, base, number, person):
    """A browser that is known since now, in a network of the flood; and what its user types first."""
    shared = {"X-Forwarded-For": f"198.51.100.{number + 1}"}
    browser = stack.enter_context(httpx.Client(base_url=f"{base}/api/v1", timeout=60, headers=shared))
    first = {"email": person["email"], "password": person["password"]}
    challenge = _let_in(browser, "/session", lambda: first)["challenge"]
    _let_in(
        browser, "/session/code", lambda: {"challenge": challenge, "code": code_at(person["totp_secret"], clock.now())}
    )
    return browser, first


def _let_in(browser, path, body):
    """Returns the answer of a service that has just started on a busy machine; tries again when the service asks it."""
    for _ in range(TRIES):
        answer = browser.post(path, json=body())
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            break
        time.sleep(int(answer.headers["Retry-After"]))
    return answer.raise_for_status().json()


def _gives(browser, first):
    """The seconds that the first step took, and its answer."""
    began = time.monotonic()
    status = browser.post("/session", json=first).status_code
    return time.monotonic() - began, status
