"""Which kind of work each route is: all that are not a plain read or write are listed here."""

from api.http.work_kinds import READING, Work
from tests.support.stores import one_store

DECLARED = {
    Work.FREE: {"GET /health/live", "GET /.well-known/security.txt", "GET /public"},
    Work.HEALTH: {"GET /health/ready", "GET /metrics"},
    Work.PASSWORD: {
        "POST /api/v1/session",
        "POST /api/v1/session/password",
        "POST /api/v1/invitations/password",
        "POST /sign-in",
        "POST /invitation/advice",
        "POST /invitation/password",
        "POST /account/password",
    },
    Work.ENGINE: {
        "POST /api/v1/registrations/{registration_id:str}/proposals",
        "POST /registrations/{registration_id:str}/propose",
        "POST /api/v1/events/{event_id:str}/plan",
        "POST /api/v1/events/{event_id:str}/plan/acceptance",
        "PUT /api/v1/events/{event_id:str}/plan/lines/{registration_id:str}",
        "POST /events/{event_id:str}/plan",
        "POST /events/{event_id:str}/plan/accept",
        "POST /events/{event_id:str}/plan/lines/{registration_id:str}",
    },
    Work.SLOW: {
        "GET /api/v1/capacity/shortage",
        "GET /api/v1/doubt",
        *(f"GET /api/v1/{one}/counts" for one in ("decisions", "holds", "stays")),
        "POST /api/v1/units/{unit_id:str}/profile/effect",
        "POST /api/v1/policy/effect",
        "POST /api/v1/policy/effect/cases",
        "GET /api/v1/reports/{day:str}",
        "GET /api/v1/reports/period",
        "GET /api/v1/needs",
        "GET /needs",
        "GET /api/v1/count-releases/{release_id:str}",
        "GET /counts/releases/{release_id:str}",
        "GET /api/v1/exports/register",
        "POST /api/v1/imports",
        *("POST /api/v1/count-sheets", "POST /counts/list"),
        "GET /api/v1/imports/{import_id:str}",
        "POST /api/v1/imports/{import_id:str}/confirm",
        "POST /api/v1/import-records/{record_id:str}/take-back",
        "GET /api/v1/audit/events",
        "POST /api/v1/rules/rehearsal",
        "POST /api/v1/rule-changes/{rule_change_id:str}/rehearsal",
        "GET /country/shortage",
        "POST /units/{unit_id:str}/profile/try",
        "POST /settings/effect",
        "POST /rules/rehearse",
        "POST /rules/changes/{rule_change_id:str}/rehearse",
        "GET /reports",
        "GET /reports/{day:str}",
        "GET /import/register",
        "POST /import",
        "GET /import/{import_id:str}",
        "POST /import/{import_id:str}",
        "POST /import/records/{record_id:str}/take-back",
        "GET /log",
    },
    Work.LIVE: {"GET /changes"},
}


@one_store
def test_routes_each_has_its_kind_of_work(service):
    found = {work: set() for work in Work}
    for template, methods in service.app.route_handler_method_map.items():
        for method, handler in methods.items():
            if method not in {"OPTIONS", "HEAD", "asgi"}:
                found[Work.of(handler, method)].add(f"{method} {template}")
    assert {work: found[work] for work in DECLARED} == DECLARED
    assert not found[Work.ENTRY]
    assert {one.partition(" ")[0] for one in found[Work.READ]} <= READING
    assert READING.isdisjoint(one.partition(" ")[0] for one in found[Work.WRITE])
