"""What a check can find: a closed list, each with how bad it is. The words of both languages are in the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from placement.core.codes import CodeWithFacts


class Level(StrEnum):
    WELL = "well"
    WARNING = "warning"
    """It works, and something should be done."""
    WRONG = "wrong"


class Area(StrEnum):
    STORE = "store"
    SCHEMA = "schema"
    KEYS = "keys"
    LOG = "log"
    CLOCK = "clock"
    JOBS = "jobs"
    ENGINE = "engine"
    LIVENESS = "liveness"
    MAIL = "mail"
    SHEET = "sheet"
    PROXY = "proxy"
    DISK = "disk"
    BACKUP = "backup"
    THEME = "theme"


class Found(CodeWithFacts):
    def __init__(self, _: str, area: Area, level: Level) -> None:
        self.area, self.level = area, level

    STORE_WELL = "store_well", Area.STORE, Level.WELL
    STORE_FAILS = "store_fails", Area.STORE, Level.WRONG
    STORE_KEEPS_ORDER = "store_keeps_order", Area.STORE, Level.WARNING
    STORE_ORDER_LATE = "store_order_late", Area.STORE, Level.WARNING
    SCHEMA_WELL = "schema_well", Area.SCHEMA, Level.WELL
    SCHEMA_OTHER = "schema_other", Area.SCHEMA, Level.WRONG
    KEYS_WELL = "keys_well", Area.KEYS, Level.WELL
    KEYS_FOREIGN = "keys_foreign", Area.KEYS, Level.WRONG
    KEYS_MISSING = "keys_missing", Area.KEYS, Level.WRONG
    KEYS_DESTROYED = "keys_destroyed", Area.KEYS, Level.WRONG
    KEYS_HALF_DESTROYED = "keys_half_destroyed", Area.KEYS, Level.WRONG
    KEYS_AWAY = "keys_away", Area.KEYS, Level.WRONG
    KEYS_OLDER = "keys_older", Area.KEYS, Level.WARNING
    KEYS_NOT_COPIED = "keys_not_copied", Area.KEYS, Level.WARNING
    LOG_WELL = "log_well", Area.LOG, Level.WELL
    LOG_DOES_NOT_FIT = "log_does_not_fit", Area.LOG, Level.WRONG
    LOG_CUT_OFF = "log_cut_off", Area.LOG, Level.WRONG
    LOG_OTHER = "log_other", Area.LOG, Level.WRONG
    LOG_NO_HEAD = "log_no_head", Area.LOG, Level.WARNING
    LOG_UNSEALED = "log_unsealed", Area.LOG, Level.WARNING
    CLOCK_WELL = "clock_well", Area.CLOCK, Level.WELL
    CLOCK_BEHIND = "clock_behind", Area.CLOCK, Level.WRONG
    CLOCK_DIFFERS = "clock_differs", Area.CLOCK, Level.WRONG
    CLOCK_FREE = "clock_free", Area.CLOCK, Level.WARNING
    JOBS_WELL = "jobs_well", Area.JOBS, Level.WELL
    JOBS_LATE = "jobs_late", Area.JOBS, Level.WRONG
    JOB_FAILS = "job_fails", Area.JOBS, Level.WRONG
    ENGINE_WELL = "engine_well", Area.ENGINE, Level.WELL
    ENGINE_AWAY = "engine_away", Area.ENGINE, Level.WRONG
    ENGINE_DEGRADED = "engine_degraded", Area.ENGINE, Level.WRONG
    LIVENESS_WELL = "liveness_well", Area.LIVENESS, Level.WELL
    LIVENESS_HANGS = "liveness_hangs", Area.LIVENESS, Level.WRONG
    LIVENESS_NOT_HEARD = "liveness_not_heard", Area.LIVENESS, Level.WRONG
    LIVENESS_NONE = "liveness_none", Area.LIVENESS, Level.WARNING
    MAIL_WELL = "mail_well", Area.MAIL, Level.WELL
    MAIL_NONE = "mail_none", Area.MAIL, Level.WARNING
    MAIL_FAILS = "mail_fails", Area.MAIL, Level.WRONG
    MAIL_NOT_TAKEN = "mail_not_taken", Area.MAIL, Level.WRONG
    SHEET_WELL = "sheet_well", Area.SHEET, Level.WELL
    SHEET_NONE = "sheet_none", Area.SHEET, Level.WARNING
    SHEET_WRONG_KEY = "sheet_wrong_key", Area.SHEET, Level.WRONG
    PROXY_WELL = "proxy_well", Area.PROXY, Level.WELL
    PROXY_NO_ADDRESS = "proxy_no_address", Area.PROXY, Level.WARNING
    PROXY_NOT_TRUSTED = "proxy_not_trusted", Area.PROXY, Level.WARNING
    PROXY_EVERYONE = "proxy_everyone", Area.PROXY, Level.WRONG
    PROXY_ANY_HOST = "proxy_any_host", Area.PROXY, Level.WARNING
    PROXY_OTHER_HOST = "proxy_other_host", Area.PROXY, Level.WRONG
    PROXY_FAILS = "proxy_fails", Area.PROXY, Level.WRONG
    DISK_WELL = "disk_well", Area.DISK, Level.WELL
    DISK_LOW = "disk_low", Area.DISK, Level.WARNING
    DISK_FULL = "disk_full", Area.DISK, Level.WRONG
    BACKUP_WELL = "backup_well", Area.BACKUP, Level.WELL
    BACKUP_NONE = "backup_none", Area.BACKUP, Level.WRONG
    BACKUP_OLD = "backup_old", Area.BACKUP, Level.WRONG
    BACKUP_KEYS_OLD = "backup_keys_old", Area.BACKUP, Level.WARNING
    BACKUP_KEYS_KEPT = "backup_keys_kept", Area.BACKUP, Level.WRONG
    THEME_WELL = "theme_well", Area.THEME, Level.WELL
    THEME_NONE = "theme_none", Area.THEME, Level.WELL
    THEME_WEAK = "theme_weak", Area.THEME, Level.WARNING
    THEME_REFUSED = "theme_refused", Area.THEME, Level.WARNING


@dataclass(frozen=True, slots=True)
class Finding:
    """`facts`: for the words. None of them is of a case."""

    found: Found
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        one = self.found
        return {"check": one.area.value, "level": one.level.value, "found": one.value, "facts": dict(self.facts)}
