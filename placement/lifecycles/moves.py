"""The states of every part of a case, and all moves between them. `docs/guide/lifecycles.md` has the diagrams."""

from enum import unique

from placement.access.case_access import ASKS_THE_DESK
from placement.audit.events import Event
from placement.core.codes import (
    DecisionStatus,
    HoldStatus,
    LegalHoldStatus,
    ProposalStatus,
    RegistrationStatus,
    StayStatus,
)
from placement.core.enquiry_codes import EnquiryStatus, EntryStatus
from placement.core.event_codes import EventStatus
from placement.core.place_codes import PlaceStatus
from placement.core.second_person_codes import SecondPersonStatus
from placement.lifecycles.machine import Move

_LEFT = {RegistrationStatus.CLOSED, RegistrationStatus.OPEN, RegistrationStatus.MISSING}
"""The possible states of a case after a stay has ended."""


@unique
class RegistrationMove(Move, refusal="registration_not_changeable"):
    RECEIVE = (), RegistrationStatus.RECEIVED, Event.REGISTRATION_RECEIVED
    ACCEPT = {RegistrationStatus.RECEIVED}, RegistrationStatus.DRAFT, Event.REGISTRATION_ACCEPTED, "not_received"
    DRAFT = (), RegistrationStatus.DRAFT, Event.REGISTERED
    REGISTER = (), RegistrationStatus.OPEN, Event.REGISTERED
    TAKE_OVER_HOUSED = (), RegistrationStatus.PLACED
    TAKE_OVER_WAITING = (), RegistrationStatus.OPEN
    """`TAKE_OVER_HOUSED` is for a client who lived in a shelter before the service was introduced, `TAKE_OVER_WAITING`
    for a client who waited then. The event `registration:taken_over` names the stay and the rules that it breaks.
    """
    SUBMIT = {RegistrationStatus.DRAFT}, RegistrationStatus.OPEN, Event.REGISTRATION_CHANGED
    HOLD = {RegistrationStatus.OPEN}, RegistrationStatus.HELD
    WAIT_AGAIN = {RegistrationStatus.HELD}, RegistrationStatus.OPEN
    """A decision was not approved. The audit event of the decision covers this move."""
    REOPEN = (
        {RegistrationStatus.HELD, RegistrationStatus.PLACED},
        RegistrationStatus.OPEN,
        Event.REGISTRATION_REOPENED,
    )
    PLACE = {RegistrationStatus.HELD}, RegistrationStatus.PLACED
    SEEK = {RegistrationStatus.PLACED}, RegistrationStatus.MOVING, Event.REQUESTED
    """Another place is sought. The client keeps the present place until the arrival at the other place."""
    HOLD_MOVE = {RegistrationStatus.MOVING}, RegistrationStatus.MOVE_HELD
    SEEK_ON = {RegistrationStatus.MOVE_HELD}, RegistrationStatus.MOVING
    """The same as `WAIT_AGAIN`, for a client who is moving to another place."""
    REOPEN_MOVE = {RegistrationStatus.MOVE_HELD}, RegistrationStatus.MOVING, Event.REGISTRATION_REOPENED
    PLACE_ANEW = {RegistrationStatus.MOVE_HELD}, RegistrationStatus.PLACED
    """The client arrived at the new place, and the old stay ends."""
    STAY_ON = (
        {RegistrationStatus.MOVING, RegistrationStatus.MOVE_HELD},
        RegistrationStatus.PLACED,
        Event.REQUEST_WITHDRAWN,
        "request_not_open",
    )
    LOSE_PLACE = {RegistrationStatus.MOVING}, RegistrationStatus.OPEN, Event.REGISTRATION_REOPENED
    LOSE_PLACE_HELD = {RegistrationStatus.MOVE_HELD}, RegistrationStatus.HELD, Event.REGISTRATION_REOPENED
    """The old stay ended before the client arrived at the new place."""
    CLOSE = (
        {RegistrationStatus.RECEIVED, RegistrationStatus.DRAFT, RegistrationStatus.OPEN},
        RegistrationStatus.CLOSED,
        Event.REGISTRATION_CLOSED,
    )
    RECEIVE_AGAIN = (
        {RegistrationStatus.CLOSED},
        RegistrationStatus.RECEIVED,
        Event.CLOSING_REVERSED,
        "case_not_closed_by_hand",
    )
    DRAFT_AGAIN = (
        {RegistrationStatus.CLOSED},
        RegistrationStatus.DRAFT,
        Event.CLOSING_REVERSED,
        "case_not_closed_by_hand",
    )
    OPEN_AGAIN = {RegistrationStatus.CLOSED}, RegistrationStatus.OPEN, Event.CLOSING_REVERSED, "case_not_closed_by_hand"
    """Reverses the closing of a case by hand, within three days. A closed draft becomes a draft again."""
    LOSE_CLIENT = (
        {
            RegistrationStatus.HELD,
            RegistrationStatus.PLACED,
            RegistrationStatus.MOVING,
            RegistrationStatus.MOVE_HELD,
        },
        RegistrationStatus.MISSING,
        Event.CLIENT_MISSING,
    )
    """The client left to an unknown destination, or did not arrive and could not be reached."""
    SEEK_ANEW = {RegistrationStatus.MISSING}, RegistrationStatus.OPEN, Event.REGISTRATION_REOPENED, "client_not_missing"
    """The client returned or was found, and needs a place."""
    COME_BACK = {RegistrationStatus.MISSING}, RegistrationStatus.PLACED, None, "client_not_missing"
    """The client lives in the former bed again. The client returned (`StayMove.RETURN`), or had never left."""
    STOP_SEARCH = (
        {RegistrationStatus.MISSING},
        RegistrationStatus.CLOSED,
        Event.REGISTRATION_CLOSED,
        "client_not_missing",
    )
    """The search ends for a coded reason. The end of a search for a minor needs two persons."""
    EXPECT_MISSED = {RegistrationStatus.MISSING, RegistrationStatus.CLOSED}, RegistrationStatus.HELD
    EXPECT_MISSED_MOVE = {RegistrationStatus.MISSING, RegistrationStatus.PLACED}, RegistrationStatus.MOVE_HELD
    """Reverses a report that a client did not arrive. `EXPECT_MISSED_MOVE`: the client was moving."""
    AWAIT = {RegistrationStatus.PLACED}, RegistrationStatus.HELD
    AWAIT_MOVE = {RegistrationStatus.PLACED}, RegistrationStatus.MOVE_HELD
    """Reverses a report that a client arrived (`StayMove.EXPECT_STILL`). `AWAIT_MOVE`: the client was moving."""
    LIVE_ON = _LEFT, RegistrationStatus.PLACED
    SEEK_AS_BEFORE = _LEFT, RegistrationStatus.MOVING
    HOLD_AS_BEFORE = {RegistrationStatus.HELD}, RegistrationStatus.MOVE_HELD
    """Reverses a report that a stay ended. `SEEK_AS_BEFORE` and `HOLD_AS_BEFORE`: the client was moving."""
    END = (
        {
            RegistrationStatus.OPEN,
            RegistrationStatus.HELD,
            RegistrationStatus.PLACED,
            RegistrationStatus.MOVING,
            RegistrationStatus.MOVE_HELD,
        },
        RegistrationStatus.CLOSED,
        Event.REGISTRATION_CLOSED,
    )
    """The case is closed for a coded reason, or with the end of a stay. Not for a case whose client is missing."""


