"""How long each kind of thing is kept, from which event, why, and what happens then: the schedule, as data.

Nobody has told us the terms that hold for this register (`docs/domain.md`: 'CoMensha retention period: not found'), so
most are *assumed*: each is a figure in the one table below, to be replaced by the controller's.

The frozen problem of a proposal holds facts of everybody who waited then. Each of them was open at that moment, so each
is closed later, and her own content goes later still, as long as `FROZEN_FOR` is not above `CONTENT_FOR`: a test holds
to that. So nobody whose content was erased is in a problem that can still be read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlmodel import col, func

from placement import erasing
from placement.acting import Act
from placement.idempotency import KEPT
from placement.settings import LONGEST_IDLE
from placement.tables import (
    AccessToken,
    Account,
    AccountSession,
    ApiKey,
    AuditEvent,
    AuditOddity,
    CapacityReport,
    DailyReport,
    DailyRun,
    DataKey,
    Decision,
    Hold,
    IdempotentRequest,
    Invitation,
    JobRun,
    KnownDevice,
    LegalHold,
    Message,
    Opening,
    Proposal,
    Registration,
    Reminder,
    Shelter,
    SignInChallenge,
    SsoRequest,
    Stay,
    Throttle,
    Webhook,
)
from placement.throttling import KEPT as TRIES_KEPT
from placement.vocabulary import LegalHoldStatus, MessageStatus, RegistrationStatus

_YEAR = timedelta(days=365)

CONTENT_FOR = _YEAR
FROZEN_FOR = timedelta(days=180)
TEXTS_FOR = timedelta(days=180)


class Fate(StrEnum):
    ERASE = "erase"  # the rows, or the fields, are emptied
    DESTROY_KEY = "destroy_key"  # and the key with which they were encrypted: unreadable in every copy
    ANONYMISE = "anonymise"  # what stays points to nobody
    KEPT = "kept"  # not by this job; `why` says until when


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing.

    `key` names a row, `moment` is when its term begins (None where that is not stored), `where` says which are meant.
    """

    name: str
    what: str
    term: timedelta | None
    since: str
    why: str
    fate: Fate
    key: Any
    moment: Any
    where: tuple[Any, ...] = ()
    registration: Any = None
    """The column that names whose it is, where a legal hold can keep it."""
    erase: Callable[[Act, Sequence[Any]], None] | None = field(default=None)
    assumed: bool = False


_OF_ONE_ACCOUNT = col(KnownDevice.fingerprint) + col(KnownDevice.account_id)

