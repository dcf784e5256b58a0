"""A month of honest registrants, and attackers with a registrant's account: what the anomaly rules find of them.

The limits of the rules come from one half of the seeds, the figures from the other half. Everything about behaviour
here is assumed. Nothing of it is known to `placement/audit/anomaly_rules.py`.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import exp
from random import Random

from placement.audit.anomaly_review import Span, add_event, odd_spans
from placement.audit.anomaly_rules import ANOMALY_RULES, AnomalyRule, LoggedEvent
from placement.audit.events import Event
from placement.core.codes import Outcome, Protocol, Region, Role
from placement.core.settings import Settings
from placement.registrants.sending import day_figures
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "guide" / "registrants.md"
BEGIN, END = "<!-- made by: python -m tests.support.registrant_behaviour -->\n", "<!-- end of what is made -->\n"
TRAINING, FIGURES = range(6), range(100, 106)
"""Seeds of months: those from which the limits are, and those of the figures."""
ORGANISATIONS, DAYS = 40, 30
ATTACKERS = 20
"""The attackers of each character in a month."""
START = datetime(2026, 11, 1, tzinfo=UTC)
DAY, REVIEWED_EVERY = timedelta(days=1), timedelta(minutes=15)
OWN_RULES = ("many_sent", "many_dangers", "many_looks", "key_in_two_networks", "sender_unknown")
LIMITS = {"many_sent": "odd_sent_a_day", "many_dangers": "odd_dangers_a_day", "many_looks": "odd_looks_an_hour"}
"""The rules with a limit, and the setting of each."""
FIGURE_OF = {"many_sent": "sent_in_a_day", "many_dangers": "danger_regions_in_a_day"}
"""The rules that compare a figure of the event with their limit."""
MOST_ALARMS = 1.0
"""The most false alarms in a month; each rule may give its equal part."""


@dataclass(frozen=True, slots=True)
class Deed:
    """An act of a registrant, or the desk's call that denies a registration. `regions`: of the danger points."""

    at: datetime
    account: str
    organisation: str
    event: Event
    regions: frozenset[str] = frozenset()
    address: str = "198.51.100.1"
    protocol: Protocol = Protocol.SESSION


@dataclass(frozen=True, slots=True)
class Office:
    """An organisation of registrants. `region`: of its unit; `None` for a national organisation. `polls`: the minutes
    between two looks of its software; `None` without software.
    """

    id: str
    region: str | None
    accounts: tuple[str, ...]
    rate: float
    polls: int | None
    moves_at: datetime
    """The time from which its software is in another network."""


def office(rng: Random, name: str, *, software: bool | None = None) -> Office:
    has_software = rng.random() < 0.25 if software is None else software
    return Office(
        name,
        rng.choice([*Region]) if rng.random() < 0.7 else None,
        tuple(f"{name}-{number}" for number in range(rng.randint(2, 12))),
        rng.lognormvariate(-2.4, 0.8),
        rng.choice((5, 10, 15)) if has_software else None,
        START + timedelta(days=rng.uniform(0, DAYS) if rng.random() < 0.02 else DAYS),
    )


def honest_days(rng: Random, one: Office, days: int) -> list[Deed]:
    """Returns the acts of an honest organisation: single registrations, raids, looks, software, and its mistakes."""
    done: list[Deed] = []
    for day in range(days):
        begin = START + timedelta(days=day)
        for _ in range(_poisson(rng, one.rate)):
            at = begin + timedelta(hours=rng.uniform(8, 20) if rng.random() < 0.75 else rng.uniform(0, 24))
            regions = frozenset(_region(rng, one) for _ in range(rng.choices(range(4), (25, 50, 20, 5))[0]))
            done += _sent_and_watched(rng, one, at, regions)
        if rng.random() < 0.1 / DAYS:
            done += _raid(rng, one, begin + timedelta(hours=rng.uniform(0, 24)))
    return done + (_polled(rng, one, days) if one.polls else [])


def _sent_and_watched(rng: Random, one: Office, at: datetime, regions: frozenset[str]) -> list[Deed]:
    by_key = one.polls is not None and rng.random() < 0.7
    how = _by_key(one, at) if by_key else Deed(at, rng.choice(one.accounts), one.id, Event.SENT_LISTED)
    done = [made := replace(how, event=Event.REGISTRATION_RECEIVED, regions=regions)]
    if rng.random() < 0.1 * 0.005:  # it needs a call, and the colleague on the telephone knows nothing of it
        done.append(replace(made, at=at + timedelta(hours=1), event=Event.REGISTRANT_RUNG))
    if by_key:
        return done
    hours, looks = (2, rng.randint(24, 60)) if rng.random() < 0.1 else (4, rng.randint(5, 15))
    return [*done, *_looks(rng, made, hours, looks), *_looks(rng, made, 72, rng.randint(2, 12))]


