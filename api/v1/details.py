"""The user's own name, job title and telephone number."""

from dataclasses import replace

from litestar.params import JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.operations import get, put
from api.v1.telephone_numbers import LONGEST_WRITTEN, NumbersIn, WrittenNumber
from placement.access.permissions import Permission
from placement.accounts import details
from placement.accounts.details import Details
from placement.core.context import Act
from placement.core.notice_codes import AtOnce
from placement.notifications.subscriptions import language_of
from placement.text.catalogue import Offered


class DetailsIn(NumbersIn, Input):
    name: str = Field(max_length=LONGEST_WRITTEN)
    job_title: str | None = Field(None, max_length=LONGEST_WRITTEN)
    telephone: WrittenNumber | None = None
    at_once: AtOnce | None = Field(
        None, description="The events that you are mailed at once: all, urgent or none. Left out: unchanged."
    )
    language: Offered | None = Field(
        None, description="The language of your mails; the report by mail has a separate setting. Left out: unchanged."
    )


class DetailsOut(Output):
    """Your details; null if not given."""

    name: str | None
    job_title: str | None
    telephone: str | None = Field(description="As E.164: +31301234567.")
    at_once: str = Field(description="The events that you are mailed at once: all, urgent or none.")
    language: str = Field(description="The language of your mails; the report by mail has a separate setting.")


@get("/details", summary="Read your details", permission=Permission.DETAILS_READ)
def read_details(act: Act) -> DetailsOut:
    """Read your own name, job title, telephone number and settings for mail."""
    return _serialize(act, details.of(act.session, act.actor.id))


@put("/details", summary="Change your details", permission=Permission.DETAILS_CHANGE)
def change_details(act: Act, data: JSONBody[DetailsIn]) -> DetailsOut:
    """Change your name, job title, telephone number and kind of mail. A number without a country is Dutch."""
    before = details.of(act.session, act.actor.id)
    sure_of = [*data.sure_of, before.telephone or ""]
    wanted = details.checked(data.name, data.job_title, data.telephone, sure_of=sure_of)
    wanted = replace(wanted, at_once=data.at_once or before.at_once, language=data.language or before.language)
    return _serialize(act, details.change(act, wanted))


def _serialize(act: Act, found: Details) -> DetailsOut:
    return DetailsOut.of(found, language=language_of(act.session, act.actor.id))