SCHEDULE: tuple[Kind, ...] = (
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
        erasing.erase_drafts,
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
        erasing.erase_content,
        assumed=True,
    ),
    Kind(
        "registration_facts",
        "persons, languages, needs and wishes of a closed registration",
        5 * _YEAR,
        "closed",
        "as long as the log that speaks of it (NEN 7513: five years); after that only counts need it",
        Fate.ANONYMISE,
        col(Registration.id),
        col(Registration.closed_at),
        (Registration.status == RegistrationStatus.CLOSED, col(Registration.anonymised_at).is_(None)),
        col(Registration.id),
        erasing.anonymise,
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
        erasing.erase_frozen,
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
        erasing.erase_hold_texts,
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
        erasing.erase_stay_texts,
        assumed=True,
    ),
    Kind(
        "legal_holds",
        "a legal hold that is over",
        5 * _YEAR,
        "asked",
        "as long as the log that speaks of it (NEN 7513: five years)",
        Fate.ERASE,
        col(LegalHold.id),
        col(LegalHold.asked_at),
        (col(LegalHold.status).in_([LegalHoldStatus.REFUSED, LegalHoldStatus.LAPSED, LegalHoldStatus.LIFTED]),),
        None,
        erasing.rows_of(LegalHold, LegalHold.id),
        assumed=True,
    ),
    Kind(
        "openings",
        "that a case was opened outside one's own, and why",
        _YEAR,
        "over",
        "as long as the content that was opened; the log speaks of it for longer",
        Fate.ERASE,
        col(Opening.id),
        col(Opening.expires_at),
        (),
        col(Opening.registration_id),
        erasing.rows_of(Opening, Opening.id),
        assumed=True,
    ),
    Kind(
        "answers",
        "the stored answer of a write, for its repetition",
        KEPT,
        "begun",
        "a repetition comes within minutes (docs/decisions/0007)",
        Fate.ERASE,
        col(IdempotentRequest.attempt),
        col(IdempotentRequest.started_at),
        (),
        None,
        erasing.rows_of(IdempotentRequest, IdempotentRequest.attempt),
    ),
    Kind(
        "answer_keys",
        "the key of one day's stored answers",
        KEPT + timedelta(days=1),
        "made",
        "when the last answer of that day has gone",
        Fate.DESTROY_KEY,
        col(DataKey.owner),
        col(DataKey.made_at),
        (col(DataKey.owner).startswith("answers-"), col(DataKey.destroyed_at).is_(None)),
        None,
        erasing.destroy_answer_keys,
    ),
    Kind(
        "access_tokens",
        "a token that a key was exchanged for",
        timedelta(0),
        "expired",
        "it opens nothing any more",
        Fate.ERASE,
        col(AccessToken.fingerprint),
        col(AccessToken.expires_at),
        (),
        None,
        erasing.rows_of(AccessToken, AccessToken.fingerprint),
    ),
    Kind(
        "api_keys",
        "a key that expired, or was revoked before",
        timedelta(days=90),
        "expired",
        "an inquiry into its use comes soon, and the log names the account",
        Fate.ERASE,
        col(ApiKey.id),
        col(ApiKey.expires_at),
        (),
        None,
        erasing.erase_api_keys,
        assumed=True,
    ),
    Kind(
        "invitations",
        "an invitation, whether or not it was accepted",
        timedelta(days=30),
        "expired",
        "who was invited by whom is asked soon, and the log names the account",
        Fate.ERASE,
        col(Invitation.id),
        col(Invitation.expires_at),
        (),
        None,
        erasing.rows_of(Invitation, Invitation.id),
        assumed=True,
    ),
    Kind(
        "sessions",
        "that somebody was signed in",
        LONGEST_IDLE,
        "last used",
        "no session lives so long without use; the log keeps who signed in and when it ended",
        Fate.ERASE,
        col(AccountSession.id),
        col(AccountSession.last_used_at),
        (),
        None,
        erasing.rows_of(AccountSession, AccountSession.id),
    ),
    Kind(
        "sign_in_challenges",
        "a password that was given, and waits for a code",
        timedelta(0),
        "expired",
        "it opens nothing any more",
        Fate.ERASE,
        col(SignInChallenge.fingerprint),
        col(SignInChallenge.expires_at),
        (),
        None,
        erasing.rows_of(SignInChallenge, SignInChallenge.fingerprint),
    ),
    Kind(
        "sso_requests",
        "that somebody was sent to the provider of single sign-on",
        timedelta(0),
        "expired",
        "it opens nothing any more",
        Fate.ERASE,
        col(SsoRequest.fingerprint),
        col(SsoRequest.expires_at),
        (),
        None,
        erasing.rows_of(SsoRequest, SsoRequest.fingerprint),
    ),
    Kind(
        "known_devices",
        "that somebody signed in with this browser",
        timedelta(0),
        "expired",
        "it helps nobody any more",
        Fate.ERASE,
        _OF_ONE_ACCOUNT,
        col(KnownDevice.expires_at),
        (),
        None,
        erasing.rows_of(KnownDevice, _OF_ONE_ACCOUNT),
    ),
    Kind(
        "tries",
        "how often something was tried, by a hash of whom and where",
        TRIES_KEPT,
        "last tried",
        "longer than any of them slows somebody down (docs/decisions/0014)",
        Fate.ERASE,
        col(Throttle.subject),
        col(Throttle.last_at),
        (),
        None,
        erasing.rows_of(Throttle, Throttle.subject),
    ),
    Kind(
        "oddities",
        "what was odd in the log, once somebody ticked it off, with the note",
        5 * _YEAR,
        "ticked off",
        "as long as the lines that it is about (NEN 7513: five years)",
        Fate.DESTROY_KEY,
        col(AuditOddity.id),
        col(AuditOddity.ticked_at),
        (col(AuditOddity.ticked_at).is_not(None),),
        None,
        erasing.erase_oddities,
        assumed=True,
    ),
    Kind(
        "job_runs",
        "that a job of the clock ran",
        timedelta(days=1),
        "ran",
        "it keeps a job from running twice, and says that jobs run; no person is in it",
        Fate.ERASE,
        col(JobRun.slot),
        col(JobRun.slot),
        (),
        None,
        erasing.rows_of(JobRun, JobRun.slot),
    ),
    Kind(
        "messages",
        "that somebody was sent a message, of which kind, and when it arrived or was given up",
        timedelta(days=90),
        "settled",
        "whether a message arrived is asked soon; no text is stored",
        Fate.ERASE,
        col(Message.id),
        col(Message.settled_at),
        (col(Message.status) != MessageStatus.WAITING,),
        None,
        erasing.rows_of(Message, Message.id),
        assumed=True,
    ),
    Kind(
        "reminders",
        "that a hold, a stay or a count waited for somebody",
        timedelta(days=180),
        "made",
        "longer than the thing that it is about waits, so that nothing is said twice",
        Fate.ERASE,
        col(Reminder.id),
        col(Reminder.made_at),
        (),
        None,
        erasing.rows_of(Reminder, Reminder.id),
        assumed=True,
    ),
    Kind(
        "daily_runs",
        "that the work of a day was done",
        timedelta(days=90),
        "ran",
        "what was missed is made up for after a pause; no person is in it",
        Fate.ERASE,
        col(DailyRun.ran_at),
        col(DailyRun.ran_at),
        (),
        None,
        erasing.rows_of(DailyRun, DailyRun.ran_at),
        assumed=True,
    ),
    Kind(
        "webhooks",
        "to which software what is told, with its encrypted secret",
        None,
        "made",
        "as long as it is told something, and disabled after that; the log names who made it",
        Fate.KEPT,
        col(Webhook.id),
        col(Webhook.made_at),
    ),
    Kind(
        "capacity_reports",
        "what shelters reported of their rooms",
        None,
        "reported",
        "counts, no persons; the database refuses to change or delete one, as occupancy is reckoned from them",
        Fate.KEPT,
        col(CapacityReport.id),
        col(CapacityReport.at),
    ),
    Kind(
        "daily_reports",
        "the capacity report of each day, with the rows that it was made from",
        None,
        "made",
        "counts, codes and lengths of time without a reference; the database refuses to change or delete one",
        Fate.KEPT,
        col(DailyReport.on),
        col(DailyReport.made_at),
    ),
    Kind(
        "shelters",
        "shelters, their places, profiles and encrypted addresses",
        None,
        "made",
        "as long as the shelter takes part; nothing of a person",
        Fate.KEPT,
        col(Shelter.id),
        None,
    ),
    Kind(
        "accounts",
        "who may come in, of which organisation, with the fingerprints of the recovery codes",
        None,
        "made",
        "the log names an account by its id for five years; it is disabled when somebody leaves",
        Fate.KEPT,
        col(Account.id),
        None,
    ),
    Kind(
        "data_keys",
        "that a key was made and destroyed, without the key",
        None,
        "made",
        "the proof that content is unreadable",
        Fate.KEPT,
        col(DataKey.owner),
        col(DataKey.made_at),
    ),
    Kind(
        "placements",
        "who was proposed, held and housed where, as references and codes, without texts",
        None,
        "decided",
        "figures of the register; once her content is erased, nothing in this service says who a reference was",
        Fate.KEPT,
        col(Decision.id),
        col(Decision.decided_at),
    ),
    Kind(
        "audit_lines",
        "the log of who did and read what",
        5 * _YEAR,
        "written",
        "NEN 7513: at least five years; each line proves the one before it, so `pruning.py` alone shortens it",
        Fate.KEPT,
        col(AuditEvent.id),
        col(AuditEvent.at),
    ),
)
"""In the order in which they are carried out."""


def kind_named(name: str) -> Kind:
    """Raises `KeyError`."""
    return {kind.name: kind for kind in SCHEDULE}[name]
