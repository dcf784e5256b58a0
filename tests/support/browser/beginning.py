"""The path of docs/guide/begin.md by clicks: from an empty database to the first client in a bed, and what follows."""

import io
import os
import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Locator, expect
from typer.testing import CliRunner

from placement.accounts.totp import code_at
from placement.cli import app
from placement.core import clock
from placement.text.catalogue import translate
from placement.text.labels import label
from placement.text.languages import spoken_names
from tests.support.browser.journey import Way, expects
from tests.support.browser.reader import Reader
from tests.support.service_process import Service, environment_for

ONE, TWO, DESK, OTHER_DESK, STAFF = (f"{name}@placement.example" for name in ("one", "two", "desk", "other", "staff"))
CENTRE, PROVIDER, SHELTER, HOUSE, UNIT = "Example Centre", "Example Care", "Example Shelter", "House", "Women upstairs"
IMPORTED = "Imported Shelter"
ADDRESS = "Examplestreet 1, 0000 XX Zwolle"
PASSWORD = "vier paarse fietsen buiten"  # noqa: S105
Look = Callable[[Reader, str], None]
"""What is to be seen to at each step: the page of a reader, and the step's name."""


def goes(
    chromium: Browser,
    folder: Path,
    way: Way,
    look: Look,
    opened: ExitStack,
    *,
    beginning: type["Beginning"] | None = None,
) -> list[Reader]:
    """Plays the beginning, or a variant of it, and returns all readers at its end. `look`: sees to each page."""
    service, links = begun(folder)
    opened.callback(service.stop)

    def reader() -> Reader:
        made = Reader(chromium, service, way.language, way.hand, **way.how)
        opened.callback(made.close)
        return made

    return (beginning or Beginning)(reader, look).goes(links)


def begun(folder: Path, host: str = "127.0.0.1", **more: str) -> tuple[Service, list[str]]:
    """Starts an empty service that `placement init` made, and returns it with the links of its first two admins.
    `more`: variables of its environment.
    """
    service = Service(folder, {**environment_for(), "PLACEMENT_PLAIN_HTTP": "yes", **more}, demo=False, host=host)
    answers = folder / "answers.toml"
    answers.write_text(
        f'language = "nl"\n[service]\nstore = "sqlite:///{service.var / "placement.db"}"\n'
        f'key_store = "{service.var / "keys" / "data"}"\naddress = "{service.base}"\n'
        f'[centre]\nname = "{CENTRE}"\n[centre.telephones]\ndesk = "030 123 45 67"\nout_of_hours = ""\n'
        f'[admins]\nfirst = "{ONE}"\nsecond = "{TWO}"\n'
    )
    links = _command(service, "init", "--file", str(answers)).split()
    _command(service, "keys", "copied")
    _command(service, "backup-made")
    service.start()
    return service, links


