"""The pages in WebKit, as on an iPhone: sign-in, a form that was wrong, what was typed kept, counts, live updates."""

import pytest

from tests.support.browser.resources import DESK, legal_hold_asked_for
from tests.support.browser.webkit import User, webkit
from tests.support.outages import until

pytestmark = pytest.mark.system
STAFF = "staff-s03@placement.example"


@pytest.fixture
def user(sqlite):
    with webkit(width=390, height=844) as browser:
        yield User(browser, sqlite)


def test_shelter_actor_corrects_and_sends_a_count_in_webkit(user):
    user.sign_in(STAFF)
    name = user.reads("#rooms .tiles input[data-stepper]", "name")
    counted = f"[name='{name}']"
    before = int(user.reads(counted, "value") or 0)
    user.press(".tiles .stepper .step:last-child")
    user.send("#rooms button[data-changed]")
    user.finds_itself_at("alert")
    assert int(user.reads(counted, "value")) == before + 1
    user.choose(counted.replace("others", "gender"), "female")
    user.send("#rooms button[data-changed]")
    user.finds_itself_at("status")
    assert user.fits()


def test_desk_actor_registers_a_client_in_webkit(user, sqlite):
    user.sign_in(DESK)
    legal_hold_asked_for(sqlite)
    until(lambda: user.reads("#news"))
    user.go("/registrations/new")
    user.choose("[name=registrant]", "ZORGCOORDINATIE")
    user.send("button[name=then][value=open]")
    user.finds_itself_at("alert")
    user.choose("[name=residence_basis]", "reflection")
    user.choose("[name=region]", "rotterdam")
    user.choose("[name='persons.0.gender']", "female")
    user.write("[name='persons.0.age']", "27")
    user.choose("[name=urgency]", "2")
    user.write("[name='languages.0.code']", "en")
    user.choose("[name='languages.0.level']", "fluent")
    user.send("button[name=then][value=open]")
    assert "/registrations/R-" in user.browser.run("return location.href")
    assert user.fits()
