"""A store with rows in every table whose rows open something, each of them changed once; and an attacker who has the
password of its database, copies of what was in it before, and no key.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, Date, Enum, MetaData, Table, delete, insert, literal_column, select, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel
from sqlmodel import select as rows_of
from sqlmodel.sql.sqltypes import UTCDateTime

from placement.core.area_codes import PlaceKind
from placement.core.codes import DecisionKind, DecisionStatus, HoldStatus, LegalHoldStatus, Role
from placement.core.link_codes import LinkKind
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.core.telephone_codes import TelephoneUse
from placement.storage import row_seals
from placement.tables import (
    AccessGrant,
    AccessToken,
    Account,
    AccountSession,
    Anomaly,
    ApiKey,
    Bed,
    BedClaim,
    DatedRule,
    Decision,
    FactChange,
    Hold,
    ImportRecord,
    Invitation,
    KeepApart,
    LegalHold,
    Location,
    Mandate,
    NumberChange,
    OnCall,
    Organisation,
    Passkey,
    PasskeyChallenge,
    PlaceEntry,
    Policy,
    Proposal,
    RecoveryCode,
    Registration,
    RegistrationLink,
    Room,
    RoomClosure,
    SecondPersonRequest,
    Shelter,
    SignInChallenge,
    SsoRequest,
    Stay,
    StaysWith,
    TelephoneEntry,
    Unit,
    Webhook,
)
from placement.tables.registration_link import LinkContent
from placement.tables.sealed_row import SealedRow
from tests.support.attacks.rows_around_cases import rows_around_cases
from tests.support.stores import AT

LATER = AT + timedelta(days=1)

LINK = LinkContent(one="R1", other="R2", kind=LinkKind.RELATED, at=AT, by="A-one")

CHANGES: Mapping[type[SealedRow], tuple[str, Any]] = {
    AccessGrant: ("expires_at", AT),
    Anomaly: ("found_at", LATER),
    Account: ("role", Role.READER),
    AccountSession: ("ended_at", AT),
    ApiKey: ("revoked_at", AT),
    DatedRule: ("source", "another source"),
    Decision: ("second_by", "A-second"),
    Hold: ("ended_on", AT.date()),
    ImportRecord: ("done_by", "A-other"),
    Invitation: ("withdrawn_at", AT),
    Mandate: ("revoked_at", AT),
    NumberChange: ("changed_by", "A-other"),
    TelephoneEntry: ("waits", False),
    OnCall: ("withdrawn_at", AT),
    LegalHold: ("review_on", AT.date()),
    Organisation: ("name", "Another name"),
    Passkey: ("credential", "another key"),
    PlaceEntry: ("source", "another source"),
    Policy: ("reason", "another reason"),
    RecoveryCode: ("used_on", AT.date()),
    SecondPersonRequest: ("about", "L2"),
    Webhook: ("disabled_at", AT),
    Location: ("cell_row", 1),
    Registration: ("urgency", 1),
    RegistrationLink: ("content", LINK.model_copy(update={"by": "A-other"})),
    Room: ("features", []),
    Shelter: ("name", "Another name"),
    Stay: ("blocker", "waits"),
    Unit: ("admits", []),
    Bed: ("until_on", AT.date()),
    BedClaim: ("ends_on", AT.date() + timedelta(days=9)),
    RoomClosure: ("until", LATER.date()),
    Proposal: ("expires_at", AT),
}
"""What the service changes in a row of each table that is reconciled with the log: a right taken away, mostly."""

Rows = dict[str, list[dict[str, Any]]]


def fill(session: Session) -> None:
    """Adds two rows to every table that the synthetic country leaves empty."""
    accounts = session.exec(rows_of(Account).order_by(Account.id)).all()
    registrations = session.exec(rows_of(Registration).order_by(Registration.id)).all()
    key = session.exec(rows_of(ApiKey).order_by(ApiKey.id)).all()[0]
    room = session.exec(rows_of(Room).order_by(Room.id)).all()[0]
    organisation = session.exec(rows_of(Organisation).order_by(Organisation.id)).all()[0]
    another = Account(id="Z-desk", email="z@example.org", role=Role.DESK, regions=[], password_hash="", totp_secret="")
    session.add(another)
    for number, (account, case) in enumerate(zip(accounts, registrations[:2], strict=False)):
        one = f"{number}"
        made = {"registration_id": case.id, "registration_version": 1, "made_at": AT, "made_by": account.id}
        version = {"policy_version": 0, "engine_version": "1"}
        proposal = Proposal(id=f"P{one}", status="made", expires_at=LATER, **made, **version)
        decided = {"registration_id": case.id, "decided_at": AT, "decided_by": account.id}
        decision = Decision(
            id=f"D{one}",
            proposal_id=proposal.id,
            kind=DecisionKind.ACCEPT,
            status=DecisionStatus.WAITING_FOR_SECOND,
            **decided,
        )
        days = {"starts_on": AT.date(), "ends_on": LATER.date()}
        rights = {"organisation_id": organisation.id, "role": Role.READER, "regions": []}
        for row in (proposal, decision):
            session.add(row)
            session.flush()
        session.add_all(
            [
                AccountSession(
                    id=f"Z{one}",
                    fingerprint=one * 64,
                    account_id=account.id,
                    client="Firefox",
                    ends_on=LATER.date(),
                    began_at=AT,
                    last_used_at=AT,
                ),
                AccessToken(fingerprint=one * 64, key_id=key.id, issued_on=AT.date(), expires_at=LATER),
                SignInChallenge(fingerprint=one * 64, account_id=account.id, subject="s", expires_at=LATER),
                SsoRequest(fingerprint=one * 64, nonce=one, verifier=one, expires_at=LATER),
                RecoveryCode(fingerprint=one * 64, account_id=account.id),
                Anomaly(id=f"O-{one}", once=one.encode(), key="", cipher=one.encode(), found_at=AT),
                AccessGrant(
                    id=f"O{one}",
                    registration_id=case.id,
                    account_id=account.id,
                    reason="asked",
                    broke_glass=False,
                    opened_at=AT,
                    expires_at=LATER,
                ),
                Invitation(
                    id=f"I{one}",
                    fingerprint=one * 64,
                    email=f"{one}@example.org",
                    invited_by=account.id,
                    made_at=AT,
                    expires_at=LATER,
                    **rights,
                ),
                Webhook(id=f"W{one}", url="https://a.example", secret=one, kinds=[], made_at=AT, made_by=account.id),
                Policy(version=number + 1, weights={"urgency": number}, set_at=AT, set_by=account.id, reason="tried"),
                Hold(
                    id=f"H{one}",
                    registration_id=case.id,
                    decision_id=decision.id,
                    status=HoldStatus.RESERVED,
                    made_at=AT,
                    made_by=account.id,
                ),
                LegalHold(
                    id=f"LH{one}",
                    registration_id=case.id,
                    status=LegalHoldStatus.ASKED,
                    reason="court",
                    review_on=LATER.date(),
                    asked_at=AT,
                ),
                Mandate(
                    id=f"M{one}",
                    schemes=["cosm"],
                    **days,
                    given_by=account.id,
                    given_at=AT,
                ),
                NumberChange(
                    id=f"N{one}",
                    shelter_id=organisation.shelter_id or "S1",
                    use=TelephoneUse.PLACING,
                    number=f"+3130000021{one}",
                    changed_at=AT,
                    changed_by=account.id,
                ),
                TelephoneEntry(id=f"V{one}", made_on=AT.date(), caller={"role": one, "name": one}, content={"n": one}),
                OnCall(id=f"Y{one}", account_id=account.id, named_by=account.id, named_at=AT, **days),
                SecondPersonRequest(
                    id=f"G{one}", shelter_id=organisation.shelter_id or "S1", about="L1", **_asked(account)
                ),
                Passkey(
                    id=f"PK{one}",
                    account_id=account.id,
                    fingerprint=one * 64,
                    credential=one,
                    name=one,
                    sign_count=0,
                    made_at=AT,
                ),
                PasskeyChallenge(
                    fingerprint=one * 64, use="make", account_id=account.id, subject="s", expires_at=LATER
                ),
                ImportRecord(id=f"I{one}", done_at=AT, done_by=account.id, content={}),
                KeepApart(registration_id=case.id, other_id=f"R{one}"),
                FactChange(id=f"X{one}", registration_id=case.id, key=f"X{one}"),
                RoomClosure(room_id=room.id, cause=room.id, since=AT.date()),
                StaysWith(registration_id=case.id, other_id=f"R{one}"),
                RegistrationLink(id=f"K{one}", content=LINK),
                *rows_around_cases(one, account.id, case.id),
                PlaceEntry(
                    kind=PlaceKind.AREA, code=f"area-{one}", number=1, source="test", set_by=account.id, set_at=AT
                ),
            ]
        )
        session.flush()


def _asked(account: Account) -> dict[str, Any]:
    what = {"kind": SecondPersonKind.ADDRESS, "status": SecondPersonStatus.ASKED, "facts": {"address": account.id}}
    return {**what, "asked_by": account.id, "asked_at": AT, "expires_at": LATER}


def raw(connection: Connection) -> Rows:
    """Reads the tables as the holder of the password does, without keys."""
    return {
        name: [dict(row) for row in connection.execute(select(table)).mappings()]
        for name, table in _tables(connection).items()
    }


def change_each(session: Session) -> None:
    """Changes the first row of each table, as the service."""
    for kind, (column, value) in CHANGES.items():
        names = [getattr(kind, name) for name in row_seals.name_columns(kind)]
        setattr(session.exec(rows_of(kind).order_by(*names)).all()[0], column, value)
    session.flush()


def _tables(connection: Connection) -> dict[str, Table]:
    metadata = MetaData()
    return {
        name: Table(name, metadata, autoload_with=connection, resolve_fks=False) for name in row_seals.sealed_tables()
    }


@dataclass
class Writer:
    """Writes at random by an attacker who has the password and an old copy, but no key."""

    connection: Connection
    old: Rows
    random: Random

    def __post_init__(self) -> None:
        self.tables = _tables(self.connection)
        self.now = raw(self.connection)

    def writes(self, name: str) -> Iterator[Callable[[], None]]:
        """Yields one write of each kind into a table, in a random order."""
        kinds = [self._insert, self._update, self._garble, self._take_seal, self._swap]
        if row_seals.sealed_tables()[name].RECONCILED:
            kinds += [self._delete, *([self.replay] if name in {one.__tablename__ for one in CHANGES} else [])]
        self.random.shuffle(kinds)
        for kind in kinds:
            yield lambda kind=kind: kind(name)

    def through(self, connection: Connection) -> "Writer":
        """Uses another connection for the same attacker."""
        self.connection = connection
        return self

    def succeeds(self, write: Callable[[], None]) -> bool:
        """Checks whether the database accepts the write."""
        try:
            with self.connection.begin_nested():
                write()
        except DBAPIError:
            return False
        return True

    def _some(self, name: str) -> dict[str, Any]:
        return dict(self.random.choice(self.now[name]))

    def _insert(self, name: str) -> None:
        """Adds a row like another row, with the seal of that row, under new names."""
        row = self._some(name)
        for column in self.tables[name].columns:
            if column.key in {"id", "fingerprint", "email", "version", "code", "number", "sso_subject", "once"}:
                row[column.key] = self._another(name, column.key, row[column.key])
        row.pop("id") if isinstance(row.get("id"), int) else None
        for unique in ("shelter_id",) if name == "organisation" else ("decision_id",):
            row[unique] = None if unique in row and name == "organisation" else row.get(unique)
        if name == "organisation":
            row["kind"] = "registrant"
        self._execute(insert(self.tables[name]).values({k: v for k, v in row.items() if k in self.tables[name].c}))

    def _update(self, name: str) -> None:
        kind = row_seals.sealed_tables()[name]
        column = self.random.choice([one for one in row_seals.covered(kind) if one != "id"])
        row = self._some(name)
        self._set(name, row, {column: self._another(name, column, row[column])})

    def _garble(self, name: str) -> None:
        """Writes a value that is invalid for the column. SQLite takes any text in any column, PostgreSQL only in a text
        column.
        """
        kind = row_seals.sealed_tables()[name]
        names = row_seals.name_columns(kind)
        column = self.random.choice([one for one in row_seals.covered(kind) if one not in {*names, "id"}] or ["seal"])
        self._set(name, self._some(name), {column: literal_column(f"'garbled {self.random.randrange(10**6)}'")})

    def _take_seal(self, name: str) -> None:
        one, other = self._some(name), self._some(name)
        self._set(name, one, {"seal": other["seal"] if other["seal"] != one["seal"] else None})

    def _swap(self, name: str) -> None:
        """Writes the content of one row over another row, with its seal."""
        one, other = self.random.sample(self.now[name], 2)
        names = row_seals.name_columns(row_seals.sealed_tables()[name])
        skipped = {*names, "id", "fingerprint", "email", "decision_id", "registration_id", "once"}
        self._set(name, one, {column: value for column, value in other.items() if column not in skipped})

    def _delete(self, name: str) -> None:
        row = self._some(name)
        self._execute(delete(self.tables[name]).where(*self._here(name, row)))

    def replay(self, name: str) -> None:
        """Writes a row as it was before the service changed it, with its former seal."""
        names = row_seals.name_columns(row_seals.sealed_tables()[name])
        [was] = [one for one in self.old[name] if not any(one == now for now in self.now[name])]
        self._set(name, {one: was[one] for one in names}, was)

    def _here(self, name: str, row: Mapping[str, Any]) -> list[Any]:
        names = row_seals.name_columns(row_seals.sealed_tables()[name])
        return [self.tables[name].c[one] == row[one] for one in names]

    def _set(self, name: str, row: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        self._execute(update(self.tables[name]).where(*self._here(name, row)).values(values))

    def _execute(self, statement: Any) -> None:
        assert self.connection.execute(statement).rowcount  # -1 of an INSERT that answers a number

    def _another(self, name: str, column: str, value: Any) -> Any:  # noqa: PLR0911  (one kind of value a line)
        """Returns another value that this column takes."""
        kind = SQLModel.metadata.tables[name].c[column].type
        if isinstance(kind, Enum):
            return self.random.choice([code for code in kind.enums if code != value])
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return value + self.random.randrange(1, 900)
        if isinstance(value, bytes):
            return value + b"x"
        if isinstance(value, datetime | date):
            return value + timedelta(days=self.random.randrange(1, 900))
        if isinstance(value, list):
            return [*value, "limburg"]
        if isinstance(value, dict):
            return {**value, "more": 1}
        if value is None and isinstance(kind, UTCDateTime):
            return AT + timedelta(days=self.random.randrange(1, 900))
        if value is None and isinstance(kind, Date):
            return AT.date()
        return f"{value or ''}-{self.random.randrange(10**6)}"