@unique
class ProposalMove(Move, refusal="proposal_not_open"):
    MAKE = (), ProposalStatus.MADE, Event.PROPOSED
    ACCEPT = {ProposalStatus.MADE}, ProposalStatus.ACCEPTED
    OVERRIDE = {ProposalStatus.MADE}, ProposalStatus.OVERRIDDEN
    DECLINE = {ProposalStatus.MADE}, ProposalStatus.DECLINED
    SUPERSEDE = {ProposalStatus.MADE}, ProposalStatus.SUPERSEDED, Event.PROPOSAL_SUPERSEDED
    EXPIRE = {ProposalStatus.MADE}, ProposalStatus.EXPIRED, Event.PROPOSAL_EXPIRED
    REFUSE = {ProposalStatus.ACCEPTED, ProposalStatus.OVERRIDDEN}, ProposalStatus.DECLINED
    """The decision on the proposal was refused."""
    LAPSE = {ProposalStatus.ACCEPTED, ProposalStatus.OVERRIDDEN}, ProposalStatus.EXPIRED
    """The decision on the proposal was not approved in time."""


_WAITING = {*ASKS_THE_DESK, DecisionStatus.WAITING_FOR_SHELTER}


@unique
class DecisionMove(Move, refusal="decision_not_waiting"):
    DECIDE = (), DecisionStatus.FINAL, Event.DECIDED
    ASK_DESK = (), DecisionStatus.WAITING_FOR_DESK, Event.DECIDED
    ASK_SECOND = (), DecisionStatus.WAITING_FOR_SECOND, Event.DECIDED
    PROVISION = (), DecisionStatus.PROVISIONAL, Event.DECIDED
    """The decision is carried out at once, under a standing mandate of the desk."""
    ASK_COUNT = (), DecisionStatus.WAITING_FOR_SHELTER, Event.DECIDED
    AGREE = ASKS_THE_DESK, DecisionStatus.FINAL, Event.DECISION_CONFIRMED
    AGREE_AND_ASK_COUNT = ASKS_THE_DESK, DecisionStatus.WAITING_FOR_SHELTER, Event.DECISION_CONFIRMED
    CONFIRM_COUNT = {DecisionStatus.WAITING_FOR_SHELTER}, DecisionStatus.FINAL
    PROVISION_AFTER_COUNT = {DecisionStatus.WAITING_FOR_SHELTER}, DecisionStatus.PROVISIONAL
    ASK_DESK_AFTER_COUNT = {DecisionStatus.WAITING_FOR_SHELTER}, DecisionStatus.WAITING_FOR_DESK
    """The shelter has counted. Now the desk must be asked, because the mandate has ended or the desk is on duty."""
    AGREE_AFTERWARDS = {DecisionStatus.PROVISIONAL}, DecisionStatus.FINAL, Event.DECISION_CONFIRMED
    SEND_BACK = {DecisionStatus.PROVISIONAL}, DecisionStatus.REFUSED, Event.DECISION_REFUSED
    REFUSE = ASKS_THE_DESK, DecisionStatus.REFUSED, Event.DECISION_REFUSED
    LAPSE = {*_WAITING, DecisionStatus.PROVISIONAL}, DecisionStatus.LAPSED, Event.DECISION_LAPSED
    WITHDRAW = _WAITING, DecisionStatus.WITHDRAWN, Event.DECISION_WITHDRAWN


