"""A night of three people: a registrant on a phone without scripts, the person on call, and a shelter. Each step has a
picture (`docs/guide/night.md`).
"""

import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from placement.core.clock import day_of
from placement.core.context import SYSTEM, Act
from placement.duty import rota
from placement.text.labels import label
from tests.support.browser.evening import DESKTOP, Look
from tests.support.browser.frozen_service import Frozen
from tests.support.browser.lives import STAFF
from tests.support.browser.reader import PHONE
from tests.support.registrants import NUMBER
from tests.support.ringing import Browser, Server
from tests.support.settings import changed

AT_23 = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
STAFF_NUMBER = "+31612345678"
SUBSCRIBED = """
PushManager.prototype.subscribe = async function () { return { toJSON: () => (%s) }; };
"""
"""No push service can be reached from here, so the browser's own subscription is replaced."""
SHOWN = """async () => {
  const registration = await navigator.serviceWorker.getRegistration("/static/worker.js");
  return (await registration.getNotifications()).map((one) => one.title);
}"""


def goes(life: Frozen, server: Server, look: Look) -> str:
    """Plays the night, and returns the reference of the case."""
    desk, registrant = life.service.desk.account, life.service.registrant.account
    settings = changed(life.service.app.state.settings, sms=server.gateway, webhook_within_seconds=60.0)
    life.service.app.state.settings = settings
    life.person(registrant, viewport=PHONE, has_touch=True, is_mobile=True, java_script_enabled=False)
    life.person(STAFF, viewport=PHONE, has_touch=True, is_mobile=True)
    life.sets(AT_23)
    with life.service.database.transaction() as session:
        today = day_of(life.at - timedelta(hours=12))
        rota.name(Act(session, SYSTEM, life.at, settings), desk, today, today)
    phone = Browser(server, "on-call")
    worker = _lets_its_browser_ring(life, desk, phone)
    _chooses_sms(life)
    life.told()
    server.came.clear()
    sent = _is_sent_in(life, registrant, look)
    life.told()
    _is_woken(life, phone, server, worker)
    case = _is_accepted(life, desk, sent, look)
    _is_placed(life, desk, case, look)
    server.came.clear()
    life.told()
    life.told(within=timedelta(minutes=5))
    assert [one["to"] for one in server.texts()] == [STAFF_NUMBER]  # nobody of the shelter looked for five minutes
    _comes_to_the_shelter(life, case, look)
    page = life.goes(registrant, f"/sent/{sent}")
    expect(page.locator("main")).to_contain_text(label("SentState", "placing", life.language))
    look(page, "08-registrant-placing")
    page = life.goes(life.service.auditor.account, "/log?event=task:rung")
    for step in page.locator("main table summary").all():
        step.click()
    look(page, "09-ladder")
    return case


def _lets_its_browser_ring(life: Frozen, desk: str, phone: Browser) -> tuple[Page, object, str]:
    """Allows push in the browser of the person on call. Returns its page, its protocol, and the id of its worker."""
    one = life.person(desk, viewport=DESKTOP)
    one.context.grant_permissions(["notifications"])
    keys = dict(phone.subscription)
    one.page.add_init_script(SUBSCRIBED % json.dumps({"endpoint": keys.pop("endpoint"), "keys": keys}))
    protocol, registered = one.context.new_cdp_session(one.page), []
    protocol.on("ServiceWorker.workerRegistrationUpdated", lambda said: registered.extend(said["registrations"]))
    protocol.send("ServiceWorker.enable")
    page = life.goes(desk, "/account/rings")
    page.get_by_label(one.word("Name that you give it")).fill("telefoon")
    page.keyboard.press("Enter")
    expect(page.locator(".strip", has_text="telefoon")).to_be_visible()
    return page, protocol, next(found["registrationId"] for found in registered if "/static/" in found["scopeURL"])


