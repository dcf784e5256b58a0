"""Accounts, invitations and organisations, for admins. These pages show no case."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts, RequestActs
from api.http.methods import get, post
from api.pages import list_choices, second_person
from api.pages.area_choices import area_choices
from api.pages.bulk_actions import Result, each
from api.pages.form_results import acted, form_on, given
from api.pages.forms import SentForm
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.pages.list_choices import ORDER, Codes, chosen_of
from api.v1 import accounts as routes
from api.v1 import invitations, organisations
from api.v1.accounts import AccountOut, AccountPage, AccountPatch
from api.v1.invitations import InvitationIn, InvitationOut
from api.v1.organisations import OrganisationIn, OrganisationOut
from api.v1.second_person import SecondPersonRequestOut, list_second_person_requests
from api.v1.set_up import SetUpOut, read_set_up
from placement.access.permissions import Permission, Reach
from placement.accounts import reads
from placement.core.codes import Role
from placement.core.context import Act
from placement.core.list_orders import AccountOrder

HERE = "/accounts"
SHOWN = 50
_MOST = 200
Offset = Annotated[int, QueryParameter(ge=0, le=100_000)]


@dataclass(frozen=True, slots=True)
class Accounts:
    found: AccountPage
    set_up: SetUpOut
    invitations: list[InvitationOut]
    lapsed: list[tuple[str, datetime]]
    """Addresses whose invitation ended without being used, and when."""
    organisations: list[OrganisationOut]
    names: dict[str, str]
    """Of organisations."""
    areas: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class OneAccount:
    one: AccountOut
    names: dict[str, str]
    """Of organisations."""
    areas: list[tuple[str, str]]
    rights: list[tuple[str, Reach]]
    asked: list[SecondPersonRequestOut]


def _list(
    request: Page, acts: Acts, wrong: Wrong | None = None, result: Result | None = None, *, offset: int = 0
) -> Response[str]:
    allowed: dict[str, Codes] = {"role": Role, ORDER: AccountOrder}
    chosen = chosen_of(request, HERE, allowed, {ORDER: AccountOrder.ADDRESS})
    role, order = Role(chosen["role"]) if chosen["role"] else None, AccountOrder(chosen[ORDER])

    def found(act: Act) -> Accounts:
        known = organisations.list_organisations(act, _MOST, 0).items
        return Accounts(
            found=routes.account_page(act, role, SHOWN, offset, order),
            set_up=read_set_up(act),
            invitations=invitations.list_invitations(act).items,
            lapsed=[(one.email, one.expires_at) for one in reads.lapsed_invitations(act)],
            organisations=known,
            names=_names(known),
            areas=area_choices(act),
        )

    needed = (Permission.ACCOUNT_READ, Permission.ORGANISATION_READ, Permission.SET_UP_READ)
    view = acts.show("accounts", found, *needed)
    shown: dict[str, Any] = {"chosen": chosen, "result": result, "offset": offset, "step": SHOWN}
    answer = page(request, "accounts.html", view, wrong, **shown)
    list_choices.remember(request, answer, chosen)
    return answer


@page_at(f"{HERE}/{{account_id:str}}", permission=Permission.ACCOUNT_READ)
def show(request: Page, acts: RequestActs, account_id: FromPath[str], wrong: Wrong | None = None) -> Response[str]:
    def found(act: Act) -> OneAccount:
        one = routes.read_account(act, account_id)
        role = Role(one.role)
        rights = [(one.value, one.reach[role]) for one in Permission if role in one.reach]
        return OneAccount(
            one=one,
            names=_names(organisations.list_organisations(act, _MOST, 0).items),
            areas=area_choices(act),
            rights=sorted(rights),
            asked=[row for row in list_second_person_requests(act).items if row.about == account_id],
        )

    needed = (Permission.ACCOUNT_READ, Permission.ORGANISATION_READ, Permission.SECOND_PERSON_READ)
    view = acts.show("account_one", found, *needed)
    limited = {reach.value for reach in Reach if reach is not Reach.ALL}
    is_me = account_id == request.user.id
    return page(request, "account_one.html", view, wrong, limited=limited, is_me=is_me)


@get(HERE, permission=Permission.ACCOUNT_READ)
def list_accounts(request: Page, acts: RequestActs, offset: Offset = 0) -> Response[str]:
    return _list(request, acts, offset=offset)


@post(f"{HERE}/invite", permission=Permission.ACCOUNT_INVITE)
@form_on(_list)
def ask_to_invite(acts: RequestActs, form: SentForm) -> str:
    facts = form.every("email", "role", "organisation") | form.some("name", "job_title", "telephone")
    wanted = given(InvitationIn, {**facts, "regions": form.all("regions")})
    acts.write(lambda act: invitations.request_invitation(act, wanted))
    return second_person.HERE


@post(f"{HERE}/invitations/withdraw", permission=Permission.ACCOUNT_INVITE)
def withdraw_invitations(acts: RequestActs, form: SentForm) -> Reply:
    return each(acts, form, invitations.withdraw_invitation, _list)


@post(f"{HERE}/invitations/{{invitation_id:str}}/withdraw", permission=Permission.ACCOUNT_INVITE)
def withdraw(acts: RequestActs, invitation_id: FromPath[str]) -> Reply:
    return acted(acts, lambda act: invitations.withdraw_invitation(act, invitation_id), HERE, _list)


@post(f"{HERE}/organisations", permission=Permission.ORGANISATION_MAKE)
@form_on(_list)
def make_organisation(acts: RequestActs, form: SentForm) -> str:
    wanted = given(OrganisationIn, form.optional("name", "kind"))
    acts.write(lambda act: organisations.create_organisation(act, wanted))
    return f"{HERE}#organisations"


@post(f"{HERE}/{{account_id:str}}", permission=Permission.ACCOUNT_CHANGE)
@form_on(show)
def ask_to_change(acts: RequestActs, account_id: FromPath[str], form: SentForm) -> str:
    wanted = given(AccountPatch, {**form.every("role", "organisation"), "regions": form.all("regions")})
    acts.write(lambda act: routes.request_account_change(act, account_id, wanted))
    return second_person.HERE


@post(f"{HERE}/{{account_id:str}}/disable", permission=Permission.ACCOUNT_CHANGE)
def disable(acts: RequestActs, account_id: FromPath[str]) -> Reply:
    return acted(acts, lambda act: routes.disable_account(act, account_id), f"{HERE}/{account_id}", show, account_id)


@post(f"{HERE}/{{account_id:str}}/enable", permission=Permission.ACCOUNT_CHANGE)
def enable(acts: RequestActs, account_id: FromPath[str]) -> Reply:
    return acted(acts, lambda act: routes.enable_account(act, account_id), f"{HERE}/{account_id}", show, account_id)


@post(f"{HERE}/{{account_id:str}}/ask-to-invite-again", permission=Permission.ACCOUNT_INVITE)
def ask_to_invite_again(acts: RequestActs, account_id: FromPath[str]) -> Reply:
    return acted(acts, lambda act: routes.request_new_invitation(act, account_id), second_person.HERE, show, account_id)


def _names(organisations: list[OrganisationOut]) -> dict[str, str]:
    return {one.id: one.name for one in organisations}