def _raid(rng: Random, one: Office, at: datetime) -> list[Deed]:
    """Returns the registrations of a raid: many persons in a night, in danger at the same places."""
    regions = frozenset(_region(rng, one) for _ in range(rng.randint(1, 2)))
    team, done = rng.sample(one.accounts, min(len(one.accounts), rng.randint(1, 3))), []
    for _ in range(rng.randint(5, 20)):
        when = at + timedelta(hours=rng.uniform(0, 8))
        made = Deed(when, rng.choice(team), one.id, Event.REGISTRATION_RECEIVED, regions)
        done += [made, *_looks(rng, made, 8, rng.randint(3, 10))]
    return done


def _polled(rng: Random, one: Office, days: int) -> list[Deed]:
    """Returns the looks of software. Seldom it tries again without a pause for hours."""
    steps = range(0, days * 24 * 60, one.polls or 1)
    done = [_by_key(one, START + timedelta(minutes=minute)) for minute in steps]
    if rng.random() < 0.005 * days / DAYS:
        first = START + timedelta(days=rng.uniform(0, days))
        done += [_by_key(one, first + timedelta(seconds=10 * number)) for number in range(6 * 360)]
    return done


def _looks(rng: Random, made: Deed, hours: float, number: int) -> list[Deed]:
    kind = Event.SENT_LISTED
    return [
        replace(made, at=made.at + timedelta(hours=rng.uniform(0, hours)), event=kind, regions=frozenset())
        for _ in range(number)
    ]


def _by_key(one: Office, at: datetime) -> Deed:
    """Returns a look of the organisation's software."""
    address = "192.0.2.20" if at < one.moves_at else "203.0.113.9"
    return Deed(at, one.accounts[0], one.id, Event.SENT_LISTED, address=address, protocol=Protocol.API_KEY)


def _region(rng: Random, one: Office) -> str:
    return one.region if one.region and rng.random() < 0.65 else rng.choice([*Region]).value


def _poisson(rng: Random, mean: float) -> int:
    number, product, least = 0, rng.random(), exp(-mean)
    while product > least:
        number, product = number + 1, product * rng.random()
    return number


# --- attackers ------------------------------------------------------------------------------------------------------


def bait(rng: Random, one: Office, at: datetime) -> list[Deed]:
    """Sends 500 registrations within hours, with danger points all over the country."""
    hours = rng.uniform(4, 20)
    return _sends(rng, _first(one, at), 500, hours, looks=int(hours * 8))


def slow_bait(rng: Random, one: Office, at: datetime) -> list[Deed]:
    """Sends the same registrations over weeks: four to twenty a day."""
    return _sends(rng, _first(one, at), rng.randint(4, 20), 24, looks=rng.randint(5, 20))


def narrow_bait(rng: Random, one: Office, at: datetime) -> list[Deed]:
    """Tries distances in a single region or two: forty to two hundred registrations a day."""
    regions = rng.sample([*Region], rng.randint(1, 2))
    return _sends(rng, _first(one, at), rng.randint(40, 200), 24, among=regions, looks=rng.randint(40, 140))


def stolen_key(rng: Random, one: Office, at: datetime) -> list[Deed]:
    """Uses the key of an organisation's software beside that software, from another network, for few registrations."""
    regions = rng.sample([*Region], rng.randint(1, 2))
    key = replace(_by_key(one, at), address="203.0.113.77")
    return _sends(rng, key, rng.randint(3, 10), 24, among=regions, looks=rng.randint(70, 700))


def colluders(rng: Random, one: Office, at: datetime) -> list[Deed]:
    """Up to six accounts of an organisation each send at most four registrations a day, all over the country."""
    accounts = one.accounts[-rng.randint(3, 6) :]
    return [
        deed
        for account in accounts
        for deed in _sends(rng, _first(one, at, account), rng.randint(1, 4), 24, looks=rng.randint(3, 15))
    ]


