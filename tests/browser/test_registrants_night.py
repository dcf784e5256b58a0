"""The night of a registrant, the person on call and a shelter, with its ladder; the guide shows the pictures."""

import re

import pytest

from tests.support.audit_log import logged
from tests.support.browser import night
from tests.support.browser.lives import STAFF
from tests.support.paths import ROOT
from tests.support.ringing import ringing
from tests.support.stores import one_store

pytestmark = [pytest.mark.wide, one_store]


def test_each_step_of_the_night_has_its_picture(life):
    steps = []
    with ringing() as server:
        night.goes(life, server, lambda _, name: steps.append(name))
    shown = re.findall(r"pictures/night/([\w-]+)\.jpg", (ROOT / "docs/guide/night.md").read_text())
    assert steps == sorted(shown)
    assert {one.stem for one in (ROOT / "docs/pictures/night").iterdir()} == set(shown)
    rung = [(one.facts["kind"], one.facts["mark"], one.facts["pushes"], one.facts["sms"])
            for one in logged(life.service, event="task:rung")]  # fmt: skip
    assert rung == [("received", "push", 1, 0), ("hold", "push", 0, 0), ("hold", "sms", 0, 1)]
    assert logged(life.service, event="task:rung")[-1].facts["accounts"] == [STAFF]
