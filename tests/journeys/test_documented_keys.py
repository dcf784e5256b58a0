"""The page about keys, run as a reader would: a ceremony with SoftHSM, a rotation, a check."""

import shutil

import pytest

from tests.support.documented_steps import run_steps, steps_of
from tests.support.paths import ROOT
from tests.support.service_process import environment_for

PAGE = ROOT / "docs" / "guide" / "keys.md"


@pytest.mark.system
def test_documented_ceremony_prints_what_the_page_says(tmp_path):
    assert shutil.which("softhsm2-util"), "SoftHSM is not installed: run `make system-deps`"
    steps = steps_of(PAGE)
    environment = environment_for("") | {"PLACEMENT_VAR": str(tmp_path / "var")}
    assert len(steps) == 7
    for step, found in zip(steps, run_steps(steps, environment), strict=True):
        assert found == (step.says or ""), f"{step.commands}\nprinted:\n{found}"
