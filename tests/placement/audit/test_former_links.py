"""Lines from before contents were sealed: each keeps the link that it had, and the old chain can still be made."""

import json

import pytest

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.audit.verification import Head, verify
from placement.core.context import SYSTEM, Act
from placement.crypto import log_cipher
from placement.storage import hash_chain, log_contents
from tests.support.audit_log import logged, open_up, write_lines
from tests.support.stores import AT, both_stores

LINES = 5


def seal_anew(country, change):
    """Seals each line with its former link in it, as version 0.1.0 did. Its last event names the end of the former
    log. `change`: of a content after its link was made.
    """
    key = country.database.audit_keys.known[0]
    link, former, heads = hash_chain.START, "", []
    with country.database.transaction() as session:
        for event in logged(session):
            content = log_contents.facts_in(key, event.id, event.cipher)
            if event.event == Event.LOG_RESEALED:
                content["facts"] = {"through": heads[-1].line, "link": former}
            else:
                former = hash_chain.former_link_after(former, {"id": event.id, "at": event.at, **content}, key)
                heads.append(Head(event.id, former, "then"))
                content |= {log_contents.FORMER_LINK: former} | change(event.id)
            event.cipher = log_cipher.seal(key, f"auditevent {event.id}", json.dumps(content).encode())
            link = event.link = hash_chain.link_after(link, event.model_dump(), key)
    return heads


@pytest.fixture
def country(empty):
    write_lines(empty, LINES)
    with empty.database.transaction() as session:
        audit_log.write(Act(session, SYSTEM, AT, empty.settings), Event.LOG_RESEALED)
    empty.database.seal_log()
    open_up(empty)
    return empty


@both_stores
def test_heads_of_before_still_fit(country):
    heads = seal_anew(country, lambda _: {})
    found = verify(country.database, heads)
    assert (found.lines, found.heads, found.first_bad) == (LINES + 1, LINES, None)
    [resealed] = logged(country, event=Event.LOG_RESEALED)
    assert (resealed.actor, resealed.facts) == (SYSTEM.id, {"through": LINES, "link": heads[-1].link})
    wrong = verify(country.database, [Head(3, "0" * 64, "then")])
    assert (wrong.first_bad, wrong.why) == (3, "not the line that a head tells of")


@both_stores
def test_content_changed_when_it_was_sealed_is_found(country):
    seal_anew(country, lambda number: {"actor": "A-other"} if number == 3 else {})
    found = verify(country.database, [])
    assert (found.first_bad, found.why) == (3, "changed when contents were sealed")
