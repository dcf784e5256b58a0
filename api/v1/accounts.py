"""Accounts, for admins. No operation here gives access to a case."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import Field

from api.http.context import Input, Output
from api.http.field_types import LEFT_OUT, Code
from api.http.operations import get, patch, post
from api.http.paging import Limit, Offset
from api.v1.second_person import SecondPersonRequestOut, serialize_request
from placement.access.permissions import Permission
from placement.accounts import account_changes, accounts, approvals, details, reads, recertification
from placement.accounts.details import Details
from placement.core.codes import Role
from placement.core.context import Act
from placement.core.list_orders import AccountOrder
from placement.tables import Account


class AccountPatch(Input):
    """Changed rights. Fields that are left out stay unchanged. If the role changes, the account loses its regions."""

    role: Role = LEFT_OUT
    regions: list[Code] = Field(LEFT_OUT, max_length=100, description="Codes of areas; see /api/v1/areas.")
    organisation: Code = LEFT_OUT


class AccountOut(Output):
    id: str
    email: str
    name: str | None = Field(description="Null if the person entered no name.")
    job_title: str | None
    telephone: str | None
    role: str
    regions: list[str]
    organisation: str | None
    disabled_at: datetime | None
    certified_on: date | None = Field(description="When an admin last confirmed that it is needed; null: not yet.")
    signed_in_on: date | None = Field(description="The Monday of the week of the last sign-in; null: not known.")
    is_unused: bool = Field(description="The account has access, but nobody signed in with it for 90 days.")


class AccountPage(Output):
    items: list[AccountOut]
    total: int


@get("/accounts", summary="List accounts", permission=Permission.ACCOUNT_READ)
def list_accounts(
    act: Act,
    role: Annotated[Role | None, QueryParameter(description="Only accounts with this role.")] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> AccountPage:
    """List all accounts, ordered by email address."""
    return account_page(act, role, limit, offset)


def account_page(
    act: Act, role: Role | None, limit: int, offset: int, order: AccountOrder = AccountOrder.ADDRESS
) -> AccountPage:
    rows, total = reads.accounts(act, role, limit, offset, order)
    return AccountPage(items=_serialize_all(act, rows), total=total)


@get("/accounts/{account_id:str}", summary="Read an account", permission=Permission.ACCOUNT_READ)
def read_account(act: Act, account_id: FromPath[str]) -> AccountOut:
    """Read an account with its role, regions and organisation."""
    return _serialize(act, reads.account(act, account_id))


@patch(
    "/accounts/{account_id:str}",
    summary="Request a change of an account",
    permission=Permission.ACCOUNT_CHANGE,
    status_code=202,
)
def request_account_change(act: Act, account_id: FromPath[str], data: JSONBody[AccountPatch]) -> SecondPersonRequestOut:
    """Request a change of an account's role, regions or organisation. Another admin grants the request."""
    changes = data.model_dump(exclude_unset=True)
    if "organisation" in changes:
        changes["organisation_id"] = changes.pop("organisation")
    return serialize_request(act, approvals.to_change(act, account_id, changes))


@post("/accounts/{account_id:str}/disable", summary="Disable an account", permission=Permission.ACCOUNT_CHANGE)
def disable_account(act: Act, account_id: FromPath[str]) -> AccountOut:
    """Disable an account. Its sessions and keys end at once, and so do keys and webhooks that it made for others."""
    return _serialize(act, account_changes.disable(act, account_id))


@post("/accounts/{account_id:str}/enable", summary="Enable an account", permission=Permission.ACCOUNT_CHANGE)
def enable_account(act: Act, account_id: FromPath[str]) -> AccountOut:
    """Enable an account, with its former password and second factor. Keys and webhooks that ended stay ended."""
    return _serialize(act, account_changes.enable(act, account_id))


@post("/accounts/{account_id:str}/certification", summary="Confirm an account", permission=Permission.ACCOUNT_CHANGE)
def certify_account(act: Act, account_id: FromPath[str]) -> AccountOut:
    """Confirm for 90 days that an account is still needed. An account that is not confirmed again is disabled two weeks
    after the 90 days.
    """
    return _serialize(act, recertification.certify(act, account_id))


@post(
    "/accounts/{account_id:str}/invitation",
    summary="Request a new invitation of an account",
    permission=Permission.ACCOUNT_INVITE,
    status_code=201,
)
def request_new_invitation(act: Act, account_id: FromPath[str]) -> SecondPersonRequestOut:
    """Request a new password and second factor for an account. The present password and second factor
    stay valid until another admin grants the request.
    """
    return serialize_request(act, approvals.to_invite_again(act, account_id))


def _serialize(act: Act, found: Account) -> AccountOut:
    return _serialize_all(act, [found])[0]


def _serialize_all(act: Act, rows: Sequence[Account]) -> list[AccountOut]:
    known = details.of_all(act.session, {row.id for row in rows})
    return [
        AccountOut.of(
            row,
            is_unused=accounts.is_unused(row, act.day),
            **asdict(known.get(row.id, Details())),
        )
        for row in rows
    ]
