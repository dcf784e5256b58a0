"""Pages without scripts: a registrant sends in, the desk decides, and a caller uses a link."""

import re

import pytest

from tests.support.api.page_content import faulty, words_of
from tests.support.api.pages import Reader, signed_in

FILLED = {
    "persons__0__gender": "female",
    "persons__0__age": "31",
    "languages__0__code": "ti",
    "languages__0__level": "native",
    "threats__0__place": "Utrecht",
    "urgency": "1",
    "sharing": "no",
    "registering": "yes",
}
WRONG = {
    "urgency": "",
    "persons__0__age": "abc",
    "languages__1__code": "Klingonish",
    "languages__1__level": "native",
    "threats__0__place": "Antwerpen",
    "threats__0__min_km": "-3",
    "threats__1__place": "Roterdam",
    "telephone": "call me",
}
"""Faults of the input model and of the domain: a danger point abroad, a place and a language that do not exist."""
TOLD = {name.replace("__", ".") for name in WRONG} - {"languages.1.level"}
NEVER = ("S01", "km", "proposal", "is placed", "Tigrinya")


def send_in(registrant, then="send", **more):
    registrant.get("/sent/new")
    return registrant.send("/sent/new", **FILLED, then=then, **more)


def reference(page):
    return re.search(r"M(-[2-9A-Z]{4}){3}", page.text)[0]


@pytest.mark.wide
def test_registrant_begins_at_its_own_list_and_menu(service):
    registrant = signed_in(service, "registrant")
    page = registrant.get("/")
    assert str(page.url).endswith("/sent")
    menu = page.text.partition("<main")[0]
    assert set(re.findall(r'<li><a href="([^"]+)"', menu)) == {"/sent", "/counts/new", "/help", "/account"}
    for path in ("/registrations", "/reports", "/received", "/capacity", "/places", "/country"):
        assert registrant.get(path).status_code == 403, path
    assert registrant.get("/account").status_code == 200
    assert "Days away" not in registrant.page.text


@pytest.mark.wide
def test_draft_is_kept_continued_and_sent_once(service):
    registrant = signed_in(service, "registrant")
    page = send_in(registrant, "draft", persons__1__gender="male")
    assert 'value="31"' in page.text
    here = page.url.path
    page = registrant.send(here, **FILLED, then="more")
    assert "persons.6.gender" in page.text
    page = registrant.send(here, **FILLED | {"persons__0__age": "x"}, then="send")
    assert (page.status_code, 'value="x"' in page.text) == (400, True)
    page = registrant.send(here, **FILLED, then="send")
    assert "question for you" in words_of(page)
    assert registrant.get(here).url.path == here.removesuffix("/edit")
    registrant.get("/sent")
    assert registrant.page.text.count('<li class="strip') == 1


@pytest.mark.wide
def test_faults_of_the_form_are_all_shown_at_once(service):
    registrant = signed_in(service, "registrant")
    registrant.get("/sent/new")
    wrong = registrant.send("/sent/new", **FILLED | WRONG, then="send")
    summary = words_of(wrong).partition("Who is it about?")[0]
    assert (wrong.status_code, 'value="abc"' in wrong.text, faulty(wrong)) == (400, True, TOLD)
    assert "Age of person 1: This must be a whole number." in summary
    assert "Urgency: Choose an option." in summary


@pytest.mark.wide
def test_thirty_persons_are_refused_and_stay_in_the_form(service):
    registrant = signed_in(service, "registrant")
    registrant.get("/sent/new")
    persons = {f"persons__{n}__{name}": value for n in range(30) for name, value in (("gender", "male"), ("age", "30"))}
    page = registrant.send("/sent/new", **FILLED | persons, then="send")
    assert (page.status_code, faulty(page), "persons.29.gender" in page.text) == (400, {"persons"}, True)


@pytest.mark.wide
def test_draft_is_deleted_by_its_button(service):
    registrant = signed_in(service, "registrant")
    here = send_in(registrant, "draft").url.path
    page = registrant.send(here.replace("/edit", "/drop"))
    assert "has not sent anything in" in page.text


