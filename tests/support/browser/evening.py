"""An evening of three people, from a call to an arrival, with a picture of each step (`docs/guide/evening.md`)."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.support.browser.reader import PHONE, Reader
from tests.support.browser.resources import DESK, Caller, staff_of

ROTTERDAM = "coordinator-rotterdam@placement.example"
DESKTOP = {"width": 1280, "height": 800}
Look = Callable[[Page, str], None]
"""Takes a picture, by this name."""


def goes(reader: Callable[..., Reader], look: Look) -> None:
    """Plays an evening with a mother and a child of nine: the coordinator enters them, the desk agrees, the shelter
    takes them in.
    """
    coordinator = reader(ROTTERDAM, language="nl", viewport=DESKTOP)
    _frees_rooms_for_mothers(coordinator)
    case = _is_registered(coordinator, look)
    desk = reader(DESK, language="nl", viewport=DESKTOP)
    _is_agreed(desk, case, look)
    with Caller(coordinator.service, DESK) as asking:
        unit = next(row["unit"] for row in asking.get("/holds?limit=200")["items"] if row["registration"] == case)
    staff = reader(staff_of(unit), language="nl", viewport=PHONE, has_touch=True, is_mobile=True)
    _comes_to_the_shelter(staff, case, look)
    look(coordinator.go(f"/registrations/{case}/timeline"), "11-coordinator-timeline")
    look(desk.go("/reports"), "12-desk-report")


def _frees_rooms_for_mothers(one: Reader) -> None:
    """Ends all stays in rooms for a mother with children, as the demo is full."""
    with Caller(one.service, DESK) as desk:
        stays = desk.get("/stays?status=in_house&limit=200")["items"]
    for stay in (row for row in stays if row["place"].startswith("Moeder en kind")):
        with Caller(one.service, staff_of(stay["unit"])) as staff:
            staff.post(f"/stays/{stay['id']}/end", reason="own_housing")


def _is_registered(one: Reader, look: Look) -> str:
    page = one.go("/registrations/new")
    page.locator("#region").select_option(index=1)
    facts = {
        "registrant": "ZORGCOORDINATIE",
        "residence_basis": "reflection",
        "persons.0.gender": "female",
        "persons.1.gender": "female",
        "urgency": "1",
        "languages.0.level": "native",
    }
    for name, value in facts.items():
        page.locator(f"[name='{name}']").select_option(value)
    typed = {
        "persons.0.age": "31",
        "persons.1.age": "9",
        "languages.0.code": "Tigrinya",
        "threats.0.place": "Rotterdam",
        "threats.0.min_km": "60",
    }
    for name, value in typed.items():
        page.locator(f"[name='{name}']").fill(value)
    page.locator("[name='persons.0.guardian']").check()
    one.press(page.get_by_role("button", name=one.word("Check the answers")))
    expect(page).to_have_url(re.compile("/check$"))
    look(page, "01-coordinator-check")
    one.press(page.get_by_role("button", name=one.word("Register"), exact=True))
    expect(page).to_have_url(re.compile(r"/registrations/R-[^/]+(/links)?$"))
    case = re.findall(r"R-[^/]+", page.url)[0]
    one.go(f"/registrations/{case}")
    one.press(page.get_by_role("button", name=one.word("Find a place")))
    expect(page.locator("#decide")).to_be_visible()
    look(page, "02-coordinator-proposal")
    one.press(page.locator("form:has(input[name=decision][value=accept]) button"))
    expect(page.locator("#why")).to_be_visible()
    look(page, "03-coordinator-waits")
    return case


def _is_agreed(desk: Reader, case: str, look: Look) -> None:
    page = desk.go("/")
    task = page.locator("#part-needs li", has_text=case).locator("a.do")
    expect(task).to_be_visible()
    look(page, "04-desk-first-page")
    desk.press(task)
    grant = page.get_by_role("button", name=desk.word("Grant"), exact=True)
    look(page, "05-desk-decision")
    desk.press(grant)
    expect(grant).to_have_count(0)
    look(desk.go("/"), "06-desk-waits-for-others")


def says_yes(staff: Reader, case: str, look: Look, *pictures: str) -> Locator:
    """Accepts a client at the shelter that is asked, and returns the line of the expected client. `pictures`: the names
    of that of the question, and of that of the filled form, if it has a picture.
    """
    page = staff.go("/capacity")
    asked = page.locator("#asked li", has_text=case)
    expect(asked).to_be_visible()
    look(page, pictures[0])
    staff.press(asked.locator("summary").first)
    form = asked.locator("form[action$='/answer']").first
    form.locator("select[name=expected_at]").select_option(index=1)
    form.locator("select[name=driver]").select_option("taxi")
    for name in pictures[1:]:
        form.scroll_into_view_if_needed()
        look(page, name)
    staff.press(form.get_by_role("button"))
    expected = page.locator("#arriving li", has_text=case)
    expect(expected).to_be_visible()
    return expected


def _comes_to_the_shelter(staff: Reader, case: str, look: Look) -> None:
    expected = says_yes(staff, case, look, "07-shelter-asked", "08-shelter-says-yes")
    page = staff.page
    look(page, "09-shelter-expects")
    staff.press(expected.get_by_role("button", name=staff.word("Has arrived")))
    expect(page.locator("#arriving li", has_text=case)).to_have_count(0)
    look(staff.go("/stays"), "10-shelter-arrived")