@unique
class HoldMove(Move, refusal="hold_not_open"):
    RESERVE = (), HoldStatus.RESERVED, Event.HELD
    ASK = {HoldStatus.RESERVED}, HoldStatus.WAITING_FOR_SHELTER, Event.HOLD_ASKED
    CONFIRM = {HoldStatus.WAITING_FOR_SHELTER}, HoldStatus.CONFIRMED, Event.HOLD_CONFIRMED
    REFUSE = {HoldStatus.WAITING_FOR_SHELTER}, HoldStatus.REFUSED, Event.HOLD_REFUSED
    EXPIRE = {HoldStatus.WAITING_FOR_SHELTER}, HoldStatus.EXPIRED, Event.HOLD_EXPIRED
    RELEASE = (
        {HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER, HoldStatus.CONFIRMED},
        HoldStatus.RELEASED,
        Event.HOLD_RELEASED,
    )
    REFUSE_DECISION = {HoldStatus.RESERVED}, HoldStatus.RELEASED
    LAPSE = {HoldStatus.RESERVED}, HoldStatus.EXPIRED
    """The decision for which the beds were reserved has lapsed."""


@unique
class StayMove(Move, refusal="stay_ended"):
    PLAN = (), StayStatus.PLANNED, Event.STAY_PLANNED
    TAKE_OVER = (), StayStatus.IN_HOUSE
    """The stay of a client who already lived in the shelter. Made together with `RegistrationMove.TAKE_OVER_HOUSED`."""
    RETURN = (), StayStatus.IN_HOUSE, Event.RETURNED
    """A missing client returned to the former bed. The new stay continues the stay that ended."""
    ARRIVE = {StayStatus.PLANNED}, StayStatus.IN_HOUSE, Event.ARRIVED, "stay_not_planned"
    END = {StayStatus.PLANNED, StayStatus.IN_HOUSE}, StayStatus.ENDED, Event.STAY_ENDED
    EXPECT_AGAIN = {StayStatus.ENDED}, StayStatus.PLANNED, Event.NO_SHOW_REVERSED, "no_show_not_said"
    """Reverses a report that a client did not arrive, within half an hour."""
    EXPECT_STILL = {StayStatus.IN_HOUSE}, StayStatus.PLANNED, Event.ARRIVAL_REVERSED, "arrival_not_said"
    LIVE_ON = {StayStatus.ENDED}, StayStatus.IN_HOUSE, Event.STAY_END_REVERSED, "stay_end_not_said"
    """`EXPECT_STILL` reverses a wrong report of an arrival; `LIVE_ON`, within three days, a wrong report of an end."""


