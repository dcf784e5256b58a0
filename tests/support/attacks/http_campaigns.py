"""Campaigns for the address of a second place, by people and programs that use the service as everybody does.

The desk and the shelters are honest, and believe every made-up client. A campaign ends with its second address, or when
it has no more tries. What waits, it lets wait: each campaign counts as stopped from there.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from placement.core.codes import Role
from tests.support.api.service import Program
from tests.support.attacks.database_helper import (
    ATTACKERS,
    answer_call,
    change_number,
    organisation_of,
    put_back,
    rows_of,
    write,
)
from tests.support.attacks.honest_weeks import HonestWeeks
from tests.support.attacks.sixty_people import AGENTS, Human, Land, Refused, Row

TRIES = 6
_RELEASES = ("unreachable", "found_other_place", "declines_place", "entered_in_error")
_CLOSINGS = ("found_other_place", "entered_in_error", "duplicate_registration")
_AWAY = ("limburg", "amsterdam", "rotterdam", "oost-brabant", "noord-nederland")


@dataclass
class Outcome:
    kind: str
    variant: str
    seed: int
    addresses: int
    """Different addresses that were disclosed before anything waited."""
    waits: bool
    """True if a request waited for a call-back."""
    ended: str = ""
    """Why the campaign got no further."""
    released: bool = False
    """True if the attacker had the second address after a call-back."""
    alarms: list[str] = field(default_factory=list)
    """Rules of anomalies that an auditor found when the campaign had ended."""

    @property
    def is_seen(self) -> bool:
        return self.waits or self.addresses < 2


class Over(Exception):
    """The campaign has got what it wanted, or waits."""


@dataclass
class Campaign:
    weeks: HonestWeeks
    kind: str
    seed: int
    variant: str = ""
    got: dict[str, datetime] = field(default_factory=dict)
    waits: str = ""
    ended: str = ""
    released: bool = False

    def __post_init__(self) -> None:
        self.draws = Random(f"{self.kind} {self.seed}")
        self.land: Land = self.weeks.land

    def run(self) -> Outcome:
        """Plays the campaign to its end."""
        before = set(self._anomalies())
        try:
            KINDS[self.kind](self)
            self.ended = self.ended or "gave up"
        except Over as over:
            self.ended = str(over)
        except Refused as refused:
            if self.kind != "admin with the database":
                raise
            self.ended = f"refused: {refused}"[:200]
        alarms = [rule for one, rule in self._anomalies().items() if one not in before]
        return Outcome(
            self.kind, self.variant, self.seed, len(self.got), bool(self.waits), self.ended, self.released, alarms
        )

    def _anomalies(self) -> dict[str, str]:
        self.land.looked_at()
        auditor = self.land.of(Role.AUDITOR)[0]
        found = auditor.get("/audit/review?status=waiting&limit=200")["items"]
        return {one["id"]: one["rule"] for one in found}

    # What every attacker does

    def wait(self, least: float, most: float) -> None:
        """Lets time pass, in hours."""
        self.land.run(self.land.moment.at + timedelta(hours=self.draws.uniform(least, most)))

    def until(self, hour: float) -> None:
        """Waits for the next time that it is so late in Amsterdam."""
        local = self.land.local()
        at = local.replace(hour=int(hour), minute=int(hour % 1 * 60))
        self.wait(*[((at - local).total_seconds() / 3600) % 24] * 2)

    def by_turn(self, *of: str) -> str:
        """Returns the variant whose turn it is with this seed."""
        return of[self.seed % len(of)]

    def pick(self, *of: Any) -> Any:
        return self.draws.choice(of)

    def facts(self, turn: int, region: str) -> Row:
        """Returns a made-up client, different each time, so that the place differs."""
        where = [{"kind": "region", "target": one} for one in self.draws.sample(_AWAY, turn % 3) if one != region]
        person = {"gender": "female", "age": self.draws.randint(18, 44)}
        return {
            "region": region, "registrant": self.pick("NP", "KMAR", "ZORGCOORDINATIE"), "persons": [person],
            "residence_basis": self.pick("reflection", "none_yet", "reflection", "victim_permit"),
            "urgency": self.pick(1, 1, 2), "languages": [{"code": self.pick("en", "es", "ro"), "level": "fluent"}],
            "language_required": False, "avoided": where, "needs": self.pick([], [], ["pregnancy"], ["psychiatric"]),
        }  # fmt: skip

    def bait(self, who: Human, turn: int, *, by: Any = None, says_yes: bool = True) -> str | None:
        """Gets a place for a made-up client. Returns the hold that its shelter confirmed, if the desk agreed."""
        self.land.counts()
        registers = by or who
        case = str(registers.made("/registrations", self.facts(turn, (who.regions or ["den-haag"])[0]))["id"])
        self.wait(0.05, 0.4)
        proposal = registers.made(f"/registrations/{case}/proposals")
        if not proposal["chosen"]:
            who.post(f"/registrations/{case}/close", {"reason": "entered_in_error"})
            return None
        decision = who.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
        self.wait(0.1, 1.0)
        hold = decision["hold"]
        if decision["status"] == "waiting_for_desk":
            hold = self.desk(who).made(f"/decisions/{decision['id']}/confirmation", {"granted": True})["hold"]
        elif who.row["role"] != Role.DESK.value:
            who.post(f"/holds/{hold}/release", {"reason": "entered_in_error"})
            return None
        self.wait(0.2, 2.0)
        return hold if not says_yes or self.agreed(hold) else None

    def agreed(self, hold: str) -> bool:
        staff = self.staff(hold)
        row = staff.get(f"/holds/{hold}")
        at = self.pick(*row["offered_times"][:4])
        return staff.post(
            f"/holds/{hold}/answer", {"answer": "confirm", "expected_at": at, "driver": "taxi"}
        ).is_success

    def staff(self, hold: str) -> Human:
        unit = str(self.desk().get(f"/holds/{hold}")["unit"])
        return self.land.of(Role.SHELTER_STAFF, shelter=unit.partition("-")[0])[0]

    def desk(self, but: Human | None = None) -> Human:
        return self.draws.choice([one for one in self.land.of(Role.DESK) if but is None or one.row is not but.row])

    def take(self, who: Human, hold: str) -> bool:
        """Asks for the address of a hold. The campaign is over if this is the second, or if the request waits."""
        found = who.address(hold)
        if found.get("address"):
            self.got.setdefault(found["address"], self.land.moment.at)
            if len(self.got) > 1:
                raise Over("second address")
            return True
        if found.get("call_back"):
            self.waits = found["call_back"]
            raise Over("waits")
        self.ended = str(found.get("type", found))
        return False

    def after(self, who: Human, hold: str, how: str) -> None:
        """Ends the case of a made-up client in this way."""
        case = str(who.get(f"/holds/{hold}").get("registration"))
        if how == "released":
            who.post(f"/holds/{hold}/release", {"reason": self.pick(*_RELEASES)})
        elif how == "closed":
            who.post(f"/holds/{hold}/release", {"reason": "unreachable"})
            self.wait(0.2, 3)
            who.post(f"/registrations/{case}/close", {"reason": self.pick(*_CLOSINGS)})
        elif how == "no show":
            expected = datetime.fromisoformat(who.get(f"/holds/{hold}")["expected_at"])
            self.land.run(max(expected + timedelta(hours=1.2), self.land.moment.at))
            who.post(f"/holds/{hold}/no-show", {"rung": "not_coming", "wants_place": False})
        elif how == "false arrival":
            self._false_arrival(who, hold)

    def _false_arrival(self, who: Human, hold: str) -> None:
        """Enters the arrival as the attacker. Most shelters notice on the next day, and reverse it."""
        expected = datetime.fromisoformat(who.get(f"/holds/{hold}")["expected_at"])
        self.land.run(max(expected, self.land.moment.at))
        arrived = who.post(f"/holds/{hold}/arrival", {})
        if self.draws.random() < 0.7:
            self.wait(12, 30)
            self.staff(hold).post(f"/holds/{hold}/arrival/reversal")
        elif arrived.is_success:
            self.wait(40, 200)
            who.post(f"/stays/{arrived.json()['id']}/end", {"reason": self.pick("own_housing", "family_or_friends")})

    def cover(self, who: Human, number: int) -> None:
        """True clients of the attacker's own work."""
        for _ in range(number):
            self.land.begin(self.land.soon(10, 600), self.weeks.client_of(who))
        self.wait(20, 30)

    def coordinator(self) -> Human:
        return self.draws.choice(self.land.of(Role.COORDINATOR))


