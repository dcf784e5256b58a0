"""Accounts, invitations and organisations, for admins. These pages show no case."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts
from api.pages.forms import Form
from api.pages.frame import Page, again, content_of, given, go, page
from api.v1 import accounts as routes
from api.v1 import approvals, invitations
from placement.access.permissions import Permission, Reach
from placement.core.codes import Role
from placement.core.errors import PlacementError

HERE = "/accounts"
_WAITING = f"{HERE}#waiting"
SHOWN = 50
_MOST = 200
Asked = Annotated[str, QueryParameter(max_length=40)]
Offset = Annotated[int, QueryParameter(ge=0, le=100_000)]


@get(HERE, permission=Permission.ACCOUNT_READ, sync_to_thread=True)
def list_accounts(request: Page, acts: NamedDependency[Acts], role: Asked = "", offset: Offset = 0) -> Response[str]:
    return _list(request, acts, role=role, offset=offset)


@post(f"{HERE}/invite", permission=Permission.ACCOUNT_INVITE, form=True, sync_to_thread=True)
def ask_to_invite(request: Page, acts: NamedDependency[Acts], form: NamedDependency[Form]) -> Response[Any]:
    facts = {name: form.get(name) for name in ("email", "role", "organisation")} | {"regions": form.all("regions")}
    try:
        invitations.ask_to_invite.fn(acts, given(invitations.InvitationIn, facts))
    except PlacementError as error:
        return again(request, error, lambda **wrong: _list(request, acts, filled=form, **wrong))
    return go(_WAITING)


@post(
    f"{HERE}/askings/{{asking_id:str}}/grant",
    permission=Permission.ACCOUNT_INVITE,
    form=True,
    status_code=200,
    sync_to_thread=True,
)
def grant(request: Page, acts: NamedDependency[Acts], asking_id: FromPath[str]) -> Response[Any]:
    """Grants a request; an invitation's link is shown once on the following page. A refusal is shown on the list."""
    try:
        granted = content_of(approvals.grant.fn(acts, asking_id))
    except PlacementError as error:
        return again(request, error, lambda **wrong: _list(request, acts, **wrong))
    if granted["link"] is None:
        return go(f"{HERE}/{granted['account']}")
    return page(request, "invited.html", made=granted, link=str(request.base_url).rstrip("/") + granted["link"])


@post(
    f"{HERE}/askings/{{asking_id:str}}/withdraw",
    permission=Permission.ACCOUNT_INVITE,
    form=True,
    sync_to_thread=True,
)
def withdraw_approval(request: Page, acts: NamedDependency[Acts], asking_id: FromPath[str]) -> Response[Any]:
    try:
        approvals.withdraw_approval.fn(acts, asking_id)
    except PlacementError as error:
        return again(request, error, lambda **wrong: _list(request, acts, **wrong))
    return go(_WAITING)


@post(
    f"{HERE}/invitations/{{invitation_id:str}}/withdraw",
    permission=Permission.ACCOUNT_INVITE,
    form=True,
    sync_to_thread=True,
)
def withdraw(request: Page, acts: NamedDependency[Acts], invitation_id: FromPath[str]) -> Response[Any]:
    try:
        invitations.withdraw_invitation.fn(acts, invitation_id)
    except PlacementError as error:
        return again(request, error, lambda **wrong: _list(request, acts, **wrong))
    return go(HERE)


@post(f"{HERE}/organisations", permission=Permission.ORGANISATION_MAKE, form=True, sync_to_thread=True)
def make_organisation(request: Page, acts: NamedDependency[Acts], form: NamedDependency[Form]) -> Response[Any]:
    facts = {name: form.get(name) or None for name in ("name", "kind", "shelter")}
    try:
        routes.make_organisation.fn(acts, given(routes.OrganisationIn, facts))
    except PlacementError as error:
        return again(request, error, lambda **wrong: _list(request, acts, filled=form, **wrong))
    return go(f"{HERE}#organisations")


