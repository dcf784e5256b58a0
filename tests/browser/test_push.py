"""Push in a real browser: the page allows it, the running service rings, and the worker shows the line.

No push service can be reached from here, so the browser's own subscription is replaced. The decrypted message is handed
to its worker by the developer protocol.
"""

import json
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.support.browser.reader import PHONE
from tests.support.browser.resources import DESK
from tests.support.ringing import Browser, ringing

HERE = "/account/rings"
SUBSCRIBED = """
PushManager.prototype.subscribe = async function (options) {
  window.key = new Uint8Array(options.applicationServerKey).length;
  return { toJSON: () => (%s) };
};
"""
SHOWN = """async () => {
  const registration = await navigator.serviceWorker.getRegistration("/static/worker.js");
  const shown = await registration.getNotifications();
  return shown.map((one) => [one.title, one.tag, one.lang]);
}"""


@pytest.fixture
def browser():
    with ringing() as server:
        yield server, Browser(server, "chromium")


def allowed(reader, browser, **how):
    """Opens the page as a person whose browser may show notifications, and lets the device ring."""
    one = reader(DESK, language="nl", viewport=PHONE, **how)
    one.context.grant_permissions(["notifications"])
    keys = dict(browser.subscription)
    one.page.add_init_script(SUBSCRIBED % json.dumps({"endpoint": keys.pop("endpoint"), "keys": keys}))
    protocol = one.context.new_cdp_session(one.page)
    registered = []
    protocol.on("ServiceWorker.workerRegistrationUpdated", lambda said: registered.extend(said["registrations"]))
    protocol.send("ServiceWorker.enable")
    one.forget()
    one.go(HERE)
    one.page.get_by_label(one.word("Name that you give it")).fill("telefoon")
    one.page.keyboard.press("Enter")
    expect(one.page.locator(".strip", has_text="telefoon")).to_be_visible()
    return one, protocol, registered


@pytest.mark.wide
def test_browser_that_is_allowed_shows_that_a_task_waits(reader, browser):
    server, device = browser
    one, protocol, registered = allowed(reader, device)
    assert server.came_within(60)  # the running service delivers within seconds
    said = device.read(server.came[0][2])
    assert said == {"text": "Dit apparaat gaat af als er een taak wacht.", "lang": "nl"}
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(one.service.base))
    worker = next(found["registrationId"] for found in registered if found["scopeURL"].startswith(f"{origin}/static/"))
    handed = {"origin": origin, "registrationId": worker, "data": json.dumps(said)}
    protocol.send("ServiceWorker.deliverPushMessage", handed)
    one.page.wait_for_function(f"async () => (await ({SHOWN})()).length > 0")
    assert one.page.evaluate(SHOWN) == [[said["text"], "task", "nl"]]
    assert (one.outside(), one.complaints) == ([], [])
    one.press(one.page.get_by_role("button", name=one.word("Remove")))
    expect(one.page.get_by_text(one.word("No device rings for you yet."))).to_be_visible()


@pytest.mark.wide
def test_page_can_be_put_on_the_home_screen_of_a_phone(reader):
    one = reader(DESK, language="nl", viewport=PHONE)
    page = one.go(HERE)
    found = one.context.new_cdp_session(page).send("Page.getAppManifest")
    assert (found["errors"], json.loads(found["data"])["display"]) == ([], "standalone")
    expect(page.get_by_text("Zet op beginscherm")).to_be_visible()
    assert one.complaints == []


@pytest.mark.wide
def test_browser_without_scripts_is_told_to_choose_sms(reader):
    one = reader(DESK, language="nl", java_script_enabled=False)
    page = one.go(HERE)
    expect(
        page.get_by_text(one.word("This browser cannot be woken by push, or its scripts are off. Choose SMS."))
    ).to_be_visible()
    page.get_by_label(one.word("Do not ring me from")).select_option("22")
    page.get_by_label(one.word("until"), exact=True).select_option("7")
    one.press(page.get_by_role("button", name=one.word("Save")))
    expect(page.get_by_label(one.word("until"), exact=True)).to_have_value("7")
