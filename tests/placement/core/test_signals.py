"""A signal reaches every reaction in the act's own transaction; a signal without a reaction is a fault, not a loss."""

from dataclasses import dataclass

import pytest

from placement.capacity import report
from placement.core import signals
from placement.core.signals import CountConfirmed, NoReaction
from placement.jobs.reactions import REACTIONS
from tests.support.town import shelter


@dataclass(frozen=True)
class Nothing:
    """A class without declared signals."""


@pytest.fixture
def reactions(town, monkeypatch):
    assert town  # it is made with them
    monkeypatch.setattr(signals, "_REACTIONS", {})


@pytest.mark.usefixtures("reactions")
def test_signal_without_a_reaction_is_a_fault_and_stores_nothing(town):
    before = town.events()
    with pytest.raises(NoReaction):
        town.do(report.confirm_capacity, "S1", actor=shelter("S1"))
    assert town.events() == before


@pytest.mark.usefixtures("reactions")
def test_signal_calls_every_reaction_in_order(town):
    seen = []
    signals.react({Nothing: (lambda _, signal: seen.append((1, signal)), lambda _, signal: seen.append((2, signal)))})
    signal = Nothing()
    with town.act() as act:
        signals.publish(act, signal)
    assert seen == [(1, signal), (2, signal)]


@pytest.mark.usefixtures("reactions")
def test_reaction_that_fails_rolls_the_act_back(town):
    def fails(_, signal):
        raise RuntimeError(signal.shelter_id)

    signals.react({CountConfirmed: (fails,)})
    before = town.events()
    with pytest.raises(RuntimeError, match="S1"):
        town.do(report.confirm_capacity, "S1", actor=shelter("S1"))
    assert town.events() == before


def test_every_declared_signal_has_a_reaction():
    assert all(REACTIONS.values())
