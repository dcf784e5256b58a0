"""Single sign-on with the provider of the user's own organisation (OpenID Connect), for users with an account in this
service.

It uses the authorization code flow with PKCE, a state that belongs to one browser, and a nonce. A provider alone gives
no access: an account must exist in this service, and is found by the provider's subject id (`sub`). At the first
sign-in, the subject id is bound to the account whose address the provider has verified. Our own second factor is
required unless the provider reports a second factor. A role that may use only a passkey always needs its passkey. When
the person leaves the organisation, or a session at the provider ends, a back-channel logout ends the sessions here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from sqlmodel import Session, select

from placement.accounts import accounts, login, rate_limits, sessions
from placement.accounts.factors import is_required
from placement.accounts.login import Begun, Caller, SsoSignIn
from placement.accounts.rate_limits import subject_of
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import SYSTEM, Act
from placement.core.errors import Invalid, Unauthenticated, Unreachable
from placement.core.ids import fingerprint, new_secret
from placement.core.setting_parts import SsoProvider
from placement.core.settings import Settings
from placement.storage.database import Database
from placement.tables import Account, SsoRequest

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session

RETURNS_TO = "/sign-in/sso"
"""The path of this service to which the provider redirects the browser."""

LIFETIME = timedelta(minutes=10)
LOGOUT_LIFETIME = timedelta(minutes=2)
"""The time for which a logout token is accepted, from its issue."""
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
"""The accepted signature algorithms. `none` and algorithms with a shared secret are never accepted, whatever the
provider offers.
"""

_SECONDS = 5
_LEEWAY_SECONDS = 60
_LONGEST_SESSION = 255
"""The largest number of characters of a session's name (assumed; the same as for a subject)."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """The result of a return from the provider: a new session (`begun`), or a `challenge` for our own second factor."""

    begun: Begun | None
    challenge: str | None


def depart(database: Database, settings: Settings, at: datetime, caller: Caller) -> tuple[str, str]:
    """Returns the provider's address, to which the browser is redirected, and the state that the browser must bring
    back. Each call sends a request to the provider, and counts for a rate limit. Raises `TooManyTries`,
    `Unauthenticated` or `Unreachable`.
    """
    from authlib.common.security import generate_token  # noqa: PLC0415 - takes time to import; see `_client`

    provider = _provider(settings)
    login.count_network(database, at, _by_network(caller))
    with _client(provider) as client:
        metadata = _metadata(client, provider)
        state, nonce, verifier = new_secret("plo"), generate_token(32), generate_token(64)
        url, _ = client.create_authorization_url(
            metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
        )
    with database.transaction() as session:
        session.add(
            SsoRequest(fingerprint=fingerprint(state), nonce=nonce, verifier=verifier, expires_at=at + LIFETIME)
        )
    return str(url), state


def arrive(
    database: Database, settings: Settings, at: datetime, caller: Caller, *, state: str, code: str, kept: str | None
) -> Arrived:
    """Handles the browser's return from the provider. `kept`: the state in the browser's cookie. Raises the same
    `Unauthenticated` for every fault, and `Unreachable` if the provider does not answer.
    """
    provider = _provider(settings)
    asked = _take(database, at, state) if kept == state else None
    claims = _claims(provider, asked, code) if asked else None
    with database.transaction() as session:
        act = Act(session, SYSTEM, at, settings, caller.origin)
        account = _account_of(session, claims) if claims else None
        if claims is None or account is None or account.disabled_at is not None:
            arrived = None
            audit_log.write(act, Event.SIGN_IN_REFUSED, subject=account.id if account else None, step="provider")
        elif _has_second_factor(provider, claims) and not is_required(settings, account.role):
            rate_limits.give_back(session, _by_network(caller), login.BY_NETWORK)
            arrived = Arrived(login.start(act, caller, account, _sign_in(claims)), None)
        else:
            rate_limits.give_back(session, _by_network(caller), login.BY_NETWORK)
            counted_by = subject_of("sso", account.id)
            arrived = Arrived(None, login.challenge(act, account.id, counted_by, _sign_in(claims)))
    if arrived is None:
        raise Unauthenticated("sso_refused")
    return arrived


