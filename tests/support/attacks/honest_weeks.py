"""Weeks of honest work: who registers, places, answers, brings and leaves when, and what goes wrong with people.

About 22 clients a week. Most come by day, some in the evening or at night; now and then a raid brings six at once.
Every share below is a guess of this file alone; no rule was read for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fixtures import people, shares
from fixtures.draws import draw
from placement.core.codes import Role
from tests.support.attacks.sixty_people import AGENTS, Human, Land, Process, Row

A_WEEK, RAID_A_WEEK, TRANSFERS, RETURNED, NEW_BROWSERS = 22, 0.3, 4, 2, 3
_DAYS = (4, 4, 4, 4, 4, 1, 1)
_NO_SHOW, _REFUSED, _LATE_ENTRY, _CORRECTED, _GIVEN_UP = 0.06, 0.12, 0.1, 0.08, 0.05
_ASKS, _ASKS_AGAIN, _COLLEAGUE, _WRONG_HOLD = 0.75, 0.15, 0.1, 0.04
_DESK_OF = {"own": 0.15}
_TRIES = 3
_LEAVE_AT_FIRST = 0.75


@dataclass
class HonestWeeks:
    land: Land
    homes: list[tuple[str, str, str]] = field(default_factory=list)
    """The clients who live in a place: case, stay and hold."""
    gone: list[str] = field(default_factory=list)
    away: dict[str, str] = field(default_factory=dict)
    """Each person on holiday, with the deputy."""
    placed: int = 0
    failed: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Makes room: most of those who live somewhere leave, and those who wait have found another place."""
        for staff in {one.row["shelter_id"]: one for one in self.land.of(Role.SHELTER_STAFF)}.values():
            for stay in staff.get("/stays?status=in_house&limit=100")["items"]:
                if self.land.chance(_LEAVE_AT_FIRST):
                    staff.post(f"/stays/{stay['id']}/end", {"reason": "own_housing"})
        for who in [*self.land.of(Role.COORDINATOR), self.desk()]:
            for case in who.get("/registrations?status=open&limit=100")["items"]:
                who.post(f"/registrations/{case['id']}/close", {"reason": "found_other_place"})

    def week(self, number: int) -> None:
        """Plans the week after so many weeks."""
        land, first = self.land, 7 * number
        for day in range(first, first + 7):
            land.begin(land.at(day, 7.5), self._morning())
            for _ in range(land.random.choice((0, 1, 2)) + _DAYS[(day + 1) % 7] - 1):
                land.begin(self._hour(day), self._client(None))
        if land.chance(RAID_A_WEEK):
            day, who = first + land.random.randrange(7), land.random.choice(land.of(Role.COORDINATOR))
            evening = land.at(day, land.random.uniform(17, 20))
            for _ in range(land.random.randint(5, 7)):
                land.begin(evening + timedelta(minutes=land.random.uniform(0, 50)), self._client(who, urgency=1))
        for _ in range(TRANSFERS):
            land.begin(self._hour(first + land.random.randrange(5), by_day=True), self._transfer())
        for _ in range(RETURNED):
            land.begin(self._hour(first + land.random.randrange(5), by_day=True), self._returned())
        for _ in range(NEW_BROWSERS):
            land.begin(self._hour(first + land.random.randrange(7)), self._new_browser())
        if number % 2 == 1:
            land.begin(land.at(first, 8), self._holiday(14 * 24))

    def _hour(self, day: int, *, by_day: bool = False) -> datetime:
        draws = self.land.random
        kind = "day" if by_day else draws.choices(("day", "evening", "night"), (60, 30, 10))[0]
        hours = {"day": (8.5, 17), "evening": (17, 22), "night": (22, 30)}[kind]
        return self.land.at(day, draws.uniform(*hours))

    def _morning(self) -> Process:
        self.land.counts()
        yield from ()

    def _new_browser(self) -> Process:
        workers = [*self.land.of(Role.COORDINATOR), *self.land.of(Role.DESK), *self.land.of(Role.SHELTER_STAFF)]
        self.land.random.choice(workers).new_browser(self.land.random.choice(AGENTS[1:]))
        yield from ()

    def _holiday(self, hours: float) -> Process:
        """A coordinator is away for two weeks; a colleague of the same regions does the work of both."""
        who = self.land.random.choice(self.land.of(Role.COORDINATOR))
        deputy = next(one for one in self.land.of(Role.COORDINATOR) if one is not who and one.regions == who.regions)
        today, last = self.land.moment.at.date(), (self.land.moment.at + timedelta(hours=hours)).date()
        who.post("/absences", {"starts_on": str(today), "ends_on": str(last), "deputy": deputy.account})
        self.away[who.account] = deputy.account
        yield self.land.moment.at + timedelta(hours=hours)
        del self.away[who.account]

    def _at_work(self, who: Human) -> Human:
        deputy = self.away.get(who.account)
        return next((one for one in self.land.people if one.account == deputy), who)

    def desk(self, but: Human | None = None) -> Human:
        return self.land.random.choice([one for one in self.land.of(Role.DESK) if one is not but])

    def facts(self, region: str | None) -> Row:
        """Returns the facts of a client, drawn from the shares of the figures."""
        draws = self.land.random
        basis = people.basis_behind(draws, draw(draws, shares.DOORS))
        spoken = [{"code": one.code, "level": one.level.value} for one in people.languages(draws, basis)]
        person = {"gender": people.gender(draws).value, "age": people.adult_age(draws)}
        drawn = {"residence_basis": basis.value, "languages": spoken, "persons": [person], "registrant": "NP"}
        where = {"region": region} if region else {}
        return drawn | where | {"urgency": draws.choice((1, 2, 2, 3)), "language_required": False}

    def _client(self, who: Human | None, **facts: Any) -> Process:
        """A client is registered, placed, brought, and leaves after days or weeks."""
        draws = self.land.random
        if who is None:
            own = self.land.chance(_DESK_OF["own"])
            who = self.desk() if own else draws.choice(self.land.of(Role.COORDINATOR))
        who = self._at_work(who)
        region = draws.choice(who.regions) if who.regions else "den-haag"
        case = str(who.made("/registrations", self.facts(region) | facts)["id"])
        yield self.land.soon(3, 25)
        yield from self._placed(who, case)

    def client_of(self, who: Human) -> Process:
        """A client of this person."""
        return self._client(who)

    def _placed(self, who: Human, case: str) -> Process:
        """Looks for a place until the client lives there."""
        land = self.land
        for _ in range(_TRIES):
            who = self._at_work(who)
            who.get(f"/registrations/{case}")
            proposal = who.post(f"/registrations/{case}/proposals").json()
            if not proposal.get("chosen"):
                yield land.soon(300, 1200)
                continue
            yield land.soon(2, 20)
            decided = who.post(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
            if not decided.is_success:
                land.refused.append(decided.text)
                continue
            hold, agreed = yield from self._agreed(decided.json(), who)
            if hold is None:
                continue
            answered = yield from self._answered(hold)
            if not answered:
                continue
            if (yield from self._brought(who, case, hold, agreed=agreed)):
                return
        self.failed.append(case)
        who.post(f"/registrations/{case}/close", {"reason": "found_other_place"})

    def _agreed(self, decision: Row, who: Human) -> Iterator[Any]:
        """Waits for the desk if it must confirm. Returns the hold, and whether the desk agreed."""
        yield self.land.soon(5, 60)
        if decision["status"] != "waiting_for_desk":
            return decision["hold"], who.row["role"] == Role.DESK.value
        desk = self.desk()
        desk.get(f"/decisions/{decision['id']}")
        answer = desk.post(f"/decisions/{decision['id']}/confirmation", {"granted": True})
        return (answer.json().get("hold"), True) if answer.is_success else (None, False)

    def _answered(self, hold: str) -> Iterator[Any]:
        """Lets the shelter answer. Returns whether it has agreed."""
        land = self.land
        yield land.soon(10, 150)
        staff = self._staff_of(hold)
        row = staff.get(f"/holds/{hold}")
        if "offered_times" not in row:  # the request has ended meanwhile
            return False
        if land.chance(_REFUSED):
            staff.post(f"/holds/{hold}/answer", {"answer": "refuse", "reason": "need_beyond_unit"})
            return False
        body = {
            "answer": "confirm",
            "expected_at": land.random.choice(row["offered_times"][:4]),
            "driver": "registrant",
        }
        answer = staff.post(f"/holds/{hold}/answer", body)
        if not answer.is_success:
            land.refused.append(answer.text)
        return answer.is_success

    def _staff_of(self, hold: str) -> Human:
        unit = str(self.desk().get(f"/holds/{hold}")["unit"])
        return self.land.random.choice(self.land.of(Role.SHELTER_STAFF, shelter=unit.partition("-")[0]))

    def _brought(self, who: Human, case: str, hold: str, *, agreed: bool) -> Iterator[Any]:
        """From the shelter's yes to the arrival. Returns whether the client stays; if not, a place is sought again."""
        land = self.land
        yield land.soon(4, 60)
        asks = land.chance(_ASKS)
        if asks:
            yield from self.asked(who, case, hold, agreed=agreed)
            if land.chance(_WRONG_HOLD):
                yield from self._mistaken(who)
            if land.chance(_ASKS_AGAIN):
                yield land.soon(10, 120)
                yield from self.asked(who, case, hold, agreed=agreed)
            if land.chance(_COLLEAGUE) and who.regions and agreed:
                colleague = land.random.choice(land.of(Role.COORDINATOR, region=who.regions[0]))
                yield from self.asked(colleague, case, hold, agreed=True)
        if land.chance(_CORRECTED):
            who.post(f"/holds/{hold}/release", {"reason": "declines_place"})
            yield land.soon(20, 90)
            return False
        if land.chance(_GIVEN_UP):
            who.post(f"/holds/{hold}/release", {"reason": "found_other_place"})
            return True
        expected = datetime.fromisoformat(who.get(f"/holds/{hold}")["expected_at"])
        if land.chance(_NO_SHOW):
            yield max(expected, land.moment.at) + timedelta(minutes=land.random.uniform(70, 200))
            who.post(f"/holds/{hold}/no-show", {"rung": "not_coming", "wants_place": False})
            return True
        yield from self._arrived(case, hold, expected)
        return True

    def _mistaken(self, who: Human) -> Process:
        """The person opens another row of the list."""
        rows = who.get("/holds?status=confirmed&limit=100")["items"]
        if rows and who.regions:
            row = self.land.random.choice(rows)
            yield from self.asked(who, row["registration"], row["id"], agreed=True)

    def _arrived(self, case: str, hold: str, expected: datetime) -> Process:
        land = self.land
        came = max(expected, land.moment.at) + timedelta(minutes=land.random.uniform(-10, 45))
        yield came
        facts = {}
        if land.chance(_LATE_ENTRY):
            yield came + timedelta(hours=land.random.uniform(10, 40))
            facts = {"happened_at": came.isoformat()}
        answer = self._staff_of(hold).post(f"/holds/{hold}/arrival", facts)
        if not answer.is_success:
            land.refused.append(answer.text)
            return
        home = (case, str(answer.json()["id"]), hold)
        self.homes.append(home)
        self.placed += 1
        yield land.soon(4 * 1440, 30 * 1440)
        yield from self.left(home)

    def left(self, home: tuple[str, str, str]) -> Process:
        """The client leaves the shelter, unless that happened before."""
        if home in self.homes:
            self.homes.remove(home)
            case, stay, hold = home
            self._staff_of(hold).post(f"/stays/{stay}/end", {"reason": "own_housing"})
            self.gone.append(case)
        yield from ()

    def asked(self, who: Human, case: str, hold: str, *, agreed: bool) -> Process:
        """Asks for an address, as the desk if the desk did not agree. If it waits, a colleague of the desk rings."""
        if not agreed:
            who = self.desk()
        if who.row["role"] == Role.DESK.value:
            who.post(f"/registrations/{case}/opening", {"reason": "asked_by_coordinator"})
        found = who.address(hold)
        if "address" not in found:
            self.land.refused.append(str(found))
            return
        if found["address"] is None:
            yield self.land.soon(10, 40)
            yield from self._rung_back(found["call_back"], but=who)
            yield self.land.soon(1, 15)
            who.address(hold)

    def _rung_back(self, asked: str, but: Human) -> Process:
        desk = self.desk(but)
        desk.again()
        request = desk.get(f"/second-person-requests/{asked}")
        numbers = list(request["facts"].get("numbers", []))
        answer = desk.post(f"/second-person-requests/{asked}/grant", {"number": numbers[0] if numbers else None})
        if not answer.is_success:
            self.land.refused.append(answer.text)
        yield from ()

    def _transfer(self) -> Process:
        """A resident moves to another shelter."""
        if not self.homes:
            return
        home = self.land.random.choice(self.homes)
        who = self._placer_of(home[0])
        if who is None:
            return
        body = {"kind": "transfer", "ground": self.land.random.choice(("need", "wish", "shelter")), "urgency": 3}
        if who.post(f"/registrations/{home[0]}/requests", body).is_success:
            self.homes.remove(home)
            yield self.land.soon(30, 300)
            yield from self._placed(who, home[0])

    def _returned(self) -> Process:
        """A client who left comes back."""
        if not self.gone:
            return
        case = self.gone.pop(self.land.random.randrange(len(self.gone)))
        who = self._placer_of(case)
        if who is None:
            return
        answer = who.post(f"/registrations/{case}/return")
        if not answer.is_success:
            self.land.refused.append(answer.text)
            return
        draft = answer.json()
        opened = who.ask(
            "PATCH", f"/registrations/{draft['id']}", {"urgency": 2, "open": True}, If_Match=f'"{draft["version"]}"'
        )
        if not opened.is_success:
            self.land.refused.append(opened.text)
            return
        yield self.land.soon(5, 60)
        yield from self._placed(who, str(draft["id"]))

    def _placer_of(self, case: str) -> Human | None:
        """Returns a person who may place the client of this case: a coordinator of its region."""
        coordinators = self.land.of(Role.COORDINATOR)
        for one in self.land.random.sample(coordinators, len(coordinators)):
            if one.ask("GET", f"/registrations/{case}").is_success:
                return self._at_work(one)
        return None
