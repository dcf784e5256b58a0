"""Dated rules: entitlement, limits of stay, the default safety distance, and coded reasons, as data."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import JSON, CheckConstraint, Column, Index, text
from sqlmodel import Field

from placement.core.rule_codes import RuleKind
from placement.tables.columns import coded, record
from placement.tables.sealed_row import InDoubt, SealedRow

_IN_TURN = text("number > 0")


class DatedRule(SealedRow, table=True):
    """One statement of a rule, valid from one day until another; stored when a second person grants it.

    The statement granted last decides for each day. A granted statement is never changed or deleted. The service's
    first data has no requester.
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
    """The rule within its kind: statements with the same code follow one another."""
    number: int = 0
    """The sequence number of the change within its kind: it is granted only if the change before it is the newest.
    0: the first data.
    """
    place: int = 0
    """The position among the rules of its kind, for kinds in which the first fitting rule decides."""
    value: object = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    """The rule, in the form of `placement/dated_rules/values.py`; `None`: no such rule in this period."""
    words: dict[str, str] = record()
    """The words of the rule, by language; empty: those of the catalogue."""
    legal_ground: str
    source: str
    assumed: bool = False
    valid_from: date | None = None
    """The first day; `None`: since ever."""
    valid_until: date | None = None
    """The first day on which it is no longer valid; `None`: no end is known."""
    reason: str | None = None
    """The reason of the request, in words. It is about rules: no case is in it."""
    asked_by: str | None = None
    asked_at: datetime
    settled_by: str | None = None
    """The person who granted it."""
    settled_at: datetime
