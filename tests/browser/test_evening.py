"""The evening of three people, of which the guide shows the pictures, step by step on the running service."""

import re

import pytest

from tests.support.browser import evening
from tests.support.paths import ROOT

pytestmark = pytest.mark.wide


def test_each_step_of_the_evening_has_its_picture(reader_on):
    steps = []
    evening.goes(reader_on("sqlite-evening"), lambda _, name: steps.append(name))
    shown = re.findall(r"pictures/evening/([\w-]+)\.jpg", (ROOT / "docs/guide/evening.md").read_text())
    assert steps == shown
    assert {one.stem for one in (ROOT / "docs/pictures/evening").iterdir()} == set(shown)
