"""Weeks of sixty honest people, and campaigns of attackers who want addresses: what the rules of `placement/oddness`
stop.

Each request is judged by the figures and rules of the service itself. The points and limits of the rules come from the
first half of the seeds, the table of the guide from the second half. All behaviour here is assumed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from placement.oddness.conduct import LONG, NEW_BROWSER_FOR, REFUSED_FOR, Disclosed, Facts, figures
from placement.oddness.rules import ODD_RULES, OddRule, odd
from placement.text.catalogue import translate
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "guide" / "audit.md"
BEGIN, END = "<!-- made by: python -m tests.support.address_campaigns -->\n", "<!-- end of what is made -->\n"
TRAINING, FIGURES = range(200), range(1000, 1200)
"""Seeds of campaigns: those by which the rules were chosen, and those of the figures."""
WEEKS, WARM_UP = 40, 26
"""The weeks that are counted for each seed of honest people, and those before, from which only the past comes."""
HONEST_TRAINING, HONEST_FIGURES = range(3), range(50, 53)
MOST_ALARMS = 2.5
"""False alarms a week. Each is a call of some minutes, after an honest client who did not arrive."""
PEOPLE, DESK = 60, 15
START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Colleagues = tuple[Sequence[str], Sequence[str]]
"""The coordinators, and the people of the desk."""


@dataclass(slots=True)
class Case:
    """A client with a confirmed hold. `arrives_at`: `None` if the client never arrives; then the stay ends."""

    name: str
    registrar: str
    decider: str
    registered_at: datetime
    arrives_at: datetime | None
    ends_at: datetime
    is_canary: bool = False


@dataclass(slots=True)
class World:
    """The past of some people, as the log and the stays show it."""

    cases: list[Case] = field(default_factory=list)
    disclosed: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """The first disclosure, by person and case."""
    refused: list[tuple[datetime, str]] = field(default_factory=list)
    browsers: list[tuple[datetime, str]] = field(default_factory=list)
    denied: list[tuple[datetime, str]] = field(default_factory=list)
    sure: dict[str, datetime] = field(default_factory=dict)

    def facts(self, at: datetime, asker: str, case: Case) -> Facts:
        people = {asker, *(one for one in (case.registrar, case.decider) if not one.startswith("desk"))}
        known = {one.name: one for one in self.cases}
        first: dict[str, datetime] = {}
        for (who, name), moment in self.disclosed.items():
            if who in people and at - LONG <= moment <= at:
                first[name] = min(moment, first.get(name, moment))
        return Facts(
            case.name,
            _by(at, case.arrives_at),
            [_disclosed(at, known[name], moment) for name, moment in first.items()],
            [moment for moment, who in self.refused if who == asker and at - REFUSED_FOR <= moment <= at],
            [moment for moment, who in self.browsers if who == asker and at - NEW_BROWSER_FOR <= moment <= at],
            [moment for moment, who in self.denied if who in people],
            sure_at=self.sure.get(asker),
            at_night=not asker.startswith("desk") and not 5 <= at.hour < 21,
            is_canary=case.is_canary,
        )


def _by(at: datetime, moment: datetime | None) -> datetime | None:
    return moment if moment is not None and moment <= at else None


def _disclosed(at: datetime, case: Case, moment: datetime) -> Disclosed:
    return Disclosed(case.name, moment, _by(at, case.arrives_at), case.ends_at <= at)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for an address. `refusals`: how often the same person was refused just before."""

    at: datetime
    asker: str
    case: Case
    refusals: int = 0


def judged(world: World, one: Asked, rules: Sequence[OddRule]) -> list[str]:
    """Returns the rules that make a request odd, and adds the disclosure to the past if it is not odd."""
    world.refused += [(one.at - timedelta(minutes=number + 1), one.asker) for number in range(one.refusals)]
    found = odd(figures(one.at, world.facts(one.at, one.asker, one.case)), rules)
    if not found:
        world.disclosed.setdefault((one.asker, one.case.name), one.at)
    return found