def _baits(one: Campaign, askers: Callable[[], Iterator[Human]], gap: tuple[float, float], **more: Any) -> None:
    """Baits by these people in turn, with so many hours between."""
    for turn, who in zip(range(TRIES), askers(), strict=False):
        one.until(one.draws.uniform(*more.get("hours", (9, 17))))
        hold = one.bait(who, turn, by=more.get("by"))
        if hold:
            one.wait(0.05, 2)
            one.take(who, hold)
            one.after(who, hold, more["how"])
        if more.get("covers"):
            one.cover(who, more["covers"])
        one.wait(*gap)


def _always(*people: Human) -> Callable[[], Iterator[Human]]:
    return lambda: (people[turn % len(people)] for turn in range(TRIES))


def bait(one: Campaign) -> None:
    """A coordinator who works for the traffickers, within days."""
    who = one.coordinator()
    how = one.by_turn("released", "closed", "no show", "nothing")
    one.variant, hours = how, one.pick((9, 17), (9, 17), (19, 23))
    _baits(one, _always(who), one.pick((0.5, 3), (16, 48)), how=how, hours=hours, covers=one.pick(0, 0, 1, 2))


def slow_bait(one: Campaign) -> None:
    """The same in at most three weeks, at the usual hours, among true clients."""
    who = one.coordinator()
    one.variant = how = one.by_turn("released", "closed", "no show", "false arrival")
    _baits(one, _always(who), one.pick((7 * 24, 10 * 24), (14 * 24, 21 * 24)), how=how, covers=one.pick(1, 2, 3))


