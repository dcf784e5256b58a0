"""Telephone numbers in inputs of the API."""

from typing import Annotated

from pydantic import BaseModel, Field

LONGEST_WRITTEN = 200
"""The largest number of characters that is read. Stored numbers are shorter."""

WrittenNumber = Annotated[
    str, Field(max_length=LONGEST_WRITTEN, description="As people write it: 030 123 45 67, or +32 470 12 34 56.")
]


class NumbersIn(BaseModel):
    """Base of input models with telephone numbers: the user can confirm that an improbable number is right."""

    sure_of: list[Annotated[str, Field(max_length=LONGEST_WRITTEN)]] = Field(
        default=[],
        max_length=20,
        description="Numbers of this request, as written in it, that are right although 400 `telephone_country`, "
        "`telephone_dutch` or `telephone_improbable` asks about them.",
    )
