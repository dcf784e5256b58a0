"""The page docs/journey.md, run as a reader would, on both stores and with nothing in place of a real part."""

from tests.journeys.pages import ROOT, run_steps, steps_of


def test_the_journey_goes_as_its_page_says(service):
    steps = steps_of(ROOT / "docs" / "journey.md")
    printed = run_steps(steps, service.environment)
    for step, found in zip(steps, printed, strict=True):
        assert step.says is not None, step.commands
        assert found == step.says, f"{step.commands}\nprinted:\n{found}"
