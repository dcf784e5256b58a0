"""The retention of data about cases: registrations, proposals, holds, stays, and access grants. `schedule.py` explains
it.
"""

from datetime import timedelta

from sqlmodel import col

from placement.core.codes import LegalHoldStatus, RegistrationStatus
from placement.registrants.sending import erase_drafts as erase_sent_drafts
from placement.retention import erasure
from placement.retention.event_erasure import erase_events
from placement.retention.kinds import Fate, Kind, deleted, emptied
from placement.retention.legal_hold import LIVE
from placement.tables import AccessGrant, Hold, LegalHold, MassEvent, Proposal, Registration, SentRegistration, Stay

YEAR = timedelta(days=365)

CONTENT_FOR = YEAR
DRAFTS_FOR = timedelta(days=30)
FROZEN_FOR = timedelta(days=184)
"""At least half a year (AI Act, article 26 (6)): no period of six months has more days."""
TEXTS_FOR = timedelta(days=180)
TOLD_FOR = timedelta(days=30)


OF_CASES: tuple[Kind, ...] = (
    Kind(
        "drafts",
        DRAFTS_FOR,
        "made",
        Fate.DESTROY_KEY,
        Registration.id,
        Registration.waits_on,
        (Registration.status == RegistrationStatus.DRAFT,),
        Registration.id,
        erasure.erase_drafts,
        assumed=True,
    ),
    Kind(
        "sent_drafts",
        DRAFTS_FOR,
        "made",
        Fate.DESTROY_KEY,
        SentRegistration.id,
        SentRegistration.made_on,
        (col(SentRegistration.registration_id).is_(None),),
        None,
        erase_sent_drafts,
        assumed=True,
    ),
    Kind(
        "registration_content",
        CONTENT_FOR,
        "closed",
        Fate.DESTROY_KEY,
        Registration.id,
        Registration.closed_on,
        (Registration.status == RegistrationStatus.CLOSED, col(Registration.content_erased_at).is_(None)),
        Registration.id,
        erasure.erase_content,
        assumed=True,
    ),
    Kind(
        "registration_facts",
        5 * YEAR,
        "closed",
        Fate.ANONYMISE,
        Registration.id,
        Registration.closed_on,
        (Registration.status == RegistrationStatus.CLOSED, col(Registration.anonymised_at).is_(None)),
        Registration.id,
        erasure.anonymise,
        assumed=True,
    ),
    Kind(
        "frozen_problems",
        FROZEN_FOR,
        "made",
        Fate.DESTROY_KEY,
        Proposal.id,
        Proposal.made_at,
        (col(Proposal.advice).is_not(None),),
        Proposal.registration_id,
        erasure.erase_frozen,
        assumed=True,
    ),
    emptied("hold_texts", TEXTS_FOR, "answered", Hold, Hold.ended_on, "text", assumed=True),
    emptied("told", TOLD_FOR, "made", Hold, Hold.made_at, "told"),
    emptied("stay_texts", TEXTS_FOR, "ended", Stay, Stay.ended_on, "end_text", "blocker_text", "before", assumed=True),
    Kind(
        "legal_holds",
        5 * YEAR,
        "asked",
        Fate.ERASE,
        LegalHold.id,
        LegalHold.asked_at,
        (col(LegalHold.status).in_(set(LegalHoldStatus) - LIVE),),
        None,
        erasure.erase_legal_holds,
        assumed=True,
    ),
    Kind(
        "events",
        CONTENT_FOR,
        "ended",
        Fate.DESTROY_KEY,
        MassEvent.id,
        MassEvent.ended_on,
        (),
        None,
        erase_events,
        assumed=True,
    ),
    deleted(
        "openings",
        YEAR,
        "over",
        AccessGrant.id,
        AccessGrant.expires_at,
        registration=AccessGrant.registration_id,
        assumed=True,
    ),
)
