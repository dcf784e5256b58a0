"""Which role may use which route, written down a second time, so that a missing guard is detected.

A new route needs a row here. Whose things it then gives is another question: `tests/api/contract/`.
"""

from placement.core.codes import Role
from tests.support.help_desk import HELP_DESK_READS, HELP_DESK_WRITES

CALLERS = {
    Role.DESK: "desk",
    Role.COORDINATOR: "coordinator",
    Role.SHELTER: "shelter",
    Role.SHELTER_STAFF: "staff",
    Role.READER: "report_reader",
    Role.AUDITOR: "auditor",
    Role.ADMIN: "admin",
    Role.REGISTRANT: "registrant",
    Role.ANALYST: "analyst",
    Role.REGISTRAR: "registrar",
    Role.ADVISER: "adviser",
}
"""The attribute of `Service` that calls with each role."""
assert CALLERS.keys() == set(Role) - {Role.SYSTEM}, "a role needs a caller, here and in tests/support/api/service.py"

PEOPLE = "desk coordinator staff report_reader auditor admin"
EVERYONE = f"{PEOPLE} shelter"
REGISTRANT, ANALYST, REGISTRAR, ADVISER = "registrant", "analyst", "registrar", "adviser"
_OF_EVERY_PERSON = [
    *("GET /keys", "POST /keys", "POST /keys/{}/revoke", "GET /details", "PUT /details"),
    *("GET /rings", "PUT /rings", "POST /rings/devices", "POST /rings/devices/{}/remove"),
    *("POST /session/end", "POST /session/second-factor", "POST /session/recovery-codes", "POST /session/password"),
    *("GET /session/passkeys", "POST /session/passkeys", "POST /session/passkeys/options"),
    *("POST /session/passkeys/{}/remove", "POST /session/second-factor/options", "POST /session/second-factor/passkey"),
    *("POST /sessions/end", "POST /sessions/end-others", "POST /sessions/{}/end"),
    *("GET /practice", "GET /practice/scenes/{}", "GET /practice/messages"),
    *("POST /practice/scene", "POST /practice/clock"),
]
_ON_RECEIVED = ("call", "questions", "questions/{}/withdraw", "messages/read", "accept")
_RECEIVED = [*(f"POST /received/{{}}/{act}" for act in _ON_RECEIVED), "POST /form-links"]
PLACERS = "desk coordinator"
SHELTERS = "shelter staff"

_OF_MEMBERS = ("/members", "/members/register", "/members/{}/remove")
_ON_EVENTS = ("/begin", "/finish", "/cases", "/places", "/residents", *_OF_MEMBERS)
_EVENTS = ["PATCH /events/{}", "POST /evacuations", "POST /events", *(f"POST /events/{{}}{act}" for act in _ON_EVENTS)]
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
    "POST /shelters/{}/telephone/answers",
]
_OF_SEARCHES = [
    f"POST /registrations/{{}}/whereabouts/{{}}/{act}" for act in ("informed", "look", "returned", "found", "close")
]
_OF_PLANS = [
    *("POST /events/{}/plan", "PUT /events/{}/plan/lines/{}", "POST /events/{}/plan/acceptance"),
    *("PUT /events/{}/vehicles", "POST /events/{}/plan/lines/{}/withdrawal"),
]
_OF_COUNTS = [f"POST /count-records/{{}}/{act}" for act in ("merge", "withdrawal", "difference")]
_ON_COUNTS = [*_OF_COUNTS, "PATCH /count-records/{}", "POST /count-sheets"]
_RELEASES = ("POST /doubt/release", "POST /doubt/release-tonight")
_OF_ENTRIES = [f"POST /telephone-entries/{{}}/{act}" for act in ("agreement", "contradiction")]

