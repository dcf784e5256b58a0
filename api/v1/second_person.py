"""Requests for a second person. Other operations make them, for example the request for an invitation."""

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
from placement.accounts import approvals, organisations
from placement.accounts.invitations import Made
from placement.core.codes import AskedAct, Role
from placement.core.context import Act
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.second_person import requests
from placement.second_person.kinds import Answer
from placement.shelters import change_requests
from placement.tables import SecondPersonRequest
from placement.tasks.second_person_kinds import KINDS


class SecondPersonRequestOut(Output):
    """A request that a second person must answer."""

    id: str
    kind: SecondPersonKind
    status: SecondPersonStatus
    what: str | None = Field(description="The requested act, as a code within the kind.")
    about: str | None = Field(description="The account, place, legal hold or decision.")
    registration: str | None
    shelter: str | None
    name: str | None = Field(description="The name of the place with its shelter; for an account, its organisation.")
    names: dict[str, str] = Field(
        description="Of a request about several: the names, by id, of the locations or the organisations."
    )
    facts: dict[str, JsonValue] = Field(description="The content of the request, by name; empty for a postal address.")
    asked_by: str = Field(description="The account, or the API key.")
    asked_at: datetime
    expires_at: datetime | None = Field(
        description="The deadline for granting it; null: none, or as long as the decision waits. After it is granted:"
        " the deadline for the operator."
    )
    settled_by: str | None
    settled_at: datetime | None
    begun_at: datetime | None
    done_at: datetime | None
    command: str | None = Field(description="The operator's command, if it is granted and not yet carried out.")
    can_answer: bool = Field(description="true: you can grant or refuse it, because you did not make it.")
    can_withdraw: bool
    needs_factor: bool = Field(description="true: it can be granted only right after the second factor.")


class SecondPersonRequestsOut(Output):
    items: list[SecondPersonRequestOut]
    people: Annotated[People, readable_by(Role.DESK, Role.ADMIN, Role.AUDITOR)] = Field(
        description="The persons behind the accounts that asked and answered; empty for a shelter."
    )


class GrantIn(Input):
    address: str | None = Field(
        None, max_length=200, description="For a postal address: the same address, typed from your own source."
    )
    addresses: dict[str, Annotated[str, Field(max_length=200)]] = Field(
        {}, max_length=10_000, description="Of several postal addresses: each, by the id of its location in `names`."
    )
    number: str | None = Field(
        None, max_length=40, description="For a disclosure: the number that you called, out of `facts.numbers`."
    )


class InvitationLinkOut(Output):
    """The link of an invitation. It is shown only now."""

    invitation: str
    email: str
    link: str
    link_until: datetime


class GrantedOut(SecondPersonRequestOut):
    invitation: str | None = Field(description="The id of the invitation, if an invitation was granted.")
    link: str | None = Field(description="Give it to the invited person, and to nobody else. Shown only this once.")
    link_until: datetime | None
    links: list[InvitationLinkOut] = Field(description="Of several invitations, each with the address of its person.")


@get(
    "/second-person-requests",
    summary="List requests for a second person",
    permission=Permission.SECOND_PERSON_READ,
)
def list_second_person_requests(act: Act, settled: FromQuery[bool] = False) -> SecondPersonRequestsOut:
    """List the requests that wait for a second person or the operator, oldest first. With `settled`: all recent
    requests, newest first. Each role sees the kinds that it may make or answer. A shelter, and a key with the scope
    `register`, see only their own requests.
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
    answer = Answer(data.address, data.addresses, data.number) if data else Answer()
    granted, seen = requests.grant(act, KINDS, request_id, answer)
    links = [
        InvitationLinkOut(
            invitation=one.invitation.id,
            email=one.invitation.email,
            link=one.link,
            link_until=one.invitation.expires_at,
        )
        for one in (seen if isinstance(seen, list) else ())
        if isinstance(one, Made)
    ]
    several = granted.what == AskedAct.INVITE_SEVERAL
    first = links[0] if links and not several else None
    return GrantedOut.of(
        serialize_request(act, granted),
        invitation=first and first.invitation,
        link=first and first.link,
        link_until=first and first.link_until,
        links=links if several else [],
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
    requests; for some kinds also those of others. A key can withdraw its own requests.
    """
    return serialize_request(act, requests.withdraw(act, KINDS, request_id))


def serialize_request(act: Act, found: SecondPersonRequest) -> SecondPersonRequestOut:
    return _serialize_all(act, [found])[0]


def _serialize_all(act: Act, found: Iterable[SecondPersonRequest]) -> list[SecondPersonRequestOut]:
    rows = list(found)
    of_accounts = [one for one in rows if one.kind is SecondPersonKind.ACCOUNT]
    theirs = {asked.organisation_id for one in of_accounts for asked in approvals.asked_of(one)}
    names = change_requests.places(act, rows) | organisations.names(act.session, theirs)
    return [_serialize(act, one, names) for one in rows]


def _several(one: SecondPersonRequest) -> list[str]:
    """Returns the ids of the objects, for a request about several objects."""
    if one.kind is SecondPersonKind.ADDRESS and one.about is None:
        return list(change_requests.addresses_of(one))
    is_several = one.kind is SecondPersonKind.ACCOUNT and one.what == AskedAct.INVITE_SEVERAL
    return [asked.organisation_id for asked in approvals.asked_of(one)] if is_several else []


def _serialize(act: Act, one: SecondPersonRequest, names: dict[str, str]) -> SecondPersonRequestOut:
    kind = KINDS[one.kind]
    facts = one.facts if kind.is_shown else {}
    command = kind.commands.get(str(one.what or ""), "").format(id=one.id)
    is_to_do = one.status is SecondPersonStatus.GRANTED and one.done_at is None
    has_lapsed = one.status is SecondPersonStatus.ASKED and not requests.is_open(act, kind, one)
    return SecondPersonRequestOut.of(
        one,
        facts=facts,
        names={thing: names.get(thing, thing) for thing in _several(one)},
        status=SecondPersonStatus.LAPSED if has_lapsed else one.status,
        name=names.get(str(facts.get("organisation", one.about))),
        command=command if command and is_to_do else None,
        can_answer=requests.may_answer(act, kind, one),
        can_withdraw=requests.may_withdraw(act, kind, one),
        needs_factor=kind.needs_factor(act, one),
    )
