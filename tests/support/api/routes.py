"""The routes of the application, and those with an id in their path."""

from dataclasses import dataclass

from placement.access.permissions import Permission
from tests.support.api.bodies import BODIES, CONFIRM
from tests.support.api.service import Service

PUBLIC = {
    "/about",
    "/api/v1/token",
    "/api/v1/session",
    "/api/v1/session/code",
    "/api/v1/session/sso",
    "/api/v1/session/sso/code",
    "/api/v1/invitations/look",
    "/api/v1/invitations/password",
    "/api/v1/invitations/join",
    "/api/v1/invitations/passkey",
    "/api/v1/invitations/passkey/options",
    "/api/v1/session/passkey",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/unsubscribe/{token:str}",
    "/schema",
    "/schema/openapi.json",
    "/schema/{path:str}",
    "/static/{file_path:path}",
}


@dataclass(frozen=True)
class Route:
    method: str
    template: str
    permission: Permission | None
    public: bool


def routes_of(service: Service) -> list[Route]:
    return [
        Route(method, template, handler.opt.get("permission"), bool(handler.opt.get("public")))
        for template, methods in service.app.route_handler_method_map.items()
        for method, handler in methods.items()
        if method not in {"OPTIONS", "HEAD", "asgi"} and (template.startswith("/api") or template in PUBLIC)
    ]


VERSION = {"If-Match": '"1"', "Idempotency-Key": "k"}


