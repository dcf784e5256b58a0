"""The retention schedule. For each kind of data it contains the term, the event with which the term begins, and the
action at its end.

It is not known which terms the law sets for this register (`docs/domain.md`: 'CoMensha retention period: not found').
So most terms are *assumed*: the controller replaces the figures in this file and in `schedule_of_cases.py`.

The frozen problem of a proposal contains facts of all registrations that waited at that time. A test enforces that
`FROZEN_FOR` is not longer than `CONTENT_FOR`. So a problem is erased before the content of these registrations, and no
readable problem contains a registration whose content was erased.
"""

from datetime import timedelta

from sqlalchemy import String, cast
from sqlmodel import col

from placement.accounts import session_files
from placement.accounts.rate_limits import KEPT as TRIES_KEPT
from placement.core.second_person_codes import SecondPersonKind
from placement.help_desk import enquiries
from placement.retention import erasure
from placement.retention.kinds import Fate, Kind, deleted, kept
from placement.retention.log_truncation import KEPT as LOG_KEPT
from placement.retention.schedule_of_cases import OF_CASES, YEAR
from placement.storage.field_sealing import destroy_keys
from placement.storage.idempotency import KEPT
from placement.tables import (
    Absence,
    AccessToken,
    Account,
    AccountDetails,
    AccountSession,
    Anomaly,
    ApiKey,
    AuditEvent,
    CapacityReport,
    CountInbox,
    CountRecord,
    CountRelease,
    CountSheet,
    DailyReport,
    DailyRun,
    DataKey,
    Decision,
    Enquiry,
    FormLink,
    IdempotentRequest,
    ImportRecord,
    Invitation,
    JobRun,
    KnowledgeEntry,
    KnownDevice,
    Mandate,
    Message,
    NeedRecord,
    NumberChange,
    OnCall,
    OpenImport,
    Passkey,
    PasskeyChallenge,
    PushDevice,
    RateLimit,
    Reminder,
    SecondPersonRequest,
    Shelter,
    SignInChallenge,
    SsoRequest,
    TaskNotice,
    TelephoneEntry,
    Webhook,
)
from placement.tables.audit import OF_A_DAY
from placement.tables.count import COUNTS
from placement.tables.help_desk import OF_NOTES

_OF_ONE_VERSION = col(CountRecord.reference) + cast(col(CountRecord.version), String)
_OF_ONE_ACCOUNT = col(KnownDevice.fingerprint) + col(KnownDevice.account_id)


def _requests(name: str, term: timedelta, kind: SecondPersonKind) -> Kind:
    row = SecondPersonRequest
    return deleted(name, term, "lapsed", row.id, row.expires_at, col(row.kind) == kind, assumed=True)