@unique
class LegalHoldMove(Move, refusal="legal_hold_not_standing"):
    """Moves of a legal hold, which prevents erasure in a case. A move without an event is covered by the event of the
    request for a second person.
    """

    ASK = (), LegalHoldStatus.ASKED
    GRANT = {LegalHoldStatus.ASKED}, LegalHoldStatus.STANDING, Event.LEGAL_HOLD_GRANTED
    REFUSE = {LegalHoldStatus.ASKED}, LegalHoldStatus.REFUSED
    WITHDRAW = {LegalHoldStatus.ASKED}, LegalHoldStatus.WITHDRAWN
    LAPSE = {LegalHoldStatus.ASKED}, LegalHoldStatus.LAPSED
    LOOK_AGAIN = {LegalHoldStatus.STANDING}, LegalHoldStatus.STANDING, Event.LEGAL_HOLD_KEPT
    ASK_LIFT = {LegalHoldStatus.STANDING}, LegalHoldStatus.LIFT_ASKED
    LIFT = {LegalHoldStatus.LIFT_ASKED}, LegalHoldStatus.LIFTED, Event.LEGAL_HOLD_LIFTED
    KEEP = {LegalHoldStatus.LIFT_ASKED}, LegalHoldStatus.STANDING, Event.LEGAL_HOLD_KEPT


@unique
class PlaceMove(Move, refusal="place_not_changeable"):
    """Moves of a shelter, location, unit or room in the register."""

    PLAN = (), PlaceStatus.PLANNED, Event.PLACE_MADE
    MAKE = (), PlaceStatus.OPEN, Event.PLACE_MADE
    OPEN = {PlaceStatus.PLANNED}, PlaceStatus.OPEN, Event.PLACE_OPENED
    CLOSE = {PlaceStatus.PLANNED, PlaceStatus.OPEN, PlaceStatus.CLOSING}, PlaceStatus.CLOSING, Event.PLACE_CLOSING
    """Nobody new can arrive in the place from a certain day on. The move can be repeated to set other days."""
    FINISH = {PlaceStatus.CLOSING}, PlaceStatus.CLOSED, Event.PLACE_CLOSED
    """The place is empty, and its last day has come."""
    REOPEN = {PlaceStatus.CLOSING, PlaceStatus.CLOSED}, PlaceStatus.OPEN, Event.PLACE_REOPENED, "place_is_open"


