"""The release of rows or a log in doubt, so that the service can continue after a stop.

Two persons are needed: a person of the desk, and an admin or auditor, each with a fresh second factor. A person whom a
row in doubt names cannot take part. The release seals the rows with their present values, and records a new sum of all
rows. A row that grants access, such as a key, an account or a mandate, is not sealed. That row stays without effect,
but no longer stops the service. The rows in doubt must not change between the request and the grant; otherwise a new
request is needed.

Outside the hours of duty, the person on call alone can allow placements of clients who need a place tonight, until duty
begins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from placement.access import doubt_stop
from placement.access.account_lookup import account_of
from placement.access.fresh_factor import require_fresh
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit import row_check
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.doubt_codes import RowChange, RowRelease, StopCause
from placement.core.errors import Conflict, Misconfigured
from placement.core.second_person_codes import SecondPersonKind
from placement.crypto.encrypted_columns import keys_of
from placement.doubt.doubted_rows import DoubtedRow, rows_of
from placement.duty import on_call
from placement.duty.hours import duty_of
from placement.lifecycles.moves import SecondPersonMove
from placement.second_person import requests
from placement.second_person.kinds import Answer, Kind
from placement.storage import hash_chain, log_rows, outage
from placement.storage.log_keys import LogKeys
from placement.storage.watch import Check, Mark, Night, Stop, Watch, watch_of
from placement.tables import SecondPersonRequest

WAITS_FOR = timedelta(hours=24)
"""The time for which a request waits for the second person (assumed)."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """The doubt that the last check found. `rows`: the rows in doubt as they are stored now, at most `MOST_NAMED`.
    `stop`: the stop of the service; `None` if the service is not stopped. `check`: the last check of rows and log.
    """

    stop: Stop | None
    check: Check
    rows: Sequence[DoubtedRow]


@needs(Permission.DOUBT_READ)
def read(act: Act) -> Doubt:
    """Returns the doubt that the last check found, with at most `MOST_NAMED` rows. Writes an audit event."""
    found = doubt_of(act.session)
    audit_log.write(act, Event.DOUBT_READ, rows=len(found.rows))
    return found


def doubt_of(session: Session) -> Doubt:
    check = watch_of(session.get_bind().dialect).newest(log_rows.keys_of(session)).check
    return Doubt(doubt_stop.stop_of(session), check, rows_of(session, sorted(check.in_doubt)[: row_check.MOST_NAMED]))


@needs(Permission.DOUBT_RELEASE)
def ask(act: Act) -> SecondPersonRequest:
    """Requests the release of the rows that the last check found, and replaces an earlier request. Raises `Conflict` if
    nothing can be released now, or if the rows name the actor.
    """
    require_fresh(act)
    found = _releasable(act)
    for earlier in act.session.exec(requests.waiting(act, RELEASE.code)).all():
        requests.end(act, RELEASE, earlier, SecondPersonMove.WITHDRAW)
    return requests.ask(act, RELEASE, _facts(found))


@needs(Permission.DOUBT_RELEASE)
def release_tonight(act: Act) -> Night:
    """Allows clients who need a place tonight to be placed until duty begins, despite the stop. Raises `Conflict` in
    the hours of duty, and for everybody but the person on call.
    """
    require_fresh(act)
    found = _releasable(act)
    on_call.require_sealed(act.session)
    if not is_on_call(act):
        raise Conflict("not_on_call_now")
    until = duty_of(act.settings).next_beginning(act.at)
    made = Night(found.check.doubt, act.actor.id, act.at.isoformat(), until.isoformat())
    audit_log.write(act, Event.DOUBT_RELEASED_TONIGHT, until=made.until, rows=len(found.rows))
    hash_chain.after_commit(act.session, lambda watch, keys, _: watch.state(keys, made))
    return made


def is_on_call(act: Act) -> bool:
    """Checks whether the actor is on call now, outside the hours of duty."""
    duty = duty_of(act.settings)
    return not duty.is_on(act.at) and act.actor.id in on_call.on_call(act.session, duty, act.at)


def _releasable(act: Act) -> Doubt:
    """Returns the present doubt. Raises `Conflict` if it cannot be released, or if its rows name the actor."""
    found = doubt_of(act.session)
    if found.stop is None:
        raise Conflict("nothing_stopped")
    if found.stop.cause is StopCause.WATCHER:
        raise Conflict("check_runs_first")
    is_unreadable = any(one.change is RowChange.UNREADABLE for one in found.rows)
    if is_unreadable or len(found.check.in_doubt) > row_check.MOST_NAMED:
        raise Conflict("operator_repairs_first", most=row_check.MOST_NAMED)
    _require_not_named(act.actor.id, found.rows)
    return found


def _require_not_named(account: str, rows: Sequence[DoubtedRow]) -> None:
    if any(account in one.named for one in rows):
        raise Conflict("named_by_rows")


def _facts(found: Doubt) -> dict[str, object]:
    return {"doubt": found.check.doubt, "rows": {one.name: one.digest for one in found.rows}}


def _check(act: Act, request: SecondPersonRequest) -> None:
    """Raises `Conflict` if the rows in doubt are not those of the request, or if either person may not release them."""
    require_fresh(act)
    found = _releasable(act)
    _require_not_named(request.asked_by, found.rows)
    if act.actor.role.has_authority == account_of(act.session, request.asked_by).role.has_authority:
        raise Conflict("desk_and_other_needed")
    if _facts(found) != request.facts or not _is_whole(act.session, found.check):
        raise Conflict("doubt_changed")


def _is_whole(session: Session, check: Check) -> bool:
    """Returns true if rows and log have not changed since the last check."""
    by = row_check.difference(session)
    is_same = (f"{by:064x}"[:16] if by else "") == check.differs
    broken = row_check.broken_rows(session)[: row_check.MOST_NAMED]
    return is_same and row_check.with_protected(session, broken) == check.broken


def _carry_out(act: Act, request: SecondPersonRequest, answer: Answer) -> None:
    """Seals the rows with their present values, except rows that grant access. The time of the stop counts as an
    outage. So requests that nobody could answer during the stop do not lapse.
    """
    _ = answer
    dialect = act.session.get_bind().dialect
    check = watch_of(dialect).newest(log_rows.keys_of(act.session)).check
    rows = rows_of(act.session, sorted(request.facts["rows"]))
    stay = tuple(one.name for one in rows if one.release is RowRelease.STAYS)
    try:
        row_check.accept(act, request.facts["rows"], stay=stay)
    except Misconfigured as error:  # a row was changed just now
        raise Conflict("doubt_changed") from error
    outage.record(act.session, datetime.fromisoformat(check.since), act.at)
    keys = keys_of(dialect)

    def go_on(watch: Watch, log_keys: LogKeys, end: Mark | None) -> None:
        keys.doubted = frozenset(stay)
        watch.begin_anew(log_keys, end or Mark(), stay=stay)

    hash_chain.after_commit(act.session, go_on)


def _logged(request: SecondPersonRequest) -> Mapping[str, object]:
    return {"doubt": request.facts["doubt"][:16], "rows": len(request.facts["rows"])}


RELEASE = Kind(
    SecondPersonKind.RELEASE,
    ask=Permission.DOUBT_RELEASE,
    grant=Permission.DOUBT_RELEASE,
    read=Permission.DOUBT_RELEASE,
    waits_for=WAITS_FOR,
    carry_out=_carry_out,
    check=_check,
    logged=_logged,
    of_asker=True,
    needs_factor=lambda *_: True,
    is_shown=False,
)
