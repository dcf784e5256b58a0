"""Erasure of each kind of data: by the names of rows that are due; `job.py` locked their registrations."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import SQLModel, col

from placement.core.context import Act
from placement.storage.field_sealing import destroy_keys, sealed_columns
from placement.tables import (
    AccessGrant,
    AccessToken,
    Anomaly,
    ApiKey,
    Avoidance,
    BedClaim,
    Decision,
    Hold,
    KeepApart,
    LegalHold,
    Proposal,
    ReachPoint,
    RegisteredPerson,
    Registration,
    Stay,
    StaysWith,
    Threat,
)
from placement.tables.facts import FACTS, default_of

_ROWS = (Threat, ReachPoint, Avoidance, KeepApart, StaysWith)
"""Of the content of a registration."""
_CONTENT = [name for name, fact in FACTS.items() if fact.kept == "registration_content"]
_ANONYMISED = [name for name, fact in FACTS.items() if fact.kept == "registration_facts"]


def rows_of(table: type[SQLModel], key: Any) -> Callable[[Act, Sequence[Any]], None]:
    """Deletes whole rows."""

    def erase(act: Act, keys: Sequence[Any]) -> None:
        act.session.execute(delete(table).where(key.in_(keys)))

    return erase


def erase_drafts(act: Act, ids: Sequence[str]) -> None:
    for table in (RegisteredPerson, *_ROWS, LegalHold, AccessGrant):
        act.session.execute(delete(table).where(col(table.registration_id).in_(ids)))
    act.session.execute(delete(Registration).where(col(Registration.id).in_(ids)))
    destroy_keys(act, ids)


def erase_content(act: Act, ids: Sequence[str]) -> None:
    for table in (*_ROWS, AccessGrant):
        act.session.execute(delete(table).where(col(table.registration_id).in_(ids)))
    act.session.execute(
        update(RegisteredPerson).where(col(RegisteredPerson.registration_id).in_(ids)).values(adult_on=None)
    )
    _erase_link(act, ids)
    act.session.execute(
        update(Registration)
        .where(col(Registration.id).in_(ids))
        .values(dict.fromkeys(_CONTENT) | {"alias_index": None, "content_erased_at": act.at})
    )
    destroy_keys(act, ids)


def _erase_link(act: Act, ids: Sequence[str]) -> None:
    """Where these clients were: what is sealed is emptied, and their claims keep bed and period alone."""
    for table in (Hold, Stay, Proposal, Decision):
        sealed = [name for name, kind in sealed_columns(table) if kind.owner == "registration_id"]
        of_case = col(table.registration_id).in_(ids)
        act.session.execute(update(table).where(of_case).values(dict.fromkeys(sealed)))
    named = ("registration_id", "hold_id", "stay_id", "person_id")
    act.session.execute(update(BedClaim).where(col(BedClaim.registration_id).in_(ids)).values(dict.fromkeys(named)))


def anonymise(act: Act, ids: Sequence[str]) -> None:
    """Anonymises rows. What is left: a region, a way of registering, an urgency, codes and days."""
    act.session.execute(delete(RegisteredPerson).where(col(RegisteredPerson.registration_id).in_(ids)))
    act.session.execute(
        update(Registration)
        .where(col(Registration.id).in_(ids))
        .values({name: default_of(name) for name in _ANONYMISED} | {"anonymised_at": act.at})
    )


def erase_frozen(act: Act, ids: Sequence[str]) -> None:
    emptied = dict.fromkeys(name for name, kind in sealed_columns(Decision) if kind.owner == "proposal_id")
    act.session.execute(update(Decision).where(col(Decision.proposal_id).in_(ids)).values(emptied))
    act.session.execute(update(Proposal).where(col(Proposal.id).in_(ids)).values(problem=None, advice=None))
    destroy_keys(act, ids)


def erase_hold_texts(act: Act, ids: Any) -> None:
    act.session.execute(update(Hold).where(col(Hold.id).in_(ids)).values(text=None))


def erase_stay_texts(act: Act, ids: Any) -> None:
    act.session.execute(update(Stay).where(col(Stay.id).in_(ids)).values(end_text=None, blocker_text=None))


def erase_api_keys(act: Act, ids: Sequence[str]) -> None:
    act.session.execute(delete(AccessToken).where(col(AccessToken.key_id).in_(ids)))
    act.session.execute(delete(ApiKey).where(col(ApiKey.id).in_(ids)))


def erase_anomalies(act: Act, ids: Sequence[str]) -> None:
    act.session.execute(delete(Anomaly).where(col(Anomaly.id).in_(ids)))
    destroy_keys(act, ids)


def destroy_answer_keys(act: Act, owners: Sequence[str]) -> None:
    destroy_keys(act, owners)
