"""The user's account: sessions, keys, password, recovery codes, and language."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.http.context import Acts
from api.pages.forms import Form, number
from api.pages.frame import Page, again, content_of, given, go, page
from api.v1 import api_keys, session, sessions
from placement.access.permissions import Permission
from placement.accounts import passwords
from placement.accounts.api_keys import LONGEST_LIFE
from placement.core.errors import PlacementError

HERE = "/account"


@get(HERE, permission=Permission.SESSION_READ, sync_to_thread=True)
def show(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    return _account(request, acts)


@post(f"{HERE}/sessions/{{session_id:str}}/end", permission=Permission.SESSION_END, form=True, sync_to_thread=True)
def end_session(request: Page, acts: NamedDependency[Acts], session_id: FromPath[str]) -> Response[Any]:
    """Ends a session; one that has already ended is no error."""
    try:
        sessions.end_session.fn(acts, session_id)
    except PlacementError as error:
        return again(request, error, lambda **wrong: _account(request, acts, **wrong))
    return go(HERE)


@post(f"{HERE}/sessions/end-others", permission=Permission.SESSION_END, form=True, sync_to_thread=True)
def end_other_sessions(acts: NamedDependency[Acts]) -> Response[Any]:
    sessions.end_other_sessions.fn(acts)
    return go(HERE)


@post(f"{HERE}/keys", permission=Permission.KEY_MAKE, form=True, status_code=200, sync_to_thread=True)
def make_key(request: Page, acts: NamedDependency[Acts], form: NamedDependency[Form]) -> Response[str]:
    """Creates a key, shown once on the following page."""
    scopes = [scope for scope in ("read", "write") if scope == "read" or form.has("write")]
    facts = {"shelter": form.get("shelter") or None, "scopes": scopes, "days": number(form.get("days"))}
    try:
        made = content_of(api_keys.make_key.fn(acts, given(api_keys.NewKeyIn, facts)))
    except PlacementError as error:
        return again(request, error, lambda **wrong: _account(request, acts, filled=form, **wrong))
    return _account(request, acts, made=made)


@post(f"{HERE}/keys/{{key_id:str}}/revoke", permission=Permission.KEY_REVOKE, form=True, sync_to_thread=True)
def revoke_key(request: Page, acts: NamedDependency[Acts], key_id: FromPath[str]) -> Response[Any]:
    try:
        api_keys.revoke_key.fn(acts, key_id)
    except PlacementError as error:
        return again(request, error, lambda **wrong: _account(request, acts, **wrong))
    return go(HERE)


@post(f"{HERE}/second-factor", permission=Permission.SESSION_VERIFY, form=True, sync_to_thread=True)
def give_code_again(request: Page, acts: NamedDependency[Acts], form: NamedDependency[Form]) -> Response[Any]:
    """Confirms the second factor, which for a few minutes allows what requires a fresh one."""
    try:
        session.give_code_again.fn(request, acts, given(session.CodeAgainIn, {"code": form.get("code")}))
    except PlacementError as error:
        return again(request, error, lambda **wrong: _account(request, acts, **wrong))
    return go(HERE)


@post(f"{HERE}/recovery-codes", permission=Permission.SESSION_VERIFY, form=True, status_code=200, sync_to_thread=True)
def renew_recovery_codes(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    try:
        codes = content_of(session.renew_recovery_codes.fn(acts))["codes"]
    except PlacementError as error:
        return again(request, error, lambda **wrong: _account(request, acts, **wrong))
    return page(request, "recovery_codes.html", codes=codes, joined=False)


@post(f"{HERE}/password", permission=Permission.SESSION_VERIFY, form=True, status_code=200, sync_to_thread=True)
def change_password(request: Page, acts: NamedDependency[Acts], form: NamedDependency[Form]) -> Response[str]:
    facts = {name: form.get(name) for name in ("current", "password")}
    try:
        session.change_password.fn(request, acts, given(session.OtherPasswordIn, facts))
    except PlacementError as error:
        return again(request, error, lambda **wrong: _account(request, acts, **wrong))
    return _account(request, acts, changed=True)


def _account(request: Page, acts: Acts, **shown: Any) -> Response[str]:
    acts = acts.under(Permission.SESSION_READ)
    me = content_of(session.read_session.fn(request, acts))
    found = {
        "me": me,
        "sessions": content_of(sessions.list_sessions.fn(acts))["items"],
        "keys": content_of(api_keys.list_keys.fn(acts))["items"],
        "most_days": LONGEST_LIFE.days,
        "shortest": passwords.SHORTEST,
        "longest": passwords.LONGEST,
        "fresh": me["verified_until"] is not None and datetime.fromisoformat(me["verified_until"]) > acts.moment,
    }
    return page(request, "account.html", **{"made": None, "changed": False, **found, **shown})
