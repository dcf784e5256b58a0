"""Field-level access control: which roles may read each field of a response, and write each field of a request.

Which objects, one's own or another's, is decided per route in `permissions.py`. A field without a row is serialized for
no role, and fails the tests; so does a row with a role that no route serializes the field for.
"""

from functools import cache

from placement.core.codes import Role

Row = tuple[str, frozenset[Role], str]
"""The object, as the description of the API names it; the roles; its fields."""

ANYBODY = frozenset(Role)
"""Readable before sign-in."""

_PLACERS = frozenset({Role.DESK, Role.COORDINATOR})
_SHELTERS = frozenset({Role.SHELTER, Role.SHELTER_STAFF})
_CARE = _PLACERS | _SHELTERS
_EVERYONE = ANYBODY - {Role.SYSTEM}
_PEOPLE = _EVERYONE - {Role.SHELTER}
_DESK = frozenset({Role.DESK})
_OF_A_SHELTER = _SHELTERS | _DESK
_ADMINS = frozenset({Role.ADMIN})
_SENDERS = frozenset({Role.ADMIN, Role.DESK})
_SUBSCRIBERS = _PLACERS | {Role.SHELTER_STAFF, Role.READER}
_OF_SOFTWARE = frozenset({Role.SHELTER_STAFF, Role.ADMIN})
_AUDITORS = frozenset({Role.AUDITOR})
_REVIEWERS = frozenset({Role.AUDITOR, Role.DESK})
_STEERED = _ADMINS | _REVIEWERS
_READERS = _CARE | {Role.READER}

_ASKED = "id what account email role regions organisation asked_by asked_at expires_at"

