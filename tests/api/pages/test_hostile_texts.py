"""Text of a user that looks like HTML or like a template is shown as text, in elements and in attributes."""

import re
from html import escape

import pytest

from tests.support.api.bodies import BODIES
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.paths import ROOT
from tests.support.stores import one_store

WRITES_HTML = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")
HOSTILE = "\"'><i id=x>{{7*7}}"


@pytest.mark.wide
@one_store
def test_text_that_looks_like_html_is_shown_as_text(service):
    unit = service.staff.get("/shelters/S01").json()["locations"][0]["units"][0]["id"]
    service.staff.made(f"/units/{unit}/rooms", {"name": HOSTILE, "beds": 1})
    case = service.desk.made("/registrations", somebody(alias=HOSTILE))["id"]
    service.desk.made("/events", BODIES["EventIn"] | {"name": HOSTILE})
    service.desk.made("/enquiries", BODIES["EnquiryIn"] | {"note": HOSTILE})
    assert service.desk.put("/details", {"name": HOSTILE, "telephone": "030 000 00 02"}).is_success
    desk, staff = signed_in(service, "desk"), signed_in(service, "shelter_staff")
    pages = {path: desk.get(path).text for path in (f"/registrations/{case}", "/events", "/enquiries", "/account")}
    pages |= {path: staff.get(path).text for path in ("/capacity", f"/register/unit/{unit}")}
    shown = escape(HOSTILE).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
    assert {path: ("id=x>" in page, shown in page) for path, page in pages.items()} == dict.fromkeys(
        pages, (False, True)
    )


def test_no_own_script_makes_html_or_code_of_text():
    scripts = list((ROOT / "api" / "static").glob("*.js"))
    assert len(scripts) > 5
    assert [file.name for file in scripts if WRITES_HTML.search(file.read_text())] == []
    assert WRITES_HTML.search("cell.innerHTML = name")
