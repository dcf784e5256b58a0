"""Accounts, invitations and organisations, for admins. These pages show no case."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from litestar import Response
from litestar.params import QueryParameter

from api.http.context import Acts, RequestActs
from api.http.methods import get
from api.pages import list_choices, second_person
from api.pages.area_choices import area_choices
from api.pages.bulk_actions import Result
from api.pages.declared_pages import each_of, form, screen
from api.pages.frame import Page, Wrong, page
from api.pages.list_choices import ORDER, Codes, chosen_of
from api.v1 import accounts as routes
from api.v1 import invitations, organisations
from api.v1.accounts import AccountOut, AccountPage
from api.v1.invitations import InvitationOut
from api.v1.organisations import OrganisationOut
from api.v1.second_person import SecondPersonRequestOut, list_second_person_requests
from api.v1.set_up import SetUpOut, read_set_up
from placement.access.permissions import Permission, Reach
from placement.accounts import reads
from placement.core.codes import Role
from placement.core.context import Act
from placement.core.list_orders import AccountOrder

HERE = "/accounts"
ONE = f"{HERE}/{{account_id:str}}"
SHOWN = 50
_MOST = 200
Offset = Annotated[int, QueryParameter(ge=0, le=100_000)]


@dataclass(frozen=True, slots=True)
class Accounts:
    found: AccountPage
    set_up: SetUpOut
    invitations: list[InvitationOut]
    lapsed: list[tuple[str, datetime]]
    """The email addresses with an expired invitation, each with the time at which it expired."""
    organisations: list[OrganisationOut]
    names: dict[str, str]
    """Names of organisations, by id."""
    areas: list[tuple[str, str]]


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
    answer = page(request, "accounts.html", view, wrong, chosen=chosen, result=result, offset=offset, step=SHOWN)
    list_choices.remember(request, answer, chosen)
    return answer


@get(HERE, permission=Permission.ACCOUNT_READ)
def list_accounts(request: Page, acts: RequestActs, offset: Offset = 0) -> Response[str]:
    return _list(request, acts, offset=offset)


def _names(organisations: list[OrganisationOut]) -> dict[str, str]:
    return {one.id: one.name for one in organisations}


def _known(act: Act) -> dict[str, str]:
    return _names(organisations.list_organisations(act, _MOST, 0).items)


def _rights(_: Act, one: AccountOut) -> list[tuple[str, Reach]]:
    role = Role(one.role)
    return sorted((permission.value, permission.reach[role]) for permission in Permission if role in permission.reach)


def _asked(act: Act, account_id: str) -> list[SecondPersonRequestOut]:
    return [row for row in list_second_person_requests(act).items if row.about == account_id]


show = screen(
    ONE,
    "account_one.html",
    under=(Permission.ACCOUNT_READ, Permission.ORGANISATION_READ, Permission.SECOND_PERSON_READ),
    one=routes.read_account,
    names=_known,
    areas=area_choices,
    rights=_rights,
    asked=_asked,
    limited=lambda _: {reach.value for reach in Reach if reach is not Reach.ALL},
    is_me=lambda act, account_id: account_id == act.actor.id,
)
ask_to_change = form(ONE, routes.request_account_change, show, to=second_person.HERE)
disable = form(f"{ONE}/disable", routes.disable_account, show)
certify = form(f"{ONE}/certification", routes.certify_account, show)
enable = form(f"{ONE}/enable", routes.enable_account, show)
ask_to_invite_again = form(f"{ONE}/ask-to-invite-again", routes.request_new_invitation, show, to=second_person.HERE)

ask_to_invite = form(f"{HERE}/invite", invitations.request_invitation, _list, to=second_person.HERE)
withdraw = form(f"{HERE}/invitations/{{invitation_id:str}}/withdraw", invitations.withdraw_invitation, _list, to=HERE)
withdraw_invitations = each_of(f"{HERE}/invitations/withdraw", invitations.withdraw_invitation, _list)
make_organisation = form(f"{HERE}/organisations", organisations.create_organisation, _list, to=f"{HERE}#organisations")
