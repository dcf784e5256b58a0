"""An import under way: whose it is, what is kept of it meanwhile, and that nothing is left at its end."""

from dataclasses import replace

import pytest
from sqlmodel import select

from placement.accounts import sessions
from placement.audit.events import Event
from placement.core.errors import Conflict, Invalid, NotFound
from placement.core.place_codes import RoomRange
from placement.exchange import open_imports
from placement.tables import AccountSession, AuditEvent, DataKey, ImportMapping, OpenImport, Room
from placement.tables.account import Account
from tests.support.accounts import add_accounts
from tests.support.exchange.books import book, placed, saved
from tests.support.town import DESK, OTHER_DESK, key_store_of

OWN_WORDS = saved(book(Overzicht=[["Groepje", "Nr", "Plekken"], ["U5-social", "3 t/m 5", 2]]))
MEANS = ["Overzicht=rooms", "Overzicht!A1=unit", "Overzicht!B1=name", "Overzicht!C1=beds"]
ROOM = saved(book(Kamers=[["Unit", "Kamer", "Bedden"], ["U5-social", "Zolder", 2]]))


def begin(town, content=ROOM, actor=DESK, name="kamers.xlsx"):
    return town.do(open_imports.start, content, name, "nl", actor=actor).id


def go_on(town, verb, import_id, *args, actor=DESK, **more):
    return town.do(verb, import_id, *args, actor=actor, **more)


def left(town):
    """Returns the ids of files that are left, and of their keys."""
    with town.act() as act:
        keys = [one for one in act.session.exec(select(DataKey.owner)) if one.startswith("I-")]
        files = act.session.exec(select(OpenImport.id)).all()
    return [*files, *(one for one in keys if not key_store_of(town).is_destroyed(one))]


def signed_in(town, actor):
    """Starts a session of this actor, and returns the actor in it."""
    add_accounts(town, actor)
    with town.act() as act:
        sessions.start(act, act.session.get_one(Account, actor.id), "Firefox, Linux")
        act.session.flush()
        newest = act.session.exec(select(AccountSession.id)).all()
    return replace(actor, session_id=newest[-1])


def test_import_is_sealed_then_confirmed_then_gone(town):
    content = saved(book(Kamers=[["Unit", "Kamer", "Bedden"], ["U5-social", "Geheime zolder", 2]]))
    import_id = begin(town, content)
    assert left(town) == [import_id, import_id]
    assert "Geheime" not in str(town.all(select(OpenImport.__table__)))  # a file is read by its key only
    assert go_on(town, open_imports.preview, import_id, "nl").counts() == {"make:room": 1}
    assert town.all(select(Room).where(Room.name == "Geheime zolder")) == []
    assert go_on(town, open_imports.confirm, import_id, "nl").carried_out
    assert len(town.all(select(Room).where(Room.name == "Geheime zolder"))) == 1
    assert left(town) == []
    with pytest.raises(NotFound):
        go_on(town, open_imports.preview, import_id, "nl")


def test_import_in_the_log_is_its_steps_without_its_content(town):
    import_id = begin(town, name="Geheime lijst.xlsx")
    go_on(town, open_imports.answer, import_id, means=["Kamers=rooms"])
    go_on(town, open_imports.confirm, import_id, "nl")
    written = [event.content for event in town.all(select(AuditEvent))]
    ours = [Event.IMPORT_BEGUN, Event.IMPORT_ANSWERED, Event.IMPORTED, Event.IMPORT_ENDED]
    assert [one.event for one in written if one.object_id == import_id] == [event.value for event in ours]
    assert "Geheime" not in str(written)


@pytest.mark.wide
def test_answers_are_kept_and_next_month_needs_none(town):
    import_id = begin(town, OWN_WORDS, name="eigen.xlsx")
    assert [one.asks for one in go_on(town, open_imports.preview, import_id, "nl").shapes] == [True]
    go_on(town, open_imports.answer, import_id, means=[MEANS[0], "Overzicht!A1=name"])
    go_on(town, open_imports.answer, import_id, means=MEANS[1:], called="Bed list")
    with pytest.raises(Invalid) as refused:
        go_on(town, open_imports.confirm, import_id, "nl")
    assert [fault.code for fault in refused.value.faults] == ["import_rooms_unclear"]
    go_on(town, open_imports.answer, import_id, ranges=RoomRange.BEDS_EACH)
    assert go_on(town, open_imports.confirm, import_id, "nl").counts() == {"make:room": 3}
    assert [(kept.name, kept.ranges) for kept in town.all(select(ImportMapping))] == [("Bed list", "beds_each")]
    changed = saved(book(Overzicht=[["Groepje", "Nr", "Plekken"], ["U5-social", "3 t/m 5", 3]]))
    again = go_on(town, open_imports.preview, begin(town, changed, name="volgende.xlsx"), "nl")
    assert placed(again.findings) == {("import_mapping_kept_as", 1, "", False)}
    assert [step.facts["before"]["beds"] for step in again.steps] == [2, 2, 2]


def test_import_belongs_to_its_session_and_two_do_not_meet(town):
    other = replace(OTHER_DESK, session_id="Z-other")
    first, second = begin(town), begin(town, actor=other)
    go_on(town, open_imports.answer, first, means=["Kamers!B1="])
    with pytest.raises(NotFound):
        go_on(town, open_imports.preview, first, "nl", actor=other)
    assert go_on(town, open_imports.confirm, second, "nl", actor=other).carried_out
    assert left(town) == [first, first]
    go_on(town, open_imports.answer, first, means=["Kamers!B1=name"])
    assert go_on(town, open_imports.confirm, first, "nl").counts() == {}


@pytest.mark.parametrize("end", ["given up", "hour", "signed out", "session unused", "another session"])
def test_import_that_ends_leaves_no_file_and_no_key(town, end):
    actor = signed_in(town, DESK)
    import_id = begin(town, actor=actor)
    match end:
        case "given up":
            go_on(town, open_imports.give_up, import_id, actor=actor)
        case "hour":
            town.later(minutes=60)
            with pytest.raises(NotFound):
                go_on(town, open_imports.confirm, import_id, "nl", actor=actor)
            town.do(sessions.end_files)
        case "signed out":
            town.do(sessions.end, actor.session_id, actor=actor)
        case "session unused":
            town.having(session_idle=1200)
            town.later(minutes=21)
            town.do(sessions.end_files)
        case "another session":
            town.do(sessions.end_all, DESK.id)
    assert left(town) == []


def test_import_goes_on_while_its_session_is_used(town):
    actor = signed_in(town, DESK)
    import_id = begin(town, actor=actor)
    town.later(minutes=5)
    assert town.do(sessions.end_files) == 0
    assert left(town) == [import_id, import_id]


def test_file_that_cannot_be_read_leaves_nothing(town):
    with pytest.raises(Invalid):
        begin(town, b"PK\x03\x04")
    assert left(town) == []


def test_session_has_five_imports_at_most(town):
    for _ in range(open_imports.MOST_OPEN):
        begin(town)
    with pytest.raises(Conflict) as refused:
        begin(town)
    assert refused.value.code == "imports_open"