# --- honest people --------------------------------------------------------------------------------------------------


def honest(rng: Random, weeks: int) -> tuple[World, list[Asked]]:
    """Returns the past and the requests of sixty people: some 25 placements a week, with mistakes and raids."""
    world, asked = World(), []
    coordinators = [f"coordinator-{number}" for number in range(PEOPLE - DESK)]
    desk = [f"desk-{number}" for number in range(DESK)]
    busy = {one: rng.lognormvariate(0, 0.6) for one in coordinators}
    for week in range(weeks):
        if week % 5 == 0:  # somebody leaves, and a new colleague has no past
            gone = rng.choice(coordinators)
            coordinators[coordinators.index(gone)] = new = f"coordinator-new-{week}"
            busy[new] = busy.pop(gone)
            world.browsers.append((START + week * 7 * DAY, new))
        begin = START + week * 7 * DAY
        for person in [*coordinators, *desk]:
            if rng.random() < 1 / 17:
                world.browsers.append((begin + rng.uniform(0, 7) * DAY, person))
        for _ in range(25):
            [person] = rng.choices(coordinators, [busy[one] for one in coordinators])
            asked += _placed(rng, world, begin + rng.randrange(7) * DAY, person, (coordinators, desk))
        if rng.random() < 0.1:  # a raid: several clients of a night, brought by one person
            person, night = rng.choice(coordinators), begin + rng.randrange(7) * DAY
            for _ in range(rng.randint(3, 6)):
                asked += _placed(rng, world, night, person, (coordinators, desk))
    return world, sorted(asked, key=lambda one: one.at)


def _placed(rng: Random, world: World, day: datetime, person: str, colleagues: Colleagues) -> list[Asked]:
    coordinators, desk = colleagues
    registrar = person if rng.random() < 0.8 else rng.choice(desk)
    decider = person if rng.random() < 0.7 else rng.choice(desk)
    registered_at = day + rng.triangular(7, 19, 12) * HOUR
    asked_at = registered_at + rng.uniform(0.3, 5) * HOUR
    if rng.random() > 0.03 and not 5 <= asked_at.hour < 21:
        asked_at = asked_at.replace(hour=20)
    arrives_at = asked_at + rng.uniform(0.5, 12) * HOUR
    comes = rng.random() > 0.08
    ends_at = arrives_at + (rng.uniform(10, 90) * DAY if comes else rng.uniform(1, 24) * HOUR)
    case = Case(f"C-{len(world.cases)}", registrar, decider, registered_at, arrives_at if comes else None, ends_at)
    world.cases.append(case)
    asker = rng.choices((person, rng.choice(coordinators), rng.choice(desk)), (85, 8, 7))[0]
    found = [Asked(asked_at, asker, case, rng.choices((0, 1, 2), (85, 12, 3))[0])]
    if rng.random() < 0.3:
        found.append(Asked(asked_at + rng.uniform(0.1, 4) * HOUR, asker, case))
    if comes and rng.random() < 0.02:  # something was left behind, a doctor has to come
        found.append(Asked(arrives_at + rng.uniform(1, 20) * DAY, asker, case))
    return found


def false_alarms(seed: int, rules: Sequence[OddRule] = ODD_RULES, weeks: int = WEEKS) -> list[list[str]]:
    """Returns the rules of each false alarm. The call-back confirms each, and the person asks again."""
    world, asked = honest(Random(seed), WARM_UP + weeks)
    found, counted = [], START + WARM_UP * 7 * DAY
    for one in asked:
        if rules_found := judged(world, one, rules):
            world.sure[one.asker] = one.at
            world.disclosed.setdefault((one.asker, one.case.name), one.at)
            found += [rules_found] if one.at >= counted else []
    return found


# --- attackers ------------------------------------------------------------------------------------------------------

Campaign = Callable[[Random, World, datetime], Iterator[Asked]]


