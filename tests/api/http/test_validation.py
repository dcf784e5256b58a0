"""Bad input of every code: the status, the field and the expected form, in Dutch and English; nothing is stored."""

# ruff: noqa: E501, RUF001  (tables of cases: a row is read as a row; Dutch quotation marks)

from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.api.bodies import CONFIRM
from tests.support.api.service import API, Service, rooms_as_they_are, somebody

HUGE = 10**30
NUL = "%00"


@dataclass(frozen=True)
class Bad:
    """A request by `who`, and what must come back. `{names}` in the path stand for what `world` made."""

    name: str
    who: str
    method: str
    path: str
    status: int
    code: str
    body: Any = None
    raw: bytes | None = None
    field: str | None = None
    nl: str = ""
    en: str = ""
    headers: tuple[tuple[str, str], ...] = ()


def _registration(name: str, field: str, code: str, nl: str, en: str, /, **facts: Any) -> Bad:
    body = {key: value for key, value in somebody(**facts).items() if value is not ...}
    return Bad(f"register: {name}", "coordinator", "POST", "/registrations", 400, code, body, None, field, nl, en)


def _raw(  # noqa: PLR0917  (a row of a table)
    name: str, status: int, code: str, raw: bytes, nl: str, en: str, field: str | None = None
) -> Bad:
    return Bad(f"body: {name}", "coordinator", "POST", "/registrations", status, code, None, raw, field, nl, en)