@unique
class SecondPersonMove(Move, refusal="asking_settled"):
    """Moves of a request for a second person."""

    ASK = (), SecondPersonStatus.ASKED, Event.SECOND_PERSON_ASKED
    GRANT = {SecondPersonStatus.ASKED}, SecondPersonStatus.GRANTED, Event.SECOND_PERSON_GRANTED
    REFUSE = {SecondPersonStatus.ASKED}, SecondPersonStatus.REFUSED, Event.SECOND_PERSON_REFUSED
    WITHDRAW = (
        {SecondPersonStatus.ASKED, SecondPersonStatus.GRANTED},
        SecondPersonStatus.WITHDRAWN,
        Event.SECOND_PERSON_WITHDRAWN,
    )
    """A granted request can also be withdrawn, until the operator begins to carry it out."""
    LAPSE = {SecondPersonStatus.ASKED}, SecondPersonStatus.LAPSED, Event.SECOND_PERSON_LAPSED


@unique
class MassEventMove(Move, refusal="event_not_open"):
    PLAN = (), EventStatus.PLANNED, Event.EVENT_MADE
    BEGIN = {EventStatus.PLANNED}, EventStatus.UNDER_WAY, Event.EVENT_BEGUN
    FINISH = {EventStatus.PLANNED, EventStatus.UNDER_WAY}, EventStatus.DONE, Event.EVENT_FINISHED
    """The event ends; its members stay ordinary cases."""


@unique
class EnquiryMove(Move, refusal="enquiry_done"):
    """The moves of an enquiry. A change without a new state is a move too."""

    TAKE = (), EnquiryStatus.OPEN, Event.ENQUIRY_MADE
    TAKE_TO_RING = (), EnquiryStatus.CALL_BACK, Event.ENQUIRY_MADE
    TAKE_DONE = (), EnquiryStatus.DONE, Event.ENQUIRY_MADE
    GO_ON = {EnquiryStatus.OPEN}, EnquiryStatus.OPEN, Event.ENQUIRY_CHANGED
    PROMISE = {EnquiryStatus.OPEN, EnquiryStatus.CALL_BACK}, EnquiryStatus.CALL_BACK, Event.ENQUIRY_CHANGED
    FINISH = {EnquiryStatus.OPEN, EnquiryStatus.CALL_BACK}, EnquiryStatus.DONE, Event.ENQUIRY_CHANGED
    RING_BACK = {EnquiryStatus.OPEN, EnquiryStatus.CALL_BACK}, EnquiryStatus.DONE, Event.ENQUIRY_CALLED_BACK


@unique
class KnowledgeEntryMove(Move, refusal="entry_ended"):
    """The moves of a version of an entry. `GIVE_WAY` and `REPLACE` write no event, because the event of the next
    version covers them.
    """

    WRITE = (), EntryStatus.WAITING, Event.ENTRY_WRITTEN
    SHOW = {EntryStatus.WAITING}, EntryStatus.SHOWN, Event.ENTRY_REVIEWED
    REVIEW_AGAIN = {EntryStatus.SHOWN}, EntryStatus.SHOWN, Event.ENTRY_REVIEWED
    GIVE_WAY = {EntryStatus.SHOWN}, EntryStatus.PAST
    REPLACE = {EntryStatus.WAITING}, EntryStatus.REPLACED
    END = {EntryStatus.SHOWN}, EntryStatus.PAST, Event.ENTRY_ENDED
    WITHDRAW = {EntryStatus.WAITING}, EntryStatus.REPLACED, Event.ENTRY_ENDED


MOVES: tuple[type[Move], ...] = (
    RegistrationMove,
    ProposalMove,
    DecisionMove,
    HoldMove,
    StayMove,
    LegalHoldMove,
    PlaceMove,
    SecondPersonMove,
    MassEventMove,
    EnquiryMove,
    KnowledgeEntryMove,
)