def watcher(rng: Random, one: Office, at: datetime) -> list[Deed]:
    """Sends few registrations, and looks every 5 to 30 seconds for the moment at which a state changes."""
    regions, hours = rng.sample([*Region], rng.randint(1, 2)), rng.uniform(6, 16)
    looks = int(hours * 3600 / rng.uniform(5, 30))
    return _sends(rng, _first(one, at), rng.randint(2, 5), hours, among=regions, looks=looks)


def _first(one: Office, at: datetime, account: str = "") -> Deed:
    return Deed(at, account or one.accounts[-1], one.id, Event.SENT_LISTED)


Character = Callable[[Random, Office, datetime], list[Deed]]
CHARACTERS: Sequence[Character] = (bait, slow_bait, narrow_bait, stolen_key, colluders, watcher)


def _sends(
    rng: Random,
    first: Deed,
    number: int,
    hours: float,
    *,
    looks: int,
    among: Sequence[str] = tuple(Region),
) -> list[Deed]:
    """Returns so many registrations of an account with at most three danger points each, and so many looks. `first`:
    its first act. A new sender with danger points near a shelter is called back; mostly its organisation knows nothing.
    """
    times = [0.0, *(rng.uniform(0, hours) for _ in range(number - 1))]
    done = [
        replace(
            first,
            at=first.at + timedelta(hours=time),
            event=Event.REGISTRATION_RECEIVED,
            regions=frozenset(rng.choice(among) for _ in range(rng.randint(1, 3))),
        )
        for time in times
    ]
    if rng.random() < 0.3 and rng.random() < 0.9:
        called_at = first.at + timedelta(minutes=rng.uniform(5, 600))
        done.append(replace(first, at=called_at, event=Event.REGISTRANT_RUNG))
    return done + _looks(rng, first, hours, looks)


# --- what the rules find ----------------------------------------------------------------------------------------------


def logged(deeds: Iterable[Deed], own: Mapping[str, str | None]) -> Iterator[LoggedEvent]:
    """Yields the audit events of these acts, in order of time. `own`: the region of each organisation's unit."""
    lately: dict[str, deque[tuple[datetime, frozenset[str]]]] = {}
    for number, deed in enumerate(sorted(deeds, key=lambda one: (one.at, one.event != Event.REGISTRATION_RECEIVED))):
        facts: dict[str, object] = {}
        if deed.event is Event.REGISTRATION_RECEIVED:
            sent = lately.setdefault(deed.organisation, deque())
            while sent and sent[0][0] <= deed.at - DAY:
                sent.popleft()
            sent.append((deed.at, deed.regions - {own[deed.organisation]}))
            facts |= day_figures([regions for _, regions in sent])
        by_desk = deed.event is Event.REGISTRANT_RUNG
        yield LoggedEvent(
            number,
            deed.at,
            deed.event,
            Outcome.DONE,
            "A-desk" if by_desk else deed.account,
            Role.DESK if by_desk else Role.REGISTRANT,
            None if deed.event is Event.SENT_LISTED else f"{deed.account} {number}",
            deed.address,
            deed.protocol,
            facts | ({"knows": False} if by_desk else {}),
            of_foreign_region=False,
        )


def findings(
    events: Iterable[LoggedEvent], settings: Settings, rules: Sequence[AnomalyRule] = ANOMALY_RULES
) -> Iterator[tuple[str, str, str, int]]:
    """Yields what the rules find: rule, account, day and count."""
    spans: dict[tuple[AnomalyRule, str], Span] = {}
    for event in events:
        add_event(spans, event, settings, rules)
    for rule, _, found in odd_spans(spans, settings):
        denied = found.first.event == Event.REGISTRANT_RUNG  # by the desk, about the sender
        account = str(found.first.registration_id).partition(" ")[0] if denied else found.first.actor
        yield rule.code, account, f"{found.first.at:%F}", _figure(rule, found)


def _figure(rule: AnomalyRule, found: Span) -> int:
    fact = FIGURE_OF.get(rule.code)
    return int(str(found.last.facts[fact])) if fact else len(found.counted)


def honest_month(seed: int) -> Iterator[LoggedEvent]:
    rng = Random(seed)
    offices = [office(rng, f"O{number}") for number in range(ORGANISATIONS)]
    deeds = [deed for one in offices for deed in honest_days(rng, one, DAYS)]
    return logged(deeds, {one.id: one.region for one in offices})