READ: tuple[Row, ...] = (
    # registrations: identity and dangers of the client are for the coordinator of the case and the desk
    ("RegistrationPage", _PLACERS, "items total"),
    ("RegistrationRow", _PLACERS, "id status region registrant urgency waits_since needed_by persons version"),
    ("RegistrationOut", _PLACERS, "id status region registrant urgency waits_since needed_by persons version"),
    ("RegistrationOut", _PLACERS, "alias residence_basis entitlement multiple_problems languages language_required"),
    ("RegistrationOut", _PLACERS, "needs preferred_needs room_needs private_room accepts_mixed high_care"),
    ("RegistrationOut", _PLACERS, "threats near avoided keep_apart desk_finds_place closed_reason"),
    ("RegistrationOut", _PLACERS, "proposal decision"),
    ("WaitingDecisionOut", _PLACERS, "id status place since until decided_by"),
    ("LatestOut", _PLACERS, "id status made_at unit"),
    ("PersonOut", _PLACERS, "gender age"),
    ("LanguageOut", _PLACERS, "code level"),
    ("EntitlementOut", _PLACERS, "schemes rule ground since assumed words"),
    ("PointOut", _PLACERS, "place lat lon"),
    ("ThreatOut", _PLACERS, "place lat lon min_km"),
    ("AvoidedOut", _PLACERS, "id kind target reason since set_by"),
    ("AccessGrantOut", _PLACERS, "registration reason broke_glass expires_at"),
    (
        "LegalHoldOut",
        _DESK,
        "registration status reason review_on asked_at asked_by answered_by lift_asked_by lifted_by",
    ),
    ("LegalHoldPage", _DESK, "items total"),
    ("RetentionOut", _STEERED, "as_of looked_back_days kinds"),
    ("KeptOut", _STEERED, "kind what days since why fate assumed count oldest due next_due kept_by_legal_hold late"),
    ("KeptOut", _STEERED, "erased last_erased_at"),
    # proposals and decisions
    (
        "ProposalOut",
        _PLACERS,
        "id registration status made_at expires_at as_of engine chosen alternatives others nobody one_place",
    ),
    ("EngineOut", _PLACERS, "version policy_version status objective bound why"),
    ("UnitOut", _PLACERS, "unit name shelter region scheme freshness kind rooms points total cost broken change"),
    ("UnitOut", _PLACERS, "can_be_chosen must_agree review_needed"),
    ("RoomUseOut", _PLACERS, "room persons"),
    ("TermOut", _PLACERS, "term points words"),
    ("CostOut", _PLACERS, "points registrations others"),
    ("BrokenOut", _PLACERS, "rule facts words"),
    ("ChangeOut", _PLACERS, "rule who words"),
    ("DecisionPage", _PLACERS, "items total"),
    ("DecisionOut", _PLACERS, "id proposal registration kind status unit place reason broken loss displaced review_on"),
    ("DecisionOut", _PLACERS, "decided_at decided_by second_by hold"),
    # holds and stays: a shelter sees what it needs of the client to answer a hold, and to give care
    ("HoldPage", _CARE, "items total"),
    ("HoldOut", _CARE, "id status registration unit place starts_on made_at expires_at answered_at expected_at"),
    ("HoldOut", _CARE, "reason stay end_reason rooms persons languages needs room_needs private_room high_care"),
    ("HeldRoomOut", _CARE, "room name beds persons"),
    ("HeldPersonOut", _CARE, "gender age"),
    ("StayPage", _CARE, "items total"),
    (
        "StayOut",
        _CARE,
        "id status registration unit place starts_on arrived_at day limit_on mark blocker ended_on end_reason",
    ),
    # addresses of shelters
    ("AddressOut", _PLACERS, "hold unit address"),
    # shelters, for their own users and the desk
    (
        "CapacityOut",
        _OF_A_SHELTER,
        "shelter name reported_at freshness confirmation_asked_at version free_now rooms discrepancies",
    ),
    ("RoomOut", _OF_A_SHELTER, "room unit unit_name name beds out_of_service used_by_others stays kept kept_until"),
    ("RoomOut", _OF_A_SHELTER, "withheld free_beds free_from free_now"),
    ("OutOfServiceOut", _OF_A_SHELTER, "beds reason until"),
    ("OthersOut", _OF_A_SHELTER, "count gender minor until"),
    ("DiscrepancyOut", _CARE, "room too_many counted derived"),
    ("ProfileOut", _OF_A_SHELTER, "unit name scheme admits min_age max_age children languages interpreter_languages"),
    ("ProfileOut", _OF_A_SHELTER, "specialisms high_care_limit version questions"),
    ("ProfileEffectOut", _OF_A_SHELTER, "opens closes"),
    ("PreviewOut", _OF_A_SHELTER, "at_least registrations"),
    ("ChildLimitsOut", _OF_A_SHELTER, "max_age boys_max_age"),
    ("QuestionOut", _OF_A_SHELTER, "reason asked_at"),
    # the whole country
    ("CountryOut", _PLACERS, "beds free_now shelters"),
    (
        "ShelterOut",
        _PLACERS,
        "shelter name reported_at freshness confirmation_asked_at beds free_now units discrepancies",
    ),
    ("CountryUnitOut", _PLACERS, "unit name region scheme admits beds free_now free_soon free_shared empty_rooms"),
    ("HistoryOut", _PLACERS, "days units"),
    ("UnitHistoryOut", _PLACERS, "unit free"),
    ("ShortageOut", _PLACERS, "waiting complete extras"),
    ("ExtraOut", _PLACERS, "unit extra gain serves"),
    # codes and their labels
    ("VocabularyOut", _EVERYONE, "reasons lists"),
    ("ReasonOut", _EVERYONE, "code whose steps words effect needs_text"),
    # the audit log
    ("LogPage", _AUDITORS, "items next"),
    ("AuditEventOut", _AUDITORS, "line at event action outcome actor on_behalf_of role registration object"),
    ("AuditEventOut", _AUDITORS, "network_address protocol request facts link"),
    ("ChainOut", _AUDITORS, "lines link heads head_line head_at agrees"),
    ("AccessPage", _REVIEWERS, "items next"),
    ("AccessOut", _REVIEWERS, "line at event action outcome actor on_behalf_of role in_a_list"),
    ("ReviewPage", _REVIEWERS, "items total"),
    ("AnomalyOut", _REVIEWERS, "id rule words actor registration first_line last_line counted at found_at"),
    ("AnomalyOut", _REVIEWERS, "outcome note ticked_at ticked_by"),
    # accounts, invitations, keys, sessions
    ("AccountPage", _ADMINS, "items total"),
    ("AccountOut", _ADMINS, "id email role regions organisation disabled_at"),
    ("OrganisationPage", _ADMINS, "items total"),
    ("OrganisationOut", _ADMINS, "id name kind shelter"),
    ("InvitationsOut", _ADMINS, "items"),
    ("InvitationOut", _ADMINS, "id email role regions organisation account made_at expires_at"),
    ("ApprovalOut", _ADMINS, _ASKED),
    ("ApprovalRow", _ADMINS, f"{_ASKED} asked_by_email"),
    ("ApprovalsOut", _ADMINS, "items"),
    ("GrantedOut", _ADMINS, f"{_ASKED} invitation link link_until"),
    ("KeysOut", _PEOPLE, "items"),
    ("KeyOut", _PEOPLE, "id account shelter scopes made_by created_at expires_at last_used_at"),
    ("KeyMadeOut", _PEOPLE, "id account shelter scopes made_by created_at expires_at last_used_at key"),
    (
        "SessionOut",
        _EVERYONE,
        "account email organisation role regions shelter scopes session csrf_token verified_until",
    ),
    ("SessionsOut", _EVERYONE, "items"),
    ("OneSessionOut", _EVERYONE, "id client began_at last_used_at this"),
    ("EndedOut", _PEOPLE, "ended"),
    ("RecoveryCodesOut", _PEOPLE, "codes"),
    # weights of the matching
    ("PolicyOut", _STEERED, "version set_at set_by reason weights"),
    ("WeightOut", _STEERED, "name group words figure default most"),
    ("PolicyVersionsOut", _STEERED, "items"),
    ("PolicyVersionOut", _STEERED, "version set_at set_by reason changes weights"),
    ("ChangedWeightOut", _STEERED, "name words before after"),
    ("EffectOut", _ADMINS | _DESK, "waiting elsewhere no_longer newly points_now points_then certain"),
    ("EffectCasesOut", _DESK, "waiting elsewhere no_longer newly points_now points_then certain cases"),
    ("MovedOut", _DESK, "registration how now then"),
    # outgoing messages and webhooks
    ("MessagePage", _SENDERS, "items total waiting failed mail_is_set_up"),
    ("MessageOut", _SENDERS, "id kind channel account webhook status attempts made_at next_at settled_at trouble"),
    ("SubscriptionOut", _SUBSCRIBERS, "rhythm language form"),
    ("RemindersOut", _CARE, "items"),
    ("ReminderOut", _CARE, "id kind about shelter registration mark made_at"),
    ("WebhooksOut", _OF_SOFTWARE, "items"),
    ("WebhookOut", _OF_SOFTWARE, "id shelter kinds made_at failing_since disabled_at"),
    ("WebhookEventPage", _OF_SOFTWARE, "items total"),
    ("WebhookEventOut", _OF_SOFTWARE, "id kind status attempts made_at next_at settled_at trouble"),
    ("WebhookMadeOut", _OF_SOFTWARE, "id shelter kinds made_at failing_since disabled_at secret"),
    # the daily report: counts of beds, and counts of people under disclosure control; places by the reader's role
    ("ReportPage", _READERS, "items total"),
    ("ReportDayOut", _READERS, "on version as_of made_at late"),
    ("DictionaryOut", _READERS, "items"),
    ("EntryOut", _READERS, "figure what unit source"),
    ("ChangedOut", _READERS, "figure was now"),
    ("ReportOut", _READERS, "version made_at late changed format on as_of view whose free country shelters waiting"),
    ("ReportOut", _READERS, "flow clocks regions expecting quality"),
    ("FreeOfKind", _READERS, "kind free yesterday mean_28"),
    ("Free", _READERS, "free yesterday mean_28 by_kind"),
    ("OutOfUse", _READERS, "reason beds until"),
    ("Discrepancies", _READERS, "too_many counted_otherwise"),
    ("UnitPlaces", _READERS, "unit name shelter region scheme beds used used_by_others held"),
    ("UnitPlaces", _READERS, "out_of_service out withheld not_ready free free_rooms rooms discrepancies"),
    ("UnitPlaces", _READERS, "series_free series_used"),
    ("ShelterPlaces", _READERS, "shelter name reported_at freshness beds free units"),
    ("CountryPlaces", _READERS, "shelters units beds used used_by_others held out_of_service withheld"),
    ("CountryPlaces", _READERS, "not_ready free free_rooms rooms series_free series_used"),
    ("Counted", _READERS, "code count"),
    ("Bottleneck", _READERS, "unit scheme extra serves"),
    ("Waiting", _READERS, "total median_days longest_days by_urgency by_cause bottlenecks"),
    ("Flow", _READERS, "begins_on ends_on registered arrived decisions by_decision override_percent"),
    ("Flow", _READERS, "override_reasons decline_reasons refused refusal_reasons expired ended"),
    ("Flow", _READERS, "end_reasons"),
    ("Clocks", _READERS, "near past past_by_blocker"),
    ("RegionPeople", _READERS, "region waiting near past"),
    ("Expected", _READERS, "kind known likely low high"),
    ("CameOut", _READERS, "expected_on kind low high likely happened"),
    ("Forecast", _READERS, "days stays_known by_kind came_out within"),
    ("Quality", _READERS, "shelters_not_reported stale_units corrected_shelters not_reported stale"),
    ("Quality", _READERS, "corrected discrepancies"),
    # before sign-in
    ("TokenOut", ANYBODY, "token token_type expires_at"),
    ("ChallengeOut", ANYBODY, "challenge expires_at"),
    ("BegunOut", ANYBODY, "csrf_token"),
    ("SentOut", ANYBODY, "location"),
    ("ArrivedOut", ANYBODY, "csrf_token challenge"),
    ("WelcomeOut", ANYBODY, "email role organisation"),
    ("EnrolmentOut", ANYBODY, "totp_secret otpauth_uri"),
    ("JoinedOut", ANYBODY, "recovery_codes"),
)

