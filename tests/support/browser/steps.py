"""Steps that bring a page into a state: what is filled in, pressed and sent."""

from collections.abc import Callable
from datetime import UTC, datetime

from placement.accounts.totp import code_at
from tests.support.browser.reader import CODE_LIVES, Reader, person_of
from tests.support.browser.resources import READER

Things = dict[str, str]
Step = Callable[[Reader, Things], object]


def send(action: str) -> Step:
    """Returns a step that sends the first form to this address (`{name}` is a thing), as it is, even if it is wrong."""

    def step(reader: Reader, things: Things) -> None:
        form = reader.page.locator(f'form[action="{action.format(**things)}"]').first
        with reader.page.expect_event("load"):  # a draft that is saved meanwhile changes the address, and loads nothing
            form.evaluate("form => ((form.noValidate = true), form.requestSubmit())")

    return step


def fill(selector: str, text: str) -> Step:
    return lambda reader, _: reader.page.locator(selector).first.fill(text)


def tick(value: str) -> Step:
    return lambda reader, _: reader.page.locator(f"[type=checkbox][value='{value}']").first.check()


def unfold(reader: Reader, _: Things) -> None:
    """Unfolds everything that is folded."""
    reader.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def settled(reader: Reader, _: Things) -> None:
    """Waits until the page has fetched its parts."""
    reader.page.wait_for_load_state("networkidle")


def verified(reader: Reader, things: Things) -> None:
    """Gives the second factor again, if the page asks for it."""
    if reader.page.locator('form[action="/second-factor"]').count():
        secret = person_of(reader.service, READER)["totp_secret"]
        fill("[name=code]", code_at(secret, datetime.now(UTC) + CODE_LIVES))(reader, things)
        send("/second-factor")(reader, things)


WRONG_PASSWORD = (fill("#email", "nobody@placement.example"), fill("#password", "not a password of anybody"))
TO_THE_CODE = (*WRONG_PASSWORD, send("/sign-in"))

A_WEBHOOK = (fill("#url", "https://software.placement.example/in"), tick("hold.asked"))


def tried(reader: Reader, _: Things) -> None:
    """Sends a test event to the newest webhook, and makes a webhook first if there is no webhook yet."""
    page = reader.page
    if not page.locator("form[action$='/try']").count():
        for step in A_WEBHOOK:
            step(reader, _)
        send("/webhooks")(reader, _)
    with page.expect_navigation():
        page.locator("form[action$='/try']").last.evaluate("form => form.submit()")


def changed(reader: Reader, things: Things) -> None:
    """Changes a fact of the client who has a place, and opens the page of its changes."""
    page, path = reader.page, f"/registrations/{things['held']}"
    if not page.locator("table").count():
        reader.go(f"{path}/edit")
        page.locator("[name=reason]").select_option("care")
        page.locator("[name=high_care]").check()
        send(f"{path}/edit")(reader, things)
        reader.go(f"{path}/changes")


def registered_twice(reader: Reader, things: Things) -> None:
    """Registers the same client twice: the page that follows compares the two."""
    said = {"alias": "Zwaluw", "persons.0.age": "31", "languages.0.code": "ti"}
    chosen = {
        "region": "limburg",
        "registrant": "NP",
        "residence_basis": "reflection",
        "persons.0.gender": "female",
        "languages.0.level": "native",
        "urgency": "2",
    }
    for _ in range(2):
        reader.go("/registrations/new")
        for name, value in said.items():
            reader.page.locator(f"[name='{name}']").fill(value)
        for name, value in chosen.items():
            reader.page.locator(f"[name='{name}']").select_option(value)
        send("/registrations/new")(reader, things)


def asked_to_invite(reader: Reader, things: Things) -> None:
    """Makes two requests that wait for a second admin, and chooses the first of the list."""
    for number in range(2 - reader.page.locator("[name=chosen]").count()):
        reader.go("/accounts")
        reader.page.locator("#email").fill(f"a-rather-long-address-{number}@placement.example")
        reader.page.locator("#role").select_option("reader")
        reader.page.locator("#organisation").select_option("O-oversight")
        send("/accounts/invite")(reader, things)
    reader.go("/second-person")
    reader.page.locator("[name=chosen]").first.check()


def file_given(action: str, *lines: str) -> Step:
    """Returns a step that sends a CSV file with these lines."""
    file = {"name": "lijst.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}

    def step(reader: Reader, things: Things) -> None:
        reader.page.locator("#file").set_input_files(file)
        send(action)(reader, things)

    return step


A_HEADING_UNKNOWN = file_given("/import", "Unit;Kamer;Plekken;Opmerking", "S01-L1-U1;Zolder;2;boven")
"""A list of rooms, with a heading that the service does not know."""


def press(keys: str) -> Step:
    return lambda reader, _: reader.page.keyboard.press(keys)