def log_out(database: Database, settings: Settings, at: datetime, caller: Caller, token: str) -> None:
    """Ends the sessions that a logout token names (OpenID Connect Back-Channel Logout 1.0). If the token names a
    person, all sessions of the account end, because the person has left the organisation. If the token names a session
    of the provider, only sessions that began from that session end. If no such account or session exists, nothing
    happens. Each call sends a request to the provider, and counts for a rate limit.

    Raises `Invalid` for every fault of the token, `TooManyTries`, and `Unreachable` if the provider does not answer.
    """
    provider = _provider(settings)
    login.count_network(database, at, _by_network(caller))
    claims = _logout_claims(provider, token, at)
    with database.transaction() as session:
        act = Act(session, SYSTEM, at, settings, caller.origin)
        if claims is not None:
            rate_limits.give_back(session, _by_network(caller), login.BY_NETWORK)
            _end_sessions(act, claims)
        else:
            audit_log.write(act, Event.SIGN_IN_REFUSED, step="provider_logout")
    if claims is None:
        raise Invalid.at("logout_token", "logout_token_refused")


def _end_sessions(act: Act, claims: dict[str, object]) -> None:
    if "sub" in claims:
        account = act.session.exec(select(Account).where(Account.sso_subject == _subject(claims))).first()
        if account is not None:
            sessions.end_all(act, account.id, forget_browsers=False)
    elif (provided := _session_at_provider(claims)) is not None:
        sessions.end_of_provider(act, provided)


def _logout_claims(provider: SsoProvider, token: str, at: datetime) -> dict[str, object] | None:
    """Returns the claims of a logout token; `None` if it is not valid now for this service. A token must be recent, so
    that a copy of it cannot end later sessions.
    """
    from joserfc import jwt  # noqa: PLC0415 - takes time to import; see `_client`
    from joserfc.errors import JoseError  # noqa: PLC0415 - as above
    from joserfc.jwk import KeySet  # noqa: PLC0415 - as above

    with _client(provider) as client:
        keys = _fetched(client, str(_metadata(client, provider)["jwks_uri"]))
    try:
        signed = jwt.decode(token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS)  # type: ignore[arg-type]
    except (JoseError, KeyError, ValueError):
        return None
    claims, now = dict(signed.claims), at.timestamp()
    audience, events, issued, ends = (claims.get(name) for name in ("aud", "events", "iat", "exp"))
    is_ours = claims.get("iss") == provider.issuer and provider.client_id in (
        audience if isinstance(audience, list) else [audience]
    )
    is_young = isinstance(issued, int | float) and abs(now - issued) <= LOGOUT_LIFETIME.total_seconds()
    is_open = isinstance(ends, int | float) and now <= ends + _LEEWAY_SECONDS
    is_logout = isinstance(events, dict) and isinstance(events.get(LOGOUT_EVENT), dict) and "nonce" not in claims
    given = {name for name in ("jti", "sub", "sid") if name in claims}
    named = len(given) > 1 and "jti" in given and all(isinstance(claims[one], str) and claims[one] for one in given)
    is_typed = str(signed.header.get("typ", "logout+jwt")).lower() in {"logout+jwt", "jwt"}
    return claims if is_ours and is_young and is_open and is_logout and named and is_typed else None


def _by_network(caller: Caller) -> str:
    return subject_of("sso from", caller.network)


def _provider(settings: Settings) -> SsoProvider:
    if settings.sso is None:
        raise Unauthenticated("sso_not_offered")
    return settings.sso


def _client(provider: SsoProvider) -> "OAuth2Session":
    from authlib.integrations.requests_client import OAuth2Session  # noqa: PLC0415 - a quarter of a second to import

    return OAuth2Session(
        provider.client_id,
        provider.client_secret,
        scope="openid email",
        redirect_uri=provider.address + RETURNS_TO,
        code_challenge_method="S256",
        default_timeout=_SECONDS,
    )