def colluders(one: Campaign) -> None:
    """Two who share the work: of different regions, of the same region, or with a person of the desk."""
    one.variant = one.by_turn("two regions", "one region", "desk", "desk in turn")
    first = one.coordinator()
    others = [other for other in one.land.of(Role.COORDINATOR) if other is not first]
    gap, how = one.pick((2, 20), (24, 72), (120, 240)), one.pick("released", "closed", "no show", "false arrival")
    if one.variant == "two regions":
        second = one.draws.choice([other for other in others if other.regions != first.regions])
        _baits(one, _always(first, second), gap, how=how)
    elif one.variant == "one region":
        second = one.draws.choice([other for other in others if other.regions == first.regions])
        for turn in range(TRIES):
            one.until(one.draws.uniform(9, 17))
            hold = one.bait(first, turn)
            if hold:
                one.take((first, second)[turn % 2], hold)
                one.after(first, hold, how)
            one.wait(*gap)
    else:
        desk = one.desk()
        _baits(one, _always(*((first, desk) if one.variant == "desk in turn" else (desk,))), gap, how=how)


def stolen_key(one: Campaign) -> None:
    """A key of a person's or a shelter's software, and a session that was phished."""
    one.variant = one.by_turn("coordinator", "shelter", "desk", "asks itself")
    owners = [who for who in one.land.of(Role.COORDINATOR) + one.land.of(Role.DESK) if who.row["api_key"]]
    role = Role.DESK if one.variant == "desk" else Role.COORDINATOR
    owner = one.draws.choice([who for who in owners if who.row["role"] == role.value])
    key = Program(one.land.client, one.land.moment, owner.row["api_key"])
    thief = one.land.phished(owner, one.pick(*AGENTS))
    hours, gap = one.pick((9, 17), (18, 22), (0, 5)), one.pick((1, 5), (20, 60), (100, 200))
    for turn in range(TRIES):
        one.until(one.draws.uniform(*hours))
        hold = one.bait(thief, turn, by=key)
        if hold:
            if one.variant == "asks itself":
                key.post(f"/holds/{hold}/address")
            one.take(thief, hold)
            if one.variant == "shelter":
                unit = str(thief.get(f"/holds/{hold}")["unit"]).partition("-")[0]
                one.wait(1, 20)
                one.land.programs[unit].post(f"/holds/{hold}/arrival", {})
            else:
                one.after(thief, hold, one.pick("released", "nothing"))
        one.wait(*gap)


