"""Documented journeys that need a service, run as a reader would."""

import pytest

from tests.support.documented_steps import run_steps, steps_of
from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.service_process import environment_for
from tests.support.stores import one_store


def goes_as_it_says(page, environment):
    steps = steps_of(ROOT / "docs" / "guide" / page)
    printed = run_steps(steps, environment)
    for step, found in zip(steps, printed, strict=True):
        assert found == (step.says or ""), f"{step.commands}\nprinted:\n{found}"


@pytest.mark.wide
def test_documented_journey_prints_what_the_page_says(service):
    goes_as_it_says("journey.md", service.environment)


@pytest.mark.wide
@one_store
def test_documented_access_steps_print_what_the_page_says(service):
    goes_as_it_says("accounts.md", service.environment)


@pytest.mark.wide
@one_store
def test_documented_takeover_prints_what_the_page_says(service):
    goes_as_it_says("takeover.md", service.environment)


@pytest.mark.wide
@one_store
def test_supplier_reaches_a_certified_report_as_the_page_says(service):
    goes_as_it_says("supplier.md", service.environment)


@pytest.mark.wide
def test_documented_beginning_prints_what_the_page_says(stores, tmp_path):
    """From nothing, without the synthetic country; the page starts the service itself."""
    set_up = environment_for(stores.blank() if stores.kind == "postgresql" else "")
    here = {"PLACEMENT_VAR": str(tmp_path / "var"), "BASE": f"http://127.0.0.1:{free_port()}"}
    goes_as_it_says("begin.md", set_up | here)
