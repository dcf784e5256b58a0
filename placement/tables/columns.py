"""Column types that several tables share."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from sqlalchemy import JSON, Column, ColumnElement, Dialect, Enum, MetaData
from sqlalchemy.orm import QueryableAttribute
from sqlalchemy.sql.elements import SQLCoreOperations
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from placement.crypto.encrypted_columns import Encrypted, Sealed
from placement.crypto.pseudonyms import Pseudonym
from placement.crypto.sealed_values import SealedDay, SealedList, SealedLongText, SealedMoment

# Constraints have the same names in both databases, so that a migration can find them.
SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention


Condition = SQLCoreOperations[bool] | bool
"""A condition in a query. A type checker sees a comparison of two columns as a boolean, so both types are allowed."""

RECORD_BLOCK = 4096
"""The size of a sealed record in bytes. A household of five persons with ten languages, dangers and avoidances needs
less.
"""


WITHOUT_ORDER = {"sqlite_with_rowid": False}
"""Table options for SQLite. Rows are stored in the order of their keys, so that the file does not show the order of
insertion.
"""


def coded(kind: type[StrEnum], *, nullable: bool = False, index: bool = False, name: str | None = None) -> Any:
    """Returns a column for a code from a closed list. The database refuses unknown codes. `name`: the name of the
    constraint, needed if a second column uses the same list.
    """
    default = None if nullable else PydanticUndefined
    return Field(default=default, sa_column=Column(_codes_of(kind, name), nullable=nullable, index=index))


def code_key(kind: type[StrEnum]) -> Any:
    """Returns a coded column that is the primary key, so that there is at most one row for each code."""
    return Field(sa_column=Column(_codes_of(kind), primary_key=True))


def code_column(kind: type[StrEnum], *, default: object = PydanticUndefined) -> Any:
    """Returns a coded column for a field that a table inherits."""
    return Field(default=default, sa_type=_codes_of(kind))


def _codes_of(kind: type[StrEnum], name: str | None = None) -> Enum:
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
        name=name or kind.__name__.lower(),
    )


class CodeList(TypeDecorator[list[StrEnum]]):
    """A column type for a list of codes from a closed list, stored as JSON."""

    impl = JSON
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: list[StrEnum] | None, dialect: Dialect) -> list[str] | None:  # noqa: ARG002  (SQLAlchemy's signature)
        return None if value is None else [self.kind(code).value for code in value]

    def process_result_value(self, value: list[str] | None, dialect: Dialect) -> list[StrEnum] | None:  # noqa: ARG002  (SQLAlchemy's signature)
        return None if value is None else [self.kind(code) for code in value]


class RecordList(TypeDecorator[list[BaseModel]]):
    """A column type for a list of records of the same model, stored as JSON."""

    impl = JSON
    cache_ok = True

    def __init__(self, kind: type[BaseModel]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: list[BaseModel] | None, dialect: Dialect) -> list[dict[str, object]] | None:  # noqa: ARG002  (SQLAlchemy's signature)
        return None if value is None else [row.model_dump(mode="json") for row in value]

    def process_result_value(self, value: list[object] | None, dialect: Dialect) -> list[BaseModel] | None:  # noqa: ARG002  (SQLAlchemy's signature)
        return None if value is None else [self.kind.model_validate(row) for row in value]


def attribute(value: object) -> QueryableAttribute[object]:
    """Returns a column with the type that the options of a query need. A type checker gives a column the type of its
    values. Raises `TypeError` if the argument is not a column.
    """
    if not isinstance(value, QueryableAttribute):
        raise TypeError(f"{value!r} is no column")
    return value


def expression(value: object) -> ColumnElement[object]:
    """Returns a column of a table, or an expression of columns, with the type that a query needs."""
    if not isinstance(value, ColumnElement):
        return attribute(value).expression
    return value


def listed(*, nullable: bool = False) -> Any:
    """Returns a JSON column for a list of plain values or records. `nullable`: true if the column was added to a table
    that already had rows.
    """
    return Field(default_factory=list, sa_column=Column(JSON, nullable=nullable))


def record() -> Any:
    """Returns a JSON column for a record, which is a mapping of names to plain values."""
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


def encrypted(kind: type[Encrypted] = Encrypted, *, nullable: bool = True) -> Any:
    """Returns a column for a value that belongs to no registration. The service's keys encrypt it."""
    return Field(default=None, sa_column=Column(kind, nullable=nullable))


def sealed(owner: str, *, index: str | None = None, nullable: bool = True, kept: bool = False) -> Any:
    """Returns a column whose value is encrypted with a data key. `owner`: the attribute that names the key's owner,
    such as a registration or a day. `index`: the attribute with the blind index for searches by this text. `kept`: true
    if the decrypted value stays in memory, for values that most requests read.
    """
    return Field(default=None, sa_column=Column(Sealed(owner, index, kept=kept), nullable=nullable))


def sealed_record(owner: str, *, kept: bool = False) -> Any:
    """Returns a sealed column for a record with all facts of a row. Nearly all its values have the same length."""
    return Field(default=None, sa_column=Column(Sealed(owner, block=RECORD_BLOCK, kept=kept), nullable=True))


def sealed_as(kind: type[SealedDay | SealedLongText | SealedMoment], owner: str) -> Any:
    """Returns a sealed column for a day, a moment or a compressed long text."""
    return Field(default=None, sa_column=Column(kind(owner), nullable=True))


def sealed_list(owner: str) -> Any:
    """Returns a sealed column for a list of plain values. After erasure the list is empty."""
    return Field(default_factory=list, sa_column=Column(SealedList(owner), nullable=True))


def browser_of(table: str) -> Any:
    """Returns the column for the first person's browser, by which two persons on the same browser are detected. It is
    stored as a pseudonym that is valid only in this table (`table`: its name).
    """
    return pseudonym(f"{table}.browser", index=False)


def pseudonym(column: str, *, nullable: bool = True, unique: bool = False, index: bool = True) -> Any:
    """Returns a column that stores an id as a keyed pseudonym. It can be found by value, but not joined with another
    table. `column`: the name of this column as `table.column`.
    """
    default = None if nullable else PydanticUndefined
    index = index and not unique
    kept: Column[str] = Column(Pseudonym(column), nullable=nullable, index=index or None, unique=unique or None)
    return Field(default=default, sa_column=kept)


def pseudonym_key(column: str, *, index: bool = False) -> Any:
    """Returns a pseudonym column that is part of the primary key."""
    return Field(sa_column=Column(Pseudonym(column), primary_key=True, index=index))
