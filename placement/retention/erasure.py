"""Erasure of each kind of data. Each function gets the ids of the rows that are due. `job.py` has locked the
registrations of these rows.
"""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import String, delete, type_coerce, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import SQLModel, col, select

from placement.core.context import Act
from placement.crypto.encrypted_columns import is_readable
from placement.registrants import sending
from placement.registrations import duplicates
from placement.retention.event_erasure import erase_members_of_cases
from placement.retention.legal_hold import kept_registrations
from placement.storage.field_sealing import destroy_keys, keys_of_session, sealed_columns
from placement.tables import (
    AccessGrant,
    AccessToken,
    Anomaly,
    ApiKey,
    BedClaim,
    CountRecord,
    Decision,
    FactChange,
    FrozenProblem,
    Hold,
    KeepApart,
    LegalHold,
    Proposal,
    Registration,
    SecondPersonRequest,
    Stay,
    StaysWith,
    TelephoneEntry,
)
from placement.tables.columns import expression
from placement.tables.facts import FACTS
from placement.tables.registration import key_of_facts

_ROWS = (KeepApart, StaysWith)
_CONTENT = [name for name, fact in FACTS.items() if fact.kept == "registration_content"]
_PARTS_OF_CONTENT = [
    *("threats", "reach", "avoidances", "breaks", "place_lost_at", "requests", "returns", "closing", "searches"),
    "obstacle",
]
_ANONYMISED = [name for name, fact in FACTS.items() if fact.kept == "registration_facts"]
_PARTS_OF_FACTS = ["persons"]
"""The parts of the record that each step of erasure empties, in addition to facts."""


def rows_of(table: type[SQLModel], key: object) -> Callable[[Act, Sequence[str]], None]:
    """Returns a function that deletes whole rows of this table."""

    def erase(act: Act, keys: Sequence[str]) -> None:
        act.session.execute(delete(table).where(expression(key).in_(keys)))

    return erase


def persons_of_counts(key: object) -> Callable[[Act, Sequence[str]], None]:
    """Returns a function that empties the pseudonyms of count records."""

    def erase(act: Act, keys: Sequence[str]) -> None:
        act.session.execute(update(CountRecord).where(expression(key).in_(keys)).values(person=None))

    return erase


def texts_of(table: type[Hold | Stay], texts: Sequence[str]) -> Callable[[Act, Sequence[str]], None]:
    """Returns a function that empties these texts but keeps the rows."""

    def erase(act: Act, ids: Sequence[str]) -> None:
        act.session.execute(update(table).where(col(table.id).in_(ids)).values(dict.fromkeys(texts)))

    return erase


def _forget_links(act: Act, ids: Sequence[str]) -> None:
    duplicates.forget(act, ids, kept=act.session.scalars(kept_registrations(act.session, act.at)).all())


def erase_legal_holds(act: Act, ids: Sequence[object]) -> None:
    """Erases legal holds and the requests about them."""
    act.session.execute(delete(SecondPersonRequest).where(col(SecondPersonRequest.about).in_(ids)))
    act.session.execute(delete(LegalHold).where(col(LegalHold.id).in_(ids)))


def erase_drafts(act: Act, ids: Sequence[str]) -> None:
    _forget_links(act, ids)
    sending.erase_of_cases(act, ids)
    erase_members_of_cases(act, ids)
    for table in (*_ROWS, SecondPersonRequest, LegalHold, AccessGrant):
        act.session.execute(delete(table).where(col(table.registration_id).in_(ids)))
    act.session.execute(delete(Registration).where(col(Registration.id).in_(ids)))
    destroy_keys(act, ids)


def erase_content(act: Act, ids: Sequence[str]) -> None:
    _forget_links(act, ids)
    sending.erase_of_cases(act, ids)
    erase_members_of_cases(act, ids)
    for table in (*_ROWS, FactChange, AccessGrant):
        act.session.execute(delete(table).where(col(table.registration_id).in_(ids)))
    _erase_link(act, ids)
    for one in _registrations(act, {one: one for one in ids}):
        if one.content_erased_at is not None:  # the remaining facts have another key and their own term
            continue
        one.content_erased_at = act.at
        one.alias = one.alias_index = None
        persons = [person.model_copy(update={"adult_on": None}) for person in one.known("persons") or ()]
        _leave(one, without=[*_CONTENT, *_PARTS_OF_CONTENT], persons=persons)
    act.session.flush()
    destroy_keys(act, ids)


