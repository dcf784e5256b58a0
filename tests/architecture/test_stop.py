"""Each operation and each job stops in doubt, or goes on for a reason (`placement/access/permissions.py`)."""

from itertools import chain

from api.pages.routes import PAGES
from api.v1.routes import ROUTES
from placement.access.permissions import Permission
from placement.jobs.periodic import JOBS

GOES_ON = {
    "what is read protects clients, and each reading is logged": {
        one for one in Permission if one.value.endswith(":read")
    }
    - {Permission.REGISTER_EXPORT, Permission.CLIENT_DOCUMENT_READ},
    "a shelter states what it has; places are given out after the release": {
        *(Permission.CAPACITY_REPORT, Permission.ROOM_CHANGE, Permission.PROFILE_TRY, Permission.PROFILE_CHANGE),
        *(Permission.UNIT_CHANGE, Permission.REGISTER_CHANGE, Permission.REGISTER_IMPORT),
        Permission.SHELTER_TELEPHONE_CHANGE,
    },
    "a client who calls is entered, and a case is corrected and ended": {
        *(Permission.REGISTRATION_CHANGE, Permission.REGISTRATION_CLOSE, Permission.REGISTRATION_LINK),
        *(Permission.REQUEST_WITHDRAW, Permission.REGISTRATION_SEARCH, Permission.REGISTRATION_OPEN),
        Permission.AVOIDANCE_LIFT,
        *(Permission.SENT_SEND, Permission.SENT_WRITE, Permission.RECEIVED_SETTLE),
        Permission.EVENT_CHANGE,
    },
    "a missing client is looked for": {
        *(Permission.WHEREABOUTS_RECORD, Permission.WHEREABOUTS_CLOSE, Permission.WHEREABOUTS_ANSWER),
    },
    "what was decided before is carried out: answers, arrivals, stays, calls": {
        *(Permission.HOLD_ANSWER, Permission.HOLD_ARRIVE, Permission.HOLD_RELEASE, Permission.ARRIVAL_SAY),
        *(Permission.STAY_BLOCK, Permission.STAY_END, Permission.STAY_MOVE),
        *(Permission.TELEPHONE_ENTER, Permission.TELEPHONE_ANSWER),
    },
    "it keeps more, or takes an authority back": {
        *(Permission.LEGAL_HOLD_ASK, Permission.LEGAL_HOLD_LIFT, Permission.MANDATE_REVOKE, Permission.WEBHOOK_DISABLE),
    },
    "the kind of the request decides, and stops by its own permission": {
        *(Permission.SECOND_PERSON_ANSWER, Permission.SECOND_PERSON_WITHDRAW),
    },
    "who releases must sign in, and see to what is odd": {
        *(Permission.SESSION_END, Permission.SESSION_VERIFY, Permission.REVIEW_ACKNOWLEDGE, Permission.DOUBT_RELEASE),
    },
    "callers are advised by persons, and no client is placed by it": {
        *(Permission.ENQUIRY_WRITE, Permission.ENTRY_WRITE, Permission.ENTRY_SEARCH),
    },
    "it decides nothing until a proposal is made": {
        *(Permission.POLICY_CHANGE, Permission.POLICY_TRY, Permission.POLICY_TRY_CASES, Permission.AREA_CHANGE),
        *(Permission.RULES_TRY, Permission.RULE_CHANGE_ASK, Permission.COUNT_RELEASE_ASK),
    },
    "it is about no case, and decides about no client": {
        *(Permission.COUNT_SEND, Permission.COUNT_CHANGE, Permission.COUNTS_IMPORT),
    },
    "it happens in a practice room alone": {Permission.PRACTICE_PLAY},
    "it sends what everybody gets anyway": {
        *(Permission.MESSAGE_RETRY, Permission.SUBSCRIPTION_CHANGE, Permission.ABSENCE_CHANGE),
    },
}
PUBLIC = {
    "a person signs in, or software exchanges its key to report": ("/sign-in", "/session", "/token", "/language"),
    "a person signs in where nobody is real": ("/practice/enter",),
    "a caller sends a form, which decides nothing": ("/form",),
    "no account is made of it: `invitations._with_password` refuses": ("/invitation",),
}
"""Routes without a permission, by the beginning of their address."""


def test_each_permission_stops_or_goes_on_for_a_reason():
    reasons = list(chain.from_iterable(GOES_ON.values()))
    assert len(reasons) == len(set(reasons))
    assert set(Permission) - {one for one in Permission if one.stops} == set(reasons)
    assert {one for one in Permission if one.places} < {one for one in Permission if one.stops}


def test_each_route_without_permission_goes_on_for_a_reason():
    known = tuple(chain.from_iterable(PUBLIC.values()))
    routes = [*ROUTES.routes, *PAGES.routes]
    public = {one.path for one in routes if any(handler.opt.get("public") for handler in one.route_handlers)}
    assert public
    assert not {path for path in public if not path.removeprefix("/api/v1").startswith(known)}


def test_job_that_destroys_or_lapses_stops():
    assert {job.name for job in JOBS if job.destroys} == {job.name for job in JOBS if job.name.startswith("erase_")}
    assert {job.name for job in JOBS if job.lapses} == {"expire_holds", "expire_decisions", "lapse_requests"}
