"""Closing and declining in two steps: consequences first, then what follows; and the progress page."""

import re
import threading

import pytest
from anyio.from_thread import start_blocking_portal
from litestar import Response
from psycopg.errors import LockNotAvailable
from sqlalchemy.exc import OperationalError

from api.pages import progress
from placement.audit import log as audit_log
from placement.core.codes import Outcome
from placement.core.reason_codes import Step, reasons_for
from placement.placements.proposals import proposals
from placement.retention.schedule_of_cases import CONTENT_FOR
from placement.text.catalogue import translate
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.resources import offered
from tests.support.api.service import somebody
from tests.support.audit_log import logged
from tests.support.stores import one_store


@pytest.mark.wide
@one_store
def test_closing_shows_consequences_then_what_follows(service):
    proposal = offered(service)
    client = proposal["registration"]
    reader = signed_in(service, "coordinator")
    assert f'href="/registrations/{client}/close"' in reader.get(f"/registrations/{client}").text
    page = words_of(reader.get(f"/registrations/{client}/close"))
    assert f"{CONTENT_FOR.days} days after closing" in page
    assert "can no longer be decided on" in page
    assert all(translate("reason", reason.code, "en") in page for reason in reasons_for(Step.CLOSE))
    wrong = reader.send(f"/registrations/{client}/close")
    assert wrong.status_code == 400
    assert 'id="reason-fault"' in wrong.text
    closed = words_of(reader.send(f"/registrations/{client}/close", reason="found_other_place"))
    assert "Closed: Client found another place." in closed
    assert "begin a new case with what is still true of this case" in closed
    assert "No place is sought" in words_of(reader.get(f"/registrations/{client}/close"))  # once it is closed: its page


@pytest.mark.wide
@one_store
def test_declining_shows_what_follows_from_each_reason(service):
    service.close_all()
    proposal = offered(service)
    name = proposal["chosen"]["name"]
    reader = signed_in(service, "coordinator")
    reader.get(f"/proposals/{proposal['id']}/decline")
    page = words_of(reader.page)
    assert all(translate("reason", reason.code, "en") in page for reason in reasons_for(Step.DECLINE))
    assert f"Client declines this place {name} is not proposed again" in page
    assert "Client declines a shared room From now on the client is proposed for a private room" in page
    assert "Duplicate registration The registration is closed at once" in page
    wrong = reader.send(f"/proposals/{proposal['id']}/decide")
    assert wrong.status_code == 400
    assert 'id="reason-fault"' in wrong.text
    declined = words_of(reader.send(f"/proposals/{proposal['id']}/decide", reason="declines_place"))
    assert "Ask for a new proposal." in declined
    assert "Avoids" in declined


@pytest.fixture
def impatient(monkeypatch):
    """Shows the progress page at once to an actor who asks for a proposal."""
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 0)


@pytest.mark.wide
@one_store
@pytest.mark.usefixtures("impatient")
def test_progress_page_goes_on_without_a_script(service):
    client = service.coordinator.made("/registrations", somebody())["id"]
    reader = signed_in(service, "coordinator")
    reader.goes_on = False
    reader.get(f"/registrations/{client}")
    page = reader.send(f"/registrations/{client}/propose")
    assert page.status_code == 200
    assert page.headers["content-language"] == "en"
    assert "Then the result opens by itself." in words_of(page)
    to = re.search(r'http-equiv="refresh" content="0; url=(/proposals/P-[^"]+)"', page.text)[1]
    assert "<progress" in page.text[: page.text.index("http-equiv")]
    assert page.text.rstrip().endswith("</html>")
    assert "For whom" in words_of(reader.get(to))


@pytest.mark.wide
@one_store
@pytest.mark.usefixtures("impatient")
def test_progress_page_shows_a_refusal(service):
    client = service.coordinator.made("/registrations", somebody())["id"]
    reader = signed_in(service, "coordinator")
    reader.get(f"/registrations/{client}")
    service.coordinator.made(f"/registrations/{client}/close", {"reason": "found_other_place"})
    page = reader.send(f"/registrations/{client}/propose")
    assert "refresh" not in page.text
    assert f'href="/registrations/{client}"' in page.text
    assert 'class="wrong"' in page.text
    assert re.search(rf'action="/registrations/{client}/propose">.*?Search again', page.text, re.DOTALL)


@pytest.mark.usefixtures("impatient")
def test_progress_page_sends_its_first_part_before_the_answer(monkeypatch):
    """Tests the parts alone, as the test's client keeps an answer back until it is whole."""
    there = threading.Event()
    shown = {"progress.html": f"begin{progress._HERE}end", "progress_done.html": "found"}
    monkeypatch.setattr(progress, "page", lambda _, template, **__: Response(shown[template], media_type="text/html"))

    async def read():
        stream = await progress.found(None, lambda: str(there.wait(60)), None, words="", back="")
        begin = await anext(stream.iterator)
        there.set()
        return [begin, *[part async for part in stream.iterator]]

    with start_blocking_portal() as portal:  # its own thread: a browser's loop may run in this thread
        assert portal.call(read) == ["begin", "found", "end"]


def asked_too_late(service):
    """Asks, as a coordinator, for a place that only the desk can find by now. Returns the case and the text of the
    page.
    """
    other = service.coordinator.made("/registrations", somebody())["id"]
    client = service.coordinator.made("/registrations", somebody(keep_apart=[other]))["id"]
    reader = signed_in(service, "coordinator")
    reader.get(f"/registrations/{client}")
    service.opened(other)
    assert service.desk.patch(f"/registrations/{other}", {"region": "limburg"}, If_Match='"1"').is_success
    return client, words_of(reader.send(f"/registrations/{client}/propose"))


def refusals_of(service, case):
    return len(logged(service, registration_id=case, outcome=Outcome.REFUSED))


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("patience", [0, 30])
def test_refusal_before_or_after_the_page_began_has_its_event(service, monkeypatch, patience):
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", patience)
    client, said = asked_too_late(service)
    assert "The placement desk finds the place" in said
    assert refusals_of(service, client) == 1


@pytest.mark.wide
@one_store
@pytest.mark.usefixtures("impatient")
def test_refusal_without_stored_event_is_not_shown_on_the_page(service, monkeypatch):
    def busy(*_, **__):
        raise OperationalError("INSERT", {}, LockNotAvailable("locked"))

    monkeypatch.setattr(audit_log, "refuse", busy)
    _, said = asked_too_late(service)
    assert "The placement desk finds the place" not in said
    assert "busy" in said.lower()


@pytest.mark.wide
@one_store
@pytest.mark.usefixtures("impatient")
def test_progress_page_server_fault_is_shown_and_logged(service, monkeypatch):
    client = service.coordinator.made("/registrations", somebody())["id"]
    reader = signed_in(service, "coordinator")
    reader.get(f"/registrations/{client}")

    def breaks(*_):
        raise RuntimeError("of a case")

    monkeypatch.setattr(proposals, "prepare", breaks)
    page = reader.send(f"/registrations/{client}/propose")
    assert "Something went wrong on our side" in words_of(page)
    assert f'href="/registrations/{client}"' in page.text
    assert page.text.rstrip().endswith("</html>")
    assert '"event": "request.failed"' in service.log.getvalue()
    assert "of a case" not in service.log.getvalue() + page.text
