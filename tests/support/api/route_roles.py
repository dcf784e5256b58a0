"""Which role may use which route, written down a second time, so that a missing guard is detected.

A new route needs a row here. Whose things it then gives is another question: `tests/api/contract/`.
"""

from placement.core.codes import Role
from tests.support.api.service import API, Service

CALLERS = {
    Role.DESK: "desk",
    Role.COORDINATOR: "coordinator",
    Role.SHELTER: "shelter",
    Role.SHELTER_STAFF: "staff",
    Role.READER: "report_reader",
    Role.AUDITOR: "auditor",
    Role.ADMIN: "admin",
    Role.REGISTRANT: "registrant",
}
"""The attribute of `Service` that calls with each role."""
assert CALLERS.keys() == set(Role) - {Role.SYSTEM}, "a role needs a caller, here and in tests/support/api/service.py"

PEOPLE = "desk coordinator staff report_reader auditor admin"
EVERYONE = f"{PEOPLE} shelter"
REGISTRANT = "registrant"
_OF_EVERY_PERSON = [
    *("GET /keys", "POST /keys", "POST /keys/{}/revoke", "GET /details", "PUT /details"),
    *("GET /rings", "PUT /rings", "POST /rings/devices", "POST /rings/devices/{}/remove"),
    *("POST /session/end", "POST /session/second-factor", "POST /session/recovery-codes", "POST /session/password"),
    *("GET /session/passkeys", "POST /session/passkeys", "POST /session/passkeys/options"),
    *("POST /session/passkeys/{}/remove", "POST /session/second-factor/options", "POST /session/second-factor/passkey"),
    *("POST /sessions/end", "POST /sessions/end-others", "POST /sessions/{}/end"),
]
_ON_RECEIVED = ("call", "questions", "questions/{}/withdraw", "messages/read", "accept")
_RECEIVED = [*(f"POST /received/{{}}/{act}" for act in _ON_RECEIVED), "POST /form-links"]
PLACERS = "desk coordinator"
SHELTERS = "shelter staff"

_ACTS = ("move", "close", "reopen")
_PLACES = ("areas", "municipalities", "registrant-units")
_OF_PLACES = [f"GET /{kind}{more}" for kind in _PLACES for more in ("", "/{}", "/{}/history")]
_PLACES_CHANGED = [
    *(route for kind in _PLACES for route in (f"POST /{kind}", f"PATCH /{kind}/{{}}")),
    "POST /municipalities/list",
]
_OF_UNITS = ["POST /locations/{}/units", "PATCH /units/{}", *(f"POST /units/{{}}/{act}" for act in _ACTS)]
_BY_TELEPHONE = [
    *(f"POST /shelters/{{}}/telephone{said}" for said in ("s/check", "/count", "/confirmation", "/read-back")),
    *(f"POST /{one}" for one in ("holds/{}/telephone/answer", "holds/{}/telephone/arrival", "stays/{}/telephone/end")),
    *(f"POST /telephone-entries/{{}}/{act}" for act in ("call-back", "settlement")),
]
_RELEASES = ("POST /doubt/release", "POST /doubt/release-tonight")
_OF_ENTRIES = [f"POST /telephone-entries/{{}}/{act}" for act in ("agreement", "contradiction")]