REGISTRATIONS = [
    _registration("age of 200", "persons.0.age", "too_high", "120 of minder", "120 or less", persons=[{"gender": "female", "age": 200}]),
    _registration("age of 30.0", "persons.0.age", "not_whole", "geheel getal", "whole number", persons=[{"gender": "female", "age": 30.0}]),
    _registration("age of true", "persons.0.age", "not_whole", "geheel getal", "whole number", persons=[{"gender": "female", "age": True}]),
    _registration("age of null", "persons.0.age", "age_or_presumed", "behandeld", "treated as", persons=[{"gender": "female", "age": None}]),
    _registration("an age and what the person is taken for", "persons.0.age", "age_or_presumed", "niet beide", "not both", persons=[{"gender": "female", "age": 30, "presumed": "adult"}]),
    _registration("a day of turning 18 of an adult", "persons.0.adult_on", "adult_on_differs", "2026-12-01 past niet", "2026-12-01 does not fit", persons=[{"gender": "female", "age": 30, "adult_on": "2026-12-01"}]),
    _registration("turning 18 on no day", "persons.0.adult_on", "not_a_day", "dag", "day", persons=[{"gender": "female", "age": 17, "adult_on": "soon"}]),
    _registration("guardian null", "persons.0.guardian", "not_yes_or_no", "true", "true", persons=[{"gender": "female", "age": 17, "guardian": None}]),
    _registration("no age", "persons.0.age", "age_or_presumed", "behandeld", "treated as", persons=[{"gender": "female"}]),
    _registration("nobody", "persons", "too_few", "minstens 1", "at least 1", persons=[]),
    _registration("21 persons", "persons", "too_many", "hoogstens 20", "at most 20", persons=[{"gender": "female", "age": 30}] * 21),
    _registration("persons null", "persons", "not_a_list", "lijst", "list", persons=None),
    _registration("a person who is a text", "persons.0", "not_an_object", "object", "object", persons=["female"]),
    _registration("unknown key of a person", "persons.0.name", "field_unknown", "bestaat niet", "no such field", persons=[{"gender": "female", "age": 3, "name": "x"}]),
    _registration("unknown region", "region", "area_unknown", "Noord-Nederland", "Limburg", region="atlantis"),
    _registration("somebody else's region", "region", "region_not_yours", "zijn: Amsterdam", "regions are: Amsterdam", region="limburg"),
    _registration("unknown registrant", "registrant", "not_listed", "KMAR", "KMAR", registrant="FBI"),
    _registration("urgency 0", "urgency", "too_low", "1 of meer", "1 or more", urgency=0),
    _registration("a language that does not exist", "languages.0.code", "language_unknown", "'qqq'", "'qqq'", languages=[{"code": "qqq", "level": "fluent"}]),
    _registration("a language with a space", "languages.0.code", "not_a_code", "zonder spaties", "without spaces", languages=[{"code": "e n", "level": "fluent"}]),
    _registration("a language of one letter", "languages.0.code", "language_unknown", "'e'", "'e'", languages=[{"code": "e", "level": "fluent"}]),
    _registration("a language that is not known", "languages.0.code", "language_undetermined", "geen tolk", "no interpreter", languages=[{"code": "und", "level": "fluent"}]),
    _registration("no language, and one required", "languages", "language_missing", "language_required", "language_required", languages=[]),
    _registration("a need both required and preferred", "preferred_needs", "need_twice", "medische zorg staat bij", "medical care is both", needs=["medical"], preferred_needs=["medical"]),
    _registration("yes as 1", "high_care", "not_yes_or_no", "true of false", "true or false", high_care=1),
    _registration("a day as a number", "needed_by", "not_a_day", "2026-11-24", "2026-11-24", needed_by=0),
    _registration("a day as digits", "needed_by", "not_a_day", "2026-11-24", "2026-11-24", needed_by="1700006400"),
    _registration("a day that does not exist", "needed_by", "not_a_day", "2026-11-24", "2026-11-24", needed_by="2026-02-30"),
    _registration("a day as a moment", "needed_by", "not_a_day", "2026-11-24", "2026-11-24", needed_by="2026-11-24T00:00:00Z"),
    _registration("a day at the end of the calendar", "needed_by", "not_this_century", "2000 tot en met 2099", "2000 to 2099", needed_by="9999-12-31"),
    _registration("a day at its begin", "needed_by", "not_this_century", "2000 tot en met 2099", "2000 to 2099", needed_by="0001-01-01"),
    _registration("a threat without coordinates", "threats.0", "place_or_point", "lat en lon", "lat and lon", threats=[{"min_km": 40}]),
    _registration("a threat with half a point", "threats.0", "place_or_point", "lat en lon", "lat and lon", threats=[{"lat": 52.1}]),
    _registration("a threat with place and point", "threats.0", "place_or_point", "lat en lon", "lat and lon", threats=[{"place": "Utrecht", "lat": 52.1, "lon": 5.1}]),
    _registration("an unknown place", "threats.0.place", "place_unknown", "'Atlantis'", "'Atlantis'", threats=[{"place": "Atlantis"}]),
    _registration("a latitude of true", "near.lat", "not_number", "getal", "number", near={"lat": True, "lon": 5}),
    _registration("an unknown unit to avoid", "avoided.0.target", "target_unknown", "unit", "unit", avoided=[{"kind": "unit", "target": "X"}]),
    _registration("a unit to avoid with NUL", "avoided.0.target", "text_not_plain", "niet te tonen", "cannot be shown", avoided=[{"kind": "unit", "target": "\0"}]),
    _registration("apart from nobody", "keep_apart.0", "registration_unknown", "'R-1'", "'R-1'", keep_apart=["R-1"]),
    _registration("apart from NUL", "keep_apart.0", "text_not_plain", "niet te tonen", "cannot be shown", keep_apart=["\0"]),
    _registration("an alias of 101 characters", "alias", "text_too_long", "100 tekens", "100 characters", alias="x" * 101),
    _registration("an alias that is a list", "alias", "not_text", "tekst", "text", alias=[]),
]  # fmt: skip

JSON_IN = (("Content-Type", "application/json"),)
BODIES = [
    _raw("cut off", 400, "malformed_cut_off", b'{"region": "amster', "breekt af", "its end is missing"),
    _raw("empty", 400, "invalid", b"", "ontbreekt", "missing", "body"),
    _raw("a list", 400, "invalid", b"[]", "object", "object", "body"),
    _raw("null", 400, "invalid", b"null", "object", "object", "body"),
    _raw("a text", 400, "invalid", b'"amsterdam"', "object", "object", "body"),
    _raw("a field twice", 400, "field_twice", b'{"region": "amsterdam", "threats": [{"place": "Breda"}], "threats": []}', "meer dan eens", "more than once", "threats"),
    _raw("a part twice", 400, "field_twice", b'{"threats": [{"place": "Breda", "min_km": 40, "min_km": 4}]}', "meer dan eens", "more than once", "min_km"),
    _raw("NaN", 400, "malformed_at", b'{"urgency": NaN}', "byte 12", "byte 12"),
    _raw("Infinity", 400, "malformed_at", b'{"near": {"lat": Infinity, "lon": 5}}', "byte 17", "byte 17"),
    _raw("a number beyond any", 400, "malformed", b'{"urgency": 1e999}', "geldige JSON", "valid JSON"),
    _raw("not UTF-8", 400, "malformed_letters", b'{"alias": "Zo\xeb"}', "byte 13", "byte 13"),
    _raw("half a surrogate", 400, "malformed_half", b'{"alias": "\\ud800"}', "halve letter", "half a letter"),
    _raw("half a surrogate twice", 400, "malformed_half", b'{"\\ud800": 1, "\\ud800": 2}', "halve letter", "half a letter"),
    _raw("10 MB", 413, "too_large", b"x" * 10_000_000, "1 MB", "1 MB"),
    Bad("body: as a form", "coordinator", "POST", "/registrations", 415, "not_acceptable_body", None, b"region=amsterdam", None, "application/json", "application/json", (("Content-Type", "application/x-www-form-urlencoded"),)),
    Bad("body: as text", "coordinator", "POST", "/registrations", 415, "not_acceptable_body", None, b"{}", None, "application/json", "application/json", (("Content-Type", "text/plain"),)),
]  # fmt: skip