def insider(one: Campaign) -> None:
    """A curious person, who makes no client up and reads where people live."""
    ways = "own, at once", "own, slowly", "desk, at once", "desk, slowly", "before leaving", "among work"
    one.variant = one.by_turn(*ways)
    who = one.draws.choice(one.land.of(Role.DESK)) if one.variant.startswith("desk") else one.coordinator()
    rows = who.get("/holds?status=confirmed&limit=200")["items"]
    one.draws.shuffle(rows)
    one.wait(*one.pick((9, 15), (9, 60)))
    one.until(one.draws.uniform(*((19, 22) if one.variant == "before leaving" else (9, 17))))
    gap = {"own, at once": (0.02, 0.2), "desk, at once": (0.02, 0.2), "before leaving": (0.05, 0.3)}
    for row in rows[: 2 * TRIES]:
        if one.variant.startswith("desk"):
            reason = one.pick("asked_by_coordinator", "coordinator_unreachable", "record_check")
            who.post(f"/registrations/{row['registration']}/opening", {"reason": reason})
        one.take(who, str(row["id"]))
        if one.variant == "among work":
            one.cover(who, 1)
        one.wait(*gap.get(one.variant, one.pick((20, 60), (120, 200))))


def admin(one: Campaign) -> None:
    """Makes clients up as a coordinator, helped by an admin with the database."""
    one.variant = one.by_turn("forgets the request", "grants in the database", "empties the lists", "another number")
    who, helper = one.coordinator(), one.land.of(Role.ADMIN)[0]
    if one.variant == "another number":
        change_number(one, helper, str(organisation_of(one, who)))
    for turn in range(TRIES):
        one.until(one.draws.uniform(9, 17))
        hold = one.bait(who, turn)
        if hold is None:
            continue
        before = rows_of(one.land) if one.variant == "forgets the request" else {}
        try:
            one.take(who, hold)
        except Over:
            if len(one.got) > 1:
                raise
            _helped(one, who, hold)
            raise
        if one.variant == "forgets the request":
            put_back(one.land, before)
        if one.variant == "empties the lists":
            write(one.land, "DELETE FROM message", "DELETE FROM auditoddity")
        one.after(who, hold, one.pick("released", "nothing"))
        one.wait(*one.pick((1, 5), (20, 60)))


def _helped(one: Campaign, who: Human, hold: str) -> None:
    """Tries to get what waits: with a forged row, or with a call on a number of the attackers."""
    if one.variant == "grants in the database":
        granted = f"status = 'granted', settled_at = asked_at, settled_by = '{one.desk().account}'"
        write(one.land, f"UPDATE secondpersonrequest SET {granted} WHERE id = '{one.waits}'")  # noqa: S608
    elif one.variant in {"another number", "own number", "shelter's number"}:
        answer_call(one)
    one.wait(0.1, 1)
    one.released = bool(who.address(hold).get("address"))


def caller(one: Campaign) -> None:
    """A voice on the telephone: numbers that were changed before, so that the desk rings the attacker."""
    one.variant = one.by_turn("another number", "own number", "shelter's number", "all of them")
    who = one.coordinator()
    thief = one.land.phished(who, AGENTS[2])
    if one.variant in {"own number", "all of them"}:
        thief.again()
        thief.ask("PUT", "/details", {"name": "-", "telephone": ATTACKERS, "sure_of": [ATTACKERS]})
    if one.variant in {"another number", "all of them"}:
        change_number(one, one.land.of(Role.ADMIN)[1], str(organisation_of(one, who)))
    if one.variant in {"shelter's number", "all of them"}:
        for staff in one.land.of(Role.SHELTER_STAFF)[:2]:
            staff.again()
            body = {"telephones": {"placing": ATTACKERS}, "sure_of": [ATTACKERS]}
            staff.ask("PUT", f"/shelters/{staff.row['shelter_id']}/telephones", body)
    one.wait(1, one.pick(20, 100))
    for turn in range(TRIES):
        one.until(one.draws.uniform(9, 21))
        hold = one.bait(thief, turn)
        if hold is None:
            continue
        try:
            one.take(thief, hold)
        except Over:
            if len(one.got) < 2:
                answer_call(one)
                one.wait(0.1, 1)
                one.released = bool(thief.address(hold).get("address"))
            raise
        one.after(thief, hold, "released")
        one.wait(*one.pick((1, 5), (20, 60)))


KINDS: dict[str, Callable[[Campaign], None]] = {
    "bait": bait, "slow bait": slow_bait, "two colluders": colluders, "stolen key": stolen_key,
    "curious insider": insider, "admin with the database": admin, "caller": caller,
}  # fmt: skip