@get(f"{HERE}/{{account_id:str}}", permission=Permission.ACCOUNT_READ, sync_to_thread=True)
def show(request: Page, acts: NamedDependency[Acts], account_id: FromPath[str]) -> Response[str]:
    return _one(request, acts, account_id)


@post(f"{HERE}/{{account_id:str}}", permission=Permission.ACCOUNT_CHANGE, form=True, sync_to_thread=True)
def ask_to_change(
    request: Page, acts: NamedDependency[Acts], account_id: FromPath[str], form: NamedDependency[Form]
) -> Response[Any]:
    facts = {name: form.get(name) for name in ("role", "organisation")} | {"regions": form.all("regions")}
    try:
        routes.ask_to_change.fn(acts, account_id, given(routes.AccountPatch, facts))
    except PlacementError as error:
        return again(request, error, lambda **wrong: _one(request, acts, account_id, filled=form, **wrong))
    return go(_WAITING)


@post(f"{HERE}/{{account_id:str}}/disable", permission=Permission.ACCOUNT_CHANGE, form=True, sync_to_thread=True)
def disable(request: Page, acts: NamedDependency[Acts], account_id: FromPath[str]) -> Response[Any]:
    try:
        routes.disable_account.fn(acts, account_id)
    except PlacementError as error:
        return again(request, error, lambda **wrong: _one(request, acts, account_id, **wrong))
    return go(f"{HERE}/{account_id}")


@post(f"{HERE}/{{account_id:str}}/enable", permission=Permission.ACCOUNT_CHANGE, form=True, sync_to_thread=True)
def enable(request: Page, acts: NamedDependency[Acts], account_id: FromPath[str]) -> Response[Any]:
    try:
        routes.enable_account.fn(acts, account_id)
    except PlacementError as error:
        return again(request, error, lambda **wrong: _one(request, acts, account_id, **wrong))
    return go(f"{HERE}/{account_id}")


@post(
    f"{HERE}/{{account_id:str}}/ask-to-invite-again",
    permission=Permission.ACCOUNT_INVITE,
    form=True,
    sync_to_thread=True,
)
def ask_to_invite_again(request: Page, acts: NamedDependency[Acts], account_id: FromPath[str]) -> Response[Any]:
    try:
        routes.ask_to_invite_again.fn(acts, account_id)
    except PlacementError as error:
        return again(request, error, lambda **wrong: _one(request, acts, account_id, **wrong))
    return go(_WAITING)


def _list(request: Page, acts: Acts, *, role: str = "", offset: int = 0, **shown: Any) -> Response[str]:
    acts = acts.under(Permission.ACCOUNT_READ)
    asked = Role(role) if role in set(Role) else None
    organisations = content_of(routes.list_organisations.fn(acts, _MOST, 0))["items"]
    return page(
        request,
        "accounts.html",
        found=content_of(routes.list_accounts.fn(acts, asked, SHOWN, offset)),
        approvals=content_of(approvals.list_approvals.fn(acts))["items"],
        invitations=content_of(invitations.list_invitations.fn(acts))["items"],
        organisations=organisations,
        names={one["id"]: one["name"] for one in organisations},
        role=role,
        offset=offset,
        step=SHOWN,
        **shown,
    )


def _one(request: Page, acts: Acts, account_id: str, **shown: Any) -> Response[str]:
    acts = acts.under(Permission.ACCOUNT_READ)
    one = content_of(routes.read_account.fn(acts, account_id))
    organisations = content_of(routes.list_organisations.fn(acts, _MOST, 0))["items"]
    rights = [
        (permission.value, permission.reach[Role(one["role"])])
        for permission in Permission
        if Role(one["role"]) in permission.reach
    ]
    return page(
        request,
        "account_one.html",
        one=one,
        organisations=organisations,
        names={found["id"]: found["name"] for found in organisations},
        rights=sorted(rights),
        limited={reach.value for reach in Reach if reach is not Reach.ALL},
        is_me=account_id == request.user.id,
        asked=[
            found for found in content_of(approvals.list_approvals.fn(acts))["items"] if found["account"] == account_id
        ],
        **shown,
    )