QUERIES = [
    Bad(f"query: {query}", "desk", "GET", f"/registrations?{query}", 400, code, None, None, field, nl, en)
    for query, field, code, nl, en in [
        ("limit=0", "limit", "not_in_range", "van 1 tot en met 200", "from 1 to 200"),
        ("limit=201", "limit", "not_in_range", "van 1 tot en met 200", "from 1 to 200"),
        ("limit=ten", "limit", "not_in_range", "van 1 tot en met 200", "from 1 to 200"),
        ("limit=", "limit", "not_in_range", "van 1 tot en met 200", "from 1 to 200"),
        ("limit=1.5", "limit", "not_in_range", "van 1 tot en met 200", "from 1 to 200"),
        ("offset=-1", "offset", "not_in_range", "van 0", "from 0"),
        (f"offset={HUGE}", "offset", "not_in_range", "van 0", "from 0"),
        ("status=asleep", "status", "not_listed", "draft, open, held", "draft, open, held"),
        ("region=a%20b", "region", "not_a_code", "spaties", "spaces"),
        ("statsu=open", "statsu", "filter_unknown", "limit, offset, region, status", "limit, offset, region, status"),
    ]
] + [
    Bad("query: a reference with NUL", "desk", "GET", f"/holds?registration={NUL}", 400, "not_a_code", None, None, "registration", "spaties", "spaces"),
    Bad("query: a filter where there is none", "desk", "GET", "/capacity/history?region=limburg", 400, "filter_none", None, None, "region", "filter", "filter"),
]  # fmt: skip

PATHS = [
    Bad(f"path: {path}", who, "GET", path, 404, "not_found", nl="bestaat niet", en="not exist")
    for who, path in [
        ("desk", f"/registrations/{NUL}"),
        ("desk", "/registrations/%FF"),
        ("desk", "/registrations/..%2F..%2Fetc"),
        ("desk", "/registrations/%F0%9F%98%80"),
        ("desk", "/registrations/'%20OR%201=1%20--"),
        ("desk", "/registrations/" + "R" * 3000),
        ("desk", f"/proposals/{NUL}"),
        ("desk", f"/holds/{NUL}"),
        ("shelter", f"/shelters/{NUL}/capacity"),
        ("shelter", f"/units/{NUL}/profile"),
        ("desk", "/nothing-here"),
    ]
]

