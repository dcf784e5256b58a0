"""Every table, so that one import knows them all."""

from placement.tables.account import AccessToken, Account, ApiKey
from placement.tables.audit import AuditEvent, IdempotentRequest, JobRun
from placement.tables.capacity import CapacityReport, RoomReport
from placement.tables.keys import DataKey, KeyStoreName
from placement.tables.legal_hold import LegalHold
from placement.tables.proposal import Decision, Policy, Proposal
from placement.tables.registration import Avoidance, KeepApart, RegisteredPerson, Registration, Threat
from placement.tables.shelter import Bed, Location, ProfileQuestion, Provider, Room, Shelter, Unit
from placement.tables.stay import BedClaim, Hold, Stay

__all__ = [
    "AccessToken",
    "Account",
    "ApiKey",
    "AuditEvent",
    "Avoidance",
    "Bed",
    "BedClaim",
    "CapacityReport",
    "DataKey",
    "Decision",
    "Hold",
    "IdempotentRequest",
    "JobRun",
    "KeepApart",
    "KeyStoreName",
    "LegalHold",
    "Location",
    "Policy",
    "ProfileQuestion",
    "Proposal",
    "Provider",
    "RegisteredPerson",
    "Registration",
    "Room",
    "RoomReport",
    "Shelter",
    "Stay",
    "Threat",
    "Unit",
]
