"""A body for each model that a route takes: right, and with all its fields."""

from typing import Any

from tests.support.api.service import somebody

_PERIOD = {"since": "2026-12-01", "until": "2030-01-01"}
_AREA = {
    "name": "Twente", "municipalities": [], "age_from": 23, "age_until": None, "coordinated_by": [], "schemes": "here",
    "island": False, **_PERIOD,
}  # fmt: skip
_MUNICIPALITY = {"name": "Enschede", "province": "Overijssel", "police_unit": "oost-nederland"}
_UNIT = {"name": "KMar Noord", "registrants": ["KMAR"], "organisation": None, "region": None, **_PERIOD}
_RULE = {
    "kind": "safety_distance", "code": "default", "value": {"km": 60}, "ground": "a decree", "source": "Stcrt.",
    "assumed": False, "valid_from": "2027-01-01", "valid_until": None, "place": None, "words": {},
}  # fmt: skip

AGE_RECIPIENT = "age197mcuxnmx5zzhtxs9k43wyd84wee5hzglrfch5nmdvy97zddydrqvz83y9"

CONFIRM = {"answer": "confirm", "expected_at": "2026-11-24T18:00:00+01:00", "driver": "taxi"}
"""A shelter's yes, of the day on which tests begin."""

CALL = {"number": "placing", "caller_role": "-", "caller_name": "-", "heard_at": None}
"""What every entry by telephone has."""

_COUNTED = {
    "month": "2026-10", "reporter": "NP", "exploitation": "labour", "sector": "construction",
    "means": ["DebtBondage"], "recruitment": ["AtWork"], "origin": "NG", "recruited_in": "unknown", "age": "24-29",
    "gender": "male", "alone": False, "file": "count_only", "ground": "police_data",
}  # fmt: skip