STATES = [
    Bad("a proposal for a closed registration", "coordinator", "POST", "/registrations/{closed}/proposals", 409, "registration_not_open", nl="‘gesloten’", en="'closed'"),
    Bad("a change of a closed registration", "coordinator", "PATCH", "/registrations/{closed}", 409, "registration_not_changeable", {"urgency": 2}, nl="‘gesloten’", en="'closed'", headers=(("If-Match", "{closed_version}"),)),
    Bad("a closed registration closed", "coordinator", "POST", "/registrations/{closed}/close", 409, "registration_not_changeable", {"reason": "not_entitled"}, nl="‘gesloten’", en="'closed'"),
    Bad("a decision on a superseded proposal", "coordinator", "POST", "/proposals/{superseded}/decision", 409, "proposal_not_open", {"decision": "accept"}, nl="‘niet meer geldig, omdat gegevens zijn gewijzigd’", en="'no longer valid, because facts changed'"),
    Bad("a decision on a decided proposal", "coordinator", "POST", "/proposals/{decided}/decision", 409, "proposal_not_open", {"decision": "decline", "reason": "unreachable"}, nl="niet meer over worden beslist", en="no longer be decided on"),
    Bad("an answer to an expired hold", "staff", "POST", "/holds/{expired}/answer", 409, "hold_expired", CONFIRM, nl="verlopen", en="expired"),
    Bad("a refusal of an expired hold", "staff", "POST", "/holds/{expired}/answer", 409, "hold_expired", {"answer": "refuse", "reason": "no_capacity"}, nl="verlopen", en="expired"),
    Bad("an arrival before the confirmation", "shelter", "POST", "/holds/{hold}/arrival", 409, "hold_not_confirmed", nl="‘wacht op de opvang’", en="'waits for the shelter'"),
    Bad("somebody who has no scheme", "coordinator", "POST", "/registrations/{no_scheme}/proposals", 409, "no_scheme_open", nl="Jeugdwet", en="youth protection"),
    Bad("a confirmation of what does not wait", "second", "POST", "/decisions/{decision}/confirmation", 409, "decision_not_waiting", {"granted": True}, nl="‘definitief’", en="'final'"),
    Bad("an end of what has ended", "desk", "POST", "/stays/{stay}/end", 409, "stay_ended", {"reason": "own_housing"}, nl="beëindigd", en="ended"),
]  # fmt: skip


def _decision(name: str, field: str, code: str, nl: str, en: str, /, **body: Any) -> Bad:
    return Bad(f"decide: {name}", "coordinator", "POST", "/proposals/{open}/decision", 400, code, body, None, field, nl, en)  # fmt: skip


def _answer(name: str, field: str, code: str, nl: str, en: str, /, **body: Any) -> Bad:
    return Bad(f"answer: {name}", "staff", "POST", "/holds/{hold}/answer", 400, code, body, None, field, nl, en)


DECISIONS = [
    _decision("nothing", "decision", "missing", "ontbreekt", "missing"),
    _decision("an unknown decision", "decision", "not_listed", "accept, override, decline", "accept, override, decline", decision="perhaps"),
    _decision("an override without a reason", "reason", "reason_missing", "client_preference", "client_preference", decision="override", unit="{other_unit}"),
    _decision("an override with an empty reason", "reason", "empty", "Vul dit in", "Fill this in", decision="override", unit="{other_unit}", reason=""),
    _decision("an override with a reason of another step", "reason", "reason_unknown", "client_preference", "client_preference", decision="override", unit="{other_unit}", reason="no_capacity"),
    _decision("an override for another reason without words", "text", "text_missing", "other", "other", decision="override", unit="{other_unit}", reason="other", text="  "),
    _decision("an override without a unit", "unit", "missing", "ontbreekt", "missing", decision="override", reason="client_preference"),
    _decision("an override to a unit that does not exist", "unit", "unit_unknown", "'X'", "'X'", decision="override", unit="X", reason="client_preference"),
    _decision("an override to what was proposed", "unit", "unit_is_proposed", "accept", "accept", decision="override", unit="{unit}", reason="client_preference"),
    _decision("another unit accepted", "unit", "unit_not_proposed", "override", "override", decision="accept", unit="{other_unit}"),
    _decision("a decline without a reason", "reason", "reason_missing", "declines_place", "declines_place", decision="decline"),
    _decision("a review on a moment", "review_on", "not_a_day", "2026-11-24", "2026-11-24", decision="accept", review_on=1),
    _decision("an unknown key", "who", "field_unknown", "bestaat niet", "no such field", decision="accept", who="me"),
    _decision("a text of 2001 characters", "text", "text_too_long", "2000 tekens", "2000 characters", decision="accept", text="x" * 2001),
    Bad("confirm: yes as text", "second", "POST", "/decisions/{decision}/confirmation", 400, "not_yes_or_no", {"granted": "true"}, None, "granted", "true of false", "true or false"),
    Bad("confirm: yes, and why not", "second", "POST", "/decisions/{decision}/confirmation", 400, "why_not_though_granted", {"granted": True, "text": "te ver"}, None, "text", "reden om te weigeren", "reason to refuse"),
    Bad("confirm: nothing", "second", "POST", "/decisions/{decision}/confirmation", 400, "missing", {}, None, "granted", "ontbreekt", "missing"),
    Bad("close: no reason", "coordinator", "POST", "/registrations/{waiting}/close", 400, "reason_missing", {}, None, "reason", "not_entitled", "not_entitled"),
    Bad("close: an unknown reason", "coordinator", "POST", "/registrations/{waiting}/close", 400, "reason_unknown", {"reason": "tired"}, None, "reason", "'tired'", "'tired'"),
    Bad("release: no reason", "coordinator", "POST", "/holds/{hold}/release", 400, "reason_missing", {}, None, "reason", "unreachable", "unreachable"),
]  # fmt: skip

