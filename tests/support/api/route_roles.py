"""Which role may use which route, written down a second time, so that a missing guard is detected.

A new route needs a row here. Whose things it then gives is another question: `tests/api/v1/test_permissions.py`.
"""

from tests.support.api.service import API, Service

EVERYONE = "desk coordinator shelter staff report_reader auditor admin"
PEOPLE = "desk coordinator staff report_reader auditor admin"
PLACERS = "desk coordinator"
SHELTERS = "shelter staff"

_PLACES = ("areas", "municipalities", "registrant-units")
_OF_PLACES = [f"GET /{kind}{more}" for kind in _PLACES for more in ("", "/{}", "/{}/history")]
_PLACES_CHANGED = [
    *(route for kind in _PLACES for route in (f"POST /{kind}", f"PATCH /{kind}/{{}}")),
    "POST /municipalities/list",
]

WHO = {
    EVERYONE: ["GET /session", "GET /sessions", "GET /set-up", "GET /vocabulary", "GET /centre"],
    PEOPLE: [
        "GET /keys",
        "POST /keys",
        "POST /keys/{}/revoke",
        "GET /details",
        "PUT /details",
        "GET /absences",
        "POST /absences",
        "POST /absences/{}/withdraw",
        "POST /session/end",
        "POST /session/second-factor",
        "POST /session/recovery-codes",
        "GET /session/passkeys",
        "POST /session/passkeys",
        "POST /session/passkeys/options",
        "POST /session/passkeys/{}/remove",
        "POST /session/second-factor/options",
        "POST /session/second-factor/passkey",
        "POST /session/password",
        "POST /sessions/end",
        "POST /sessions/end-others",
        "POST /sessions/{}/end",
    ],
    f"desk {SHELTERS}": [
        "GET /shelters/{}/capacity",
        "GET /units/{}/profile",
        "POST /units/{}/profile/effect",
        "GET /shelters",
        "GET /shelters/{}",
        "GET /shelters/{}/rooms",
        "GET /shelters/{}/closing",
        "GET /locations/{}/closing",
        "GET /units/{}/closing",
        "GET /rooms/{}/closing",
        "GET /change-requests",
        "POST /units/{}/rooms",
        "PATCH /rooms/{}",
        "POST /rooms/{}/close",
        "POST /rooms/{}/reopen",
    ],
    "desk staff": [
        "POST /locations/{}/units",
        "PATCH /units/{}",
        "POST /units/{}/move",
        "POST /units/{}/close",
        "POST /units/{}/reopen",
    ],
    SHELTERS: [
        "PUT /shelters/{}/capacity",
        "POST /shelters/{}/capacity/confirm",
        "PUT /units/{}/profile",
    ],
    "staff": ["POST /holds/{}/answer"],
    PLACERS: [
        "GET /capacity",
        "GET /capacity/history",
        "GET /capacity/shortage",
        "GET /decisions",
        "GET /decisions/{}",
        "GET /proposals/{}",
        "POST /proposals/{}/decision",
        "GET /registrations",
        "POST /registrations",
        "GET /registrations/{}",
        "GET /registrations/{}/entitlement",
        "GET /registrations/{}/changes",
        "GET /registrations/{}/requests",
        "POST /registrations/{}/requests",
        "POST /registrations/{}/requests/{}/withdraw",
        "PATCH /registrations/{}",
        "POST /registrations/{}/close",
        "POST /registrations/{}/proposals",
        "POST /registrations/{}/avoided/{}/lift",
        "POST /holds/{}/release",
        "POST /holds/{}/address",
        "POST /registrations/search",
        "POST /registrations/duplicates",
        "GET /registrations/{}/links",
        "POST /registrations/{}/links",
        "POST /registrations/{}/merge",
        "POST /registrations/{}/opening",
    ],
    f"{PLACERS} {SHELTERS}": [
        "GET /holds",
        "GET /holds/{}",
        "POST /holds/{}/arrival",
        "GET /stays",
        "POST /stays/{}/blocker",
        "POST /stays/{}/end",
    ],
    "desk": [
        "GET /providers",
        "POST /providers",
        "GET /providers/{}",
        "PATCH /providers/{}",
        "POST /shelters",
        "PATCH /shelters/{}",
        "POST /shelters/{}/close",
        "POST /shelters/{}/reopen",
        "POST /shelters/{}/locations",
        "PATCH /locations/{}",
        "PUT /locations/{}/address",
        "POST /locations/{}/close",
        "POST /locations/{}/reopen",
        "POST /change-requests/{}/answer",
        "POST /takeovers",
        "POST /decisions/{}/confirmation",
        "POST /policy/effect/cases",
        "POST /registrations/{}/changes/{}/erase",
        "GET /registrations/{}/legal-hold",
        "POST /registrations/{}/legal-hold",
        "POST /registrations/{}/legal-hold/answer",
        "POST /registrations/{}/legal-hold/lift",
        "GET /legal-holds",
        "GET /exports/register",
        "POST /rules/rehearsal",
        *_PLACES_CHANGED,
        "POST /rule-changes",
        "POST /rule-changes/{}/rehearsal",
        "POST /rule-changes/{}/grant",
        "POST /rule-changes/{}/withdraw",
        "POST /leave-requests",
        "POST /leave-requests/{}/grant",
        "POST /leave-requests/{}/withdraw",
    ],
    f"{PLACERS} {SHELTERS} report_reader": ["GET /reports", "GET /reports/dictionary", "GET /reports/{}"],
    "desk auditor": [
        "GET /leave-requests",
        "GET /rule-changes",
        "GET /audit/review",
        "POST /audit/review/{}/tick",
        "GET /registrations/{}/accesses",
    ],
    "desk coordinator auditor": ["GET /registrations/{}/timeline"],
    "auditor": ["GET /audit/events", "GET /audit/chain"],
    "desk auditor admin": ["GET /retention", "GET /policy", "GET /policy/versions"],
    "desk coordinator auditor admin": ["GET /rules", "GET /rules/{}", *_OF_PLACES],
    "desk admin": ["POST /policy/effect", "POST /imports"],
    "admin desk": ["GET /messages", "POST /messages/{}/retry"],
    "desk coordinator staff report_reader": ["GET /subscription", "PUT /subscription"],
    "desk coordinator staff shelter": ["GET /reminders"],
    "desk coordinator staff shelter auditor admin": ["GET /tasks"],
    "admin staff": [
        "GET /webhooks",
        "POST /webhooks",
        "POST /webhooks/{}/rotate",
        "POST /webhooks/{}/disable",
        "POST /webhooks/{}/enable",
        "POST /webhooks/{}/try",
        "GET /webhooks/{}/events",
    ],
    "admin": [
        "GET /accounts",
        "GET /accounts/{}",
        "PATCH /accounts/{}",
        "POST /accounts/{}/disable",
        "POST /accounts/{}/enable",
        "POST /accounts/{}/invitation",
        "GET /encryption-keys",
        "POST /encryption-keys/rotations",
        "POST /encryption-keys/rotations/{}/grant",
        "POST /encryption-keys/rotations/{}/withdraw",
        "GET /askings",
        "POST /askings/{}/grant",
        "POST /askings/{}/withdraw",
        "GET /invitations",
        "POST /invitations",
        "POST /invitations/{}/withdraw",
        "GET /organisations",
        "POST /organisations",
        "GET /organisations/{}",
        "PATCH /organisations/{}",
        "PUT /policy",
    ],
}
MAY = {route: frozenset(roles.split()) for roles, routes in WHO.items() for route in routes}
ROLES = EVERYONE.split()

