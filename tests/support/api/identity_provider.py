"""A provider of single sign-on in a process of its own: Canaille, an identity server that organisations run.

`python -m tests.support.api.identity_provider PORT RETURNS_TO FACTOR ...`, each factor `password` or `otp`.
"""

import os
import sys
import uuid
from datetime import UTC, datetime
from wsgiref.simple_server import make_server

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # on this machine alone

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from canaille.oidc import provider
from joserfc.jwk import JWKRegistry

from tests.support.api.identity_provider_facts import CLIENT, PASSWORD, SECRET, TOTP

PEOPLE = {
    "desk": "desk-1@placement.example",
    "unverified": "admin@placement.example",
    "stranger": "stranger@placement.example",
}


def main(port: int, returns_to: str, factors: list[str]) -> None:
    key = JWKRegistry.generate_key("RSA", 2048)
    key.ensure_kid()
    app = create_app(
        config={
            "ENV_FILE": None,
            "SECRET_KEY": str(uuid.uuid4()),
            "WTF_CSRF_ENABLED": False,
            "PREFERRED_URL_SCHEME": "http",
            "SERVER_NAME": f"localhost:{port}",
            "CANAILLE": {
                "DATABASE": "memory",
                "JAVASCRIPT": False,
                "AUTHENTICATION_FACTORS": factors,
                "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"]}},
            },
            "CANAILLE_OIDC": {"ACTIVE_JWKS": [key.as_dict(private=True)]},
        }
    )
    _tell_whether_addresses_are_verified()
    _look_codes_up_by_themselves()
    with app.app_context():
        for name, email in PEOPLE.items():
            made = models.User(
                user_name=name,
                family_name=name,
                formatted_name=name,
                emails=[email],
                password=PASSWORD,
                secret_token=TOTP,
                last_otp_login=datetime.now(UTC),  # that is: the codes of this user are set up
            )
            Backend.instance.save(made)
        client = models.Client(
            client_id=CLIENT,
            client_secret=SECRET,
            client_id_issued_at=datetime.now(UTC),
            client_name="Placement",
            client_uri="http://localhost",
            redirect_uris=[returns_to],
            grant_types=["authorization_code"],
            response_types=["code"],
            scope=["openid", "email"],
            token_endpoint_auth_method="client_secret_basic",  # noqa: S106
        )
        Backend.instance.save(client)
        client.audience = [client]
        Backend.instance.save(client)
    with make_server("localhost", port, app) as server:
        server.serve_forever()


def _tell_whether_addresses_are_verified() -> None:
    """Adds the claim `email_verified`, which Canaille leaves out. It is false for the user `unverified` only."""
    generate = provider.generate_user_claims

    def with_verified(user: models.User) -> dict[str, object]:
        return {**generate(user), "email_verified": user.user_name != "unverified"}

    provider.generate_user_claims = with_verified


def _look_codes_up_by_themselves() -> None:
    """Replaces the search for a code: Canaille's store in memory matches any of several filters, and so takes any code
    of a client.
    """

    def by_code(grant: object, code: str, client: models.Client) -> models.AuthorizationCode | None:
        _ = grant
        found = Backend.instance.query(models.AuthorizationCode, code=code)
        return next((one for one in found if one.client == client and not one.is_expired()), None)

    provider.AuthorizationCodeGrant.query_authorization_code = by_code


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
