"""The half of the campaigns and honest weeks that another person wrote, before reading a rule: all through HTTP.

It sets no limit. Its figures stand in `docs/guide/audit.md` beside those of the author of the rules.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from placement.oddness.rules import ODD_RULES, OddRule, odd
from tests.support.address_campaigns import without
from tests.support.api.serving import serving
from tests.support.attacks.honest_weeks import HonestWeeks
from tests.support.attacks.http_campaigns import KINDS, Campaign, Outcome
from tests.support.attacks.recorded_conduct import Conduct, recorded
from tests.support.attacks.restoring import Kept, keep, restore
from tests.support.attacks.sixty_people import Land, sixty
from tests.support.stores import one_store

WEEKS, SEEDS = 4, 16
LEAST_STOPPED, MOST_ALARMS = 0.88, 5
"""The figures of the guide: a share, and alarms a week. The goals, 0.95 and 1, are open."""


@pytest.fixture
def land(stores, solver, applications):
    country = stores.make("sixty", sixty)
    with serving(applications, country, solver) as (app, client, moment, _):
        yield Land(country, app, client, moment, Random(1))


@dataclass
class Played:
    outcome: Outcome
    seen: list[Conduct]

    def is_stopped(self, rules=ODD_RULES):
        return self.outcome.addresses < 2 or any(odd(one, rules) for one in self.seen)


def lived(land, weeks) -> tuple[HonestWeeks, list[Conduct]]:
    """Lets the sixty people work for so many weeks under the rules."""
    people = HonestWeeks(land)
    people.begin()
    with recorded(enforced=True) as seen:
        for number in range(weeks):
            people.week(number)
            land.run(land.at(7 * (number + 1), 0))
    return people, seen


def played(land, kept: Kept, seeds) -> Iterator[Played]:
    """Plays each kind with these seeds to the second address. No request waits, so that each rule can be judged."""
    for seed in seeds:
        for kind in KINDS:
            with recorded(enforced=False) as seen:
                yield Played(Campaign(restore(kept, land, seed), kind, seed).run(), seen)


def table(campaigns: list[Played], honest: list[Conduct], weeks: int) -> str:
    """Returns the figures as rows of the guide. Alarms without a rule: of the same honest requests."""
    lines = ["| rule | stopped without it | alarms a week |", "|---|---|---|"]

    def row(name: str, rules: list[OddRule]) -> str:
        stopped = sum(one.is_stopped(rules) for one in campaigns) / len(campaigns)
        return f"| {name} | {stopped:.1%} | {sum(bool(odd(one, rules)) for one in honest) / weeks:.2f} |"

    lines += [row(f"`{rule.code}`", without(rule.code)) for rule in ODD_RULES]
    lines += [row("all together", list(ODD_RULES)), "", "| campaign | stopped |", "|---|---|"]
    for kind in KINDS:
        of_kind = [one for one in campaigns if one.outcome.kind == kind]
        lines.append(f"| {kind} | {sum(one.is_stopped() for one in of_kind)} of {len(of_kind)} |")
    return "\n".join(lines)


@one_store
@pytest.mark.wide
def test_desk_with_made_up_clients_ends_in_a_call_back(land, tmp_path):
    people = HonestWeeks(land)
    people.begin()
    kept = keep(people, tmp_path / "kept")
    found = Campaign(restore(kept, land, 2), "two colluders", 2).run()
    assert (found.waits, found.addresses < 2) == (True, True), found


@one_store
@pytest.mark.long
def test_half_that_another_person_wrote(land, tmp_path):
    people, honest = lived(land, WEEKS)
    waited = len(land.waited)
    kept = keep(people, tmp_path / "kept")
    campaigns = list(played(land, kept, range(SEEDS)))
    found = table(campaigns, honest, WEEKS)
    Path("build").mkdir(exist_ok=True)
    Path("build/second-half.md").write_text(found + "\n")
    stopped = sum(one.is_stopped() for one in campaigns) / len(campaigns)
    assert (stopped >= LEAST_STOPPED, waited / WEEKS <= MOST_ALARMS) == (True, True), found
