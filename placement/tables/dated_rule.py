"""Dated rules: entitlement, limits of stay, the default safety distance, and coded reasons, as data."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Column, Index, text
from sqlmodel import Field

from placement.core.rule_codes import RuleKind
from placement.tables.columns import coded, record
from placement.tables.sealed_row import SealedRow

_IN_TURN = text("number > 0")


class DatedRule(SealedRow, table=True):
    """One statement about a rule: what it says from one day until another. Of the statements that cover a day, the one
    granted last decides; none is ever changed or deleted once it is granted.

    It is made when a second person grants it. The first data of the service has nobody who asked.
    """

    __table_args__ = (
        CheckConstraint("valid_until > valid_from", name="period"),
        CheckConstraint("asked_by IS NULL OR settled_by <> asked_by", name="two_persons"),
        Index("uq_datedrule_in_turn", "kind", "number", unique=True, postgresql_where=_IN_TURN, sqlite_where=_IN_TURN),
    )

    id: str = Field(primary_key=True)
    kind: RuleKind = coded(RuleKind)
    code: str
    """Which rule of its kind: the statements with one code follow one another."""
    number: int = 0
    """The how manieth change of its kind: it follows the one before, and is granted only while that is the newest.
    0: the first data.
    """
    place: int = 0
    """The order among the rules of its kind: where the first that fits decides, this says which is first."""
    value: object = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    """What it says, in the form of `placement/dated_rules/values.py`; None: in this period there is no such rule."""
    words: dict[str, str] = record()
    """What it says in words, by language; empty: those of the catalogue."""
    legal_ground: str
    source: str
    assumed: bool = False
    valid_from: date | None = None
    """The first day; None: always before."""
    valid_until: date | None = None
    """The first day on which it holds no more; None: no end is known."""
    reason: str | None = None
    """Why it was asked, in words. It is about rules: no case is in it."""
    asked_by: str | None = None
    asked_at: datetime
    settled_by: str | None = None
    """The person who granted it."""
    settled_at: datetime
