"""The persons behind the account ids in an answer, for readers who may know these persons."""

from collections.abc import Iterable

from pydantic import Field

from api.http.context import Output
from placement.access.account_names import named
from placement.core.context import Act


class AtWorkOut(Output):
    """The person behind an account."""

    name: str | None = Field(description="Null if no name was entered, and after the details were erased.")
    job_title: str | None
    former: bool = Field(description="true: the account is disabled, or gone.")
    role: str | None = Field(description="The present role; null if the account is gone.")


People = dict[str, AtWorkOut]
"""Persons by account id."""


def people_of(act: Act, ids: Iterable[object]) -> People:
    """Returns the persons by account id. Ignores other ids."""
    found = named(act.session, ids)
    return {account_id: AtWorkOut.of(one) for account_id, one in found.items()}