@pytest.mark.wide
def test_desk_verifies_asks_and_accepts_on_its_pages(service):
    registrant, desk = signed_in(service, "registrant"), signed_in(service, "desk")
    sent = reference(send_in(registrant))
    assert "a registrant sent in a registration" in desk.get("/").text
    page = desk.get(f"/received/{sent}")
    assert "It is the first registration of this organisation." in page.text
    page = desk.send(f"/received/{sent}/call", number="+31300000009", knows="yes")
    assert (page.status_code, "not a registered number" in page.text) == (400, True)
    page = desk.send(f"/received/{sent}/call", number="+31300000003", knows="yes")
    assert "Accept it, and complete it" in page.text
    desk.send(f"/received/{sent}/questions", text="Is she hurt?", due_at="")
    page = registrant.get(f"/sent/{sent}")
    assert "Is she hurt?" in page.text
    questions = re.findall(r'id="(F-[^"]+)"', page.text)
    registrant.send(f"/sent/{sent}/messages", answers=questions[-1], text="No")
    page = desk.get(f"/received/{sent}")
    assert "I have read the messages" in page.text
    desk.send(f"/received/{sent}/messages/read")
    page = desk.send(f"/received/{sent}/accept")
    assert page.url.path.endswith("/edit")
    assert f'href="/received/{sent}"' in desk.get(page.url.path.removesuffix("/edit")).text
    page = registrant.get("/sent")
    assert "question for you" in words_of(page)
    assert not [one for one in NEVER if one in words_of(page)]


@pytest.mark.wide
def test_similar_case_stands_beside_what_was_sent(service):
    service.close_all()
    known = {"registrant": "NP", "residence_basis": "unknown", "registrant_unit": "rotterdam", "region": "rotterdam"}
    case = service.desk.made(
        "/registrations",
        {
            **known,
            "persons": [{"gender": "female", "age": 31}],
            "languages": [{"code": "ti", "level": "native"}],
            "urgency": 1,
        },
    )["id"]
    sent = reference(send_in(signed_in(service, "registrant")))
    desk = signed_in(service, "desk")
    assert f'href="/registrations/{case}"' in desk.get(f"/received/{sent}").text
    assert "/close" in desk.page.text


def made_link(service):
    desk = signed_in(service, "desk")
    desk.get("/received")
    page = desk.send("/form-links", caller="a lawyer", organisation="Kantoor", telephone="+31300000009")
    secret = re.search(r"form#(plf_[^<]+)<", page.text)[1]
    return secret, re.search(r"<strong>(\w+ \w+)</strong>", page.text)[1]


@pytest.mark.wide
def test_caller_with_a_link_sends_one_form_alone(service):
    secret, word = made_link(service)
    caller, other = Reader(service, "registrant"), Reader(service, "registrant")
    caller.get("/form")
    assert caller.send("/form", token=secret, word="gele boot").status_code == 401
    page = caller.send("/form", token=f"https://x.example/form#{secret}", word=word)
    assert "Send it in" in page.text
    assert "Save as a draft" not in page.text
    other.get("/form")
    assert other.send("/form", token=secret, word=word).status_code == 401
    page = caller.send("/form/send", **FILLED, then="more", region="limburg")
    assert "persons.6.gender" in page.text
    page = caller.send("/form/send", **FILLED | WRONG, then="send", region="limburg")
    assert (page.status_code, faulty(page)) == (400, TOLD)
    page = caller.send("/form/send", **FILLED, then="send", region="limburg")
    assert "The link is used up." in page.text
    caller.get("/form")
    assert caller.send("/form", token=secret, word=word).status_code == 401
    assert caller.get("/sent").url.path != "/sent" or caller.page.status_code == 401
    assert "a lawyer, Kantoor" in signed_in(service, "desk").get(f"/received/{_linked(service)}").text


def _linked(service):
    return service.desk.get("/received").json()["items"][0]["id"]
