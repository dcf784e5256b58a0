"""The destruction of every data key: of cases, proposals, stored answers and anomalies. Afterwards nothing that was
encrypted with these keys can be decrypted, neither in this database nor in a copy of it.

The destruction runs in batches. Each batch is a transaction with an audit event. After an interruption, run it again
with the same request. Stop the service first, because a running service makes new keys.
"""

from collections.abc import Callable

from sqlmodel import Session, col, select

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.core.leave_codes import LeaveKind
from placement.leave import requests
from placement.leave.certificate import Certificate, certificate_of, counts_of
from placement.storage.database import Database
from placement.storage.field_sealing import destroy_keys, keys_of_session, require_own_store
from placement.tables import DataKey, SecondPersonRequest

BATCH = 200


def destroy_everything(database: Database, act_in: Callable[[Session], Act], request_id: str) -> Certificate:
    """Carries out a granted request to destroy all data keys, and returns its certificate. For a completed request,
    returns the same certificate again. `act_in`: a function that returns the act in the given transaction. Raises the
    errors of `requests.take_up`. Raises `Conflict` if a legal hold was made meanwhile, and `Misconfigured` if the key
    store belongs to another database.
    """
    with database.transaction() as session:
        is_done = _is_done(session, request_id)
    if not is_done:
        with database.transaction() as session:
            _begin(act_in(session), request_id)
        while _destroy_some(database, act_in, request_id):
            pass
        with database.transaction() as session:
            _finish(act_in(session), request_id)
    with database.transaction() as session:
        return certificate_of(session, request_id)


def _is_done(session: Session, request_id: str) -> bool:
    found = session.get(SecondPersonRequest, request_id)
    return found is not None and found.what == LeaveKind.DESTROY_KEYS and found.done_at is not None


def _begin(act: Act, request_id: str) -> None:
    known = act.session.get(SecondPersonRequest, request_id)
    was_begun = known is not None and known.begun_at is not None
    request = requests.take_up(act, LeaveKind.DESTROY_KEYS, request_id)
    requests.require_no_legal_hold(act)
    require_own_store(act.session)
    if not was_begun:
        audit_log.write(
            act,
            Event.DESTRUCTION_BEGUN,
            subject=request.id,
            asked_by=request.asked_by,
            granted_by=request.settled_by,
            **requests.facts_of(request),
        )


def _destroy_some(database: Database, act_in: Callable[[Session], Act], request_id: str) -> int:
    """Destroys the next batch of keys. Returns the number of destroyed keys; 0 if no key is left."""
    with database.transaction() as session:
        act = act_in(session)
        requests.require_no_legal_hold(act)
        live = select(DataKey.owner).where(col(DataKey.destroyed_at).is_(None)).order_by(DataKey.owner).limit(BATCH)
        owners = session.exec(live).all()
        if owners:
            destroy_keys(act, owners)
            audit_log.write(act, Event.KEYS_DESTROYED, subject=request_id, count=len(owners))
        return len(owners)


def _finish(act: Act, request_id: str) -> None:
    """Destroys keys that transactions left in the key store when they were rolled back. Checks that no key is left."""
    store = keys_of_session(act.session).store
    request = requests.take_up(act, LeaveKind.DESTROY_KEYS, request_id)
    unnamed = sorted(set(store.names()) - set(act.session.exec(select(DataKey.owner)).all()))
    for name in store.names():
        if not store.is_destroyed(name):
            store.destroy(name)
    if left := [name for name in store.names() if not store.is_destroyed(name)]:
        raise Conflict("leave_keys_left", count=len(left))
    request.done_at = act.at
    audit_log.write(
        act,
        Event.DESTRUCTION_DONE,
        subject=request.id,
        unnamed=len(unnamed),
        counts=counts_of(act.session, request),
        key_store=store.id(),
    )