def attack(rng: Random, character: Character) -> tuple[set[str], list[LoggedEvent]]:
    """Returns the accounts of an attacker, and what is logged of their organisation with its honest acts. The log ends
    with the last review within a day of the first act of the attack.
    """
    one = office(rng, "O", software=True if character is stolen_key else None)
    at = START + timedelta(days=rng.uniform(1, 2))
    done = character(rng, one, at)
    known = [deed for deed in (*done, *honest_days(rng, one, 3)) if deed.at <= at + DAY - REVIEWED_EVERY]
    return {deed.account for deed in done}, [*logged(known, {one.id: one.region})]


@dataclass(frozen=True, slots=True)
class Found:
    """Accounts of the attackers of a character: how many there are, and the rules that find each within a day."""

    accounts: int
    rules: tuple[frozenset[str], ...]

    def part(self, without: str = "") -> float:
        """Returns the part that is found, also if a rule is switched off."""
        return sum(bool(one - {without}) for one in self.rules) / self.accounts


def found_of(seeds: Iterable[int], settings: Settings, number: int = ATTACKERS) -> dict[str, Found]:
    rules = [rule for rule in ANOMALY_RULES if rule.code in OWN_RULES]
    found: dict[str, list[frozenset[str]]] = {}
    for seed in seeds:
        for character in CHARACTERS:
            rng = Random(f"{character.__name__} {seed}")
            for _ in range(number):
                accounts, events = attack(rng, character)
                by = [(account, rule) for rule, account, *_ in findings(events, settings, rules)]
                rows = (frozenset(rule for account, rule in by if account == one) for one in sorted(accounts))
                found.setdefault(character.__name__, []).extend(rows)
    return {name: Found(len(rows), tuple(rows)) for name, rows in found.items()}


def part(found: Mapping[str, Found], without: str = "") -> float:
    """Returns the part of the accounts that is found, with an equal weight for each character."""
    return sum(one.part(without) for one in found.values()) / len(found)


def limits(settings: Settings, seeds: Sequence[int] = TRAINING) -> dict[str, int]:
    """Returns the limit of each rule: the smallest with at most its part of the false alarms in these months."""
    unlimited = settings.model_copy(update=dict.fromkeys(LIMITS.values(), 0))
    rules = [rule for rule in ANOMALY_RULES if rule.code in LIMITS]
    figures: dict[str, dict[tuple[int, str, str], int]] = {rule: {} for rule in LIMITS}
    for seed in seeds:
        for rule, account, day, figure in findings(honest_month(seed), unlimited, rules):
            known = figures[rule]
            known[seed, account, day] = max(known.get((seed, account, day), 0), figure)
    allowed = int(MOST_ALARMS * len(seeds) / len(OWN_RULES))
    return {rule: sorted(known.values(), reverse=True)[allowed] for rule, known in figures.items()}


def false_alarms(settings: Settings, seeds: Sequence[int] = FIGURES) -> dict[str, float]:
    """Returns the false alarms in a month by rule: each rule counts once for an account and day."""
    known = [one[0] for seed in seeds for one in {found[:3] for found in findings(honest_month(seed), settings)}]
    return {rule: known.count(rule) / len(seeds) for rule in sorted({*known, *OWN_RULES})}


def with_figures(page: str, settings: Settings) -> str:
    """Returns the page with the figures of this measurement."""
    found, alarms = found_of(FIGURES, settings), false_alarms(settings)
    rows = [f"| `{name}` | {one.accounts} | {one.part():.0%} |" for name, one in found.items()]
    rows.append(f"| each with the same weight | | {part(found):.1%} |")
    of_rules = [
        f"| `{rule}` | {_limit(rule, settings)} | {part(found, rule):.1%} | {alarms[rule]:.2f} |" for rule in OWN_RULES
    ]
    of_rules.append(f"| all rules | | {part(found):.1%} | {sum(alarms.values()):.2f} |")
    before, _, rest = page.partition(BEGIN)
    attackers = "| attackers | accounts | found within a day |\n|---|---|---|\n" + "\n".join(rows)
    rules = "| rule | limit | found without it | false alarms a month |\n|---|---|---|---|\n" + "\n".join(of_rules)
    return f"{before}{BEGIN}{attackers}\n\n{rules}\n{END}{rest.partition(END)[2]}"


def _limit(rule: str, settings: Settings) -> str:
    return f"{getattr(settings, LIMITS[rule])}" if rule in LIMITS else ""


if __name__ == "__main__":
    PAGE.write_text(with_figures(PAGE.read_text(), Settings()))
