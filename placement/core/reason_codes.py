"""Reason codes: of which role, at which step they may be given, and their automatic effects.

The list is assumed, drawn from the lists of peers (`docs/domain.md`, section 10). It is data: the operations read it.
"""

from dataclasses import dataclass
from enum import StrEnum, auto

from placement.core.errors import Invalid


class Step(StrEnum):
    """The step at which a reason is given."""

    REFUSE = "refuse"  # a shelter refuses a hold
    DECLINE = "decline"  # a person declines a proposal
    RELEASE = "release"  # a person gives a hold back
    OVERRIDE = "override"  # a person chooses another unit than the proposed one
    CLOSE = "close"  # a registration is closed
    END = "end"  # a stay ends
    BLOCK = "block"  # what keeps a client beyond the limit of the stay
    LEGAL_HOLD = "legal_hold"  # why nothing of a registration may be erased
    OPEN = "open"  # an access grant to a case outside one's own


class Whose(StrEnum):
    SHELTER = "shelter"
    CLIENT = "client"
    SYSTEM = "system"
    STAFF = "staff"


class Effect(StrEnum):
    """The automatic effect of a reason. A unit that refused is avoided as well, until a user lifts it."""

    CORRECT_COUNT = auto()  # the rooms are not given out until the shelter confirms its count
    ROOMS_OUT_OF_SERVICE = auto()  # the beds are out of service, until the given date
    CLOSE_UNIT = auto()  # the unit takes no client until the given date, or until its count is confirmed
    QUESTION_PROFILE = auto()  # the shelter is asked to check the unit's profile
    AVOID_LOCATION = auto()  # the registration does not go to that location
    AVOID_UNIT = auto()
    AVOID_REGION = auto()
    WANTS_PRIVATE_ROOM = auto()
    REFUSES_MIXED = auto()
    CLOSES = auto()  # the registration is closed with this reason


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    whose: Whose
    steps: frozenset[Step]
    nl: str
    en: str
    effect: Effect | None = None
    needs_text: bool = False


def _reasons(
    owner: Whose, steps: set[Step], *rows: tuple[str, str, str] | tuple[str, str, str, Effect]
) -> list[Reason]:
    return [
        Reason(row[0], owner, frozenset(steps), row[1], row[2], row[3] if len(row) > 3 else None)  # noqa: PLR2004  (the effect, where there is one)
        for row in rows
    ]


_CLIENTS = {Step.DECLINE, Step.RELEASE}

