"""The pages on which a person accepts an invitation: its content, a password, a second factor, and recovery codes to
print.

The token is in the part of the link after `#`, which browsers do not send. A script copies it into the form, or the
user pastes the link. Each step passes the token to the next step in a form field, never in an address.
"""

import json

from litestar import MediaType, Response

from api.http.cookies import cookies_of, network_of
from api.http.methods import get, post
from api.http.work_kinds import Work
from api.pages.form_results import form_on, given
from api.pages.forms import Form, SentForm, credential_of
from api.pages.frame import Page, Reply, Wrong, page
from api.pages.qr import picture_of
from api.pages.translation import reader_language
from api.v1 import invitations as routes
from api.v1.invitations import JoinedOut, JoinIn, JoinWithPasskeyIn, NewPasswordIn, TokenIn
from placement.accounts import accounts, invitations, passwords
from placement.accounts.factors import is_required
from placement.accounts.login import Begun
from placement.accounts.rate_limits import slowed
from placement.core import clock
from placement.core.codes import Role
from placement.core.errors import Invalid, PlacementError
from placement.text.messages import say


def _token_again(request: Page, wrong: Wrong) -> Response[str]:
    return page(request, "invitation.html", None, wrong)


def _enrol_again(request: Page, form: Form, wrong: Wrong) -> Response[str]:
    return _enrol(request, form, form.get("secret"), form.get("uri"), wrong)


def _choose(request: Page, form: Form, wrong: Wrong | None = None) -> Response[str]:
    return page(
        request,
        "invitation_password.html",
        None,
        wrong,
        invited=routes.invited(request, given(TokenIn, {"token": _token(form)})),
        token=_token(form),
        shortest=passwords.SHORTEST,
        longest=passwords.LONGEST,
    )


@get("/invitation", public=True)
def ask_token(request: Page) -> Response[str]:
    return page(request, "invitation.html")


@post("/invitation", public=True)
@form_on(_token_again, typed=False)
def enter(request: Page, form: SentForm) -> Reply:
    """Shows the content of the invitation, and the field for a password."""
    return _choose(request, form)


@post("/invitation/advice", work=Work.PASSWORD, public=True, media_type=MediaType.TEXT)
def advise(request: Page, form: SentForm) -> str:
    """Returns advice on the password while the user types; empty for a good password. Stores nothing."""
    state, at, language = request.app.state, clock.now(), reader_language(request)
    try:
        with slowed(state.database, network_of(request), at), state.database.transaction() as session:
            found = invitations.find(session, at, _token(form))
            accounts.require_good_password(session, found.email, found.organisation_id, form.get("password"))
    except Invalid as error:
        return " ".join(say(fault.code, fault.facts, language) for fault in error.faults)
    except PlacementError as error:
        return say(error.code, error.facts, language)
    return ""


@post("/invitation/password", work=Work.PASSWORD, public=True)
@form_on(_choose, typed=False)
def choose_password(request: Page, form: SentForm) -> Reply:
    """Shows how to set up the second factor: a QR code, and its secret as letters."""
    chosen = given(NewPasswordIn, {"token": _token(form), "password": form.get("password")})
    enrolment = routes.enrol(request, chosen)
    return _enrol(request, form, enrolment.totp_secret, enrolment.otpauth_uri)


@post("/invitation/join", public=True)
@form_on(_enrol_again, typed=False)
def join(request: Page, form: SentForm) -> Reply:
    """Makes the account after a correct code, and signs in; shows the recovery codes once."""
    return _come_in(request, *routes.accept(request, given(JoinIn, {"token": _token(form), "code": form.get("code")})))


@post("/invitation/passkey", public=True)
@form_on(_enrol_again, typed=False)
def join_with_passkey(request: Page, form: SentForm) -> Reply:
    """Makes the account with a passkey, and signs in. Shows recovery codes if the role may use them."""
    facts = {"token": _token(form), "name": form.get("name"), "credential": credential_of(form)}
    return _come_in(request, *routes.accept_with_passkey(request, given(JoinWithPasskeyIn, facts)))


def _come_in(request: Page, joined: JoinedOut, begun: Begun) -> Response[str]:
    answer = page(request, "recovery_codes.html", codes=joined.recovery_codes, joined=True)
    for cookie in cookies_of(request.app.state.settings, begun):
        answer.set_cookie(cookie)
    return answer


def _token(form: Form) -> str:
    """Returns the token from the field, or from a pasted link."""
    return form.get("token").rpartition("#")[2]


def _enrol(request: Page, form: Form, secret: str, uri: str, wrong: Wrong | None = None) -> Response[str]:
    """Shows how to set up a passkey (if the service uses them) and an app (if the role may use codes)."""
    token, settings = _token(form), request.app.state.settings
    invited = routes.invited(request, given(TokenIn, {"token": token}))
    options = json.dumps(routes.options_for(request, token)) if settings.webauthn != "off" else None
    letters = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return page(
        request,
        "invitation_code.html",
        None,
        wrong,
        filled=form,
        token=token,
        secret=secret,
        uri=uri,
        letters=letters,
        qr=picture_of(uri),
        options=options,
        takes_codes=not is_required(settings, Role(invited.role)),
    )
