"""Whose the account ids in an answer are, for readers who may know that: beside the ids, by id."""

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
"""By the id of the account."""


def people_of(act: Act, ids: Iterable[object]) -> People:
    """The accounts among these ids; others are left out."""
    found = named(act.session, ids)
    return {account_id: AtWorkOut.of(one) for account_id, one in found.items()}