REASONS: tuple[Reason, ...] = (
    *_reasons(
        Whose.SHELTER,
        {Step.REFUSE},
        ("no_capacity", "Geen plaats vrij", "No place free", Effect.CORRECT_COUNT),
        ("room_out_of_service", "Kamer buiten gebruik", "Room out of service", Effect.ROOMS_OUT_OF_SERVICE),
        ("need_beyond_unit", "Deze zorg kan hier niet", "This need cannot be met here", Effect.QUESTION_PROFILE),
        ("house_mix", "Past niet bij de huidige bewoners", "Does not fit with the present residents"),
        ("safety_of_location", "Locatie is niet veilig voor deze persoon", "Location is not safe for this person", Effect.AVOID_LOCATION),
        ("staff_shortage", "Te weinig personeel", "Too few staff", Effect.CLOSE_UNIT),
        ("age_or_children_limit", "Leeftijd of kinderen passen niet", "Age or children do not fit", Effect.QUESTION_PROFILE),
        ("no_interpreter", "Geen tolk beschikbaar", "No interpreter available", Effect.QUESTION_PROFILE),
        ("contra_indication", "Contra-indicatie", "Contra-indication"),
    ),
    *_reasons(
        Whose.CLIENT,
        _CLIENTS,
        ("declines_place", "Cliënt wil deze plek niet", "Client declines this place", Effect.AVOID_UNIT),
        ("declines_region", "Cliënt wil niet naar deze regio", "Client declines this region", Effect.AVOID_REGION),
        ("declines_shared_room", "Cliënt wil geen kamer delen", "Client declines a shared room", Effect.WANTS_PRIVATE_ROOM),
        ("declines_mixed", "Cliënt wil geen gemengde opvang", "Client declines a mixed house", Effect.REFUSES_MIXED),
        ("unreachable", "Cliënt is niet bereikbaar", "Client cannot be reached"),
    ),
    *_reasons(
        Whose.CLIENT,
        {*_CLIENTS, Step.CLOSE},
        ("found_other_place", "Cliënt heeft een andere plek", "Client found another place", Effect.CLOSES),
        ("withdraws_consent", "Cliënt trekt toestemming in", "Client withdraws consent", Effect.CLOSES),
    ),
    *_reasons(
        Whose.SYSTEM,
        {Step.DECLINE, Step.RELEASE, Step.CLOSE},
        ("duplicate_registration", "Dubbele aanmelding", "Duplicate registration", Effect.CLOSES),
        ("not_entitled", "Geen recht op deze opvang", "Not entitled to this shelter", Effect.CLOSES),
        ("entered_in_error", "Per vergissing ingevoerd", "Entered in error", Effect.CLOSES),
    ),
    *_reasons(
        Whose.SYSTEM,
        set(),
        ("hold_expired", "Reservering verlopen", "Hold expired"),
        ("decision_lapsed", "Niemand stemde op tijd in", "Nobody agreed in time"),
        ("decision_refused", "Besluit niet bevestigd", "Decision not confirmed"),
        ("superseded", "Vervangen door een nieuwer voorstel", "Replaced by a newer proposal"),
    ),
    *_reasons(
        Whose.STAFF,
        {Step.OVERRIDE},
        ("client_preference", "Voorkeur van de cliënt", "The client's preference"),
        ("information_not_in_record", "Informatie die niet in de aanmelding staat", "Information that is not in the registration"),
        ("continuity_of_care", "Doorlopende zorg", "Continuity of care"),
        ("travel_or_reachability", "Reizen of bereikbaarheid", "Travel or reachability"),
        ("group_kept_together", "Groep blijft bij elkaar", "Group kept together"),
        ("safety_judgement", "Oordeel over veiligheid", "Judgement of safety"),
        ("shelter_agreed_exception", "Opvang stemt in met uitzondering", "Shelter agreed to an exception"),
    ),
    *_reasons(
        Whose.STAFF,
        {Step.END},
        ("other_shelter", "Naar andere opvang", "To another shelter"),
        ("womens_or_social_shelter", "Naar vrouwen- of maatschappelijke opvang", "To women's or social shelter"),
        ("own_housing", "Naar eigen woning", "To own housing"),
        ("family_or_friends", "Naar familie of vrienden", "To family or friends"),
        ("voluntary_return", "Vrijwillige terugkeer", "Voluntary return"),
        ("residence_ended", "Verblijfsrecht beëindigd", "Right of residence ended"),
        ("left_to_unknown_destination", "Met onbekende bestemming vertrokken", "Left to unknown destination"),
        ("moved_for_safety", "Verplaatst om veiligheid", "Moved for safety", Effect.AVOID_LOCATION),
        ("asked_to_leave", "Gevraagd te vertrekken", "Asked to leave", Effect.AVOID_UNIT),
        ("no_show", "Niet aangekomen", "Did not arrive"),
        ("deceased", "Overleden", "Deceased"),
    ),
    *_reasons(
        Whose.SYSTEM,
        {Step.BLOCK},
        ("waits_for_residence_permit", "Wacht op verblijfsvergunning", "Waits for a residence permit"),
        ("waits_for_housing", "Wacht op woning", "Waits for housing"),
        ("waits_for_other_shelter", "Wacht op andere opvang", "Waits for another shelter"),
        ("medical", "Medische reden", "Medical reason"),
        ("safety", "Veiligheid", "Safety"),
        ("procedure_pending", "Procedure loopt nog", "Procedure pending"),
    ),
    *_reasons(
        Whose.STAFF,
        {Step.LEGAL_HOLD},
        ("criminal_case", "Strafzaak", "Criminal case"),
        ("civil_claim", "Civiele vordering of schadevergoeding", "Civil claim or compensation"),
        ("complaint", "Klacht loopt", "Complaint under way"),
        ("inspection", "Onderzoek van een toezichthouder", "Inquiry of a supervisor"),
        ("residence_procedure", "Verblijfsprocedure", "Residence procedure"),
        ("request_of_the_person", "Verzoek van de betrokkene zelf", "Request of the person herself"),
    ),
    *_reasons(
        Whose.STAFF,
        {Step.OPEN},
        ("asked_by_coordinator", "Gevraagd door de zorgcoördinator", "Asked by the care coordinator"),
        ("coordinator_unreachable", "Zorgcoördinator niet bereikbaar", "Care coordinator cannot be reached"),
        ("asked_by_shelter", "Vraag van de opvang", "Question of the shelter"),
        ("danger_now", "Acuut gevaar", "Danger now"),
        ("complaint_or_inspection", "Klacht of inspectie", "Complaint or inspection"),
        ("record_check", "Controle van de gegevens", "Check of the record"),
    ),
    Reason("other", Whose.STAFF, frozenset({Step.OVERRIDE, Step.END, Step.BLOCK, Step.OPEN}), "Anders", "Other", needs_text=True),
)  # fmt: skip

_BY_CODE = {reason.code: reason for reason in REASONS}

BREAKS_OFF = frozenset({"moved_for_safety", "asked_to_leave", "no_show"})
"""Ends of a stay after which the client still needs a place: the registration opens again. All others close it."""

TAKES_UNTIL = frozenset({Effect.ROOMS_OUT_OF_SERVICE, Effect.CLOSE_UNIT})
"""Effects that end on a day that the shelter may name."""


def reasons_for(step: Step) -> tuple[Reason, ...]:
    return tuple(reason for reason in REASONS if step in reason.steps)


def reason_for(step: Step, code: str | None, text: str | None, *, where: str = "reason") -> Reason:
    """The reason with this code, if it may be given at this step. Raises `Invalid`, naming the field."""
    allowed = [reason.code for reason in reasons_for(step)]
    if code is None:
        raise Invalid.at(where, "reason_missing", allowed=allowed)
    if code not in allowed:
        raise Invalid.at(where, "reason_unknown", found=code, allowed=allowed)
    reason = _BY_CODE[code]
    if reason.needs_text and not (text or "").strip():
        raise Invalid.at("text", "text_missing", reason=code)
    return reason


def find_reason(code: str) -> Reason | None:
    """The reason with this code, for its words; at any step."""
    return _BY_CODE.get(code)