_REGISTRATION = (
    "region registrant residence_basis persons alias multiple_problems urgency needed_by languages language_required "
    "needs preferred_needs room_needs private_room accepts_mixed high_care threats near avoided keep_apart open"
)

WRITE: tuple[Row, ...] = (
    ("PolicyIn", _ADMINS, "weights reason"),
    ("WeightsIn", _ADMINS | _DESK, "weights"),
    ("RegistrationIn", _PLACERS, _REGISTRATION),
    ("RegistrationPatch", _PLACERS, _REGISTRATION),
    ("PersonIn", _PLACERS, "gender age"),
    ("LanguageIn", _PLACERS, "code level"),
    ("PointIn", _PLACERS, "place lat lon"),
    ("ThreatIn", _PLACERS, "place lat lon min_km"),
    ("AvoidedIn", _PLACERS, "kind target"),
    ("ClosingIn", _PLACERS, "reason"),
    ("AccessGrantIn", _PLACERS, "reason text"),
    ("SearchIn", _PLACERS, "alias"),
    ("LegalHoldIn", _DESK, "reason review_on"),
    ("LegalHoldAnswerIn", _DESK, "granted"),
    ("DecisionIn", _PLACERS, "decision unit reason text review_on"),
    ("ConfirmationIn", _DESK, "granted"),
    ("AnswerIn", frozenset({Role.SHELTER_STAFF}), "answer expected_at reason text until"),
    ("ReleaseIn", _PLACERS, "reason text"),
    ("EndIn", _CARE, "reason text"),
    ("BlockerIn", _CARE, "blocker text"),
    ("CapacityIn", _SHELTERS, "rooms"),
    ("RoomIn", _SHELTERS, "room out_of_service used_by_others free_from free_beds"),
    ("OutOfServiceIn", _SHELTERS, "beds reason until"),
    ("OthersIn", _SHELTERS, "count gender minor until"),
    ("ProfileIn", _OF_A_SHELTER, "admits min_age max_age children languages interpreter_languages"),
    ("ProfileIn", _OF_A_SHELTER, "specialisms high_care_limit"),
    ("ChildLimitsIn", _OF_A_SHELTER, "max_age boys_max_age"),
    ("AcknowledgementIn", _REVIEWERS, "outcome note"),
    ("AccountPatch", _ADMINS, "role regions organisation"),
    ("OrganisationIn", _ADMINS, "name kind shelter"),
    ("InvitationIn", _ADMINS, "email role organisation regions"),
    ("NewKeyIn", _PEOPLE, "shelter scopes days"),
    ("CodeAgainIn", _PEOPLE, "code"),
    ("OtherPasswordIn", _PEOPLE, "current password"),
    ("SubscriptionIn", _SUBSCRIBERS, "rhythm language form"),
    ("NewWebhookIn", _OF_SOFTWARE, "url kinds"),
    ("KeyIn", ANYBODY, "key"),
    ("PasswordIn", ANYBODY, "email password"),
    ("CodeIn", ANYBODY, "challenge code"),
    ("ReturnedIn", ANYBODY, "state code"),
    ("TokenIn", ANYBODY, "token"),
    ("NewPasswordIn", ANYBODY, "token password"),
    ("JoinIn", ANYBODY, "token code"),
)


class NoRow(Exception):
    """A programming error: a field without a row for the reader's role was about to be serialized."""


def roles_by_field(rows: tuple[Row, ...]) -> dict[tuple[str, str], frozenset[Role]]:
    """Roles by object and field. Raises `ValueError` where a field has two rows."""
    found: dict[tuple[str, str], frozenset[Role]] = {}
    for thing, roles, fields in rows:
        for field in fields.split():
            if (thing, field) in found:
                raise ValueError(f"{thing}.{field} has two rows")
            found[thing, field] = roles
    return found


@cache
def _readers() -> dict[tuple[str, str], frozenset[Role]]:
    return roles_by_field(READ)


def require_readable(role: Role, thing: str, field: str) -> None:
    """Raises `NoRow` unless this role may read this field of this object."""
    if role not in _readers().get((thing, field), frozenset()):
        raise NoRow(f"{thing}.{field} to {role}")
