"""Requests for a second person, of every kind. Each kind of request is made by an operation of its own, such as the
request for an invitation.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import Field, JsonValue

from api.http.context import Input, Output
from api.http.operations import get, post
from api.http.readers import readable_by
from api.v1.people import People, people_of
from placement.access.permissions import Permission, Reach
from placement.accounts import organisations
from placement.accounts.invitations import Made
from placement.core.codes import Role
from placement.core.context import Act
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.second_person import requests
from placement.second_person.kinds import Answer
from placement.shelters import change_requests
from placement.tables import SecondPersonRequest
from placement.tasks.second_person_kinds import KINDS


class SecondPersonRequestOut(Output):
    """A request of a person, which another person answers."""

    id: str
    kind: SecondPersonKind
    status: SecondPersonStatus
    what: str | None = Field(description="The act within its kind, as a code.")
    about: str | None = Field(description="The account, place, legal hold or decision that it is about.")
    registration: str | None
    shelter: str | None
    name: str | None = Field(
        description="The name of the place, with its shelter; of an account, that of the organisation."
    )
    facts: dict[str, JsonValue] = Field(description="What is asked, by name; of a postal address nothing.")
    asked_by: str = Field(description="The account, or the API key.")
    asked_at: datetime
    expires_at: datetime | None = Field(
        description="When it can no longer be granted; null: never, and of a decision as long as that waits. Once it is"
        " granted: when the operator can no longer carry it out."
    )
    settled_by: str | None
    settled_at: datetime | None
    begun_at: datetime | None
    done_at: datetime | None
    command: str | None = Field(description="What the operator runs, if it is granted and not done.")
    can_answer: bool = Field(description="Whether you can grant or refuse it: you did not ask for it.")
    can_withdraw: bool
    needs_factor: bool = Field(description="Whether it is granted only right after the second factor.")


class SecondPersonRequestsOut(Output):
    items: list[SecondPersonRequestOut]
    people: Annotated[People, readable_by(Role.DESK, Role.ADMIN, Role.AUDITOR)] = Field(
        description="Whose the accounts are that asked and answered; a shelter reads no names."
    )


class GrantIn(Input):
    address: str | None = Field(
        None, max_length=200, description="Of a postal address: the same address, typed from your own source."
    )


class GrantedOut(SecondPersonRequestOut):
    invitation: str | None = Field(description="Its id, if an invitation was granted.")
    link: str | None = Field(description="To give to the person invited, and to nobody else. It is shown this once.")
    link_until: datetime | None


@get(
    "/second-person-requests",
    summary="List requests for a second person",
    permission=Permission.SECOND_PERSON_READ,
)
def list_second_person_requests(act: Act, settled: FromQuery[bool] = False) -> SecondPersonRequestsOut:
    """List the requests that wait for a second person or the operator, oldest first; with `settled` all recent
    requests, newest first. Each role sees the kinds that concern it, a shelter its own, and a key with the scope
    `register` its own.
    """
    found = requests.listed(act, KINDS, settled=settled)
    reads_names = Permission.SECOND_PERSON_READ.reach_of(act.actor) is Reach.ALL
    by = [who for one in found for who in (one.asked_by, one.settled_by, one.facts.get("key_of"))]
    people = people_of(act, by if reads_names else ())
    return SecondPersonRequestsOut(items=_serialize_all(act, found), people=people)


@get(
    "/second-person-requests/{request_id:str}",
    summary="Read a request for a second person",
    permission=Permission.SECOND_PERSON_READ,
)
def read_second_person_request(act: Act, request_id: FromPath[str]) -> SecondPersonRequestOut:
    """Read a request. Its content never changes."""
    return serialize_request(act, requests.read(act, KINDS, request_id))


@post(
    "/second-person-requests/{request_id:str}/grant",
    summary="Grant a request for a second person",
    permission=Permission.SECOND_PERSON_ANSWER,
)
def grant_second_person_request(
    act: Act, request_id: FromPath[str], data: JSONBody[GrantIn | None] = None
) -> GrantedOut:
    """Grant another person's request. It is carried out at once, or later by the operator (`command`)."""
    granted, seen = requests.grant(act, KINDS, request_id, Answer(data.address if data else None))
    made = seen if isinstance(seen, Made) else None
    return GrantedOut.of(
        serialize_request(act, granted),
        invitation=made.invitation.id if made else None,
        link=made.link if made else None,
        link_until=made.invitation.expires_at if made else None,
    )


@post(
    "/second-person-requests/{request_id:str}/refuse",
    summary="Refuse a request for a second person",
    permission=Permission.SECOND_PERSON_ANSWER,
)
def refuse_second_person_request(act: Act, request_id: FromPath[str]) -> SecondPersonRequestOut:
    """Refuse another person's request."""
    return serialize_request(act, requests.refuse(act, KINDS, request_id))


@post(
    "/second-person-requests/{request_id:str}/withdraw",
    summary="Withdraw a request for a second person",
    permission=Permission.SECOND_PERSON_WITHDRAW,
)
def withdraw_second_person_request(act: Act, request_id: FromPath[str]) -> SecondPersonRequestOut:
    """Withdraw a request that waits, or that the operator has not begun to carry out. You can withdraw your own
    requests, and those of others for some kinds. A key can withdraw its own requests.
    """
    return serialize_request(act, requests.withdraw(act, KINDS, request_id))


def serialize_request(act: Act, found: SecondPersonRequest) -> SecondPersonRequestOut:
    return _serialize_all(act, [found])[0]


def _serialize_all(act: Act, found: Iterable[SecondPersonRequest]) -> list[SecondPersonRequestOut]:
    rows = list(found)
    names = change_requests.places(act, rows) | organisations.names(
        act.session, {one.facts["organisation"] for one in rows if one.kind is SecondPersonKind.ACCOUNT}
    )
    return [_serialize(act, one, names) for one in rows]


def _serialize(act: Act, one: SecondPersonRequest, names: dict[str, str]) -> SecondPersonRequestOut:
    kind = KINDS[one.kind]
    facts = one.facts if kind.is_shown else {}
    command = kind.commands.get(str(one.what or ""), "").format(id=one.id)
    is_to_do = one.status is SecondPersonStatus.GRANTED and one.done_at is None
    has_lapsed = one.status is SecondPersonStatus.ASKED and not requests.is_open(act, kind, one)
    return SecondPersonRequestOut.of(
        one,
        facts=facts,
        status=SecondPersonStatus.LAPSED if has_lapsed else one.status,
        name=names.get(str(facts.get("organisation", one.about))),
        command=command if command and is_to_do else None,
        can_answer=requests.may_answer(act, kind, one),
        can_withdraw=requests.may_withdraw(act, kind, one),
        needs_factor=kind.needs_factor(act, one),
    )
