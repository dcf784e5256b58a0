"""Requests of the older tables move into the table of requests for a second person, and the way back is refused."""

from datetime import date, timedelta

import pytest
from alembic import command
from sqlalchemy import MetaData, Table, text
from sqlmodel import select

from placement.audit import row_check
from placement.core import clock
from placement.core.errors import Misconfigured
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.rule_changes.changes import asked_statement
from placement.tables import LegalHold, Organisation, Registration, SecondPersonRequest, Shelter
from tests.support.registrants import without_newer_roles
from tests.support.stores import both_stores

BEFORE = "0069"
DAY = date(2027, 1, 1)
COMMON = {"asked_by": "A-1", "browser": None, "settled_at": None, "settled_by": None, "granted": False}


def insert(connection, table, **values):
    """A row of an older table."""
    rows = Table(table, MetaData(), autoload_with=connection, resolve_fks=False)
    connection.execute(rows.insert().values(values))


def fill(connection, seals, place):
    """A request of each kind that waits, and others that were settled or lapsed."""
    now = clock.now()
    waits = {**COMMON, "asked_at": now, "expires_at": now + timedelta(hours=1)}
    house, client, centre = place
    invited = {"what": "invite", "account_id": None, "email": "a@x.example", "organisation_id": centre, "role": "desk"}
    details = seals.encrypted({"name": "Medewerker Een"}, ("asking", "details", ("G-1",)))
    insert(connection, "asking", id="G-1", **invited, regions=[], details=details, **waits)
    settled = waits | {"settled_at": now, "settled_by": "A-1"}
    insert(connection, "asking", id="G-2", **invited, regions=[], details=None, **settled)
    insert(connection, "keyrotation", id="Y-1", done_at=None, **waits | {"expires_at": now - timedelta(hours=1)})
    granted = waits | {"settled_at": now, "settled_by": "A-2", "granted": True}
    leaving = {"kind": "destroy_keys", "reason": "leaving", "text": "-", "recipient": None}
    insert(connection, "leaverequest", id="X-1", **leaving, begun_at=None, done_at=None, **granted)
    rule = {"kind": "safety_distance", "code": "default", "number": 1, "place": 0, "value": {"km": 60}, "words": {}}
    rule |= {"legal_ground": "-", "source": "-", "assumed": False, "valid_from": DAY, "valid_until": None}
    insert(connection, "datedrule", id="Y-2", **rule, reason="tried", **waits)
    change = seals.encrypted({"address": "Geheimstraat 7"}, ("changerequest", "change", ("C-1",)))
    answered = {"answered_by": None, "answered_at": None, "asked_by": "A-1", "asked_at": now, "browser": None}
    about = {"status": "asked", "shelter_id": house, "target_id": f"{house}-L1", "change": change}
    insert(connection, "changerequest", id="C-1", kind="address", **about, **answered)
    held = {"registration_id": client, "status": "lift_asked", "reason": "complaint", "review_on": DAY}
    persons = {
        "asked_by": "A-1",
        "answered_by": "A-2",
        "answered_at": now,
        "lift_asked_by": "A-3",
        "lift_asked_at": now,
    }
    insert(connection, "legalhold", id="L-1", asked_at=now, browser=None, **held, **persons)


@pytest.mark.wide
@both_stores
def test_requests_of_older_tables_move_into_the_one_table(stores):
    made = without_newer_roles(stores.make("small"))
    with made.database.transaction() as session:
        place = [
            session.exec(select(table.id).order_by(table.id)).first() for table in (Shelter, Registration, Organisation)
        ]
        before = session.connection().execute(text("SELECT count(*) FROM datedrule")).scalar_one()
    with made.database.migrating() as configuration:
        command.downgrade(configuration, BEFORE)
        fill(configuration.attributes["connection"], configuration.attributes["seals"], place)
    made.database.migrate()
    with made.database.transaction() as session:
        rows = session.exec(select(SecondPersonRequest).order_by(SecondPersonRequest.id)).all()
        found = {row.id: (row.kind, row.status, row.about) for row in rows}
        assert found == {
            "G-1": (SecondPersonKind.ACCOUNT, SecondPersonStatus.ASKED, None),
            "G-2": (SecondPersonKind.ACCOUNT, SecondPersonStatus.WITHDRAWN, None),
            "Y-1": (SecondPersonKind.KEYS, SecondPersonStatus.LAPSED, None),
            "X-1": (SecondPersonKind.LEAVE, SecondPersonStatus.GRANTED, None),
            "Y-2": (SecondPersonKind.RULE, SecondPersonStatus.ASKED, None),
            "C-1": (SecondPersonKind.ADDRESS, SecondPersonStatus.ASKED, f"{place[0]}-L1"),
            "L-1.hold": (SecondPersonKind.LEGAL_HOLD, SecondPersonStatus.GRANTED, "L-1"),
            "L-1.lifting": (SecondPersonKind.LIFTING, SecondPersonStatus.ASKED, "L-1"),
        }
        by_id = {row.id: row for row in rows}
        assert by_id["G-1"].facts["name"] == "Medewerker Een"
        assert by_id["C-1"].facts == {"address": "Geheimstraat 7"}
        assert asked_statement(by_id["Y-2"]).value == {"km": 60}
        assert session.get(LegalHold, "L-1").reason == "complaint"
        assert session.connection().execute(text("SELECT count(*) FROM datedrule")).scalar_one() == before
        assert (list(row_check.broken_rows(session)), row_check.difference(session)) == ([], 0)
    with pytest.raises(Misconfigured, match="secondpersonrequest: 8"), made.database.migrating() as configuration:
        command.downgrade(configuration, BEFORE)
