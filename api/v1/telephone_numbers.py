"""Telephone numbers in inputs of the API."""

from typing import Annotated

from pydantic import BaseModel, Field

LONGEST_WRITTEN = 200
"""The most characters that are read; the stored text has a limit of its own."""

WrittenNumber = Annotated[
    str, Field(max_length=LONGEST_WRITTEN, description="As people write it: 030 123 45 67, or +32 470 12 34 56.")
]


class NumbersIn(BaseModel):
    """A part of inputs with telephone numbers: the answer to a question about an improbable number."""

    sure_of: list[Annotated[str, Field(max_length=LONGEST_WRITTEN)]] = Field(
        default=[],
        max_length=20,
        description="Numbers of this request that are right although 400 `telephone_country`, `telephone_dutch` or "
        "`telephone_improbable` asks about them, as they are written in it.",
    )
