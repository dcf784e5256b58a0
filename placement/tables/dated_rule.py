"""Dated rules as data: entitlement, limits of stay, the default safety distance, and coded reasons."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import JSON, CheckConstraint, Column, Index, text
from sqlmodel import Field

from placement.core.rule_codes import RuleKind
from placement.tables.columns import coded, record
from placement.tables.sealed_row import InDoubt, SealedRow

_IN_TURN = text("number > 0")


class DatedRule(SealedRow, table=True):
    """A statement of a rule that is valid from a day until another day. It is stored when a second person grants it. If
    several statements cover a day, the statement that was granted last is valid. Granted statements are never changed
    or deleted. Statements of the initial data have no requester.
    """

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.STOPS
    __table_args__ = (
        CheckConstraint("valid_until > valid_from", name="period"),
        CheckConstraint("asked_by IS NULL OR settled_by <> asked_by", name="two_persons"),
        Index("uq_datedrule_in_turn", "kind", "number", unique=True, postgresql_where=_IN_TURN, sqlite_where=_IN_TURN),
    )

    id: str = Field(primary_key=True)
    kind: RuleKind = coded(RuleKind)
    code: str
    """The code of the rule within its kind. Statements with the same code are successive versions of the same rule."""
    number: int = 0
    """The sequence number of the change within its kind; 0 for the initial data. A change is granted only if the change
    before it is still the newest.
    """
    place: int = 0
    """The position of the rule within its kind, for kinds in which the first matching rule applies."""
    value: object = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    """The rule's value, in the form of `placement/dated_rules/values.py`; `None` if there is no such rule in this
    period.
    """
    words: dict[str, str] = record()
    """The wording of the rule, by language. If it is empty, the wording of the catalogue is used."""
    legal_ground: str
    source: str
    assumed: bool = False
    valid_from: date | None = None
    """The first day on which the statement is valid; `None` if the statement has no beginning."""
    valid_until: date | None = None
    """The first day on which the statement is no longer valid; `None` if no such day is known."""
    reason: str | None = None
    """The reason of the request, as text. It describes rules and contains no case data."""
    asked_by: str | None = None
    asked_at: datetime
    settled_by: str | None = None
    settled_at: datetime