def _baited(world: World, registrar: str, decider: str, at: datetime, gone: timedelta = DAY) -> Case:
    """Adds an invented client, who never arrives."""
    world.cases.append(Case(f"B-{len(world.cases)}", registrar, decider, at - 2 * HOUR, None, at + gone))
    return world.cases[-1]


def _real(rng: Random, world: World, at: datetime, *, in_house: bool) -> Case:
    """Adds another person's client, in house for long or expected today. Each twentieth client is a canary."""
    arrives_at = at - rng.uniform(2, 60) * DAY if in_house else at + rng.uniform(2, 12) * HOUR
    case = Case(f"R-{len(world.cases)}", "desk-1", "desk-2", arrives_at - DAY, arrives_at, at + 60 * DAY)
    case.is_canary = rng.random() < 0.05
    world.cases.append(case)
    return case


def _with_past(rng: Random, world: World, at: datetime, who: str, addresses: int) -> None:
    """Adds the past of an account with honest work."""
    for _ in range(addresses):
        moment = at - rng.uniform(5, 170) * DAY
        arrives_at = moment + 6 * HOUR if rng.random() > 0.08 else None
        case = Case(f"P-{len(world.cases)}", who, who, moment - HOUR, arrives_at, moment + 30 * DAY)
        world.cases.append(case)
        world.disclosed[who, case.name] = moment


def bait(rng: Random, world: World, at: datetime) -> Iterator[Asked]:
    """Registers invented clients, and asks for each address as soon as a shelter agrees: several in some days."""
    world.browsers.append((at - rng.uniform(0, 20) * DAY, "x"))
    for _ in range(5):
        at += rng.uniform(1, 40) * HOUR
        yield Asked(at, "x", _baited(world, "x", "x", at), rng.choice((0, 0, 1, 3)))


def slow_bait(rng: Random, world: World, at: datetime) -> Iterator[Asked]:
    """Does the same each week or month. Some do honest work between."""
    _with_past(rng, world, at, "x", rng.choice((0, 0, 0, 1)))
    for _ in range(5):
        at += rng.uniform(6, 35) * DAY
        yield Asked(at, "x", _baited(world, "x", "x", at))


def colluders(rng: Random, world: World, at: datetime) -> Iterator[Asked]:
    """One registers, the other asks; then they change. Each gets every second address only."""
    pair = ["x", "y"]
    for number in range(6):
        at += rng.uniform(3, 200) * HOUR
        first, second = pair if number % 2 else pair[::-1]
        yield Asked(at, second, _baited(world, first, rng.choice((first, "desk-3")), at))


def stolen_key(rng: Random, world: World, at: datetime) -> Iterator[Asked]:
    """Tries a colleague's key, which never gets an address, and then the colleague's session in another browser."""
    _with_past(rng, world, at, "x", rng.randint(4, 30))
    at = at.replace(hour=rng.choice((1, 2, 3, 9, 14, 22)))
    world.browsers.append((at, "x"))
    for _ in range(4):
        at += rng.uniform(0.05, 3) * HOUR
        yield Asked(at, "x", _real(rng, world, at, in_house=rng.random() < 0.4), rng.choice((0, 2, 4, 9)))


def insider(rng: Random, world: World, at: datetime) -> Iterator[Asked]:
    """Looks up where clients live, with honest work of months behind."""
    _with_past(rng, world, at, "x", rng.randint(3, 30))
    hours = rng.choice((0.2, 4, 30, 200))
    for _ in range(5):
        at += rng.uniform(0.3, 1) * hours * HOUR
        yield Asked(at, "x", _real(rng, world, at, in_house=rng.random() < 0.9), rng.choice((0, 0, 1, 5)))


def database_admin(rng: Random, world: World, at: datetime) -> Iterator[Asked]:
    """Has an account made for somebody who does not exist, and reads the addresses of tonight's clients with it."""
    world.browsers.append((at, "x"))
    for _ in range(4):
        at += rng.uniform(0.1, 8) * HOUR
        yield Asked(at, "x", _real(rng, world, at, in_house=rng.random() < 0.5), rng.choice((0, 0, 2)))


