"""One's own name, job title and telephone number."""

from dataclasses import replace

from litestar.params import JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.operations import get, put
from placement.access.permissions import Permission
from placement.accounts import details
from placement.core.context import Act
from placement.core.notice_codes import AtOnce

LONGEST_WRITTEN = 200
"""Characters that are read at all; what is kept has a limit of its own."""


class DetailsIn(Input):
    name: str = Field(max_length=LONGEST_WRITTEN)
    job_title: str | None = Field(None, max_length=LONGEST_WRITTEN)
    telephone: str | None = Field(
        None, max_length=LONGEST_WRITTEN, description="As people write it: 030 123 45 67, or +32 470 12 34 56."
    )

    at_once: AtOnce | None = Field(
        None, description="Of what you are mailed at once: all, urgent or none; left out, as it was."
    )


class DetailsOut(Output):
    """Null is what was not given yet."""

    name: str | None
    job_title: str | None
    telephone: str | None = Field(description="As E.164: +31301234567.")
    at_once: str = Field(description="Of what you are mailed at once: all, urgent or none.")


@get("/details", summary="Read one's own details", permission=Permission.DETAILS_READ)
def read_details(act: Act) -> DetailsOut:
    """One's own name, job title and telephone number."""
    return DetailsOut.of(details.of(act.session, act.actor.id))


@put("/details", summary="Change one's own details", permission=Permission.DETAILS_CHANGE)
def change_details(act: Act, data: JSONBody[DetailsIn]) -> DetailsOut:
    """Say what one is called, does, and is rung by. A number without a country is Dutch."""
    at_once = data.at_once or details.of(act.session, act.actor.id).at_once
    wanted = replace(details.checked(data.name, data.job_title, data.telephone), at_once=at_once)
    return DetailsOut.of(details.change(act, wanted))