ANSWERS = [
    _answer("an unknown answer", "answer", "not_listed", "confirm, refuse", "confirm, refuse", answer="maybe"),
    _answer("a moment without a time zone", "expected_at", "not_a_moment", "tijdzone", "time zone", answer="confirm", expected_at="2026-11-25T10:00:00"),
    _answer("a moment as a number", "expected_at", "not_a_moment", "tijdzone", "time zone", answer="confirm", expected_at=1800000000),
    _answer("a moment as digits", "expected_at", "not_a_moment", "tijdzone", "time zone", answer="confirm", expected_at="1800000000"),
    _answer("a moment beyond the calendar", "expected_at", "not_this_century", "2099", "2099", answer="confirm", expected_at="9999-12-31T23:59:59-12:00"),
    _answer("a moment that has passed", "expected_at", "moment_passed", "voorbij", "passed", answer="confirm", expected_at="2026-11-20T10:00:00+01:00"),
    _answer("a confirmation without a time", "expected_at", "missing", "ontbreekt", "missing", answer="confirm", driver="taxi"),
    _answer("a confirmation without who drives", "driver", "missing", "ontbreekt", "missing", answer="confirm", expected_at="2026-11-24T18:00:00+01:00"),
    _answer("a number for the road in letters", "road_telephone", "telephone_characters", "cijfers", "digits", **{**CONFIRM, "road_telephone": "de taxi"}),
    _answer("a confirmation with whom it does not go", "apart_from", "not_with_this_answer", "andere antwoord", "other answer", **{**CONFIRM, "apart_from": "groene lantaarn"}),
    _answer("a refusal with who drives", "driver", "not_with_this_answer", "andere antwoord", "other answer", answer="refuse", reason="no_capacity", driver="taxi"),
    _answer("a refusal without a reason", "reason", "reason_missing", "no_capacity", "no_capacity", answer="refuse"),
    _answer("a refusal for a reason of another step", "reason", "reason_unknown", "no_capacity", "no_capacity", answer="refuse", reason="own_housing"),
    _answer("a day until which, as a number", "until", "not_a_day", "2026-11-24", "2026-11-24", answer="refuse", reason="room_out_of_service", until=20261124),
]  # fmt: skip


def _report(name: str, field: str, code: str, nl: str, en: str, /, **room: Any) -> Bad:
    return Bad(f"report: {name}", "shelter", "PUT", "/shelters/S01/capacity", 400, code, {"first room": room}, None, field, nl, en)  # fmt: skip


REPORTS = [
    _report("more beds out of service than there are", "rooms.0.out_of_service.beds", "too_many_beds", "heeft er 3", "has 3", out_of_service={"beds": 4, "reason": "repair"}),
    _report("more beds used than there are", "rooms.0.used_by_others", "too_many_beds", "heeft er 3", "has 3", used_by_others=[{"count": 4, "gender": "female"}]),
    _report("more beds free than there are", "rooms.0.counted_free", "too_many_beds", "heeft er 3", "has 3", counted_free=HUGE),
    _report("another shelter's room", "rooms.0.room", "room_unknown", "S02-L1-U1-R01", "S02-L1-U1-R01", room="S02-L1-U1-R01"),
    _report("a room without a name", "rooms.0.room", "missing", "ontbreekt", "missing", room=...),
    _report("free in three years", "rooms.0.free_from", "free_too_far_ahead", "te ver vooruit", "too far ahead", free_from="2029-11-24"),
    _report("free at the end of the calendar", "rooms.0.free_from", "not_this_century", "2000 tot en met 2099", "2000 to 2099", free_from="9999-12-31"),
    _report("a day as a number", "rooms.0.free_from", "not_a_day", "2026-11-24", "2026-11-24", free_from=1764000000),
    _report("a person in it", "rooms.0.used_by_others.0.name", "field_unknown", "bestaat niet", "no such field", used_by_others=[{"count": 1, "gender": "female", "name": "x"}]),
    Bad("report: no rooms", "shelter", "PUT", "/shelters/S01/capacity", 400, "room_missing", {"rooms": []}, None, "rooms", "S01-L1-U1-R01", "S01-L1-U1-R01"),
]  # fmt: skip


