"""Query parameters of lists and histories: paging, the registration, and the day."""

from datetime import date
from typing import Annotated

from litestar.params import QueryParameter

from placement.core.ids import CODE_PATTERN

Limit = Annotated[int, QueryParameter(ge=1, le=200, description="How many rows at most.")]
Offset = Annotated[int, QueryParameter(ge=0, le=1_000_000, description="How many rows to pass over.")]
Reference = Annotated[
    str | None, QueryParameter(min_length=1, max_length=50, pattern=CODE_PATTERN, description="Of one registration.")
]
OfProposal = Annotated[
    str | None, QueryParameter(min_length=1, max_length=50, pattern=CODE_PATTERN, description="On one proposal.")
]
DayAsked = Annotated[date | None, QueryParameter(description="A day, past or coming; left out: today.")]
