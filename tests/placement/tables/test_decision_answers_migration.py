"""The answer of a second person moves from the decision into its request, and back; that of the desk stays."""

from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import select

from placement.audit import row_check
from placement.core import clock
from placement.core.codes import DecisionKind, DecisionStatus
from placement.core.reason_codes import REASONS
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.tables import Decision, Proposal, Registration, SecondPersonRequest
from tests.support.registrants import without_newer_roles
from tests.support.stores import both_stores

BEFORE = "0070"
WORDS = "Te dichtbij"


def decided(session, client, name, status, **said):
    """A decision for another unit, asked at the browser B."""
    now = clock.now()
    proposal = Proposal(
        id=f"P-{name}", registration_id=client, registration_version=1, status="overridden", made_at=now, made_by="A-1",
        expires_at=now + timedelta(hours=1), policy_version=0, engine_version="1",
    )  # fmt: skip
    session.add(proposal)
    session.flush()
    common = {"kind": DecisionKind.OVERRIDE, "reason": "safety_judgement", "decided_by": "A-1", "browser": "B"}
    session.add(
        Decision(
            id=f"D-{name}", proposal_id=proposal.id, registration_id=client, status=status, decided_at=now,
            **common, **said,
        )
    )  # fmt: skip
    session.flush()


def request(session, client, name, status, **settled):
    session.add(
        SecondPersonRequest(
            id=f"D-{name}.second", kind=SecondPersonKind.DECISION, status=status, about=f"D-{name}",
            registration_id=client, facts={}, asked_by="A-1", asked_at=clock.now(), browser="B", **settled,
        )
    )  # fmt: skip


def answers(database):
    """The own columns of each decision; its request; and who answered, as the service reads it."""
    with database.transaction() as session:
        rows = session.exec(select(Decision).where(Decision.id.in_([f"D-{one}" for one in NAMES]))).all()
        own = {row.id[2:]: (row.second_by, row.second_text) for row in rows}
        asked = session.exec(select(SecondPersonRequest).where(SecondPersonRequest.kind == SecondPersonKind.DECISION))
        found = {row.about[2:]: (row.status.value, row.settled_by, row.text, row.browser) for row in asked.all()}
        return own, found, {row.id[2:]: row.answer.by for row in rows}


def reasons(connection):
    """Returns the codes of the first rules about reasons, in their order."""
    found = connection.execute(text("SELECT code FROM datedrule WHERE kind = 'reason' AND number = 0 ORDER BY place"))
    return list(found.scalars())


FIRST = [reason.code for reason in REASONS]
NAMES = ("waits", "yes", "no", "desk", "erased")
NOBODY = (None, None)
OWN = {
    **dict.fromkeys(("waits", "yes", "no"), NOBODY),
    "desk": ("A-2", WORDS),
    "erased": ("A-2", None),
}
ASKED = {
    "waits": ("asked", None, None, "B"),
    "yes": ("granted", "A-2", None, "B"),
    "no": ("refused", "A-2", WORDS, "B"),
}
BY = {"waits": None, **dict.fromkeys(("yes", "no", "desk", "erased"), "A-2")}


@pytest.mark.wide
@both_stores
def test_answers_of_second_persons_move_into_requests_and_back(stores):
    made = without_newer_roles(stores.make("small"))
    now = clock.now()
    answered = {"second_at": now, "second_by": "A-2"}
    settled = {"settled_at": now, "settled_by": "A-2"}
    with made.database.transaction() as session:
        client = session.exec(select(Registration.id).order_by(Registration.id)).first()
        decided(session, client, "waits", DecisionStatus.WAITING_FOR_SECOND, broken=["needs"])
        decided(session, client, "yes", DecisionStatus.FINAL, broken=["needs"])
        decided(session, client, "no", DecisionStatus.REFUSED, broken=["needs"])
        decided(session, client, "desk", DecisionStatus.REFUSED, second_text=WORDS, **answered)
        decided(session, client, "erased", DecisionStatus.FINAL, **answered)
        request(session, client, "waits", SecondPersonStatus.ASKED)
        request(session, client, "yes", SecondPersonStatus.GRANTED, **settled)
        request(session, client, "no", SecondPersonStatus.REFUSED, text=WORDS, **settled)
    assert answers(made.database) == (OWN, ASKED, BY)
    with made.database.migrating() as configuration:
        command.downgrade(configuration, BEFORE)
    with made.database.engine.connect() as connection:
        found = connection.execute(text("SELECT id, second_by, second_text FROM decision WHERE second_by IS NOT NULL"))
        assert reasons(connection) == [code for code in FIRST if code != "decision_withdrawn"]
        before = {row.id[2:]: (row.second_by, row.second_text is not None) for row in found if row.id[2:] in NAMES}
        assert before == {"yes": ("A-2", False), "no": ("A-2", True), "desk": ("A-2", True), "erased": ("A-2", False)}
    made.database.migrate()
    assert answers(made.database) == (OWN, ASKED, BY)
    with made.database.engine.connect() as connection:
        assert reasons(connection) == FIRST
    with made.database.transaction() as session:
        assert list(row_check.broken_rows(session)) == []
        assert row_check.difference(session) == 0
