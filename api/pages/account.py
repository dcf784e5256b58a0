"""The user's own account: name and telephone, absences, sessions, keys, password, recovery codes, language."""

from dataclasses import dataclass

from litestar import Response

from api.http.context import RequestActs
from api.http.cookies import session_secret_of
from api.http.methods import post
from api.http.work_kinds import Work
from api.pages.area_choices import Choices, area_choices
from api.pages.declared_pages import form
from api.pages.form_results import form_on, given
from api.pages.forms import SentForm, number
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.v1 import absences, api_keys, details, session, sessions
from api.v1.absences import AbsencesOut
from api.v1.api_keys import KeyMadeOut, KeyOut, NewKeyIn
from api.v1.details import DetailsOut
from api.v1.session import OtherPasswordIn, SessionOut
from api.v1.sessions import OneSessionOut
from placement.access import fresh_factor
from placement.access.permissions import Permission
from placement.accounts import passwords
from placement.accounts.api_keys import LONGEST_LIFE
from placement.core.context import Act

HERE = "/account"
AWAY = f"{HERE}#away"


@dataclass(frozen=True, slots=True)
class Mine:
    me: SessionOut
    details: DetailsOut
    absences: AbsencesOut | None
    """`None` for a role without absences."""
    sessions: list[OneSessionOut]
    keys: list[KeyOut]
    areas: Choices
    """Names of areas, by code."""
    fresh: bool
    """True if the user gave the second factor within the last minutes."""


@page_at(HERE, permission=Permission.SESSION_READ)
def show(
    request: Page,
    acts: RequestActs,
    wrong: Wrong | None = None,
    *,
    made: KeyMadeOut | None = None,
    changed: bool = False,
) -> Response[str]:
    def mine(act: Act) -> Mine:
        me = session.current(act, session_secret_of(request))
        return Mine(
            me=me,
            details=details.read_details(act),
            absences=absences.list_absences(act) if Permission.ABSENCE_READ.is_of(act.actor) else None,
            sessions=sessions.list_sessions(act).items,
            keys=api_keys.list_keys(act).items,
            areas=area_choices(act),
            fresh=fresh_factor.is_fresh(act),
        )

    needed = (Permission.SESSION_READ, Permission.DETAILS_READ, Permission.KEY_READ)
    view = acts.show("account", mine, *needed)
    return page(
        request,
        "account.html",
        view,
        wrong,
        made=made,
        changed=changed,
        takes_passkeys=request.app.state.settings.webauthn != "off",
        most_days=LONGEST_LIFE.days,
        shortest=passwords.SHORTEST,
        longest=passwords.LONGEST,
    )


change_details = form(f"{HERE}/details", details.change_details, show, to=HERE)
name_absence = form(f"{HERE}/absences", absences.name_absence, show, to=AWAY)
withdraw_absence = form(f"{HERE}/absences/{{absence_id:str}}/withdraw", absences.withdraw_absence, show, to=AWAY)
end_session = form(f"{HERE}/sessions/{{session_id:str}}/end", sessions.end_session, show, to=HERE)
end_other_sessions = form(f"{HERE}/sessions/end-others", sessions.end_other_sessions, show, to=HERE)
revoke_key = form(f"{HERE}/keys/{{key_id:str}}/revoke", api_keys.revoke_key, show, to=HERE)


@post(f"{HERE}/keys", permission=Permission.KEY_MAKE)
@form_on(show)
def make_key(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Makes a key. The next page shows it, only once."""
    scopes = form.get("scopes").split() or ["read"]
    facts = {"shelter": form.get("shelter") or None, "scopes": scopes, "days": number(form.get("days"))}
    wanted = given(NewKeyIn, facts)
    made = acts.change(KeyMadeOut, lambda act: api_keys.create_key(act, wanted))
    return show(request, acts, made=made)


@post(f"{HERE}/recovery-codes", permission=Permission.SESSION_VERIFY)
@form_on(show)
def renew_recovery_codes(request: Page, acts: RequestActs) -> Reply:
    made = acts.show("recovery_codes", session.renew_recovery_codes)
    return page(request, "recovery_codes.html", codes=made.codes, joined=False)


@post(f"{HERE}/password", work=Work.PASSWORD, permission=Permission.SESSION_VERIFY)
@form_on(show, typed=False)
def change_password(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    wanted = given(OtherPasswordIn, form.every("current", "password") | {"end_keys": form.has("end_keys")})
    session.replace_password(acts, wanted)
    return show(request, acts, changed=True)