def _registrations(act: Act, owners: Mapping[str, str]) -> Sequence[Registration]:
    """Returns these registrations. If a data key was already destroyed, first empties the values that were encrypted
    with it. `owners`: the owner of the data key, by registration id.
    """
    store = keys_of_session(act.session).store
    for one, owner in owners.items():
        if store.is_destroyed(owner):
            for column in (Registration.content, Registration.alias):
                sealed_with_it = type_coerce(column, String).startswith(f"{owner}:", autoescape=True)
                of_case = update(Registration).where(col(Registration.id) == one, sealed_with_it)
                act.session.execute(of_case.values({column: None}))
    return act.session.exec(select(Registration).where(col(Registration.id).in_(owners))).all()


def _leave(one: Registration, *, without: Sequence[str], **changed: object) -> None:
    """Seals the remaining facts of the record with a new key. If the former key is missing, empties the record."""
    record = one.content
    if not is_readable(record) or record is None:
        one.content = None
        return
    set_committed_value(one, "content", None)  # otherwise the remaining facts would stay encrypted with the former key
    one.content = {name: value for name, value in record.items() if name not in without}
    for name, value in changed.items():
        setattr(one, name, value)


def _erase_link(act: Act, ids: Sequence[str]) -> None:
    """Erases the connection between these clients and their places. Empties the sealed values. In bed claims, leaves
    only bed and period.
    """
    for table in (Hold, Stay, Proposal, Decision, SecondPersonRequest):
        sealed = [name for name, kind in sealed_columns(table) if kind.owner == "registration_id"]
        of_case = col(table.registration_id).in_(ids)
        act.session.execute(update(table).where(of_case).values(dict.fromkeys(sealed)))
    named = ("registration_id", "hold_id", "stay_id", "person_id")
    act.session.execute(update(BedClaim).where(col(BedClaim.registration_id).in_(ids)).values(dict.fromkeys(named)))


def anonymise(act: Act, ids: Sequence[str]) -> None:
    """Anonymises registrations. Only region, registrant, urgency, codes and days remain, still sealed."""
    _forget_links(act, ids)
    owners = {one: key_of_facts(one) for one in ids}
    for one in _registrations(act, owners):
        one.anonymised_at = act.at
        _leave(one, without=[*_ANONYMISED, *_PARTS_OF_FACTS])
    act.session.flush()
    destroy_keys(act, owners.values())


def erase_frozen(act: Act, ids: Sequence[str]) -> None:
    emptied = dict.fromkeys(name for name, kind in sealed_columns(Decision) if kind.owner == "proposal_id")
    act.session.execute(update(Decision).where(col(Decision.proposal_id).in_(ids)).values(emptied))
    of_these = col(Proposal.id).in_(ids)
    pointed_at = select(Proposal.problem_id).where(of_these)
    frozen = select(FrozenProblem.id).where(col(FrozenProblem.id).in_(pointed_at)).order_by(FrozenProblem.id)
    # A concurrent transaction may be storing a proposal that uses such a row.
    locked = act.session.exec(frozen.with_for_update()).all()
    act.session.execute(
        update(Proposal).where(of_these).values(problem=None, advice=None, missing_counts=None, problem_id=None)
    )
    kept = set(act.session.exec(select(Proposal.problem_id).where(col(Proposal.problem_id).in_(locked))))
    last = [one for one in locked if one not in kept]
    act.session.execute(delete(FrozenProblem).where(col(FrozenProblem.id).in_(last)))
    destroy_keys(act, [*ids, *last])


def erase_api_keys(act: Act, ids: Sequence[str]) -> None:
    act.session.execute(delete(AccessToken).where(col(AccessToken.key_id).in_(ids)))
    act.session.execute(delete(ApiKey).where(col(ApiKey.id).in_(ids)))


def erase_callers(act: Act, ids: Sequence[str]) -> None:
    """Erases the callers' names from entries by telephone. The entries themselves stay."""
    for row in act.session.exec(select(TelephoneEntry).where(col(TelephoneEntry.id).in_(ids))):
        row.caller = None
    act.session.flush()


def erase_anomalies(act: Act, ids: Sequence[str]) -> None:
    act.session.execute(delete(Anomaly).where(col(Anomaly.id).in_(ids)))
    destroy_keys(act, ids)
