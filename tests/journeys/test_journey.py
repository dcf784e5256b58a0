"""The pages that need a service, run as a reader would, with nothing in place of a real part."""

import pytest

from tests.journeys.pages import ROOT, run_steps, steps_of


def goes_as_it_says(page, service):
    steps = steps_of(ROOT / "docs" / "guide" / page)
    printed = run_steps(steps, service.environment)
    for step, found in zip(steps, printed, strict=True):
        assert found == (step.says or ""), f"{step.commands}\nprinted:\n{found}"


def test_the_journey_goes_as_its_page_says(service):
    goes_as_it_says("journey.md", service)


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
def test_people_come_in_as_the_page_says(service):
    goes_as_it_says("accounts.md", service)
