"""Reason codes: who uses them, at which steps, and their automatic effects.

The catalogue has the texts of the codes (`placement/text`, context `reason`). The list is assumed, and based on the
lists of similar organisations (`docs/domain.md`, section 8). A new store begins with this list, and only its codes have
texts in the catalogue. Dated rules determine which reasons are valid today (`placement/dated_rules/`).
"""

from dataclasses import dataclass
from enum import StrEnum, auto


class Step(StrEnum):
    """A step of the process that requires a reason."""

    REFUSE = "refuse"  # a shelter refuses a hold
    DECLINE = "decline"  # a person declines a proposal
    RELEASE = "release"  # a person releases a hold
    OVERRIDE = "override"  # a person chooses another unit than that of the proposal
    CLOSE = "close"  # a registration is closed
    MISSING = "missing"  # the registration of a missing client is closed
    END = "end"  # a stay ends
    BLOCK = "block"  # an obstacle keeps a client in the place beyond the limit of the stay
    LEGAL_HOLD = "legal_hold"  # a legal hold: nothing of a registration may be erased
    OPEN = "open"  # a user gets an access grant to a case of others


class Whose(StrEnum):
    SHELTER = "shelter"
    CLIENT = "client"
    SYSTEM = "system"
    STAFF = "staff"


class Effect(StrEnum):
    """The automatic effect of a reason. In addition to this effect, a unit that refused a client is avoided for the
    client, until a user lifts the avoidance.
    """

    CORRECT_COUNT = auto()  # the rooms admit nobody until the shelter confirms its count
    ROOMS_OUT_OF_SERVICE = auto()  # the beds are out of service, until the given date
    CLOSE_UNIT = auto()  # the unit admits no client until the given date, or until its count is confirmed
    QUESTION_PROFILE = auto()  # the shelter is asked to check the unit's profile
    AVOID_LOCATION = auto()  # the registration is not placed in that location
    AVOID_UNIT = auto()
    AVOID_REGION = auto()
    WANTS_PRIVATE_ROOM = auto()
    REFUSES_MIXED = auto()
    KEEP_APART = auto()  # the client is kept apart from the resident whom the shelter names
    FIND_CLIENT = auto()  # the person who places the client gets a task: to reach the client
    CLOSES = auto()  # the registration is closed with this reason


class ChangeReason(StrEnum):
    """The reason for changing facts of a client who has a place."""

    BIRTH = "birth"
    DEATH = "death"
    JOINS = "joins"  # a person joins the household
    LEAVES = "leaves"  # a person leaves the household
    NEW_DANGER = "new_danger"
    RESIDENCE = "residence"  # the basis of residence changed, such as a permit that was given
    CARE = "care"  # other care is needed
    CORRECTION = "correction"  # the earlier value was wrong from the beginning
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    whose: Whose
    steps: frozenset[Step]
    effect: Effect | None = None
    needs_text: bool = False


def _reasons(owner: Whose, steps: set[Step], *rows: str | tuple[str, Effect]) -> list[Reason]:
    """Returns the reasons of this owner at these steps. A row is a code, or a pair of a code and its effect."""
    found = [(row, None) if isinstance(row, str) else row for row in rows]
    return [Reason(code, owner, frozenset(steps), effect) for code, effect in found]


MOVED_ON = "moved_on"
"""The reason of a stay that ends because the client arrived at another place; the stay's time continues there."""

LEFT_UNKNOWN = "left_to_unknown_destination"
"""The reason of a stay that ends because the client left to an unknown destination. The client is then missing."""

_CLIENTS = {Step.DECLINE, Step.RELEASE}