SIGNED_IN = {
    "which places there are": [
        "POST /providers",
        "PATCH /providers/{}",
        "POST /shelters",
        "PATCH /shelters/{}",
        "POST /shelters/{}/close",
        "POST /shelters/{}/reopen",
        "POST /shelters/{}/locations",
        "PATCH /locations/{}",
        "PUT /locations/{}/address",
        "POST /locations/{}/close",
        "POST /locations/{}/reopen",
        "POST /locations/{}/units",
        "PATCH /units/{}",
        "POST /units/{}/move",
        "POST /units/{}/close",
        "POST /units/{}/reopen",
        "POST /change-requests/{}/answer",
    ],
    "who is placed where, and who agrees": [
        "POST /proposals/{}/decision",
        "POST /decisions/{}/confirmation",
        "POST /holds/{}/answer",
        "POST /registrations/{}/avoided/{}/lift",
        "POST /takeovers",
    ],
    "what is erased for good": ["POST /registrations/{}/changes/{}/erase"],
    "what of a case is shown to whom": ["POST /registrations/{}/opening", "POST /holds/{}/address"],
    "one of two persons": [
        "POST /imports",
        "POST /registrations/{}/legal-hold",
        "POST /registrations/{}/legal-hold/answer",
        "POST /registrations/{}/legal-hold/lift",
        "POST /audit/review/{}/tick",
        "POST /rule-changes",
        "POST /rule-changes/{}/grant",
        "POST /rule-changes/{}/withdraw",
        "POST /askings/{}/grant",
        "POST /askings/{}/withdraw",
        "POST /leave-requests",
        "POST /leave-requests/{}/grant",
        "POST /leave-requests/{}/withdraw",
        "POST /encryption-keys/rotations",
        "POST /encryption-keys/rotations/{}/grant",
        "POST /encryption-keys/rotations/{}/withdraw",
    ],
    "what would outlive a stolen key, or end another": [
        "POST /keys",
        "POST /keys/{}/revoke",
        "POST /session/end",
        "POST /session/second-factor",
        "POST /session/recovery-codes",
        "GET /session/passkeys",
        "POST /session/passkeys",
        "POST /session/passkeys/options",
        "POST /session/passkeys/{}/remove",
        "POST /session/second-factor/options",
        "POST /session/second-factor/passkey",
        "POST /session/password",
        "POST /sessions/end",
        "POST /sessions/end-others",
        "POST /sessions/{}/end",
    ],
    "who sees which cases": [*_PLACES_CHANGED],
    "who comes in, and who is kept out": [
        "POST /invitations",
        "POST /invitations/{}/withdraw",
        "PATCH /accounts/{}",
        "POST /accounts/{}/disable",
        "POST /accounts/{}/enable",
        "POST /accounts/{}/invitation",
        "POST /organisations",
        "PATCH /organisations/{}",
    ],
    "whom others take one for, and who is told": ["PUT /details", "POST /absences", "POST /absences/{}/withdraw"],
    "how the service behaves, and where it sends": [
        "PUT /policy",
        "POST /webhooks",
        "POST /webhooks/{}/rotate",
        "POST /webhooks/{}/disable",
        "POST /webhooks/{}/enable",
        "POST /webhooks/{}/try",
    ],
}
"""What no key does, by why; a new route needs a row here where a person must do it."""
PERSONS_ONLY = frozenset(route for routes in SIGNED_IN.values() for route in routes)


def unexpected(service: Service, routes: list[str]) -> list[str]:
    """Which role may, or may not, against the table: asked of the service, for a thing that is not there.

    With a key, which ends no session: who may and is no person is told to sign in.
    """
    found = []
    for route in routes:
        method, path = route.split()
        for role in ROLES:
            body = {} if method == "GET" else {"json": {}}
            headers = getattr(service, role).software.authorization()
            answer = service.client.request(method, API + path.replace("{}", "X-0"), headers=headers, **body)
            shut = answer.status_code == 403 and answer.json()["type"] == "urn:placement:problem:role_may_not"
            if shut == (role in MAY[route]):
                found.append(f"{role} {'may not' if shut else 'may'} {route}")
    return found
