"""An overview of the keys by kind: their number and age, and how much data needs an older key. It shows no key."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Row, Text, case, func, or_, select, type_coerce
from sqlmodel import Session, col

from placement.audit.key_rotation import encrypted_fields
from placement.core.context import Act
from placement.core.errors import TokenAway
from placement.crypto.encrypted_columns import Keys
from placement.crypto.key_files import key_files, token_of
from placement.storage import hash_chain, log_rows
from placement.storage.field_sealing import keys_of_session
from placement.tables import AuditEvent, DataKey
from placement.tables.keys import KINDS, OTHERS, kind_of

MASTER, FIELD, LOG = "master", "field", "log"
_Named = Row[tuple[str, datetime, datetime | None]]
SERVICE_KINDS = (MASTER, FIELD, LOG)
"""The kinds of the service's own keys. All other kinds are data keys."""


@dataclass(frozen=True, slots=True)
class KeysOfKind:
    kind: str
    keys: int
    """The number of keys that are not destroyed."""

    destroyed: int = 0
    oldest_at: datetime | None = None
    newest_at: datetime | None = None
    """When the newest key was made; for the service's own keys, when they were last rotated. `None` if unknown."""

    older: int = 0
    """How many data keys, encrypted values or lines of a key file still need an older key."""

    missing: int = 0
    """How many data keys are named in the database but missing in the key store."""


@dataclass(frozen=True, slots=True)
class Overview:
    token: str
    """The label of the token with the master keys; empty without a token."""

    answers: bool
    """False if the token does not answer. Then the number of data keys that need an older master key is unknown."""

    in_file: bool
    """True if the field keys come from a file, so that the service itself can add a key."""

    kinds: tuple[KeysOfKind, ...]

    @property
    def older(self) -> int:
        return sum(kind.older for kind in self.kinds)

    @property
    def missing(self) -> int:
        return sum(kind.missing for kind in self.kinds)

    def as_json(self) -> Mapping[str, object]:
        kinds = [{name: _written(value) for name, value in asdict(kind).items()} for kind in self.kinds]
        return {
            "token": self.token,
            "answers": self.answers,
            "older": self.older,
            "missing": self.missing,
            "kinds": kinds,
        }


def overview(act: Act) -> Overview:
    keys, token = keys_of_session(act.session), token_of(act.settings)
    masters: list[KeysOfKind] = []
    answers = True
    if token:
        try:
            made = [one.made_at for one in token.listed() if one.made_at]
            lines = sum(len(file.stale()) for file in key_files(act.settings))
            masters = [KeysOfKind(MASTER, len(made), 0, min(made), max(made), lines)]
        except TokenAway:  # the log has the error
            answers = False
    data = _data_keys(act.session, keys, answers=answers)
    kinds = (*masters, _fields(act.session, keys), _log(act.session), *data)
    return Overview(token.label if token else "", answers, act.settings.field_key_file is not None, kinds)


def _fields(session: Session, keys: Keys) -> KeysOfKind:
    """Describes the field keys, and counts the values that still need an older key."""
    listed = keys.ring.listed()
    older = sum(
        session.scalars(
            select(func.count())
            .select_from(field.table)
            .where(field.column.is_not(None), ~type_coerce(field.column, Text).startswith(f"{listed[0].name}."))
        ).one()
        for field in encrypted_fields()
    )
    return KeysOfKind(FIELD, len(listed), newest_at=listed[0].made_at, older=older)


def values_by_key(session: Session, keys: Keys) -> tuple[int, int]:
    """Counts the encrypted values whose key is known, and those whose key is unknown."""
    names = [one.name for one in keys.ring.listed()]
    own, other = 0, 0
    for field in encrypted_fields():
        written = type_coerce(field.column, Text)
        has_key = or_(*(written.startswith(f"{name}.") for name in names))
        counts = select(func.count(), func.count(case((has_key, 1)))).select_from(field.table)
        stored, known = session.execute(counts.where(field.column.is_not(None))).one()
        own, other = own + known, other + stored - known
    return own, other


def _log(session: Session) -> KeysOfKind:
    """Describes the log keys. `older` is always 0, because older keys are needed only to verify earlier events."""
    known = log_rows.keys_of(session)
    first = select(col(AuditEvent.at)).order_by(col(AuditEvent.id)).limit(1)
    newest = first.where(col(AuditEvent.key) == hash_chain.name_of(known.at(session)))
    oldest_at, newest_at = (session.scalars(query).first() for query in (first, newest))
    return KeysOfKind(LOG, len(known.known), oldest_at=oldest_at, newest_at=newest_at)


def _data_keys(session: Session, keys: Keys, *, answers: bool) -> list[KeysOfKind]:
    """Describes the data keys that the database names, by kind. Unwraps no key."""
    there = set(keys.store.names())
    by_kind: dict[str, list[_Named]] = {kind: [] for kind in (*KINDS, OTHERS)}
    for row in session.execute(select(col(DataKey.owner), col(DataKey.made_at), col(DataKey.destroyed_at))):
        by_kind[kind_of(row.owner)].append(row)
    older = {name for name in there if not keys.store.is_wrapped_by_newest(name)} if answers else set()
    return [_of_kind(kind, rows, there, older) for kind, rows in by_kind.items()]


def _of_kind(kind: str, rows: list[_Named], there: set[str], older: set[str]) -> KeysOfKind:
    live = [row for row in rows if row.destroyed_at is None]
    made = [row.made_at for row in live]
    return KeysOfKind(
        kind,
        len(live),
        len(rows) - len(live),
        min(made, default=None),
        max(made, default=None),
        sum(row.owner in older for row in live),
        sum(row.owner not in there for row in live),
    )


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
