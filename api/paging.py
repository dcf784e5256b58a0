"""Lists: a page at a time, with the number of all."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from litestar.params import QueryParameter
from sqlmodel import Session, func, select
from sqlmodel.sql.expression import SelectOfScalar

from api.fields import CODE_PATTERN

Row = TypeVar("Row")

Limit = Annotated[int, QueryParameter(ge=1, le=200, description="How many rows at most.")]
Offset = Annotated[int, QueryParameter(ge=0, le=1_000_000, description="How many rows to pass over.")]
Reference = Annotated[
    str | None, QueryParameter(min_length=1, max_length=50, pattern=CODE_PATTERN, description="Of one registration.")
]


def page(session: Session, query: SelectOfScalar[Row], limit: int, offset: int) -> tuple[Sequence[Row], int]:
    """The rows of one page of an ordered query, and how many there are in all."""
    total = session.exec(select(func.count()).select_from(query.order_by(None).subquery())).one()
    return session.exec(query.limit(limit).offset(offset)).all(), total