def _metadata(client: "OAuth2Session", provider: SsoProvider) -> dict[str, object]:
    found = _fetched(client, provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise Unreachable("sso_unreachable")
    return found


def _fetched(client: "OAuth2Session", url: str) -> dict[str, object]:
    from requests import RequestException  # noqa: PLC0415 - as above

    try:
        answer = client.request("GET", url, withhold_token=True)
        answer.raise_for_status()
        return dict(answer.json())
    except (RequestException, ValueError) as error:
        raise Unreachable("sso_unreachable") from error


def _take(database: Database, at: datetime, state: str) -> SsoRequest | None:
    """Deletes the request that was stored under this state, and returns it; `None` if it has expired or was used."""
    with database.transaction() as session:
        found = session.get(SsoRequest, fingerprint(state), with_for_update=True)
        if found is not None:
            session.delete(found)
    return found if found is not None and found.expires_at > at else None


def _claims(provider: SsoProvider, asked: SsoRequest, code: str) -> dict[str, object] | None:
    """Returns the provider's claims about the user; `None` if the code or a token is not valid now for this service."""
    from authlib.common.errors import AuthlibBaseError  # noqa: PLC0415 - as above
    from authlib.oidc.core import CodeIDToken  # noqa: PLC0415 - as above
    from joserfc import jwt  # noqa: PLC0415 - as above
    from joserfc.errors import JoseError  # noqa: PLC0415 - as above
    from joserfc.jwk import KeySet  # noqa: PLC0415 - as above
    from requests import RequestException  # noqa: PLC0415 - as above

    with _client(provider) as client:
        metadata = _metadata(client, provider)
        keys = _fetched(client, str(metadata["jwks_uri"]))
        try:
            token = client.fetch_token(metadata["token_endpoint"], code=code, code_verifier=asked.verifier)
            signed = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=_ALGORITHMS)  # type: ignore[arg-type]
            must = {
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
            }
            given = {"nonce": asked.nonce, "client_id": provider.client_id, "access_token": token.get("access_token")}
            claims = CodeIDToken(signed.claims, signed.header, must, given)
            claims.validate(leeway=_LEEWAY_SECONDS)
        except RequestException as error:
            raise Unreachable("sso_unreachable") from error
        except (AuthlibBaseError, JoseError, KeyError, ValueError):
            return None
    return dict(claims)


def _account_of(session: Session, claims: dict[str, object]) -> Account | None:
    """Returns the account of these claims. Returns `None` if there is no such account, or if the account waits for its
    new invitation to be used.
    """
    account = session.exec(select(Account).where(Account.sso_subject == _subject(claims))).first()
    if account is None and claims.get("email_verified") is True:
        account = accounts.with_email(session, str(claims.get("email", "")))
        if account is not None and account.sso_subject is not None:
            return None
    return None if account is None or accounts.is_shut(account) else account


def _subject(claims: dict[str, object]) -> str:
    return f"{claims['iss']} {claims['sub']}"


def _session_at_provider(claims: dict[str, object]) -> str | None:
    """Returns the session's name at the provider; `None` without a name, or if the name is too long."""
    name = claims.get("sid")
    is_name = isinstance(name, str) and 0 < len(name) <= _LONGEST_SESSION
    return f"{claims['iss']} {name}" if is_name else None


def _sign_in(claims: dict[str, object]) -> SsoSignIn:
    return SsoSignIn(_subject(claims), _session_at_provider(claims))


def _has_second_factor(provider: SsoProvider, claims: dict[str, object]) -> bool:
    """Checks whether the provider reports a second factor: `amr` contains `mfa` (RFC 8176), or `acr` has a value that
    the settings name.
    """
    return "mfa" in cast("Collection[str]", claims.get("amr") or []) or claims.get("acr") in provider.second_factor_acr
