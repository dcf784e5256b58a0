"""The troubles of an event at two browsers, with pictures (`docs/guide/events.md`). A browser dies, the engine is away,
a second person of the desk is at work on the event, and a house does not answer.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from playwright.sync_api import Page, expect

from placement.events import replanning
from placement.solver.engine_pool import EnginePool
from placement.solver.engine_process import Solver
from tests.support.api.events import raid
from tests.support.browser.evening import DESKTOP, Look
from tests.support.browser.frozen_service import Frozen
from tests.support.browser.hands import PATIENCE_MS

CRASHES = (sys.executable, "-c", "raise SystemExit(3)")

DEGRADED = (
    "The engine gave no answer in time. This plan comes from a simple method: it breaks no rule, but a better plan may "
    "exist. Make the plan again later."
)
BY_SERVICE = "Made %(moment)s by the service, because places were lost"


def troubles(life: Frozen, look: Look) -> None:
    """Plays an event of eight women, and two persons whose rows a browser of the desk leaves behind."""
    event, _ = raid(life.service, 8)
    here = f"/events/{event}"
    _browser_dies(life, here)
    desk = life.person(life.service.desk.account, viewport=DESKTOP)
    with _engine_away(life):
        page = desk.go(f"{here}/plan")
        _sends(page, f"form[action='{here}/plan'] button")
        expect(page.locator(".note.warn", has_text=life.word(DEGRADED))).to_be_visible()
        look(page, "10-engine-away")
    _sends(page, f"form[action='{here}/plan'] button")
    _accepts_an_old_plan(life, here)
    case = _second_person_accepts(life, here)
    _sends(page, f"form[action='{here}/plan/accept'] button")
    changed = page.locator("[role=status] li")
    expect(changed).to_have_count(1)
    expect(changed).to_contain_text(case)
    look(page, "11-second-person")
    _house_does_not_answer(life, here, look)
    held = [row["registration"] for row in life.service.desk.get("/holds?limit=200").json()["items"]
            if row["status"] in {"reserved", "waiting_for_shelter", "confirmed"}]  # fmt: skip
    assert len(held) == len({*held})


def _browser_dies(life: Frozen, here: str) -> None:
    """Types two rows at a browser, which ends before the second row is left; then another person registers both."""
    page = life.goes(life.service.second.account, f"{here}/members")
    cell = page.locator("#grid [data-cell]")
    cell.first.click()
    for key in ("Tab", "vrouw", "Tab", "24", "Enter", "Tab", "vrouw", "Tab", "33"):
        (page.keyboard.press if key in {"Tab", "Enter"} else page.keyboard.type)(key)
    expect(page.locator("#grid [data-row^=EM]")).to_have_count(2)
    life.dies(life.service.second.account)
    page = life.goes(life.service.desk.account, f"{here}/members")
    typed = page.locator("#grid [data-row^=EM] [data-cell=age]")
    assert [one.input_value() for one in typed.all()] == ["24", "33"]
    _sends(page, "button[name=then][value=register]")
    expect(page.locator("#registered .count")).to_have_text("10")


@contextmanager
def _engine_away(life: Frozen) -> Iterator[None]:
    """Lets each engine process crash."""
    state = life.service.app.state
    working, state.solver = state.solver, Solver(3.0, EnginePool(1, CRASHES))
    yield
    state.solver.stop()
    state.solver = working


def _second_person_accepts(life: Frozen, here: str) -> str:
    """Accepts a single line at the browser of another person of the desk; returns the case."""
    page = life.person(life.service.second.account, viewport=DESKTOP).go(f"{here}/plan")
    card = page.locator(".card", has=page.locator("details")).first
    card.locator("summary").click()
    card.locator("[name=chosen]").first.check()
    case = card.locator("[name=chosen]").first.input_value()
    with page.expect_navigation(timeout=PATIENCE_MS):
        card.locator("form > button").click()
    return case


def _accepts_an_old_plan(life: Frozen, here: str) -> None:
    """The second person's page shows a plan that the first person replaces meanwhile; its button is refused."""
    second = life.goes(life.service.second.account, f"{here}/plan")
    page = life.goes(life.service.desk.account, f"{here}/plan")
    _sends(page, f"form[action='{here}/plan'] button")
    _sends(second, f"form[action='{here}/plan/accept'] button")
    expect(second.locator("main [role=alert]").first).to_be_visible()


def _house_does_not_answer(life: Frozen, here: str, look: Look) -> None:
    """Four hours pass; the places are planned again by the service, and the desk asks other houses."""
    life.sets(life.at + timedelta(hours=4))
    service, settings = life.service, life.service.app.state.settings
    [event] = replanning.due(service.database, settings, life.at)
    replanning.plan_one(service.database, settings, event, life.at, service.app.state.solver)
    page = life.goes(service.desk.account, f"{here}/plan")
    expect(page.locator("main")).to_contain_text(life.word(BY_SERVICE).split("%(moment)s")[1])
    look(page, "12-silent-house")
    _sends(page, f"form[action='{here}/plan/accept'] button")
    expect(page.locator(".figures")).to_contain_text("gepland: 0")


def _sends(page: Page, button: str) -> None:
    with page.expect_navigation(timeout=PATIENCE_MS):
        page.locator(button).first.click()
