"""Every table, so that one import registers them all."""

from placement.tables.account import AccessToken, Account, ApiKey, Asking, Invitation, Organisation, RecoveryCode
from placement.tables.audit import AuditEvent, AuditMark, AuditOddity, AuditShown, IdempotentRequest, JobRun
from placement.tables.capacity import CapacityReport, RoomReport
from placement.tables.keys import DataKey, KeyStoreName
from placement.tables.legal_hold import LegalHold
from placement.tables.message import DailyRun, Message, Reminder, Subscription, Webhook
from placement.tables.opening import Opening
from placement.tables.proposal import Decision, Policy, Proposal
from placement.tables.registration import Avoidance, KeepApart, RegisteredPerson, Registration, Threat
from placement.tables.report import DailyReport
from placement.tables.shelter import Bed, Location, ProfileQuestion, Provider, Room, Shelter, Unit
from placement.tables.sign_in import AccountSession, KnownDevice, SignInChallenge, SsoRequest, Throttle
from placement.tables.stay import BedClaim, Hold, Stay

__all__ = [
    "AccessToken",
    "Account",
    "AccountSession",
    "ApiKey",
    "Asking",
    "AuditEvent",
    "AuditMark",
    "AuditOddity",
    "AuditShown",
    "Avoidance",
    "Bed",
    "BedClaim",
    "CapacityReport",
    "DailyReport",
    "DailyRun",
    "DataKey",
    "Decision",
    "Hold",
    "IdempotentRequest",
    "Invitation",
    "JobRun",
    "KeepApart",
    "KeyStoreName",
    "KnownDevice",
    "LegalHold",
    "Location",
    "Message",
    "Opening",
    "Organisation",
    "Policy",
    "ProfileQuestion",
    "Proposal",
    "Provider",
    "RecoveryCode",
    "RegisteredPerson",
    "Registration",
    "Reminder",
    "Room",
    "RoomReport",
    "Shelter",
    "SignInChallenge",
    "SsoRequest",
    "Stay",
    "Subscription",
    "Threat",
    "Throttle",
    "Unit",
    "Webhook",
]
