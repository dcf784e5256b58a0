"""The retention of case data: registrations, proposals, holds, stays, and access grants (`schedule.py`)."""

from datetime import timedelta

from sqlmodel import col, func

from placement.core.codes import LegalHoldStatus, RegistrationStatus
from placement.retention import erasure
from placement.retention.kinds import Fate, Kind
from placement.tables import (
    AccessGrant,
    Hold,
    LegalHold,
    Proposal,
    Registration,
    Stay,
)

YEAR = timedelta(days=365)

CONTENT_FOR = YEAR
FROZEN_FOR = timedelta(days=180)
TEXTS_FOR = timedelta(days=180)


OF_CASES: tuple[Kind, ...] = (
    Kind(
        "drafts",
        "a registration that was never opened, whole",
        timedelta(days=30),
        "made",
        "nobody acts on a draft: keeping it serves no purpose (GDPR 5.1.c and e)",
        Fate.DESTROY_KEY,
        col(Registration.id),
        col(Registration.waits_since),
        (Registration.status == RegistrationStatus.DRAFT,),
        col(Registration.id),
        erasure.erase_drafts,
        assumed=True,
    ),
    Kind(
        "registration_content",
        "alias, danger points, near, texts, avoided and keep-apart of a closed registration",
        CONTENT_FOR,
        "closed",
        "a complaint or a return of the same person can be answered for a year",
        Fate.DESTROY_KEY,
        col(Registration.id),
        col(Registration.closed_at),
        (Registration.status == RegistrationStatus.CLOSED, col(Registration.content_erased_at).is_(None)),
        col(Registration.id),
        erasure.erase_content,
        assumed=True,
    ),
    Kind(
        "registration_facts",
        "persons, languages, needs and wishes of a closed registration",
        5 * YEAR,
        "closed",
        "as long as the log that speaks of it (NEN 7513: five years); after that only counts need it",
        Fate.ANONYMISE,
        col(Registration.id),
        col(Registration.closed_at),
        (Registration.status == RegistrationStatus.CLOSED, col(Registration.anonymised_at).is_(None)),
        col(Registration.id),
        erasure.anonymise,
        assumed=True,
    ),
    Kind(
        "frozen_problems",
        "what a proposal was made from and what the engine answered, and what was written with the decision",
        FROZEN_FOR,
        "made",
        "a complaint about a placement, and its replay, come within half a year",
        Fate.DESTROY_KEY,
        col(Proposal.id),
        col(Proposal.made_at),
        (col(Proposal.problem).is_not(None),),
        col(Proposal.registration_id),
        erasure.erase_frozen,
        assumed=True,
    ),
    Kind(
        "hold_texts",
        "what a shelter wrote with its refusal, or a person with a release",
        TEXTS_FOR,
        "answered",
        "the coded reason stays and is enough; a copy is unreadable when the registration's key goes",
        Fate.ERASE,
        col(Hold.id),
        col(Hold.answered_at),
        (col(Hold.text).is_not(None),),
        col(Hold.registration_id),
        erasure.erase_hold_texts,
        assumed=True,
    ),
    Kind(
        "stay_texts",
        "what was written about a stay's end or about what kept somebody",
        TEXTS_FOR,
        "ended",
        "the coded reason stays and is enough; a copy is unreadable when the registration's key goes",
        Fate.ERASE,
        col(Stay.id),
        col(Stay.ended_on),
        (func.coalesce(Stay.end_text, Stay.blocker_text).is_not(None),),
        col(Stay.registration_id),
        erasure.erase_stay_texts,
        assumed=True,
    ),
    Kind(
        "legal_holds",
        "a legal hold that is over",
        5 * YEAR,
        "asked",
        "as long as the log that speaks of it (NEN 7513: five years)",
        Fate.ERASE,
        col(LegalHold.id),
        col(LegalHold.asked_at),
        (col(LegalHold.status).in_([LegalHoldStatus.REFUSED, LegalHoldStatus.LAPSED, LegalHoldStatus.LIFTED]),),
        None,
        erasure.rows_of(LegalHold, LegalHold.id),
        assumed=True,
    ),
    Kind(
        "openings",
        "that a case was opened outside one's own, and why",
        YEAR,
        "over",
        "as long as the content that was opened; the log speaks of it for longer",
        Fate.ERASE,
        col(AccessGrant.id),
        col(AccessGrant.expires_at),
        (),
        col(AccessGrant.registration_id),
        erasure.rows_of(AccessGrant, AccessGrant.id),
        assumed=True,
    ),
)
