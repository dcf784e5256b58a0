"""Documented journeys that need a service, run as a reader would."""

import pytest

from tests.support.documented_steps import run_steps, steps_of
from tests.support.paths import ROOT
from tests.support.stores import one_store


def goes_as_it_says(page, service):
    steps = steps_of(ROOT / "docs" / "guide" / page)
    printed = run_steps(steps, service.environment)
    for step, found in zip(steps, printed, strict=True):
        assert found == (step.says or ""), f"{step.commands}\nprinted:\n{found}"


@pytest.mark.wide
def test_documented_journey_prints_what_the_page_says(service):
    goes_as_it_says("journey.md", service)


@pytest.mark.wide
@one_store
def test_documented_access_steps_print_what_the_page_says(service):
    goes_as_it_says("accounts.md", service)


@pytest.mark.wide
@one_store
def test_documented_takeover_prints_what_the_page_says(service):
    goes_as_it_says("takeover.md", service)