PLACES = ("areas", "municipalities", "registrant-units")
WITH_ID = [
    # method, path, what stands in it, a body that is right, who may call it and does not own the thing
    ("GET", "/shelters/{}/capacity", "S01", None, ["other_shelter"]),
    ("PUT", "/shelters/{}/capacity", "S01", {"rooms": []}, ["other_shelter"]),
    ("PATCH", "/shelters/{}/capacity/rooms/X-0", "S01", {"free_from": None}, ["other_shelter"]),
    ("POST", "/shelters/{}/capacity/confirm", "S01", None, ["other_shelter"]),
    ("GET", "/units/{}/profile", "S01-L1-U1", None, ["other_shelter"]),
    ("POST", "/units/{}/profile/effect", "S01-L1-U1", BODIES["ProfileIn"], ["other_shelter"]),
    ("PUT", "/units/{}/profile", "S01-L1-U1", BODIES["ProfileIn"], ["other_shelter"]),
    ("GET", "/providers/{}", "P01", None, []),  # the desk alone, which sees all
    ("PATCH", "/providers/{}", "P01", BODIES["ProviderIn"], []),
    ("GET", "/shelters/{}", "S01", None, ["other_shelter"]),
    ("PATCH", "/shelters/{}", "S01", BODIES["ShelterPatch"], []),
    ("GET", "/shelters/{}/rooms", "S01", None, ["other_shelter"]),
    ("GET", "/shelters/{}/closing", "S01", None, ["other_shelter"]),
    ("POST", "/shelters/{}/close", "S01", BODIES["ClosePlaceIn"], []),
    ("POST", "/shelters/{}/reopen", "S01", None, []),
    ("POST", "/shelters/{}/locations", "S01", BODIES["LocationIn"], []),
    ("PATCH", "/locations/{}", "S01-L1", BODIES["LocationPatch"], []),
    ("PUT", "/locations/{}/address", "S01-L1", BODIES["AddressIn"], []),
    ("GET", "/locations/{}/closing", "S01-L1", None, ["other_shelter"]),
    ("POST", "/locations/{}/close", "S01-L1", BODIES["ClosePlaceIn"], []),
    ("POST", "/locations/{}/reopen", "S01-L1", None, []),
    ("POST", "/locations/{}/units", "S01-L1", BODIES["UnitIn"], ["other_staff"]),
    ("PATCH", "/units/{}", "S01-L1-U1", BODIES["UnitPatch"], ["other_staff"]),
    ("POST", "/units/{}/move", "S01-L1-U1", BODIES["UnitMoveIn"], ["other_staff"]),
    ("GET", "/units/{}/closing", "S01-L1-U1", None, ["other_shelter"]),
    ("POST", "/units/{}/close", "S01-L1-U1", BODIES["ClosePlaceIn"], ["other_staff"]),
    ("POST", "/units/{}/reopen", "S01-L1-U1", None, ["other_staff"]),
    ("POST", "/units/{}/rooms", "S01-L1-U1", BODIES["NewRoomIn"], ["other_shelter"]),
    ("PATCH", "/rooms/{}", "S01-L1-U1-R01", BODIES["RoomPatch"], ["other_shelter"]),
    ("GET", "/rooms/{}/closing", "S01-L1-U1-R01", None, ["other_shelter"]),
    ("POST", "/rooms/{}/close", "S01-L1-U1-R01", BODIES["ClosePlaceIn"], ["other_shelter"]),
    ("POST", "/rooms/{}/reopen", "S01-L1-U1-R01", None, ["other_shelter"]),
    ("GET", "/second-person-requests/{}", "change", None, ["other_shelter"]),
    ("POST", "/second-person-requests/{}/grant", "change", BODIES["GrantIn"], []),  # the desk alone, which sees all
    ("POST", "/second-person-requests/{}/refuse", "change", None, []),
    ("POST", "/second-person-requests/{}/withdraw", "change", None, ["other_staff"]),
    ("GET", "/registrations/{}", "registration", None, ["elsewhere"]),
    ("GET", "/registrations/{}/entitlement", "registration", None, ["elsewhere"]),
    ("PATCH", "/registrations/{}", "registration", {"urgency": 2}, ["elsewhere"]),
    ("GET", "/registrations/{}/changes", "registration", None, ["elsewhere"]),
    ("POST", "/registrations/{}/changes/X-0/erase", "registration", None, []),  # the desk alone, which sees all
    ("POST", "/registrations/%/changes/{}/erase", "fact_change", None, []),
    ("POST", "/registrations/{}/return", "registration", None, ["elsewhere"]),
    ("GET", "/registrations/{}/requests", "registration", None, ["elsewhere"]),
    ("POST", "/registrations/{}/requests", "registration", BODIES["RequestIn"], ["elsewhere"]),
    ("POST", "/registrations/{}/requests/X-0/withdraw", "registration", BODIES["WithdrawalIn"], ["elsewhere"]),
    ("GET", "/registrations/{}/whereabouts", "registration", None, ["elsewhere"]),
    ("POST", "/registrations/{}/whereabouts/X-0/informed", "registration", BODIES["InformedIn"], ["elsewhere"]),
    ("POST", "/registrations/{}/whereabouts/X-0/look", "registration", None, ["elsewhere"]),
    ("POST", "/registrations/{}/whereabouts/X-0/returned", "registration", None, ["elsewhere"]),
    ("POST", "/registrations/{}/whereabouts/X-0/found", "registration", BODIES["FoundIn"], ["elsewhere"]),
    ("POST", "/registrations/{}/whereabouts/X-0/close", "registration", BODIES["SearchStopIn"], ["elsewhere"]),
    ("POST", "/registrations/{}/whereabouts/X-0/close/answer", "registration", BODIES["SearchStopAnswerIn"], []),
    ("GET", "/registrations/{}/timeline", "registration", None, ["elsewhere"]),
    ("GET", "/registrations/{}/links", "registration", None, ["elsewhere"]),
    ("POST", "/registrations/{}/links", "registration", BODIES["LinkIn"], ["elsewhere"]),
    ("POST", "/registrations/{}/merge", "registration", BODIES["MergeIn"], ["elsewhere"]),
    ("POST", "/registrations/{}/close", "registration", {"reason": "unreachable"}, ["elsewhere"]),
    ("POST", "/registrations/{}/close/reversal", "registration", None, ["elsewhere"]),
    ("POST", "/registrations/{}/proposals", "registration", None, ["elsewhere"]),
    ("POST", "/registrations/{}/avoided/V-0/lift", "registration", None, ["elsewhere"]),
    ("POST", "/registrations/%/avoided/{}/lift", "avoidance", None, ["desk", "elsewhere"]),
    ("GET", "/registrations/{}/legal-hold", "registration", None, []),  # the desk alone, which sees all
    ("POST", "/registrations/{}/legal-hold", "registration", {"reason": "complaint", "review_on": "2027-01-01"}, []),
    ("POST", "/registrations/{}/legal-hold/review", "registration", {"review_on": "2027-02-01"}, []),
    ("POST", "/registrations/{}/legal-hold/lift", "registration", None, []),
    ("POST", "/registrations/{}/opening", "registration", {"reason": "danger_now", "text": "-"}, ["elsewhere"]),
    ("GET", "/proposals/{}", "proposal", None, ["elsewhere"]),
    ("POST", "/proposals/{}/decision", "proposal", {"decision": "accept"}, ["elsewhere"]),
    ("GET", "/decisions/{}", "decision", None, ["elsewhere"]),
    ("POST", "/decisions/{}/confirmation", "decision", {"granted": True}, []),  # the desk alone, which sees all
    ("POST", "/decisions/{}/look", "decision", {}, []),
    ("GET", "/holds/{}", "hold", None, ["elsewhere", "other_shelter"]),
    ("POST", "/holds/{}/answer", "hold", CONFIRM, ["other_staff"]),
    ("POST", "/holds/{}/arrival", "hold", None, ["elsewhere", "other_shelter"]),
    ("POST", "/holds/{}/expected", "hold", BODIES["ExpectedIn"], ["elsewhere", "other_staff"]),
    ("POST", "/holds/{}/no-show", "hold", BODIES["NoShowIn"], ["elsewhere", "other_staff"]),
    ("POST", "/holds/{}/no-show/reversal", "hold", None, ["elsewhere", "other_staff"]),
    ("POST", "/holds/{}/arrival/reversal", "hold", None, ["elsewhere", "other_staff"]),
    ("POST", "/holds/{}/release", "hold", {"reason": "unreachable"}, ["elsewhere"]),
    (
        "POST",
        "/holds/{}/address",
        "hold",
        None,
        [],
    ),  # with the second factor only: tests/api/v1/test_address_disclosure.py
    ("POST", "/stays/{}/blocker", "stay", {"blocker": "medical"}, ["elsewhere", "other_shelter"]),
    ("GET", "/registrations/{}/accesses", "registration", None, []),  # the desk sees all, the auditor all of the log
    ("POST", "/audit/review/{}/tick", "oddity", {"outcome": "explained"}, []),  # these two see all of it
    ("GET", "/reports/{}", "2026-11-24", None, []),  # a day is nobody's; what of it: tests/api/v1/test_reports.py
    ("POST", "/stays/{}/move", "stay", BODIES["StayMoveIn"], ["other_staff"]),
    ("POST", "/stays/{}/swap", "stay", BODIES["SwapIn"], ["other_staff"]),
    ("POST", "/stays/{}/end", "stay", {"reason": "own_housing"}, ["elsewhere", "other_staff"]),
    ("POST", "/stays/{}/end/reversal", "stay", None, ["elsewhere", "other_staff"]),
    ("POST", "/sessions/{}/end", "session", None, ["second", "elsewhere"]),
    ("POST", "/messages/{}/retry", "message", None, []),  # these two see all of them
    ("POST", "/webhooks/{}/rotate", "webhook", None, []),  # whose: tests/api/v1/test_messages.py
    ("POST", "/webhooks/{}/disable", "webhook", None, []),
    ("POST", "/webhooks/{}/enable", "webhook", None, []),
    ("POST", "/webhooks/{}/try", "webhook", None, []),
    ("GET", "/webhooks/{}/events", "webhook", None, []),
    ("POST", "/keys/{}/revoke", "key", None, ["second", "staff"]),
    ("POST", "/absences/{}/withdraw", "absence", None, ["second", "staff"]),
    ("POST", "/on-call/{}/withdraw", "on_call", None, []),  # the desk alone, who sees all
    ("GET", "/shelters/{}/telephones", "S01", None, ["other_staff"]),
    ("PUT", "/shelters/{}/telephones", "S01", BODIES["ShelterTelephonesIn"], []),  # with the second factor only
    ("POST", "/shelters/{}/telephones/check", "S01", BODIES["NumberCheckIn"], []),  # the desk alone, and the next ones
    ("POST", "/shelters/{}/telephone/count", "S01", BODIES["HeardCountIn"], []),
    ("POST", "/shelters/{}/telephone/confirmation", "S01", BODIES["HeardConfirmationIn"], []),
    ("POST", "/shelters/{}/telephone/read-back", "S01", BODIES["ReadBackIn"], []),
    ("POST", "/holds/{}/telephone/answer", "hold", BODIES["HeardAnswerIn"], []),
    ("POST", "/holds/{}/telephone/arrival", "hold", BODIES["HeardArrivalIn"], []),
    ("POST", "/stays/{}/telephone/end", "stay", BODIES["HeardEndIn"], []),
    ("POST", "/telephone-entries/{}/call-back", "", BODIES["CallBackIn"], []),
    ("POST", "/telephone-entries/{}/settlement", "", BODIES["SettlementIn"], []),
    ("POST", "/telephone-entries/{}/agreement", "", None, []),  # whose: tests/placement/placements
    ("POST", "/telephone-entries/{}/contradiction", "", BODIES["ContradictionIn"], []),
    ("POST", "/mandates/{}/revoke", "mandate", None, []),  # as above
    ("POST", "/session/passkeys/{}/remove", "", None, []),  # with the second factor only: test_passkeys.py
    ("GET", "/organisations/{}", "", None, []),
    ("PATCH", "/organisations/{}", "", {}, []),
    ("POST", "/invitations/{}/withdraw", "", None, []),  # an admin alone, who sees all; and the rest of these
    ("GET", "/accounts/{}", "", None, []),
    ("PATCH", "/accounts/{}", "", {}, []),
    ("POST", "/accounts/{}/disable", "", None, []),
    ("POST", "/accounts/{}/enable", "", None, []),
    ("POST", "/accounts/{}/invitation", "", None, []),
    *(("GET", f"/{kind}/{{}}{more}", "", None, []) for kind in PLACES for more in ("", "/history")),  # nobody's, too
    *(("PATCH", f"/{kind}/{{}}", "", {}, []) for kind in PLACES),
    ("GET", "/rules/{}", "", None, []),  # a rule is nobody's
    ("POST", "/rule-changes/{}/rehearsal", "", None, []),
]
