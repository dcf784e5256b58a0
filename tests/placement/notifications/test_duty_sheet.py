"""The encrypted sheet of 16:30: to whom it goes, once a day; what is in it, and what is not; never in clear."""

from datetime import UTC, datetime

import pyrage
import pytest
from sqlmodel import select

from placement.accounts import details
from placement.accounts.details import Details
from placement.core import clock
from placement.core.codes import MessageKind, MessageStatus
from placement.core.errors import Misconfigured
from placement.core.telephone_codes import TelephoneUse
from placement.duty import rota
from placement.jobs.daily import dailies, run_due
from placement.notifications import duty_sheet
from placement.tables import DailyRun, Organisation, Stay, Unit
from tests.support.accounts import add_accounts, add_shelter_staff
from tests.support.mail_server import Mailbox, mail_server
from tests.support.messages import sent
from tests.support.report_mails import ADDRESS, deliver
from tests.support.simultaneous_acts import at_once, worked
from tests.support.stores import both_stores, one_store
from tests.support.town import DESK, OTHER_DESK, TODAY

AT_16_30 = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
KEYS = [pyrage.x25519.Identity.generate() for _ in range(2)]
ALIAS = "Kanarie-alias"


@pytest.fixture
def service(town, monkeypatch):
    """Returns a town: two people of the desk, the first with name and number, shelter staff, and a housed client."""
    monkeypatch.setattr(clock, "now", lambda: town.at)
    add_shelter_staff(town)
    add_accounts(town, DESK, OTHER_DESK)
    town.having(sheet_for=tuple(str(one.to_public()) for one in KEYS), address=ADDRESS)
    town.do(details.change, Details("Noor van Dam", "plaatser", "+31612345678"), actor=DESK)
    with town.database.transaction() as session:
        for one in session.exec(select(Organisation).where(Organisation.kind == "shelter")):
            one.telephones = {TelephoneUse.NIGHT.value: "+31204567890"}
    town.house(town.register(alias=ALIAS))
    town.at = AT_16_30
    return town


def job(town):
    return next(one for one in dailies(town.settings) if one.name == "send_sheet")


def run(town):
    return run_due(town.database, town.settings, job(town), town.at)


def opened(content, key=KEYS[0]):
    return pyrage.decrypt(content, [key]).decode()


def sheet(town, language="nl"):
    return town.do(duty_sheet.encrypted, language)


@pytest.mark.wide
def test_sheet_is_mailed_to_the_desk_and_opens_with_each_key(service):
    assert [row.late for row in run(service)] == [False]
    box = Mailbox()
    with mail_server(box) as server:
        assert deliver(service, server) == 2
    assert {mail["To"] for mail in box.arrived} == {"A-desk@x.example", "A-other-desk@x.example"}
    [attached] = list(box.arrived[0].iter_attachments())
    assert attached.get_filename() == "sheet-2026-11-24.txt.age"
    content = attached.get_payload(decode=True)
    assert opened(content, KEYS[0]) == opened(content, KEYS[1])
    assert "16:30" in opened(content)
    assert service.events().count("sheet:made") == 1


@pytest.mark.wide
def test_sheet_names_every_unit_and_number_and_no_client(service):
    service.do(rota.name, DESK.id, TODAY, TODAY)
    content = sheet(service)
    text = opened(content)
    for unit in service.all(select(Unit)):
        assert unit.name in text
    for said in (
        "Opvang 1",
        "Opvang 3",
        "020 456 78 90",
        "Noor van Dam, plaatser, 06 12 34 56 78",
        "A-other-desk (nog geen naam)",
        "2 van 3 bedden vrij",
    ):
        assert said in text, said
    [case] = {one.registration_id for one in service.all(select(Stay))}
    for secret in (ALIAS, case, "Geheimstraat", "Kanarie", "female", "vrouw"):
        assert secret not in text, secret
    assert ALIAS.encode() not in content
    assert "U1-women" not in content.decode(errors="ignore")


@pytest.mark.wide
@one_store
def test_sheet_says_of_which_shelter_no_number_is_known(service):
    before = opened(sheet(service)).count("geen telefoonnummer bekend")
    with service.database.transaction() as session:
        session.exec(select(Organisation).where(Organisation.shelter_id == "S1")).one().telephones = {}
    assert opened(sheet(service)).count("geen telefoonnummer bekend") == before + 1


@pytest.mark.wide
@one_store
def test_sheet_speaks_the_language_asked_for(service):
    assert "Nobody is on call." in opened(sheet(service, "en"))
    assert "Niemand heeft bereikbaarheidsdienst." in opened(sheet(service, "nl"))


@pytest.mark.wide
@both_stores
def test_four_processes_send_one_sheet_a_day(service):
    assert len(worked(at_once(*[lambda: run(service)] * 4))) == 4
    assert run(service) == []
    assert len(sent(service, MessageKind.SHEET_MADE)) == 2
    assert [row.job for row in service.all(select(DailyRun))] == ["send_sheet"]


@pytest.mark.wide
@one_store
def test_restart_before_the_commit_loses_and_repeats_no_sheet(service, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("placement.notifications.duty_sheet.audit_log.write", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(service)
    assert sent(service, MessageKind.SHEET_MADE) == []
    service.later(seconds=30)
    run(service)
    assert len(sent(service, MessageKind.SHEET_MADE)) == 2


@pytest.mark.wide
@one_store
def test_day_that_was_missed_has_no_sheet(service):
    run(service)
    service.later(days=3)
    assert [row.day.day for row in run(service)] == [25, 26, 27]
    days = sorted({one.facts["day"] for one in sent(service, MessageKind.SHEET_MADE)})
    assert days == ["2026-11-24", "2026-11-27"]


@pytest.mark.wide
@one_store
def test_sheet_is_not_sent_before_its_time(service):
    service.later(minutes=-1)
    assert run(service) == []


@pytest.mark.wide
@one_store
def test_sheet_not_delivered_by_midnight_is_moot(service):
    run(service)
    service.later(hours=8)
    box = Mailbox()
    with mail_server(box) as server:
        deliver(service, server)
    assert box.arrived == []
    assert {one.status for one in sent(service, MessageKind.SHEET_MADE)} == {MessageStatus.MOOT}


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("keys", [(), ("age1wrong",)])
def test_without_a_key_nothing_is_sent_nor_written(service, keys):
    service.having(sheet_for=keys)
    run(service)
    assert sent(service, MessageKind.SHEET_MADE) == []
    assert "sheet:made" not in service.events()
    with pytest.raises(Misconfigured):
        sheet(service)


@pytest.mark.wide
@one_store
def test_key_taken_away_before_delivery_sends_no_sheet(service):
    run(service)
    service.having(sheet_for=())
    box = Mailbox()
    with mail_server(box) as server:
        assert deliver(service, server) == 0
    assert box.arrived == []
    assert {one.trouble for one in sent(service, MessageKind.SHEET_MADE)} == {"cannot_be_written"}
