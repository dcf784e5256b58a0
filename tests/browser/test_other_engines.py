"""The pages in WebKit and in Firefox: sign-in, a wrong form, what was typed kept, counts, live updates."""

from contextlib import ExitStack

import pytest

from tests.support.browser.beginning import ONE, PASSWORD, begun
from tests.support.browser.firefox import firefox
from tests.support.browser.resources import DESK, OTHER_DESK, legal_hold_asked_for
from tests.support.browser.webdriver_user import User
from tests.support.browser.webkit import webkit
from tests.support.outages import until

pytestmark = pytest.mark.system


@pytest.fixture
def using(sqlite):
    """Yields a user at a browser of this engine. A code is valid once, so each user signs in with a single engine."""
    with ExitStack() as browsers:
        yield lambda engine: User(browsers.enter_context(engine(width=390, height=844)), sqlite)


@pytest.mark.parametrize(
    ("engine", "email"), [(webkit, "staff-s03@placement.example"), (firefox, "staff-s02@placement.example")]
)
def test_shelter_actor_corrects_and_sends_a_count(using, engine, email):
    user = using(engine)
    user.sign_in(email)
    name = user.reads("#rooms .tiles input[data-stepper]", "name")
    counted = f"[name='{name}']"
    before = int(user.reads(counted, "value") or 0)
    user.press(".tiles .stepper .step:last-child")
    user.send("#rooms button[data-changed]")
    gender = name.replace("others", "gender")
    user.finds_itself_at(gender, "name")
    assert int(user.reads(counted, "value")) == before + 1
    user.choose(f"[name='{gender}']", "female")
    user.send("#rooms button[data-changed]")
    user.finds_itself_at("status")
    assert user.fits()


@pytest.mark.parametrize(("engine", "email", "other"), [(webkit, DESK, OTHER_DESK), (firefox, OTHER_DESK, DESK)])
def test_desk_actor_registers_a_client(using, sqlite, engine, email, other):
    user = using(engine)
    user.sign_in(email)
    legal_hold_asked_for(sqlite, by=other)
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


def test_admin_actor_signs_in_with_a_passkey_in_firefox(tmp_path):
    service, (link, _) = begun(tmp_path, "localhost", PLACEMENT_WEBAUTHN="required")
    with ExitStack() as ended, firefox(width=1200, height=900) as browser:
        ended.callback(service.stop)
        browser.add_authenticator()
        user = User(browser, service)
        browser.go(link)
        user.write("#password", PASSWORD)
        user.send("main form button")
        user.write("#name", "Telefoon")
        user.send("form[data-passkey=create] button")
        user.go("/account")
        user.press("header .menu")
        user.send("header form[action='/sign-out'] button")
        user.go("/sign-in")
        user.write("#email", ONE)
        user.write("#password", PASSWORD)
        user.send("form[action='/sign-in'] button")
        user.send("form[data-passkey=get] button")
        assert user.reads("header .who form[action='/sign-out']", "method") == "post"