def _profile(name: str, field: str, code: str, nl: str, en: str, /, **profile: Any) -> Bad:
    lists = {"admits": ["female"], "languages": [], "interpreter_languages": [], "specialisms": []}
    body = {name: value for name, value in (lists | profile).items() if value is not ...}
    return Bad(f"profile: {name}", "shelter", "PUT", "/units/S01-L1-U1/profile", 400, code, body, None, field, nl, en, (("If-Match", '"1"'),))  # fmt: skip


PROFILES = [
    _profile("nobody admitted", "admits", "too_few", "minstens 1", "at least 1", admits=[]),
    _profile("ages the wrong way round", "max_age", "ages_reversed", "min_age", "min_age", min_age=40, max_age=30),
    _profile("boys not named beside younger children", "children.boys_max_age", "boys_above_children", "boys_max_age", "boys_max_age", children={"max_age": 5}),
    _profile("a language that does not exist", "languages.0", "language_unknown", "'xx-none'", "'xx-none'", languages=["xx-none"]),
    _profile("a language that is none", "interpreter_languages.0", "language_unknown", "'mul'", "'mul'", interpreter_languages=["mul"]),
    _profile("every language by staff", "languages.0", "language_unknown", "'*'", "'*'", languages=["*"]),
]  # fmt: skip

_PATCH = {"who": "coordinator", "method": "PATCH", "path": "/registrations/{waiting}", "body": {"urgency": 2}}
HEADERS = [
    Bad("If-Match: absent", status=428, code="version_missing", nl="If-Match", en="If-Match", **_PATCH),
    *(
        Bad(f"If-Match: {value}", status=412, code=code, nl=said, en=said, headers=(("If-Match", value),), **_PATCH)
        for value, code, said in [
            ('"99"', "version_passed", "99"),
            ('"999999999999999999999999"', "version_unreadable", "ETag"),
            ("*", "version_unreadable", "ETag"),
            ('w/"1"', "version_unreadable", "ETag"),
            ('"1", "2"', "version_unreadable", "ETag"),
            ("one", "version_unreadable", "ETag"),
            ("-1", "version_unreadable", "ETag"),
        ]
    ),
    Bad("Idempotency-Key: 101 characters", "coordinator", "POST", "/registrations", 400, "text_too_long", somebody(), None, "Idempotency-Key", "100 tekens", "100 characters", (("Idempotency-Key", "k" * 101),)),
    Bad("Idempotency-Key: empty", "coordinator", "POST", "/registrations", 400, "empty", somebody(), None, "Idempotency-Key", "Vul dit in", "Fill this in", (("Idempotency-Key", ""),)),
    *(Bad(f"method: {method}", "desk", method, path, 405, "no_such_method", nl="methode", en="method") for method, path in [("DELETE", "/registrations"), ("PUT", "/registrations/{waiting}"), ("GET", "/token"), ("POST", "/capacity"), ("TRACE", "/holds"), ("BREW", "/stays")]),
]  # fmt: skip

GROUPS = {
    "registrations": REGISTRATIONS, "bodies": BODIES, "queries": QUERIES, "paths": PATHS, "states": STATES,
    "decisions": DECISIONS, "answers": ANSWERS, "reports": REPORTS, "profiles": PROFILES, "headers": HEADERS,
}  # fmt: skip


