"""Undo for ten seconds, of what has told nobody; the same forms without it where others were told."""

import pytest

from tests.support.api.living import lives_somewhere
from tests.support.api.page_content import words_of
from tests.support.api.pages import filled, signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store
UNDO = 'action="/undo"'


@pytest.fixture
def case(service):
    facts = {"urgency": 3, "needs": ["psychiatric"], "avoided": [{"kind": "region", "target": "limburg"}]}
    return service.desk.made("/registrations", somebody(region="den-haag", **facts))["id"]


@pytest.fixture
def desk(service):
    return signed_in(service, "desk", language="en")


def facts(service, case):
    found = service.desk.get(f"/registrations/{case}").json()
    return {name: found[name] for name in ("urgency", "needs", "persons", "high_care", "languages", "alias", "threats")}


def changes(desk, case, **said):
    """The form of the case, sent with these fields as others."""
    page = desk.get(f"/registrations/{case}/edit").text
    typed = {name.replace(".", "__"): value for name, value in filled(page, "filling").items()}
    return desk.send(f"/registrations/{case}/edit", **(typed | said))


@pytest.mark.wide
def test_changed_facts_are_put_back(service, desk, case):
    before = facts(service, case)
    page = changes(desk, case, urgency="4", high_care="yes", persons__0__age="44")
    assert facts(service, case) != before
    assert UNDO in page.text
    desk.send("/undo")
    assert desk.page.url.path == f"/registrations/{case}"
    assert facts(service, case) == before
    assert UNDO not in desk.page.text


@pytest.mark.wide
def test_next_act_ends_the_offer_of_the_one_before(service, desk, case):
    assert UNDO in changes(desk, case, urgency="4").text
    other = service.desk.made("/registrations", somebody(region="den-haag"))["id"]
    desk.get(f"/registrations/{other}/close")
    assert desk.send(f"/registrations/{other}/close", reason="duplicate_registration").status_code == 200
    assert UNDO not in desk.page.text
    assert UNDO not in desk.get(f"/registrations/{case}").text


@pytest.mark.wide
def test_undo_is_over_after_its_seconds(service, desk, case):
    changes(desk, case, urgency="4")
    service.moment.pass_by(seconds=16)
    assert desk.send("/undo").status_code == 409
    assert "no longer be undone" in words_of(desk.page)
    assert UNDO not in desk.get(f"/registrations/{case}").text
    assert facts(service, case)["urgency"] == 4


@pytest.mark.wide
def test_what_was_changed_since_is_not_overwritten(service, desk, case):
    changes(desk, case, urgency="4")
    version = service.desk.get(f"/registrations/{case}").headers["ETag"]
    assert service.desk.patch(f"/registrations/{case}", {"urgency": 2}, if_match=version).is_success
    assert desk.send("/undo").status_code in {409, 412}
    assert facts(service, case)["urgency"] == 2


@pytest.mark.parametrize("said", [{"urgency": "1"}, {"region": "limburg"}], ids=["tonight", "another area"])
def test_what_tells_others_has_no_undo(desk, case, said):
    assert UNDO not in changes(desk, case, **said).text


@pytest.mark.wide
def test_lifted_avoidance_is_put_back_as_it_was(service, desk, case):
    before = service.desk.get(f"/registrations/{case}").json()["avoided"]
    desk.get(f"/registrations/{case}")
    assert UNDO in desk.send(f"/registrations/{case}/avoided/{before[0]['id']}/lift").text
    assert service.desk.get(f"/registrations/{case}").json()["avoided"] == []
    desk.send("/undo")
    assert service.desk.get(f"/registrations/{case}").json()["avoided"] == before


@pytest.fixture
def moving(service, desk):
    """The path of a client who lives somewhere, and asked for another place on the page."""

    def asks(urgency="3"):
        path = lives_somewhere(service)
        desk.get(f"{path}/requests")
        service.moment.pass_by(minutes=5)
        desk.send(f"{path}/requests", kind="transfer", ground="wish", urgency=urgency, text="Dicht bij school")
        service.moment.pass_by(minutes=7)
        return path

    return asks


def withdrawn(desk, path):
    desk.get(f"{path}/requests")
    return desk.send(f"{path}/requests/2/withdraw", reason="other", text="Toch niet")


@pytest.mark.wide
def test_withdrawn_request_is_open_again_as_it_was(service, desk, moving):
    path = moving()
    service.desk.made(f"{path}/proposals")
    before = service.desk.get(f"{path}/requests").json()
    waited = service.desk.get(path).json()["waits_since"]
    assert UNDO in withdrawn(desk, path).text
    assert service.desk.get(f"{path}/requests").json()["items"][-1]["status"] == "withdrawn"
    desk.send("/undo")
    assert desk.page.url.path == path
    after = service.desk.get(f"{path}/requests").json()
    assert (after["items"], after["status"]) == (before["items"], before["status"])
    assert service.desk.get(path).json()["waits_since"] == waited
    made = service.desk.made(f"{path}/proposals")
    assert made["status"] == "made"
    events = [row["event"] for row in service.auditor.get("/audit/events?limit=60").json()["items"]]
    assert {"request:made", "request:withdrawn"} <= set(events)


@pytest.mark.wide
def test_request_for_tonight_is_withdrawn_without_undo(desk, moving):
    assert UNDO not in withdrawn(desk, moving("1")).text


@pytest.mark.wide
def test_request_asked_anew_since_is_not_reopened(service, desk, moving):
    path = moving()
    withdrawn(desk, path)
    version = service.desk.get(f"{path}/requests").headers["ETag"]
    anew = {"kind": "transfer", "ground": "need", "urgency": 3}
    assert service.desk.post(f"{path}/requests", anew, if_match=version).is_success
    assert desk.send("/undo").status_code in {409, 412}
    assert [one["status"] for one in service.desk.get(f"{path}/requests").json()["items"]][1:] == ["withdrawn", "open"]


@pytest.mark.wide
def test_subscription_is_put_back(desk):
    desk.get("/subscription")
    desk.send("/subscription", rhythm="daily", language="en", form="link")
    desk.send("/subscription", rhythm="never", language="nl", form="pdf")
    desk.send("/undo")
    assert 'value="daily" selected' in desk.page.text or 'value="daily" checked' in desk.page.text


@pytest.mark.wide
def test_undo_of_another_session_does_nothing(service, desk, case):
    changes(desk, case, urgency="4")
    other = signed_in(service, "desk", language="en")
    other.cookies |= {name: value for name, value in desk.cookies.items() if name.endswith("-undo")}
    assert UNDO not in other.get(f"/registrations/{case}").text