CAMPAIGNS: tuple[Campaign, ...] = (bait, slow_bait, colluders, stolen_key, insider, database_admin)


@dataclass(frozen=True, slots=True)
class Result:
    """The addresses that a campaign got before its first odd request, and after the desk denied it."""

    before: int
    after: int


def result(seed: int, rules: Sequence[OddRule] = ODD_RULES) -> Result:
    """Plays a campaign. Each call-back denies the request, and the attacker goes on."""
    rng, world = Random(seed), World()
    campaign = CAMPAIGNS[seed % len(CAMPAIGNS)]
    before, after = set[str](), set[str]()
    for one in campaign(rng, world, START + rng.uniform(200, 300) * DAY):
        if judged(world, one, rules):
            world.denied.append((one.at, one.asker))
        else:
            (after if world.denied else before).add(one.case.name)
    return Result(len(before), len(after))


def part(seeds: Sequence[int], rules: Sequence[OddRule] = ODD_RULES) -> float:
    """Returns the part of the campaigns that are stopped before their second address."""
    return sum(result(seed, rules).before < 2 for seed in seeds) / len(seeds)


def without(code: str | None) -> list[OddRule]:
    return [rule for rule in ODD_RULES if rule.code != code]


def alarms_a_week(seeds: Sequence[int], rules: Sequence[OddRule] = ODD_RULES) -> float:
    return sum(len(false_alarms(seed, rules)) for seed in seeds) / (len(seeds) * WEEKS)


# --- the table of the guide -----------------------------------------------------------------------------------------

CHOICES = [{"refused": refused, "in_a_day": in_a_day} for refused in range(1, 6) for in_a_day in range(3)]
"""The limits among which the first half of the seeds chooses. The other rules have no limit to choose."""


def with_limits(limits: Mapping[str, int]) -> list[OddRule]:
    return [replace(rule, most=limits.get(rule.code, rule.most)) for rule in ODD_RULES]


def chosen() -> Mapping[str, int]:
    """Returns the limits that stop most campaigns with at most so many false alarms a week; of equals, those with the
    fewest alarms.
    """
    found = []
    for limits in CHOICES:
        rules = with_limits(limits)
        alarms = alarms_a_week(HONEST_TRAINING, rules)
        if alarms <= MOST_ALARMS:
            found.append((-part(TRAINING, rules), alarms, sorted(limits.items())))
    return dict(min(found)[2])


def table() -> str:
    """Returns the figures: of each kind of campaign, and of all with each rule switched off."""
    lines = ["| rule | points | applies if | limit | stopped without it | addresses | after a denial | alarms a week |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    for rule in ODD_RULES:
        means = translate("odd_rule", rule.code, "en")
        lines.append(
            f"| `{rule.code}` | {rule.points} | {means} | {rule.most or ''} | {_figures(without(rule.code))} |"
        )
    lines.append(f"| all together | | | | {_figures(ODD_RULES)} |")
    lines += ["", f"*Stopped*: of {len(FIGURES)} campaigns, before the second address. *Addresses*: before the alarm."]
    lines += ["*Alarms*: false, of 60 people.", "", "| campaign | stopped |", "|---|---|"]
    for number, campaign in enumerate(CAMPAIGNS):
        seeds = [seed for seed in FIGURES if seed % len(CAMPAIGNS) == number]
        lines.append(f"| {campaign.__name__.replace('_', ' ')} | {part(seeds):.0%} of {len(seeds)} |")
    return "\n".join(lines) + "\n"


def _figures(rules: Sequence[OddRule]) -> str:
    results = [result(seed, rules) for seed in FIGURES]
    got, after = sum(one.before for one in results), sum(one.after for one in results)
    return f"{part(FIGURES, rules):.1%} | {got} | {after} | {alarms_a_week(HONEST_FIGURES, rules):.2f}"


def with_table(page: str) -> str:
    begin, _, rest = page.partition(BEGIN)
    return f"{begin}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
