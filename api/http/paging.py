"""Query parameters of lists and histories: paging, the registration, and the day."""

from datetime import date
from typing import Annotated

from litestar.params import QueryParameter

from placement.core.ids import CODE_PATTERN

Limit = Annotated[int, QueryParameter(ge=1, le=200, description="The maximum number of rows.")]
Offset = Annotated[int, QueryParameter(ge=0, le=1_000_000, description="The number of rows to skip.")]
Reference = Annotated[
    str | None, QueryParameter(min_length=1, max_length=50, pattern=CODE_PATTERN, description="Of this registration.")
]
OfProposal = Annotated[
    str | None, QueryParameter(min_length=1, max_length=50, pattern=CODE_PATTERN, description="On this proposal.")
]
DayAsked = Annotated[date | None, QueryParameter(description="A past or future day; left out: today.")]
