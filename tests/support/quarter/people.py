"""People of the simulation: each signs in with a browser of their own, and sends requests as pages do."""

import json
import re
import time
from datetime import timedelta
from functools import partial

import httpx

MANY, PATIENCE = 200, 60
"""Rows of a page of a list; tries if the service asks for patience."""
UNUSED, SIGNED_IN = timedelta(hours=23), timedelta(days=6)
"""The time without use, and the time since the sign-in, after which a person signs in again before the session ends."""


class Refused(Exception):
    """A request was answered with an error. `status`, `code`: of the problem document."""

    def __init__(self, status, text):
        super().__init__(f"{status}: {text[:400]}")
        self.status = status
        self.code = re.findall(r'"type":\s*"urn:placement:problem:(\w+)"', text)[:1]


def patiently(ask):
    """Asks again while the service asks for patience: it is busy, or a report is not made yet."""
    for _ in range(PATIENCE):
        answer = ask()
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            return answer
        time.sleep(2)
    return answer


class Person:
    """A person with an account. Each request and its answer is a line of the acts in the folder of the run."""

    def __init__(self, room, email, acts):
        self._room, self.email, self._acts, self._client, self._came, self._used = room, email, acts, None, None, None
        self.id, self.regions, self.shelter = None, [], None

    def _signed_in(self):
        now = self._room.now()
        if self._client is None or now > min(self._used + UNUSED, self._came + SIGNED_IN):
            self.leaves()
            self._came = now
            self._client = httpx.Client(base_url=self._room.base, timeout=300, headers={"Accept-Language": "en"})
            page = patiently(lambda: self._client.get(self._room.link.removeprefix(self._room.base))).text
            ids = re.findall(r'<option value="([^"]+)"[^>]*>\s*(\S+)', page)
            [chosen] = [value for value, email in ids if email == self.email]
            origin = {"Origin": self._room.base, "Sec-Fetch-Site": "same-origin"}
            signs_in = partial(self._client.post, "/sign-in/demo", data={"role": chosen}, headers=origin)
            came = patiently(signs_in)
            assert came.status_code == httpx.codes.SEE_OTHER, came.text
            session = patiently(lambda: self._client.get("/api/v1/session")).raise_for_status().json()
            self._client.headers["X-CSRF-Token"] = session["csrf_token"]
            self.id, self.regions, self.shelter = session["account"], session["regions"], session["shelter"]
        self._used = now
        return self._client

    def leaves(self):
        """Closes the browser."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def ask(self, method, path, sent=None, **headers):
        """Returns the answer. Raises `Refused` if the service refuses."""
        client = self._signed_in()
        answer = patiently(lambda: client.request(method, f"/api/v1{path}", json=sent, headers=headers))
        if method != "GET":
            known = {"at": self._room.now().isoformat(), "who": self.email, "act": f"{method} {path}", "sent": sent}
            told = answer.json() if answer.content else None
            self._acts.write(json.dumps({**known, "status": answer.status_code, "answer": told}) + "\n")
        if not answer.is_success:
            raise Refused(answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, sent=None, **headers):
        return self.ask("POST", path, sent, **headers)

    def all(self, path):
        """Returns all rows of a list in pages."""
        found, mark = [], "&" if "?" in path else "?"
        while True:
            page = self.get(f"{path}{mark}limit={MANY}&offset={len(found)}")
            found += page["items"]
            if len(found) >= page["total"]:
                return found

    def proves(self):
        """Gives the second factor again. The page of practice shows its code, because nobody has the device."""
        page = self._signed_in().get("/second-factor").text
        self.post("/session/second-factor", {"code": re.findall(r"<strong>(\d{6})</strong>", page)[0]})

    def moves_the_clock(self, hours):
        """Moves the clock by whole hours, and waits until it is there."""
        self.post("/practice/clock", {"hours": hours})
        until = self._room.now() + timedelta(hours=hours)
        while True:
            time.sleep(1)
            state = self.get("/practice")
            if state["state"] == "runs" and state["until"] is None:
                break
        assert abs(self._room.now() - until) < timedelta(hours=1), f"the clock stands at {self._room.now()}"


class People:
    """All people, by email, as they are first needed."""

    def __init__(self, room, acts):
        self._room, self._acts, self._known = room, acts, {}

    def __getitem__(self, email):
        name = f"{email}@placement.example"
        if email not in self._known:
            self._known[email] = Person(self._room, name, self._acts)
        return self._known[email]

    def leave(self):
        for one in self._known.values():
            one.leaves()

    def staff(self, unit):
        """Returns the staff of the shelter of a unit, room or shelter."""
        return self[f"staff-{unit.split('-')[0].lower()}"]