def _command(service: Service, *words: str) -> str:
    """Runs a command of the operator in this process, as a process takes longer to start. Returns its output."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("PLACEMENT", "DATABASE"))]:
            patch.delenv(name)
        for name, value in service.environment.items():
            patch.setenv(name, value)
        done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return done.stdout


@dataclass
class Beginning:
    """`reader()`: a new browser profile. `look`: sees to each page on the way."""

    reader: Callable[[], Reader]
    look: Look

    def goes(self, links: list[str]) -> list[Reader]:
        """Plays the beginning with these links, and returns all readers at its end."""
        one, two = (self._comes_in(email, link) for email, link in zip((ONE, TWO), links, strict=True))
        self._sees_what_is_missing(one, "no_desk")
        desk, other = (self._invited(one, two, email, "desk", CENTRE) for email in (DESK, OTHER_DESK))
        self._registers_the_shelter(desk)
        self._answers_for_the_address(desk, other)
        self._makes_an_area(desk)
        self._imports(desk)
        one.go("/")
        self._sees_what_is_missing(one, "no_staff")
        staff = self._invited(one, two, STAFF, "shelter_staff", SHELTER)
        self._says_whom_it_admits(staff)
        self._reports(staff, free=2)
        self._sees_that_nothing_is_missing_here(desk)
        reference = self._registers(desk)
        self._decides(desk, reference)
        self._receives(staff, reference)
        self._gains_a_room(staff)
        self._asks_to_close(staff)
        self._grants_the_closing(desk)
        self._is_closing(staff, reference)
        return [one, two, desk, other, staff]

    def _comes_in(self, email: str, link: str) -> Reader:
        """Comes in by the link of an invitation: password, second factor, recovery codes; joining signs in."""
        one = self.reader()
        page = one.go(link)
        expect(page.get_by_text(email)).to_be_visible()
        self.look(one, "invitation")
        one.hand.write(page.locator("#password"), PASSWORD)
        expect(page.locator("#advice")).to_have_text(one.word("This password is good."))
        press_button(one, "Go on")
        secret = page.locator("code.letters").inner_text().replace(" ", "")
        self.look(one, "second-step")
        one.hand.write(page.locator("#code"), code_at(secret, datetime.now(UTC)))
        press_button(one, "Make my account")
        self.look(one, "recovery-codes")
        _link(one, "I have kept them")
        expect(page.locator("header .who form[action='/sign-out']")).to_have_count(1)
        self.look(one, f"first-page-{email.partition('@')[0]}")
        return one

    def _sees_what_is_missing(self, one: Reader, missing: str) -> None:
        _link(one, "What is missing, and who can do it")
        self.look(one, f"set-up-{missing}")
        _goes_on(one, one.page.locator(f"#{missing} a"))

    def _sees_that_nothing_is_missing_here(self, desk: Reader) -> None:
        """Checks that the desk itself has nothing left to set up. The missing mail server is a task of the operator."""
        desk.go("/")
        expect(desk.page.locator("#set-up, #of-the-operator")).to_have_count(0)
        desk.go("/set-up")
        self.look(desk, "set-up-at-the-end")
        expect(desk.page.locator("#yours, #others")).to_have_count(0)
        expect(desk.page.locator("#operator + ul #no_mail_server")).to_be_visible()

    def _invited(self, one: Reader, two: Reader, email: str, role: str, organisation: str) -> Reader:
        """Invites a person: one admin asks, the other admin grants and passes on the link."""
        _menu(one, "Accounts")
        self.look(one, "accounts")
        one.hand.write(one.page.locator("#email"), email)
        one.hand.choose(one.page.locator("#role"), role)
        one.page.locator("#organisation").select_option(label=organisation)
        press_button(one, "Ask for an invitation")
        expect(one.page.locator("li.card", has_text=email)).to_be_visible()
        self.look(one, "asked")
        _menu(two, "For agreement")
        press_button(two, "Grant", re.compile(two.word("Grant")))
        link = two.page.locator("code.secret").inner_text()
        self.look(two, "link")
        return self._comes_in(email, link)

    def _registers_the_shelter(self, desk: Reader) -> None:
        self._sees_what_is_missing(desk, "no_shelter")
        self.look(desk, "shelters-none")
        desk.hand.write(desk.page.locator("#provider_name"), PROVIDER)
        press_button(desk, "Register an organisation")
        desk.page.locator("#provider").select_option(label=PROVIDER)
        desk.hand.write(desk.page.locator("#name"), SHELTER)
        press_button(desk, "Register a shelter")
        self.look(desk, "shelters-one")
        _link(desk, SHELTER)
        _link(desk, "Name, days, parts, closing")
        self._adds(desk, HOUSE, place="Zwolle")
        self._adds(desk, UNIT, scheme="cosm")
        self._adds(desk, "Room 1", new_beds="2")

    def _adds(self, who: Reader, name: str, **fields: str) -> None:
        """Adds a part to the place that is shown, and opens it. After a room is added, its unit stays in view."""
        who.hand.write(who.page.locator("#new_name"), name)
        for field, value in fields.items():
            at = who.page.locator(f"form[action$='/add'] #{field}")
            (who.hand.choose if field == "scheme" else who.hand.write)(at, value)
        self.look(who, f"add-{name}")
        _goes_on(who, who.page.locator("form[action$='/add'] button"))
        made = who.page.locator("#parts + ul").get_by_role("link", name=name, exact=True)
        expect(made).to_be_visible()
        self.look(who, f"added-{name}")
        if "new_beds" not in fields:
            _goes_on(who, made)
            expect(who.page.locator("h1")).to_contain_text(name)

    def _answers_for_the_address(self, desk: Reader, other: Reader) -> None:
        _link(desk, HOUSE)
        desk.hand.write(desk.page.locator("#address"), ADDRESS)
        press_button(desk, "Ask for this address")
        self.look(desk, "address-asked")
        _menu(other, "For agreement")
        other.hand.write(other.page.locator("[name=address]"), ADDRESS.lower())
        self.look(other, "address-again")
        press_button(other, "Grant", re.compile(other.word("Grant")))
        _menu(other, "Shelters")
        _link(other, SHELTER)
        _link(other, HOUSE)
        kept = "An address is stored. It is encrypted, and shown only to people who bring a client there."
        expect(other.page.get_by_text(other.word(kept))).to_be_visible()

    def _makes_an_area(self, desk: Reader) -> None:
        _menu(desk, "Shelters")
        _link(desk, "Regions")
        page = desk.page
        form = page.locator("form[action='/areas/new']:has([value=area])")
        desk.press(page.locator("details:has(form[action='/areas/new'] [value=area]) > summary"))
        desk.hand.write(form.locator("#area-code"), "veluwe")
        desk.hand.write(form.locator("#area-name"), "Veluwe")
        self.look(desk, "area-new")
        _goes_on(desk, form.get_by_role("button"))
        expect(page.get_by_role("link", name="Veluwe")).to_be_visible()
        self.look(desk, "area-made")

    def _imports(self, desk: Reader) -> None:
        """Imports the template of the page, filled in."""
        _menu(desk, "Shelters")
        _link(desk, "Import")
        self.look(desk, "import")
        with desk.page.expect_download() as template:
            desk.press(desk.page.get_by_role("link", name=desk.word("Get the template")))
        file = {
            "name": "register.xlsx",
            "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "buffer": _filled_in(template.value.path(), desk),
        }
        desk.page.locator("#file").set_input_files(file)
        press_button(desk, "See what it would do")
        self.look(desk, "import-tried")
        press_button(desk, "Carry it out")
        expect(desk.page.locator("section.good")).to_be_visible()
        self.look(desk, "import-done")
        _menu(desk, "Shelters")
        expect(desk.page.get_by_role("link", name=IMPORTED, exact=True)).to_be_visible()

    def _says_whom_it_admits(self, staff: Reader) -> None:
        page = staff.page
        _goes_on(staff, page.locator("#no-profile").get_by_role("link", name=re.compile(UNIT)))
        page.locator("[name=admits][value=female]").check()
        staff.hand.write(page.locator("#min_age"), "18")
        staff.hand.write(page.locator("#max_age"), "99")
        page.locator("[name=every_language]").check()
        english = next(name for name, code in spoken_names(staff.language).items() if code == "en")
        staff.hand.write(page.locator("[id='languages.0']"), english)
        self.look(staff, "profile")
        press_button(staff, "Save")
        expect(page.locator("main").get_by_role("status")).to_have_text(staff.word("Saved."))
        self.look(staff, "profile-saved")
        _link(staff, "My rooms")

    def _reports(self, staff: Reader, free: int) -> None:
        _menu(staff, "My rooms")
        expect(staff.page.locator("#no-profile")).to_have_count(0)
        expect(staff.page.locator("#unreported")).to_be_visible()
        self.look(staff, "rooms")
        press_button(staff, "Report the rooms")
        expect(staff.page.locator("#unreported")).to_have_count(0)
        expect(staff.page.get_by_role("button", name=staff.word("Everything is as shown"))).to_be_visible()
        expect(staff.page.locator(".count").first).to_contain_text(str(free))
        self.look(staff, "rooms-reported")

    def _registers(self, desk: Reader) -> str:
        _menu(desk, "Today")
        self.look(desk, "today-before")
        _goes_on(desk, desk.page.locator(".acts").get_by_role("link", name=desk.word("New registration")))
        page = desk.page
        for name, code in (("region", "veluwe"), ("registrant", "NP"), ("residence_basis", "reflection")):
            desk.hand.choose(page.locator(f"#{name}"), code)
        desk.hand.choose(page.locator("[name='persons.0.gender']"), "female")
        desk.hand.write(page.locator("[name='persons.0.age']"), "24")
        desk.hand.choose(page.locator("[name=urgency]"), "1")
        english = next(name for name, code in spoken_names(desk.language).items() if code == "en")
        desk.hand.write(page.locator("[name='languages.0.code']"), english)
        desk.hand.choose(page.locator("[name='languages.0.level']"), "fluent")
        self.look(desk, "registration-new")
        press_button(desk, "Register")
        expect(page).to_have_url(re.compile(r"/registrations/R-[^/]+$"))
        self.look(desk, "registration")
        return page.url.rpartition("/")[2]

    def _decides(self, desk: Reader, reference: str) -> None:
        press_button(desk, "Find a place")
        expect(desk.page).to_have_url(re.compile("/proposals/"))
        self.look(desk, "proposal")
        press_button(desk, "Accept the place: %(unit)s", f", {SHELTER}", unit=UNIT)
        expect(desk.page).to_have_url(re.compile(f"/registrations/{reference}$"))
        self.look(desk, "decided")

    def _receives(self, staff: Reader, reference: str) -> None:
        _menu(staff, "My rooms")
        self.look(staff, "rooms-asked")
        _goes_on(staff, staff.page.locator("#asked a"))
        self.look(staff, "hold")
        expects(staff, reference)
        press_button(staff, "Confirm", reference)
        self.look(staff, "hold-confirmed")
        press_button(staff, "Has arrived", reference)
        expect(staff.page).to_have_url(re.compile("/stays$"))
        expect(staff.page.locator("li", has_text=reference)).to_contain_text(UNIT)
        self.look(staff, "in-house")

    def _to_the_unit(self, who: Reader) -> None:
        _menu(who, "Shelters")
        for name in (SHELTER, HOUSE, UNIT)[who.page.locator("h1", has_text=SHELTER).count() :]:
            _link(who, name)

    def _gains_a_room(self, staff: Reader) -> None:
        self._to_the_unit(staff)
        self._adds(staff, "Room 2", new_beds="1")
        self._reports(staff, free=2)

    def _asks_to_close(self, staff: Reader) -> None:
        self._to_the_unit(staff)
        staff.press(staff.page.locator("details:has(#until) > summary"))
        staff.hand.write(staff.page.locator("#until"), clock.day_of(clock.now()).isoformat())
        self.look(staff, "close")
        press_button(staff, "Ask the desk to close it")
        expect(staff.page.locator("p.note").first).to_contain_text(staff.word("Waits for the placement desk"))
        self.look(staff, "close-asked")

    def _grants_the_closing(self, desk: Reader) -> None:
        _menu(desk, "For agreement")
        self.look(desk, "changes")
        _goes_on(desk, desk.page.locator("li.card").get_by_role("link", name=UNIT))
        self.look(desk, "close-means")
        _menu(desk, "For agreement")
        press_button(desk, "Grant", re.compile(desk.word("Grant")))
        expect(desk.page.get_by_text(desk.word("Nothing waits."))).to_be_visible()
        self.look(desk, "close-granted")

    def _is_closing(self, staff: Reader, reference: str) -> None:
        self._to_the_unit(staff)
        expect(staff.page.locator("h1 .tag")).to_contain_text(label("PlaceStatus", "closing", staff.language))
        self.look(staff, "closing")
        _menu(staff, "My rooms")
        expect(staff.page.locator(".count").first).to_contain_text("0")
        expect(staff.page.locator("legend .tag")).to_have_count(2)
        self.look(staff, "rooms-closing")
        _menu(staff, "Stays")
        expect(staff.page.locator("li", has_text=reference)).to_be_visible()


def press_button(one: Reader, english: str, what: str | re.Pattern[str] = "", **facts: Any) -> None:
    """Presses a button by its name. `what`: the name of a person or thing, which only a screen reader reads."""
    name = what if isinstance(what, re.Pattern) else f"{one.word(english, **facts)} {what}".strip()
    _goes_on(one, one.page.locator("main").get_by_role("button", name=name, exact=True))


def _link(one: Reader, english: str | re.Pattern[str]) -> None:
    name = one.word(english) if isinstance(english, str) else english
    _goes_on(one, one.page.locator("main").get_by_role("link", name=name, exact=True).first)


def _menu(one: Reader, english: str) -> None:
    _goes_on(one, one.in_menu(english))


def _goes_on(one: Reader, what: Locator) -> None:
    """Presses what leads to another page, or to the same one anew."""
    with one.page.expect_navigation():
        one.press(what)


def _filled_in(template: Path, desk: Reader) -> bytes:
    """Fills in a shelter, location, unit and room, each below the example of its sheet."""
    book, male = load_workbook(io.BytesIO(template.read_bytes())), label("Gender", "male", desk.language)
    rows = {
        "shelters": {"shelter": IMPORTED, "provider": PROVIDER},
        "locations": {"shelter": IMPORTED, "location": "Villa", "place": "Deventer"},
        "units": {"location": "Villa", "unit": "Men", "scheme": "COSM", "admits": male},
        "rooms": {"unit": "Men", "room": "1", "beds": 3},
    }
    for sheet, cells in rows.items():
        page = book[_written(desk, "sheet", sheet)]
        headings = {cell.value: cell.column for row in page.iter_rows(max_row=4) for cell in row}
        at = page.max_row + 1
        for column, value in cells.items():
            page.cell(at, headings[_written(desk, "column", column)], value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _written(desk: Reader, context: str, word: str) -> str:
    """Returns the first of the names that are understood."""
    return translate(context, word, desk.language).partition("|")[0].strip()