_OF_IMPORTS = [
    *("POST /imports", "GET /imports", "GET /imports/{}", "PATCH /imports/{}", "POST /imports/{}/confirm"),
    *("POST /imports/{}/give-up", "POST /import-records/{}/take-back"),
]
WHO = {
    f"{EVERYONE} {REGISTRANT}": ["GET /session", "GET /sessions", "GET /centre"],
    EVERYONE: ["GET /set-up", "GET /vocabulary"],
    f"{PEOPLE} {REGISTRANT}": _OF_EVERY_PERSON,
    REGISTRANT: ["POST /sent-registrations", "GET /sent-registrations", "POST /sent-registrations/{}/messages"],
    PEOPLE: ["GET /absences", "POST /absences", "POST /absences/{}/withdraw"],
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
        "POST /units/{}/rooms",
        "PATCH /rooms/{}",
        "POST /rooms/{}/close",
        "POST /rooms/{}/reopen",
        "PUT /shelters/{}/telephones",
        *_OF_UNITS,
    ],
    "desk staff": [
        "GET /shelters/{}/telephones",
        "GET /telephone-entries",
        "POST /stays/{}/move",
        "POST /stays/{}/swap",
    ],
    SHELTERS: [
        "PUT /shelters/{}/capacity",
        "PATCH /shelters/{}/capacity/rooms/{}",
        "POST /shelters/{}/capacity/confirm",
        "PUT /units/{}/profile",
    ],
    "staff": ["POST /holds/{}/answer", *_OF_ENTRIES],
    PLACERS: [
        "GET /capacity",
        "GET /capacity/history",
        "GET /capacity/shortage",
        "GET /decisions",
        "GET /decisions/counts",
        "GET /decisions/{}",
        "GET /proposals/{}",
        "POST /proposals/{}/decision",
        "GET /registrations",
        "POST /registrations",
        "GET /registrations/{}",
        "GET /registrations/{}/entitlement",
        "GET /registrations/{}/changes",
        "POST /registrations/{}/return",
        "GET /registrations/{}/requests",
        "POST /registrations/{}/requests",
        "POST /registrations/{}/requests/{}/withdraw",
        "GET /registrations/{}/whereabouts",
        "POST /registrations/{}/whereabouts/{}/informed",
        "POST /registrations/{}/whereabouts/{}/look",
        "POST /registrations/{}/whereabouts/{}/returned",
        "POST /registrations/{}/whereabouts/{}/found",
        "POST /registrations/{}/whereabouts/{}/close",
        "PATCH /registrations/{}",
        "POST /registrations/{}/close",
        "POST /registrations/{}/close/reversal",
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
    f"{PLACERS} staff": [
        "POST /holds/{}/expected",
        "POST /holds/{}/no-show",
        "POST /holds/{}/no-show/reversal",
        "POST /holds/{}/arrival/reversal",
        "POST /stays/{}/end",
        "POST /stays/{}/end/reversal",
    ],
    f"{PLACERS} {SHELTERS}": [
        "GET /holds",
        "GET /holds/counts",
        "GET /holds/{}",
        "POST /holds/{}/arrival",
        "GET /stays",
        "GET /stays/counts",
        "POST /stays/{}/blocker",
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
        "POST /takeovers",
        *_RECEIVED,
        "GET /received",
        "GET /received/{}",
        "POST /decisions/{}/confirmation",
        "POST /decisions/{}/look",
        "POST /policy/effect/cases",
        "POST /registrations/{}/changes/{}/erase",
        "POST /registrations/{}/whereabouts/{}/close/answer",
        "GET /registrations/{}/legal-hold",
        "POST /registrations/{}/legal-hold",
        "POST /registrations/{}/legal-hold/review",
        "POST /registrations/{}/legal-hold/lift",
        "GET /legal-holds",
        "GET /exports/register",
        "POST /rules/rehearsal",
        *_PLACES_CHANGED,
        "POST /rule-changes",
        "POST /rule-changes/{}/rehearsal",
        "POST /leave-requests",
        "GET /on-call",
        "POST /on-call",
        "POST /on-call/{}/withdraw",
        *_BY_TELEPHONE,
        "GET /mandates",
        "POST /mandates",
        "POST /mandates/{}/revoke",
    ],
    f"{PLACERS} {SHELTERS} report_reader": [
        "GET /reports",
        "GET /reports/dictionary",
        "GET /reports/period",
        "GET /reports/{}",
    ],
    f"desk coordinator admin auditor {SHELTERS}": [
        *("GET /second-person-requests", "GET /second-person-requests/{}", "POST /second-person-requests/{}/withdraw"),
    ],
    "desk auditor": [
        "GET /audit/review",
        "POST /audit/review/{}/tick",
        "GET /registrations/{}/accesses",
    ],
    "desk coordinator auditor": ["GET /registrations/{}/timeline"],
    "auditor": ["GET /audit/events", "GET /audit/chain"],
    "desk auditor admin": [
        *("GET /retention", "GET /policy", "GET /policy/versions"),
        "GET /doubt",
        *_RELEASES,
        *(f"POST /second-person-requests/{{}}/{act}" for act in ("grant", "refuse")),
    ],
    "desk coordinator auditor admin": ["GET /rules", "GET /rules/{}", *_OF_PLACES],
    "desk admin": [
        "POST /policy/effect",
        *_OF_IMPORTS,
    ],
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
ROLES = [*CALLERS.values()]

SIGNED_IN = {
    "where a place is": ["PUT /locations/{}/address"],
    "who is placed where, and who agrees": [
        "POST /proposals/{}/decision",
        "POST /decisions/{}/confirmation",
        "POST /decisions/{}/look",
        "POST /holds/{}/answer",
        "POST /holds/{}/release",
        "POST /holds/{}/expected",
        "POST /holds/{}/no-show",
        "POST /holds/{}/no-show/reversal",
        "POST /holds/{}/arrival/reversal",
        "POST /registrations/{}/avoided/{}/lift",
        "POST /takeovers",
        "POST /stays/{}/end",
        "POST /stays/{}/end/reversal",
        "POST /stays/{}/move",
        "POST /stays/{}/swap",
    ],
    "what a shelter says by telephone, on which number": [
        *_BY_TELEPHONE,
        *_OF_ENTRIES,
    ],
    "whom the desk believes": _RECEIVED,
    "what is carried out before the desk agrees": ["POST /mandates", "POST /mandates/{}/revoke"],
    "what ends a case, or what is sought for it": [
        "POST /registrations/{}/close",
        "POST /registrations/{}/close/reversal",
        "POST /registrations/{}/requests/{}/withdraw",
    ],
    "what is known of a missing client, and when the search ends": [
        "POST /registrations/{}/whereabouts/{}/informed",
        "POST /registrations/{}/whereabouts/{}/look",
        "POST /registrations/{}/whereabouts/{}/returned",
        "POST /registrations/{}/whereabouts/{}/found",
        "POST /registrations/{}/whereabouts/{}/close",
        "POST /registrations/{}/whereabouts/{}/close/answer",
    ],
    "what two cases are to each other": ["POST /registrations/{}/links", "POST /registrations/{}/merge"],
    "what is erased for good": ["POST /registrations/{}/changes/{}/erase"],
    "what of a case is shown to whom": ["POST /registrations/{}/opening", "POST /holds/{}/address"],
    "one of two persons": [
        "POST /second-person-requests/{}/grant",
        "POST /second-person-requests/{}/refuse",
        *_OF_IMPORTS,
        "POST /registrations/{}/legal-hold",
        "POST /registrations/{}/legal-hold/review",
        "POST /registrations/{}/legal-hold/lift",
        "POST /audit/review/{}/tick",
        "POST /rule-changes",
        "POST /leave-requests",
        "POST /encryption-keys/rotations",
        *_RELEASES,
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
    "who sees which cases": ["POST /municipalities/list"],
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
    "whom others take one for, and who is told": [
        "PUT /details",
        "PUT /rings",
        "POST /rings/devices",
        "POST /rings/devices/{}/remove",
        "POST /absences",
        "POST /absences/{}/withdraw",
        "POST /on-call",
        "POST /on-call/{}/withdraw",
    ],
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

ASKED = frozenset(
    [
        "POST /providers",
        "PATCH /providers/{}",
        "POST /shelters",
        "PATCH /shelters/{}",
        "POST /shelters/{}/close",
        "POST /shelters/{}/reopen",
        "POST /shelters/{}/locations",
        "PATCH /locations/{}",
        "POST /locations/{}/close",
        "POST /locations/{}/reopen",
        "PUT /units/{}/profile",
        "PUT /shelters/{}/telephones",
        *_OF_UNITS,
        *(one for one in _PLACES_CHANGED if one != "POST /municipalities/list"),
    ]
)
"""The operations for which a key with the scope `register` asks a person of the desk."""

WITH_SCOPE_REGISTER = ASKED - {"PUT /units/{}/profile"} | {"POST /second-person-requests/{}/withdraw"}
"""The operations that a key without that scope cannot do or ask for."""


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