SCHEDULE: tuple[Kind, ...] = (
    *OF_CASES,
    deleted("answers", KEPT, "begun", IdempotentRequest.attempt, IdempotentRequest.started_at),
    Kind(
        "answer_keys",
        KEPT + timedelta(days=1),
        "made",
        Fate.DESTROY_KEY,
        DataKey.owner,
        DataKey.made_at,
        (col(DataKey.owner).startswith(OF_A_DAY), col(DataKey.destroyed_at).is_(None)),
        None,
        destroy_keys,
    ),
    deleted("access_tokens", timedelta(days=1), "made", AccessToken.fingerprint, AccessToken.issued_on),
    Kind(
        "api_keys",
        timedelta(days=90),
        "expired",
        Fate.ERASE,
        ApiKey.id,
        ApiKey.expires_at,
        (),
        None,
        erasure.erase_api_keys,
        assumed=True,
    ),
    deleted("form_links", timedelta(days=1), "expired", FormLink.id, FormLink.expires_at),
    deleted("invitations", timedelta(days=30), "expired", Invitation.id, Invitation.expires_at, assumed=True),
    _requests("askings", timedelta(days=30), SecondPersonKind.ACCOUNT),
    deleted(
        "account_details",
        YEAR,
        "disabled",
        AccountDetails.account_id,
        Account.disabled_at,
        col(AccountDetails.account_id) == col(Account.id),
        col(Account.disabled_at).is_not(None),
        assumed=True,
    ),
    deleted(
        "passkeys",
        timedelta(days=30),
        "disabled",
        Passkey.id,
        Account.disabled_at,
        col(Passkey.account_id) == col(Account.id),
        col(Account.disabled_at).is_not(None),
        assumed=True,
    ),
    deleted(
        "push_devices",
        timedelta(days=30),
        "ended",
        PushDevice.id,
        PushDevice.ended_on,
        col(PushDevice.ended_on).is_not(None),
        assumed=True,
    ),
    deleted(
        "devices_of_disabled",
        timedelta(days=30),
        "disabled",
        PushDevice.id,
        Account.disabled_at,
        col(PushDevice.account_id) == col(Account.id),
        col(Account.disabled_at).is_not(None),
        assumed=True,
    ),
    _requests("key_rotations", YEAR, SecondPersonKind.KEYS),
    deleted("absences", timedelta(days=30), "ended", Absence.id, Absence.ends_on, assumed=True),
    deleted("on_call", timedelta(days=365), "ended", OnCall.id, OnCall.ends_on, assumed=True),
    Kind(
        "telephone_callers",
        timedelta(days=30),
        "made",
        Fate.ERASE,
        TelephoneEntry.id,
        TelephoneEntry.made_on,
        (col(TelephoneEntry.caller).is_not(None),),
        None,
        erasure.erase_callers,
    ),
    deleted("telephone_entries", YEAR, "made", TelephoneEntry.id, TelephoneEntry.made_on, assumed=True),
    deleted("number_changes", YEAR, "made", NumberChange.id, NumberChange.changed_at, assumed=True),
    Kind(
        "open_imports",
        timedelta(0),
        "expired",
        Fate.DESTROY_KEY,
        OpenImport.id,
        OpenImport.ends_at,
        (),
        None,
        session_files.erase,
    ),
    deleted("import_records", YEAR, "made", ImportRecord.id, ImportRecord.done_at, assumed=True),
    Kind(
        "enquiry_notes",
        enquiries.NOTES_FOR,
        "made",
        Fate.DESTROY_KEY,
        DataKey.owner,
        DataKey.made_at,
        (col(DataKey.owner).startswith(OF_NOTES), col(DataKey.destroyed_at).is_(None)),
        None,
        enquiries.erase_notes,
    ),
    deleted("enquiries", 10 * YEAR, "made", Enquiry.id, Enquiry.on, assumed=True),
    deleted("mandates", 5 * YEAR, "ended", Mandate.id, Mandate.ends_on, assumed=True),
    deleted("sessions", timedelta(days=1), "ended", AccountSession.id, AccountSession.ends_on),
    deleted("sign_in_challenges", timedelta(0), "expired", SignInChallenge.fingerprint, SignInChallenge.expires_at),
    deleted("passkey_challenges", timedelta(0), "expired", PasskeyChallenge.fingerprint, PasskeyChallenge.expires_at),
    deleted("sso_requests", timedelta(0), "expired", SsoRequest.fingerprint, SsoRequest.expires_at),
    Kind(
        "known_devices",
        timedelta(days=1),
        "expired",
        Fate.ERASE,
        _OF_ONE_ACCOUNT,
        KnownDevice.expires_on,
        (),
        None,
        erasure.rows_of(KnownDevice, _OF_ONE_ACCOUNT),
    ),
    deleted("tries", TRIES_KEPT, "last_tried", RateLimit.subject, RateLimit.not_before),
    Kind(
        "oddities",
        5 * YEAR,
        "ticked_off",
        Fate.DESTROY_KEY,
        Anomaly.id,
        Anomaly.ticked_at,
        (col(Anomaly.ticked_at).is_not(None),),
        None,
        erasure.erase_anomalies,
        assumed=True,
    ),
    deleted("job_runs", timedelta(days=1), "ran", JobRun.slot, JobRun.slot),
    deleted(
        "messages",
        timedelta(days=90),
        "settled",
        Message.id,
        Message.settled_on,
        col(Message.settled_on).is_not(None),
        assumed=True,
    ),
    deleted("reminders", timedelta(days=180), "made", Reminder.id, Reminder.made_on, assumed=True),
    deleted("notices", timedelta(days=180), "made", TaskNotice.id, TaskNotice.made_on, assumed=True),
    deleted("daily_runs", timedelta(days=90), "ran", DailyRun.ran_at, DailyRun.ran_at, assumed=True),
    kept("webhooks", "made", Webhook.id, Webhook.made_at),
    kept("capacity_reports", "reported", CapacityReport.id, CapacityReport.month),
    kept("daily_reports", "made", DailyReport.on, DailyReport.made_at),
    kept("need_records", "made", NeedRecord.on),
    kept("count_releases", "asked", CountRelease.id),
    kept("count_inbox", "made", CountInbox.id),
    Kind(
        "count_persons",
        2 * YEAR,
        "reported",
        Fate.ANONYMISE,
        _OF_ONE_VERSION,
        CountRecord.month,
        (col(CountRecord.person).is_not(None),),
        None,
        erasure.persons_of_counts(_OF_ONE_VERSION),
        assumed=True,
    ),
    Kind(
        "count_records",
        20 * YEAR,
        "reported",
        Fate.ERASE,
        _OF_ONE_VERSION,
        CountRecord.month,
        (),
        None,
        erasure.rows_of(CountRecord, _OF_ONE_VERSION),
        assumed=True,
    ),
    deleted("count_sheets", 2 * YEAR, "made", CountSheet.id, CountSheet.imported_on, assumed=True),
    Kind(
        "count_keys",
        22 * YEAR,
        "made",
        Fate.DESTROY_KEY,
        DataKey.owner,
        DataKey.made_at,
        (col(DataKey.owner).startswith(f"{COUNTS}2"), col(DataKey.destroyed_at).is_(None)),
        None,
        destroy_keys,
        assumed=True,
    ),
    kept("knowledge_entries", "made", KnowledgeEntry.id),
    kept("shelters", "made", Shelter.id),
    kept("accounts", "made", Account.id),
    kept("second_person", "asked", SecondPersonRequest.id, SecondPersonRequest.asked_at),
    kept("data_keys", "made", DataKey.owner, DataKey.made_at),
    kept("placements", "decided", Decision.id, Decision.decided_at),
    kept("audit_lines", "written", AuditEvent.id, AuditEvent.at, term=LOG_KEPT),
)
"""All kinds of data, in the order in which the retention job handles them."""


def kind_named(name: str) -> Kind:
    """Returns the kind with this name. Raises `KeyError` if there is no such kind."""
    return {kind.name: kind for kind in SCHEDULE}[name]
