"""All possible findings of the checks, each with its level. The catalogue has their texts in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from placement.core.codes import CodeWithFacts


class Level(StrEnum):
    WELL = "well"
    WARNING = "warning"
    """The installation still works, but something should be done."""
    WRONG = "wrong"


class Area(StrEnum):
    SETTINGS = "settings"
    FILES = "files"
    STORE = "store"
    SCHEMA = "schema"
    KEYS = "keys"
    LOG = "log"
    ROWS = "rows"
    ADMINS = "admins"
    CLOCK = "clock"
    JOBS = "jobs"
    ENGINE = "engine"
    LIVENESS = "liveness"
    MAIL = "mail"
    SHEET = "sheet"
    PROXY = "proxy"
    DISK = "disk"
    BACKUP = "backup"


class Found(CodeWithFacts):
    def __init__(self, _: str, area: Area, level: Level) -> None:
        self.area, self.level = area, level

    SETTINGS_WELL = "settings_well", Area.SETTINGS, Level.WELL
    SETTINGS_UNKNOWN = "settings_unknown", Area.SETTINGS, Level.WARNING
    SETTINGS_PASSKEYS = "settings_passkeys", Area.SETTINGS, Level.WRONG
    SETTINGS_PLAIN_HTTP = "settings_plain_http", Area.SETTINGS, Level.WRONG
    FILES_WELL = "files_well", Area.FILES, Level.WELL
    FILES_KEYS_OPEN = "files_keys_open", Area.FILES, Level.WRONG
    FILES_OPEN = "files_open", Area.FILES, Level.WARNING
    FILES_OTHER_OWNER = "files_other_owner", Area.FILES, Level.WRONG
    FILES_NOT_WRITABLE = "files_not_writable", Area.FILES, Level.WRONG
    STORE_WELL = "store_well", Area.STORE, Level.WELL
    STORE_AWAY = "store_away", Area.STORE, Level.WRONG
    STORE_REFUSES_US = "store_refuses_us", Area.STORE, Level.WRONG
    STORE_NO_RIGHT = "store_no_right", Area.STORE, Level.WRONG
    STORE_BUSY = "store_busy", Area.STORE, Level.WRONG
    STORE_FULL = "store_full", Area.STORE, Level.WRONG
    STORE_READ_ONLY = "store_read_only", Area.STORE, Level.WRONG
    STORE_DAMAGED = "store_damaged", Area.STORE, Level.WRONG
    STORE_FAILS = "store_fails", Area.STORE, Level.WRONG
    STORE_LOST = "store_lost", Area.STORE, Level.WRONG
    STORE_SYNTHETIC = "store_synthetic", Area.STORE, Level.WARNING
    STORE_KEEPS_ORDER = "store_keeps_order", Area.STORE, Level.WARNING
    STORE_ORDER_LATE = "store_order_late", Area.STORE, Level.WARNING
    SCHEMA_WELL = "schema_well", Area.SCHEMA, Level.WELL
    SCHEMA_NONE = "schema_none", Area.SCHEMA, Level.WRONG
    SCHEMA_OLDER = "schema_older", Area.SCHEMA, Level.WRONG
    SCHEMA_TOO_OLD = "schema_too_old", Area.SCHEMA, Level.WRONG
    SCHEMA_NEWER = "schema_newer", Area.SCHEMA, Level.WRONG
    SCHEMA_SHARED = "schema_shared", Area.SCHEMA, Level.WARNING
    SCHEMA_FOREIGN = "schema_foreign", Area.SCHEMA, Level.WRONG
    SCHEMA_INCOMPLETE = "schema_incomplete", Area.SCHEMA, Level.WRONG
    KEYS_WELL = "keys_well", Area.KEYS, Level.WELL
    KEYS_UNUSABLE = "keys_unusable", Area.KEYS, Level.WRONG
    KEYS_FOREIGN = "keys_foreign", Area.KEYS, Level.WRONG
    KEYS_OTHER_SERVICE = "keys_other_service", Area.KEYS, Level.WRONG
    KEYS_OLD_MISSING = "keys_old_missing", Area.KEYS, Level.WRONG
    KEYS_MISSING = "keys_missing", Area.KEYS, Level.WRONG
    KEYS_RETURNED = "keys_returned", Area.KEYS, Level.WRONG
    KEYS_DESTROYED = "keys_destroyed", Area.KEYS, Level.WRONG
    KEYS_HALF_DESTROYED = "keys_half_destroyed", Area.KEYS, Level.WRONG
    KEYS_AWAY = "keys_away", Area.KEYS, Level.WRONG
    KEYS_OLDER = "keys_older", Area.KEYS, Level.WARNING
    KEYS_NOT_COPIED = "keys_not_copied", Area.KEYS, Level.WARNING
    LOG_WELL = "log_well", Area.LOG, Level.WELL
    LOG_OTHER_KEY = "log_other_key", Area.LOG, Level.WRONG
    LOG_CHANGED = "log_changed", Area.LOG, Level.WRONG
    LOG_CUT_OFF = "log_cut_off", Area.LOG, Level.WRONG
    LOG_PUT_BACK = "log_put_back", Area.LOG, Level.WRONG
    LOG_OTHER = "log_other", Area.LOG, Level.WRONG
    LOG_UNGUARDED = "log_unguarded", Area.LOG, Level.WRONG
    LOG_HEADS_TORN = "log_heads_torn", Area.LOG, Level.WRONG
    LOG_HEADS_GONE = "log_heads_gone", Area.LOG, Level.WARNING
    LOG_NO_HEAD = "log_no_head", Area.LOG, Level.WARNING
    LOG_UNSEALED = "log_unsealed", Area.LOG, Level.WARNING
    LOG_NOT_SENT = "log_not_sent", Area.LOG, Level.WARNING
    ROWS_WELL = "rows_well", Area.ROWS, Level.WELL
    ROWS_CHANGED = "rows_changed", Area.ROWS, Level.WRONG
    ROWS_DIFFER = "rows_differ", Area.ROWS, Level.WRONG
    CHECK_LATE = "check_late", Area.ROWS, Level.WRONG
    ADMINS_WELL = "admins_well", Area.ADMINS, Level.WELL
    ADMINS_NONE = "admins_none", Area.ADMINS, Level.WRONG
    ADMINS_INVITED = "admins_invited", Area.ADMINS, Level.WARNING
    ADMINS_ALONE = "admins_alone", Area.ADMINS, Level.WARNING
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
    MAIL_SENDER_REFUSED = "mail_sender_refused", Area.MAIL, Level.WRONG
    MAIL_NOT_TAKEN = "mail_not_taken", Area.MAIL, Level.WRONG
    SHEET_WELL = "sheet_well", Area.SHEET, Level.WELL
    SHEET_NONE = "sheet_none", Area.SHEET, Level.WARNING
    SHEET_WRONG_KEY = "sheet_wrong_key", Area.SHEET, Level.WRONG
    PROXY_WELL = "proxy_well", Area.PROXY, Level.WELL
    PROXY_NO_ADDRESS = "proxy_no_address", Area.PROXY, Level.WARNING
    PROXY_PATH = "proxy_path", Area.PROXY, Level.WRONG
    PROXY_NOT_TRUSTED = "proxy_not_trusted", Area.PROXY, Level.WARNING
    PROXY_EVERYONE = "proxy_everyone", Area.PROXY, Level.WRONG
    PROXY_ANY_HOST = "proxy_any_host", Area.PROXY, Level.WARNING
    PROXY_OTHER_HOST = "proxy_other_host", Area.PROXY, Level.WRONG
    PROXY_OTHER_SERVICE = "proxy_other_service", Area.PROXY, Level.WRONG
    PROXY_FAILS = "proxy_fails", Area.PROXY, Level.WRONG
    DISK_WELL = "disk_well", Area.DISK, Level.WELL
    DISK_LOW = "disk_low", Area.DISK, Level.WARNING
    DISK_FULL = "disk_full", Area.DISK, Level.WRONG
    BACKUP_WELL = "backup_well", Area.BACKUP, Level.WELL
    BACKUP_NONE = "backup_none", Area.BACKUP, Level.WRONG
    BACKUP_NO_RECIPIENTS = "backup_no_recipients", Area.BACKUP, Level.WRONG
    BACKUP_WRONG_RECIPIENT = "backup_wrong_recipient", Area.BACKUP, Level.WRONG
    BACKUP_NO_PROGRAM = "backup_no_program", Area.BACKUP, Level.WRONG
    BACKUP_FOLDER_EMPTY = "backup_folder_empty", Area.BACKUP, Level.WRONG
    BACKUP_FOREIGN = "backup_foreign", Area.BACKUP, Level.WRONG
    BACKUP_TORN = "backup_torn", Area.BACKUP, Level.WRONG
    BACKUP_OLD = "backup_old", Area.BACKUP, Level.WRONG
    BACKUP_KEYS_OLD = "backup_keys_old", Area.BACKUP, Level.WARNING
    BACKUP_KEYS_KEPT = "backup_keys_kept", Area.BACKUP, Level.WRONG


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding. `facts`: the values in its text. They are never data of a case."""

    found: Found
    facts: Mapping[str, object] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        one = self.found
        return {"check": one.area.value, "level": one.level.value, "found": one.value, "facts": dict(self.facts)}