_OF_IMPORTS = [
    *("POST /imports", "GET /imports", "GET /imports/{}", "PATCH /imports/{}", "POST /imports/{}/confirm"),
    *("POST /imports/{}/give-up", "POST /import-records/{}/take-back"),
]
WHO = {
    f"{EVERYONE} {REGISTRANT} {ANALYST} {REGISTRAR} {ADVISER}": ["GET /session", "GET /sessions", "GET /centre"],
    EVERYONE: ["GET /set-up", "GET /vocabulary"],
    f"{PEOPLE} {REGISTRANT} {ANALYST} {REGISTRAR} {ADVISER}": _OF_EVERY_PERSON,
    f"{PLACERS} {REGISTRANT} {REGISTRAR}": ["POST /count-records"],
    f"{PLACERS} {REGISTRANT} {REGISTRAR} {ANALYST}": ["GET /count-codes"],
    f"{REGISTRAR} {ANALYST}": ["GET /count-records"],
    ANALYST: ["GET /count-releases", "POST /count-releases", "GET /count-releases/{}"],
    REGISTRAR: ["GET /count-records/{}", "GET /count-doubles", *_ON_COUNTS],
    REGISTRANT: ["POST /sent-registrations", "GET /sent-registrations", "POST /sent-registrations/{}/messages"],
    PEOPLE: ["GET /absences", "POST /absences", "POST /absences/{}/withdraw"],
    f"desk {SHELTERS}": [
        "GET /shelters/{}/capacity",
        "GET /units/{}/profile",
        "POST /units/{}/profile/effect",
        "GET /shelters",
        "GET /shelters/{}",
        "GET /shelters/{}/rooms",
        *(f"GET /{kind}/{{}}/closing" for kind in ("shelters", "locations", "units", "rooms")),
        "POST /units/{}/rooms",
        "PATCH /rooms/{}",
        "POST /rooms/{}/close",
        "POST /rooms/{}/reopen",
        "PUT /shelters/{}/telephones",
        *_OF_UNITS,
    ],
    "desk staff": [
        *("GET /shelters/{}/telephones", "GET /telephone-entries", "POST /stays/{}/move", "POST /stays/{}/swap"),
    ],
    SHELTERS: [
        "PUT /shelters/{}/capacity",
        "PATCH /shelters/{}/capacity/rooms/{}",
        "POST /shelters/{}/capacity/confirm",
        "PUT /units/{}/profile",
    ],
    "staff": ["POST /holds/{}/answer", "POST /holds/answers", *_OF_ENTRIES],
    PLACERS: [
        *("GET /events", "GET /events/{}", "GET /events/{}/members"),
        "GET /capacity",
        "GET /capacity/history",
        "GET /capacity/shortage",
        "GET /decisions",
        "GET /decisions/counts",
        "GET /decisions/{}",
        "GET /events/{}/plan",
        "GET /proposals/{}",
        "POST /proposals/{}/decision",
        *("GET /registrations", "POST /registrations", "GET /registrations/{}"),
        "GET /registrations/{}/entitlement",
        "GET /registrations/{}/client-document",
        "GET /registrations/{}/changes",
        "POST /registrations/{}/return",
        "GET /registrations/{}/requests",
        "POST /registrations/{}/requests",
        "POST /registrations/{}/requests/{}/withdraw",
        "GET /registrations/{}/whereabouts",
        *_OF_SEARCHES,
        "PATCH /registrations/{}",
        "POST /registrations/{}/obstacle",
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
        "POST /holds/arrivals",
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
        *_EVENTS,
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
        "POST /registrations/{}/erasure",
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
        *_OF_PLANS,
        *("GET /events/{}/plan/lines/{}", "GET /registrations/{}/kept-beds"),
        "GET /mandates",
        "POST /mandates",
        "POST /mandates/{}/revoke",
    ],
    f"{PLACERS} {SHELTERS} report_reader": [
        *("GET /reports", "GET /reports/dictionary", "GET /reports/period", "GET /reports/{}"),
    ],
    f"desk report_reader {ANALYST}": ["GET /needs"],
    f"desk coordinator admin auditor {ANALYST} {SHELTERS}": [
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
    ],
    f"desk auditor admin {ANALYST}": [
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
    f"desk coordinator staff shelter auditor admin {ANALYST} {REGISTRAR} {ADVISER}": ["GET /tasks"],
    f"desk {ADVISER}": [*HELP_DESK_WRITES, *HELP_DESK_READS],
    f"desk {ANALYST} {ADVISER}": ["GET /enquiry-figures"],
    "admin staff": [
        *("GET /webhooks", "POST /webhooks", "GET /webhooks/{}/events"),
        *(f"POST /webhooks/{{}}/{act}" for act in ("rotate", "disable", "enable", "try")),
    ],
    "admin": [
        *("GET /accounts", "GET /accounts/{}", "PATCH /accounts/{}"),
        *(f"POST /accounts/{{}}/{act}" for act in ("certification", "disable", "enable", "invitation")),
        "GET /encryption-keys",
        "POST /encryption-keys/rotations",
        "GET /invitations",
        "POST /invitations",
        "POST /invitations/{}/withdraw",
        *("GET /organisations", "POST /organisations", "GET /organisations/{}", "PATCH /organisations/{}"),
        "PUT /policy",
    ],
}
MAY = {route: frozenset(roles.split()) for roles, routes in WHO.items() for route in routes}
ROLES = [*CALLERS.values()]

SIGNED_IN = {
    "what callers are advised": HELP_DESK_WRITES,
    "where a place is": ["PUT /locations/{}/address"],
    "who is placed where, and who agrees": [
        "POST /proposals/{}/decision",
        "POST /decisions/{}/confirmation",
        "POST /decisions/{}/look",
        "POST /holds/{}/answer",
        "POST /holds/answers",
        *_OF_PLANS,
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
    "who comes at once, and which place is left": _EVENTS,
    "what is carried out before the desk agrees": ["POST /mandates", "POST /mandates/{}/revoke"],
    "what ends a case, or what is sought for it": [
        "POST /registrations/{}/close",
        "POST /registrations/{}/close/reversal",
        "POST /registrations/{}/requests/{}/withdraw",
    ],
    "what is known of a missing client, and when the search ends": [
        *_OF_SEARCHES,
        "POST /registrations/{}/whereabouts/{}/close/answer",
    ],
    "what two cases are to each other": ["POST /registrations/{}/links", "POST /registrations/{}/merge"],
    "what is erased for good": ["POST /registrations/{}/changes/{}/erase"],
    "what of a case is shown to whom": [
        "GET /registrations/{}/client-document",
        "POST /registrations/{}/opening",
        "POST /holds/{}/address",
    ],
    "one of two persons": [
        "POST /second-person-requests/{}/grant",
        "POST /second-person-requests/{}/refuse",
        *_OF_IMPORTS,
        "POST /registrations/{}/erasure",
        "POST /registrations/{}/legal-hold",
        "POST /registrations/{}/legal-hold/review",
        "POST /registrations/{}/legal-hold/lift",
        "POST /audit/review/{}/tick",
        "POST /rule-changes",
        "POST /leave-requests",
        "POST /encryption-keys/rotations",
        "POST /count-releases",
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
    "what is counted": _ON_COUNTS,
    "who sees which cases": ["POST /municipalities/list"],
    "who comes in, and who is kept out": [
        "POST /invitations",
        "POST /invitations/{}/withdraw",
        "PATCH /accounts/{}",
        "POST /accounts/{}/certification",
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
    "what others practise": ["POST /practice/scene", "POST /practice/clock"],
    "how the service behaves, and where it sends": [
        "PUT /policy",
        "POST /webhooks",
        "POST /webhooks/{}/rotate",
        "POST /webhooks/{}/disable",
        "POST /webhooks/{}/enable",
        "POST /webhooks/{}/try",
    ],
}
"""Routes that no key may use, by reason. A new route that only a person may use needs a row here."""
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