@pytest.fixture(scope="module")
def world(shared: Service) -> dict[str, str]:
    """Makes one thing in every state in which a request can be too late."""
    shared.close_all()
    for shelter, name in [(shared.shelter, "S01"), (shared.other_shelter, "S02"), (shared.crisis_shelter, "S03")]:
        shelter.made(f"/shelters/{name}/capacity/confirm")
    coordinator, desk = shared.coordinator, shared.desk

    def placed(unit: str | None = None) -> tuple[str, dict[str, Any], dict[str, Any]]:
        reference = coordinator.made("/registrations", somebody())["id"]
        proposal = coordinator.made(f"/registrations/{reference}/proposals")
        body = {"decision": "accept"}
        if unit and unit != proposal["chosen"]["unit"]:
            body = {"decision": "override", "unit": unit, "reason": "client_preference"}
        shared.opened(reference)
        return reference, proposal, desk.made(f"/proposals/{proposal['id']}/decision", body)

    expired = placed("S01-L1-U1")[2]
    shared.moment.pass_by(hours=5)  # nobody answered, and the job has not run yet
    _, decided, decision = placed("S01-L1-U2")
    assert decision["hold"], decision
    closed = coordinator.made("/registrations", somebody())["id"]
    version = coordinator.made(f"/registrations/{closed}/close", {"reason": "duplicate_registration"})["version"]
    waiting = coordinator.made("/registrations", somebody())["id"]
    superseded = coordinator.made(f"/registrations/{waiting}/proposals")
    opened = coordinator.made(f"/registrations/{waiting}/proposals")
    child = somebody(residence_basis="dutch", persons=[{"gender": "female", "age": 15}])
    stay = desk.get("/stays?status=in_house").json()["items"][0]["id"]
    desk.made(f"/stays/{stay}/end", {"reason": "own_housing"})
    return {
        "closed": closed,
        "closed_version": f'"{version}"',
        "waiting": waiting,
        "superseded": superseded["id"],
        "open": opened["id"],
        "unit": opened["chosen"]["unit"],
        "other_unit": next(unit["unit"] for unit in opened["others"] if unit["kind"] == "not_eligible"),
        "decided": decided["id"],
        "decision": decision["id"],
        "hold": decision["hold"],
        "expired": expired["hold"],
        "no_scheme": coordinator.made("/registrations", child)["id"],
        "stay": stay,
    }


@pytest.mark.wide
@pytest.mark.parametrize("group", GROUPS)
def test_bad_input_is_refused_by_field_and_stores_nothing(shared, world, group):
    before = shared.digest()
    unexpected = [f"{bad.name}: {answer}" for bad in GROUPS[group] for answer in otherwise(shared, world, bad)]
    assert unexpected == []
    assert shared.digest() == before


def otherwise(shared, world, bad):
    """Returns the answers, in both languages, that differ from those of this row."""
    caller = getattr(shared, bad.who)
    body = _filled(bad.body, world)
    if body and "first room" in body:
        rooms = rooms_as_they_are(caller, "S01")
        rooms[0] = {key: value for key, value in {**rooms[0], **bad.body["first room"]}.items() if value is not ...}
        body = {"rooms": rooms}
    content = {"content": bad.raw, "headers": dict(JSON_IN)} if bad.raw is not None else {"json": body, "headers": {}}
    if body is None and bad.raw is None:
        del content["json"]
    given = {name: _fill(value, world) for name, value in bad.headers}
    content["headers"] = {**content["headers"], **given, **caller.authorization()}
    for language, expected in [("nl", bad.nl), ("en", bad.en)]:
        content["headers"]["Accept-Language"] = language
        answer = shared.client.request(bad.method, API + _fill(bad.path, world), **content)
        headers = answer.headers["content-type"], answer.headers["content-language"]
        is_problem = (answer.status_code, *headers) == (bad.status, "application/problem+json", language)
        if not is_problem or not is_told(bad, answer.json(), expected):
            yield answer.text


def is_told(bad, problem, expected):
    """Returns true if the problem has the code of the row, at its field, in these words."""
    code = problem["type"].removeprefix("urn:placement:problem:")
    if bad.field is None:
        return (problem["status"], code, problem["errors"]) == (bad.status, bad.code, []) and expected in problem[
            "detail"
        ]
    return code == "invalid" and any(
        one["field"] == bad.field and bad.code in {"invalid", one["code"]} and expected in one["message"]
        for one in problem["errors"]
    )


def test_the_digest_sees_a_single_row(shared):
    before = shared.digest()
    shared.coordinator.made("/registrations", somebody(open=False))
    after = shared.digest()
    changed = {table for table in after if after[table] != before[table]}
    assert changed == {"registration", "auditevent", "datakey"}


def _fill(text: str, world: dict[str, str]) -> str:
    for name, value in world.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _filled(value: Any, world: dict[str, str]) -> Any:
    if isinstance(value, str):
        return _fill(value, world)
    if isinstance(value, dict):
        return {key: _filled(part, world) for key, part in value.items()}
    return value