BODIES: dict[str, dict[str, Any]] = {
    "RegistrationIn": somebody(
        persons=[
            {"gender": "female", "age": 30, "presumed": None, "adult_on": None, "housed_as": None, "guardian": False}
        ],
        municipality=None, registrant_unit="amsterdam",
        alias="Zwaluw", multiple_problems=False, needed_by="2026-12-01", language_required=True, needs=["medical"],
        preferred_needs=["infant"], room_needs=["ground_floor"], private_room=False, accepts_mixed=True,
        high_care=False, threats=[{"place": "Rotterdam", "min_km": 40}], near={"lat": 52.1, "lon": 5.1},
        avoided=[{"kind": "region", "target": "limburg"}], keep_apart=[], open=True,
        reach=[{"place": "Utrecht", "max_km": 60}], stay_with=[], together_in="location", together_required=False,
        needed_from=None, expected_birth="2027-02-01", pet=False, legal_guardian=None, guardian_consent=None,
        community_rights=None,
        sharing_ground="consent", sharing_said_by="client", sharing_until=None, sharing_withdrawn=False,
        sharing_scope="every_place", restriction=None,
    ),
    "CountRecordIn": {
        **_COUNTED, "unit": "amsterdam", "person": {"name": "Zilveren Merel", "born_on": "1999-05-01"},
    },
    "CountRecordPatch": {**_COUNTED, "unit": "rotterdam", "reason": "a call"},
    "CountReleaseIn": {"kind": "quarter", "day": "2026-08-03"},
    "CountReasonIn": {"reason": "sent twice"},
    "CountMergeIn": {"into": "B-2222-2222-2222", "reason": "the same person"},
    "CaseErasureIn": {"ground": "consent_withdrawn"},
    "ClosingIn": {"reason": "unreachable"},
    "ObstacleIn": {"obstacle": "payment"},
    "SentRegistrationIn": {
        "persons": [
            {"gender": "female", "age": 30, "presumed": None, "adult_on": None, "housed_as": None, "guardian": False}
        ],
        "languages": [{"code": "ti", "level": "native"}], "urgency": 1, "needed_from": None,
        "threats": [{"place": "Utrecht", "min_km": 40}], "needs": ["medical"], "room_needs": ["ground_floor"],
        "private_room": False, "residence_basis": "unknown", "region": "rotterdam", "municipality": None,
        "registrant_unit": "rotterdam", "telephone": "+31300000009", "registering": False, "sharing": False,
        "draft": None,
    },
    "SentMessageIn": {"kind": "news", "text": "-", "answers": None, "agrees": None},
    "QuestionIn": {"text": "-", "due_at": None},
    "RegistrantCallIn": {"number": "+31300000003", "knows": True},
    "EnquiryIn": {
        "status": "call_back", "asker": "lawyer", "region": "amsterdam", "subjects": ["reflection"],
        "advised": ["information"], "urgent": True, "again": False, "minutes": 4, "due_at": None,
        "telephone": "+31200000009", "note": "-", "became": None,
    },
    "EnquiryCallBackIn": {"advised": ["register"], "minutes": 3},
    "EntryIn": {
        "titles": {"nl": "Bedenktijd"}, "texts": {"nl": "Drie maanden."}, "source": "WBV 2023/11", "mark": "sourced",
        "subjects": ["reflection"], "valid_from": None, "valid_until": None, "rule": "stay_limit",
    },
    "EntryReviewIn": {"due_on": None},
    "EntrySearchIn": {"said": "bedenktijd"},
    "EventIn": {
        "name": "Inval", "kind": "raid", "day": "2027-02-01", "leader": None, "keep_from": "2027-01-28",
        "shared": {
            "registrant": "NLA", "registrant_unit": None, "region": "amsterdam", "residence_basis": "none_yet",
            "languages": ["pl"], "language_required": True, "dangers": [{"place": "Rotterdam", "min_km": 40}],
            "sharing_ground": None, "sharing_said_by": None, "urgency": 2,
        },
        "forecast": {"women": 25, "men": 10, "children": 5},
    },
    "MembersIn": {"rows": [{"id": None, "version": None, "cells": {"gender": "vrouw"}}], "pasted": "A;vrouw;31"},
    "TemporaryPlaceIn": {
        "name": "Hotel", "place": "Utrecht", "telephone": "+31300000009", "from_on": "2027-02-01",
        "until": "2027-03-01", "rooms": [{"rooms": 2, "beds": 2}], "told_role": "-", "told_name": "-",
        "admits": ["female"], "children": True, "scheme": "crisis",
    },
    "EvacuationIn": {"kind": "unit", "place": "S02-L1-U1", "until": "2027-02-01", "name": "-"},
    "ResidentsIn": {"kind": "unit", "place": "S02-L1-U1"},
    "EventCasesIn": {"registrations": ["R-none"]},
    "FormLinkIn": {"caller": "-", "organisation": "-", "telephone": "+31300000009"},
    "RequestIn": {
        "kind": "transfer", "ground": "wish", "urgency": 2, "needed_from": "2027-02-01", "needed_by": "2027-02-09",
        "text": "-",
    },
    "WithdrawalIn": {"reason": "other", "text": "-"},
    "InformedIn": {"who": "police", "text": "-"},
    "FoundIn": {"where": "-", "wants_place": True},
    "SearchStopIn": {"reason": "police_search_on", "text": "-"},
    "SearchStopAnswerIn": {"granted": True},
    "AccessGrantIn": {"reason": "danger_now", "text": "-"},
    "SearchIn": {"said": "Zwaluw"},
    "DescribedIn": {
        "registration": None, "region": "amsterdam", "alias": "Zwaluw", "registrant_unit": None, "municipality": None,
        "persons": [{"gender": "female", "age": 30}], "languages": [{"code": "nl", "level": "native"}],
    },
    "LinkIn": {"other": "R-2222-2222-2222", "kind": "related", "replaces": None},
    "MergeIn": {"other": "R-2222-2222-2222", "replaces": None, "confirm": False},
    "LegalHoldIn": {"reason": "complaint", "review_on": "2027-01-01"},
    "LegalHoldReviewIn": {"review_on": "2027-02-01"},
    "DecisionIn": {
        "decision": "accept", "unit": None, "reason": None, "text": "-", "review_on": "2026-12-01",
        "client_says": "yes", "for_shelter": "-", "driver": "taxi", "driver_told": "-",
    },
    "ConfirmationIn": {"granted": True}, "LookIn": {"again_on": "2026-12-24"},
    "AnswerIn": {"answer": "refuse", "reason": "staff_shortage", "text": "-", "until": None, "expected_at": None,
                 "driver": None, "road_telephone": None, "apart_from": None},
    "ExpectedIn": {"expected_at": "2026-11-24T20:00:00+01:00", "seen_expected_at": None},
    "NoShowIn": {"rung": "not_coming", "happened_at": None, "seen_expected_at": None, "wants_place": True},
    "ReleaseIn": {"reason": "unreachable", "text": "-"},
    "EndIn": {"reason": "own_housing", "text": "-", "persons": []},
    "StayMoveIn": {"rooms": ["S01-L1-U1-R01"], "confirm": False, "seen_rooms": None},
    "SwapIn": {"stay": "S-0", "confirm": False, "seen_rooms": None, "seen_rooms_of_other": None},
    "BlockerIn": {"blocker": "medical", "text": "-", "seen_blocker": None},
    "CapacityIn": {"rooms": []}, "RoomCountPatch": {"free_from": None},
    "ProfileIn": {
        "admits": ["female"], "min_age": 18, "max_age": 99, "children": {"max_age": 17, "boys_max_age": 12},
        "languages": ["nl"], "interpreter_languages": ["*"], "specialisms": [], "high_care_limit": None,
    },
    "ProfileQuestionIn": {"question": "men"},
    "ProviderIn": {"name": "Aanbieder"},
    "ShelterIn": {"provider": "P-stad", "name": "Opvang", "opens_on": "2027-01-01", "open_until": "2027-03-01"},
    "ShelterPatch": {"name": "Opvang", "opens_on": "2027-01-01", "open_until": "2027-03-01"},
    "LocationIn": {
        "name": "Locatie", "where": {"place": None, "lat": 52.1, "lon": 5.1}, "region": "limburg",
        "opens_on": "2027-01-01", "open_until": "2027-03-01",
    },
    "LocationPatch": {
        "name": "Locatie", "where": {"place": None, "lat": 52.1, "lon": 5.1}, "region": "limburg",
        "opens_on": "2027-01-01", "open_until": "2027-03-01",
    },
    "UnitIn": {
        "name": "Unit", "scheme": "cosm", "high_care_limit": None,
        "opens_on": "2027-01-01", "open_until": "2027-03-01",
    },
    "UnitPatch": {
        "name": "Unit", "scheme": "cosm", "high_care_limit": None,
        "opens_on": "2027-01-01", "open_until": "2027-03-01",
    },
    "UnitMoveIn": {"location": "S01-L1"},
    "NewRoomIn": {
        "name": "Kamer", "beds": 2, "features": ["ground_floor"],
        "opens_on": "2027-01-01", "open_until": "2027-03-01",
    },
    "RoomPatch": {
        "name": "Kamer", "beds": 2, "features": ["ground_floor"],
        "opens_on": "2027-01-01", "open_until": "2027-03-01",
    },
    "ClosePlaceIn": {"until": "2027-01-01", "no_new_from": "2026-12-20"},
    "AddressIn": {"address": "Voorbeeldstraat 1, 0000 XX Verzonnen Dorp"},
    "GrantIn": {"address": None},
    "ImportAnswersIn": {"means": ["kamers=rooms"], "sure_of": [], "ranges": "beds_each", "name": "-"},
    "AcknowledgementIn": {"outcome": "explained", "note": "-"},
    "AccountPatch": {"role": "desk", "regions": [], "organisation": "O-centre"},
    "OrganisationIn": {"name": "Nieuw", "kind": "oversight", "shelter": None},
    "OrganisationPatch": {
        "name": "Zorgcoördinatie Noord", "service_address": None,
        "telephones": {"placing": "030 000 00 01", "night": None, "general": None},
        "seen_telephones": {"placing": "+31300000001", "night": None, "general": None},
    },
    "DetailsIn": {"name": "Medewerker Een", "job_title": "zorgcoördinator", "telephone": "030 000 00 02"},
    "RingsIn": {"sms": False, "quiet_from": 22, "quiet_until": 7},
    "DeviceIn": {
        "name": "telefoon",
        "endpoint": "https://push.example/een",
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
    "ShelterTelephonesIn": {
        "telephones": {"placing": "+31301234567", "night": None, "general": None},
        "seen_telephones": {"placing": None, "night": None, "general": None},
    },
    "NumberCheckIn": {"use": "placing", "how": "in_person"},
    "HeardConfirmationIn": {"call": CALL},
    "HeardCountIn": {"call": CALL, "rooms": []},
    "HeardArrivalIn": {"call": CALL, "happened_at": None},
    "PlanIn": {"kind": "whole"},
    "PlanLineIn": {"unit": None, "reason": "client_preference", "text": "-"},
    "PlanAcceptanceIn": {"registrations": ["R-none"], "shelter": "S01"},
    "VehicleIn": {"registrations": ["R-none"], "vehicle": "bus 1"},
    "HouseAnswerIn": {
        "confirmed": ["H-none"], "expected_at": CONFIRM["expected_at"], "driver": "taxi",
        "road_telephone": "+31600000000", "sure_of": [],
        "refused": [{"hold": "H-none", "reason": "staff_shortage", "text": "-", "until": None}],
    },
    "ArrivalsIn": {"holds": ["H-none"], "happened_at": None},
    "HeardEndIn": {"call": CALL, "reason": "own_housing", "text": "-", "happened_at": None, "persons": []},
    "CallBackIn": {"call": CALL, "agrees": True, "text": None},
    "ReadBackIn": {"call": CALL, "entries": ["V-2222-2222-2222"]},
    "ContradictionIn": {"text": "-"},
    "SettlementIn": {"text": "-"},
    "MandateIn": {"schemes": ["cosm"], "starts_on": "2026-12-04", "ends_on": "2026-12-08"},
    "SceneIn": {"scene": "raid"},
    "HoursIn": {"hours": 4},
    "OnCallIn": {"account": "A-desk", "starts_on": "2027-01-04", "ends_on": "2027-01-08"},
    "AbsenceIn": {"starts_on": "2027-01-04", "ends_on": "2027-01-08", "deputy": None},
    "InvitationIn": {
        "email": "n@placement.example", "role": "reader", "organisation": "O-oversight", "regions": [],
        "name": "Medewerker Een", "job_title": "beleidsmedewerker", "telephone": "030 000 00 02",
    },
    "NewKeyIn": {"shelter": None, "scopes": ["read"], "days": 1},
    "CodeAgainIn": {"code": "000000"},
    "PasskeyAgainIn": {"credential": {}},
    "NewPasskeyIn": {"name": "my phone", "credential": {}},
    "OtherPasswordIn": {"current": "not this one", "password": "walnut trapeze gondola mist", "end_keys": True},
    "WeightsIn": {"weights": {"scheme_step": 900}},
    "PolicyIn": {"weights": {"scheme_step": 900}, "reason": "asked by the council"},
    "AreaIn": {"code": "twente", **_AREA},
    "AreaPatch": _AREA,
    "MunicipalityIn": {"code": "0153", **_MUNICIPALITY, **_PERIOD},
    "MunicipalityPatch": {**_MUNICIPALITY, **_PERIOD},
    "MunicipalityListIn": {
        "source": "CBS", "listed_on": "2026-01-01", "since": "2026-12-01", "rehearsed": True,
        "items": [{"code": "0153", **_MUNICIPALITY}],
    },
    "RegistrantUnitIn": {"code": "kmar-noord", **_UNIT},
    "RegistrantUnitPatch": _UNIT,
    "RehearsalIn": {**_RULE},
    "RuleChangeIn": {**_RULE, "reason": "asked by the council"},
    "LeaveRequestIn": {
        "kind": "export_people", "reason": "leaving", "text": "we stop using it", "recipient": AGE_RECIPIENT,
    },
    "SubscriptionIn": {"rhythm": "daily", "language": "en", "form": "link"},
    "NewWebhookIn": {"url": "https://software.example/in", "kinds": ["report.made"]},
}  # fmt: skip
BODIES |= {
    "KeyIn": {"key": "-"},
    "PasswordIn": {"email": "n@placement.example", "password": "walnut trapeze gondola mist"},
    "CodeIn": {"challenge": "-", "code": "000000"},
    "PasskeyCodeIn": {"challenge": "-", "credential": {}},
    "ReturnedIn": {"state": "-", "code": "-"},
    "TokenIn": {"token": "-"},
    "NewPasswordIn": {"token": "-", "password": "walnut trapeze gondola mist"},
    "JoinIn": {"token": "-", "code": "000000"},
    "PasskeyOptionsIn": {"token": "-"},
    "JoinWithPasskeyIn": {"token": "-", "name": "my phone", "credential": {}},
}
"""Bodies of operations before the sign-in."""
BODIES["HeardHouseAnswerIn"] = {**BODIES["HouseAnswerIn"], "call": CALL}
BODIES["HeardAnswerIn"] = {
    **{name: value for name, value in BODIES["AnswerIn"].items() if name != "happened_at"},
    "call": CALL,
}
BODIES["ArrivalIn"] = {"happened_at": None}
BODIES["RegistrationPatch"] = BODIES["RegistrationIn"]
BODIES["TakeoverIn"] = {name: value for name, value in BODIES["RegistrationIn"].items() if name != "open"} | {
    "unit": "S01-L1-U1", "rooms": [{"room": "S01-L1-U1-R01", "persons": 1, "shared": True}], "came_on": "2026-10-01",
    "waits_since": None, "confirm": True,
}  # fmt: skip
"""A body that is right for each model that a route takes, with all its fields."""
