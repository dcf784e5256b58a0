"""The persons of the account ids in an answer, for readers who may know them, by id beside the answer."""

from collections.abc import Iterable

from pydantic import Field

from api.http.context import Output
from placement.access.account_names import named
from placement.core.context import Act


class AtWorkOut(Output):
    """The person of an account."""

    name: str | None = Field(description="Null where none was given, and once the details were erased.")
    job_title: str | None
    former: bool = Field(description="The account is disabled, or gone.")
    role: str | None = Field(description="As it is now; null of an account that is gone.")


People = dict[str, AtWorkOut]
"""Persons by the id of their account."""


def people_of(act: Act, ids: Iterable[object]) -> People:
    """Returns the accounts among these ids; ignores others."""
    found = named(act.session, ids)
    return {account_id: AtWorkOut.of(one) for account_id, one in found.items()}
