"""How alike two registrations are: what agrees, and the measurement with planted doubles."""

from dataclasses import replace
from datetime import timedelta

import pytest

from placement.core.codes import Gender, Registrant, ResidenceBasis
from placement.core.link_codes import Agrees
from placement.registrations.likeness import ENOUGH, SHARES, likeness
from tests.support import planted_doubles
from tests.support.planted_doubles import CALIBRATION, FIGURES, TODAY, adult, found, shown, trials
from tests.support.stores import first_and_wide

WOMAN = planted_doubles.Described(
    region="amsterdam",
    alias=None,
    persons=[adult(Gender.FEMALE, 31)],
    languages=frozenset({"ti"}),
    places=frozenset(),
    registrant=Registrant.NP,
    basis=ResidenceBasis.REFLECTION,
    day=TODAY,
)
KNOWN = {Agrees.PERSONS, Agrees.LANGUAGES, Agrees.REGISTRANT, Agrees.BASIS, Agrees.REGION, Agrees.DAY}


def compared(**facts):
    [one] = likeness(WOMAN, [replace(WOMAN, **facts)])
    return one


def test_shares_of_each_fact_add_up():
    for levels in SHARES.values():
        assert sum(one for one, _ in levels) == pytest.approx(1)
        assert sum(others for _, others in levels) == pytest.approx(1)


def test_same_facts_are_alike_and_each_that_differs_takes_points():
    same = compared()
    assert (same.agrees, same.is_alike) == (KNOWN, True)
    differing = {
        Agrees.PERSONS: {"persons": [adult(Gender.MALE, 31)]},
        Agrees.LANGUAGES: {"languages": frozenset({"en"})},
        Agrees.REGISTRANT: {"registrant": Registrant.KMAR},
        Agrees.BASIS: {"basis": ResidenceBasis.EU},
        Agrees.REGION: {"region": "limburg"},
        Agrees.DAY: {"day": TODAY - timedelta(days=4)},
    }
    for fact, facts in differing.items():
        other = compared(**facts)
        assert other.agrees == KNOWN - {fact}
        assert other.points < same.points - 1


@pytest.mark.parametrize(
    ("facts", "fact"),
    [
        ({"persons": [adult(Gender.FEMALE, 32)]}, Agrees.PERSONS),
        ({"persons": [adult(Gender.FEMALE, None)]}, Agrees.PERSONS),
        ({"persons": [adult(Gender.FEMALE, 31), adult(Gender.FEMALE, 60)]}, Agrees.PERSONS),
        ({"languages": frozenset({"ti", "en"})}, Agrees.LANGUAGES),
        ({"day": TODAY - timedelta(days=3)}, Agrees.DAY),
    ],
)
def test_fact_that_agrees_less_closely_weighs_less(facts, fact):
    other = compared(**facts)
    assert fact in other.agrees
    assert other.points < compared().points


@pytest.mark.parametrize("facts", [{"languages": frozenset()}, {"basis": ResidenceBasis.UNKNOWN}, {"persons": []}])
def test_fact_that_is_not_known_neither_agrees_nor_differs(facts):
    other = compared(**facts)
    assert len(KNOWN - other.agrees) == 1
    assert ENOUGH < other.points < compared().points


def test_frequent_fact_weighs_less_than_a_rare_one():
    others = [replace(WOMAN, languages=frozenset({"en"}), region="limburg")] * 100
    rare, *_ = likeness(WOMAN, [WOMAN, *others])
    frequent, *_ = likeness(WOMAN, [WOMAN, *(replace(one, languages=WOMAN.languages) for one in others)])
    assert rare.points > frequent.points + 2


@pytest.mark.wide
def test_threshold_is_the_least_that_shows_one_of_a_hundred():
    """Half of what is allowed, as another register has other clients."""
    calibrating = trials(CALIBRATION)
    assert shown(calibrating, ENOUGH) <= 0.01 < shown(calibrating, ENOUGH - 1)


@pytest.mark.wide
@pytest.mark.parametrize("seeds", first_and_wide(FIGURES[:2], FIGURES))
def test_planted_doubles_are_found_and_few_other_clients_shown(seeds):
    measured = trials(seeds)
    assert found(measured) >= 0.95
    assert found(measured, single=True) >= 0.95
    assert shown(measured) <= 0.02


@pytest.mark.wide
def test_figures_of_the_guide_are_those_of_the_measurement():
    page = planted_doubles.PAGE.read_text()
    assert page == planted_doubles.with_figures(page), "run: python -m tests.support.planted_doubles"