REASONS: tuple[Reason, ...] = (
    *_reasons(
        Whose.SHELTER,
        {Step.REFUSE},
        ("no_capacity", Effect.CORRECT_COUNT),
        ("room_out_of_service", Effect.ROOMS_OUT_OF_SERVICE),
        ("need_beyond_unit", Effect.QUESTION_PROFILE),
        ("house_mix", Effect.KEEP_APART),
        ("safety_of_location", Effect.AVOID_LOCATION),
        ("staff_shortage", Effect.CLOSE_UNIT),
        ("age_or_children_limit", Effect.QUESTION_PROFILE),
        ("no_interpreter", Effect.QUESTION_PROFILE),
    ),
    Reason(
        "contra_indication", Whose.SHELTER, frozenset({Step.REFUSE}), Effect.QUESTION_PROFILE, needs_text=True
    ),  # the text names the contra-indication
    *_reasons(
        Whose.CLIENT,
        _CLIENTS,
        ("declines_place", Effect.AVOID_UNIT),
        ("declines_region", Effect.AVOID_REGION),
        ("declines_shared_room", Effect.WANTS_PRIVATE_ROOM),
        ("declines_mixed", Effect.REFUSES_MIXED),
        ("unreachable", Effect.FIND_CLIENT),
    ),
    *_reasons(
        Whose.CLIENT,
        {*_CLIENTS, Step.CLOSE},
        ("found_other_place", Effect.CLOSES),
        ("withdraws_consent", Effect.CLOSES),
    ),
    *_reasons(
        Whose.SYSTEM,
        {Step.DECLINE, Step.RELEASE, Step.CLOSE},
        ("duplicate_registration", Effect.CLOSES),
        ("not_entitled", Effect.CLOSES),
        ("entered_in_error", Effect.CLOSES),
    ),
    *_reasons(
        Whose.SYSTEM,
        set(),
        "hold_expired",
        "decision_lapsed",
        "decision_refused",
        "decision_withdrawn",
        "superseded",
        MOVED_ON,
    ),
    *_reasons(
        Whose.STAFF,
        {Step.OVERRIDE},
        "client_preference",
        "information_not_in_record",
        "continuity_of_care",
        "travel_or_reachability",
        "group_kept_together",
        "safety_judgement",
        "shelter_agreed_exception",
    ),
    *_reasons(
        Whose.STAFF,
        {Step.END},
        "other_shelter",
        "womens_or_social_shelter",
        "own_housing",
        "family_or_friends",
        "voluntary_return",
        "residence_ended",
        LEFT_UNKNOWN,
        ("moved_for_safety", Effect.AVOID_LOCATION),
        ("asked_to_leave", Effect.AVOID_UNIT),
        ("wants_to_leave", Effect.AVOID_UNIT),
        "no_show",
        "deceased",
    ),
    *_reasons(
        Whose.SYSTEM,
        {Step.BLOCK},
        "waits_for_residence_permit",
        "waits_for_housing",
        "waits_for_other_shelter",
        "medical",
        "safety",
        "procedure_pending",
    ),
    *_reasons(
        Whose.STAFF,
        {Step.MISSING},
        "police_search_on",
        "safe_elsewhere",
        "in_custody",
        "left_country",
        "found_deceased",
    ),
    *_reasons(
        Whose.STAFF,
        {Step.LEGAL_HOLD},
        "criminal_case",
        "civil_claim",
        "complaint",
        "inspection",
        "residence_procedure",
        "request_of_the_person",
    ),
    *_reasons(
        Whose.STAFF,
        {Step.OPEN},
        "asked_by_coordinator",
        "coordinator_unreachable",
        "asked_by_shelter",
        "danger_now",
        "complaint_or_inspection",
        "record_check",
    ),
    Reason("other", Whose.STAFF, frozenset({Step.OVERRIDE, Step.END, Step.BLOCK, Step.OPEN}), needs_text=True),
)

_BY_CODE = {reason.code: reason for reason in REASONS}

BREAKS_OFF = frozenset({"moved_for_safety", "asked_to_leave", "wants_to_leave", "no_show"})
"""Reasons after which a client still needs a place, so the registration becomes open again. After `LEFT_UNKNOWN` the
client is missing. All other reasons close the registration.
"""

LOSES_PLACE = BREAKS_OFF | {LEFT_UNKNOWN}
"""Reasons after which a place is sought again: at once, or after a missing client has returned."""

TAKES_UNTIL = frozenset({Effect.ROOMS_OUT_OF_SERVICE, Effect.CLOSE_UNIT})
"""Effects that last until a certain day. The shelter may give that day."""


def reasons_for(step: Step) -> tuple[Reason, ...]:
    """Returns the reasons at this step in the initial list. Ignores today's dated rules."""
    return tuple(reason for reason in REASONS if step in reason.steps)


def known_reason(code: str) -> Reason:
    """Returns the reason with this code, for an automatic act of the service. Raises `KeyError` if the code is unknown."""
    return _BY_CODE[code]


def find_reason(code: str) -> Reason | None:
    """Returns the reason with this code, or `None`. Finds reasons of every step. Used to show a reason's text."""
    return _BY_CODE.get(code)