def _chooses_sms(life: Frozen) -> None:
    own = life.service.verified(STAFF)
    own.ask("PUT", "/details", {"name": "Dienst", "telephone": STAFF_NUMBER})
    answer = own.ask("PUT", "/rings", {"sms": True, "quiet_from": None, "quiet_until": None})
    assert answer.is_success, answer.text


def _is_sent_in(life: Frozen, who: str, look: Look) -> str:
    page = life.goes(who, "/sent/new")
    for name, value in {
        "persons.0.gender": "female",
        "languages.0.level": "fluent",
        "urgency": "1",
        "residence_basis": "reflection",
        "sharing": "yes",
    }.items():
        page.locator(f"[name='{name}']").select_option(value)
    for name, value in {"persons.0.age": "30", "languages.0.code": "Engels", "threats.0.place": "Rotterdam"}.items():
        page.locator(f"[name='{name}']").fill(value)
    page.locator("[name=needs][value=pregnancy]").check()
    page.locator("h1").scroll_into_view_if_needed()
    look(page, "01-registrant-form")
    life.press(who, page.locator("button[name=then][value=send]"))
    expect(page).to_have_url(re.compile(r"/sent/M-[^/]+$"))
    look(page, "02-registrant-received")
    return page.url.rpartition("/")[2]


def _is_woken(life: Frozen, phone: Browser, server: Server, worker: tuple[Page, object, str]) -> None:
    """Hands the encrypted message to the worker of the browser, which shows its line."""
    page, protocol, registration = worker
    [body] = [body for path, _, body in server.came if path == phone.path]
    said = phone.read(body)
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(life.base))
    handed = {"origin": origin, "registrationId": registration, "data": json.dumps(said)}
    protocol.send("ServiceWorker.deliverPushMessage", handed)
    page.wait_for_function(f"async () => (await ({SHOWN})()).length > 0")
    assert page.evaluate(SHOWN) == [said["text"]]


def _is_accepted(life: Frozen, desk: str, sent: str, look: Look) -> str:
    page = life.goes(desk, "/")
    task = page.locator(f"#part-needs a[href='/received/{sent}']")
    expect(task.first).to_be_visible()
    look(page, "03-desk-first-page")
    life.press(desk, task.first)
    look(page, "04-desk-received")
    page.locator("[name=number]").fill(NUMBER)
    life.press(desk, page.locator("button[name=knows][value=yes]"))
    life.press(desk, page.locator(f"form[action='/received/{sent}/accept'] button"))
    expect(page).to_have_url(re.compile("/edit$"))
    life.press(desk, page.locator("#filling button[name=then][value=open]:not(.unseen)"))
    expect(page).to_have_url(re.compile(r"/registrations/R-[^/]+(/links)?$"))
    return re.findall(r"R-[^/]+", page.url)[0]


def _is_placed(life: Frozen, desk: str, case: str, look: Look) -> None:
    page = life.goes(desk, f"/registrations/{case}")
    life.press(desk, page.get_by_role("button", name=life.word("Find a place")))
    expect(page.locator("#decide")).to_be_visible()
    look(page, "05-desk-proposal")
    life.press(desk, page.locator("form:has(input[name=decision][value=accept]) button"))
    expect(page.locator("#why")).to_be_visible()


def _comes_to_the_shelter(life: Frozen, case: str, look: Look) -> None:
    page = life.goes(STAFF, "/capacity")
    asked = page.locator("#asked li", has_text=case)
    expect(asked).to_be_visible()
    look(page, "06-shelter-asked")
    life.press(STAFF, asked.locator("summary").first)
    form = asked.locator("form[action$='/answer']").first
    form.locator("select[name=expected_at]").select_option(index=1)
    form.locator("select[name=driver]").select_option("registrant")
    life.press(STAFF, form.get_by_role("button"))
    expect(page.locator("#arriving li", has_text=case)).to_be_visible()
    look(page, "07-shelter-expects")
