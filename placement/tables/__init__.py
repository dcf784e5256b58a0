"""All tables. Importing this package imports every table module, so that all tables are registered."""

from placement.tables.access_grant import AccessGrant
from placement.tables.account import (
    Absence,
    AccessToken,
    Account,
    AccountDetails,
    ApiKey,
    Invitation,
    OnCall,
    Organisation,
    Passkey,
    RecoveryCode,
)
from placement.tables.audit import (
    Anomaly,
    AuditEvent,
    AuditIndex,
    AuditTruncation,
    AuditUnsealed,
    IdempotentRequest,
    JobRun,
)
from placement.tables.capacity import CapacityReport, CountryLook, Look, RoomReport
from placement.tables.count import CountInbox, CountRecord, CountSheet
from placement.tables.count_release import CountRelease
from placement.tables.dated_rule import DatedRule
from placement.tables.event import EventMember, MassEvent
from placement.tables.event_plan import EventPlan
from placement.tables.exchange import ImportMapping, ImportRecord, OpenImport
from placement.tables.help_desk import Enquiry, KnowledgeEntry
from placement.tables.keys import DataKey, KeyStoreName
from placement.tables.legal_hold import LegalHold
from placement.tables.mandate import Mandate
from placement.tables.message import DailyRun, Message, PushDevice, Reminder, Subscription, TaskNotice, Webhook
from placement.tables.need import NeedRecord
from placement.tables.place_entry import PlaceEntry
from placement.tables.proposal import Decision, FrozenProblem, Policy, Proposal
from placement.tables.registration import (
    Avoidance,
    Closing,
    FactChange,
    KeepApart,
    NotedObstacle,
    ReachPoint,
    RegisteredPerson,
    Registration,
    Request,
    Search,
    StaysWith,
    StopAsked,
    Threat,
    WhoKnows,
)
from placement.tables.registration_link import RegistrationLink
from placement.tables.report import DailyReport
from placement.tables.second_person import SecondPersonRequest
from placement.tables.sent_registration import FormLink, SentRegistration
from placement.tables.shelter import (
    Bed,
    Location,
    ProfileQuestion,
    Provider,
    RegisterVersion,
    Room,
    RoomClosure,
    Shelter,
    Unit,
)
from placement.tables.sign_in import (
    AccountSession,
    KnownDevice,
    PasskeyChallenge,
    RateLimit,
    SignInChallenge,
    SsoRequest,
)
from placement.tables.stay import BedClaim, Hold, Stay
from placement.tables.store_record import StoreRecord
from placement.tables.telephone import NumberChange, TelephoneEntry

__all__ = [
    "Absence",
    "AccessGrant",
    "AccessToken",
    "Account",
    "AccountDetails",
    "AccountSession",
    "Anomaly",
    "ApiKey",
    "AuditEvent",
    "AuditIndex",
    "AuditTruncation",
    "AuditUnsealed",
    "Avoidance",
    "Bed",
    "BedClaim",
    "CapacityReport",
    "Closing",
    "CountInbox",
    "CountRecord",
    "CountRelease",
    "CountSheet",
    "CountryLook",
    "DailyReport",
    "DailyRun",
    "DataKey",
    "DatedRule",
    "Decision",
    "Enquiry",
    "EventMember",
    "EventPlan",
    "FactChange",
    "FormLink",
    "FrozenProblem",
    "Hold",
    "IdempotentRequest",
    "ImportMapping",
    "ImportRecord",
    "Invitation",
    "JobRun",
    "KeepApart",
    "KeyStoreName",
    "KnowledgeEntry",
    "KnownDevice",
    "LegalHold",
    "Location",
    "Look",
    "Mandate",
    "MassEvent",
    "Message",
    "NeedRecord",
    "NotedObstacle",
    "NumberChange",
    "OnCall",
    "OpenImport",
    "Organisation",
    "Passkey",
    "PasskeyChallenge",
    "PlaceEntry",
    "Policy",
    "ProfileQuestion",
    "Proposal",
    "Provider",
    "PushDevice",
    "RateLimit",
    "ReachPoint",
    "RecoveryCode",
    "RegisterVersion",
    "RegisteredPerson",
    "Registration",
    "RegistrationLink",
    "Reminder",
    "Request",
    "Room",
    "RoomClosure",
    "RoomReport",
    "Search",
    "SecondPersonRequest",
    "SentRegistration",
    "Shelter",
    "SignInChallenge",
    "SsoRequest",
    "Stay",
    "StaysWith",
    "StopAsked",
    "StoreRecord",
    "Subscription",
    "TaskNotice",
    "TelephoneEntry",
    "Threat",
    "Unit",
    "Webhook",
    "WhoKnows",
]
