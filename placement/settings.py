"""The one place that reads the environment. Every limit has its unit in its name."""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from placement.errors import Misconfigured

_MOST_HOURS = 24 * 366
_IN_ENVIRONMENT = "PLACEMENT_FIELD_KEYS"


@dataclass(frozen=True, slots=True)
class Settings:
    """What may differ between two installations. Figures marked *assumed* have no source: see `docs/domain.md`."""

    var: Path = Path("var")
    database_url: str = "sqlite:///var/placement.db"
    field_keys: tuple[str, ...] = ()
    """The service's keys, the newest first (`PLACEMENT_FIELD_KEYS`, else the file `var/keys/field.keys`)."""
    field_key_file: Path | None = None
    """That file, where they come from it: a new key in it counts at once."""
    key_store: Path = Path("var/keys/data")
    """The folder of the data keys; its backups are not those of the database (`docs/decisions/0015`)."""

    token_lifetime: timedelta = timedelta(minutes=15)
    hold_lifetime: timedelta = timedelta(hours=4)
    proposal_lifetime: timedelta = timedelta(hours=4)
    arrival_grace: timedelta = timedelta(hours=12)
    fresh_within: timedelta = timedelta(hours=24)
    stale_after: timedelta = timedelta(hours=72)
    answer_within_seconds: float = 5.0
    """A proposal is answered within this time, whatever the solver does."""

    standing_confirmation: bool = False
    """Whether the desk confirms beforehand what a coordinator accepts as proposed (COSM and OMM)."""

    def __post_init__(self) -> None:
        if self.fresh_within > self.stale_after:
            raise Misconfigured("PLACEMENT_FRESH_HOURS must not be above PLACEMENT_STALE_HOURS")

    @classmethod
    def from_environment(cls) -> "Settings":
        """Raises `Misconfigured` for a value that cannot be read; it names the variable."""
        var = Path(os.environ.get("PLACEMENT_VAR", "var"))
        file = key_file(var)
        defaults = cls()
        return cls(
            var=var,
            database_url=_database_url(os.environ.get("DATABASE_URL") or f"sqlite:///{var / 'placement.db'}"),
            field_keys=_field_keys(file),
            field_key_file=file if _IN_ENVIRONMENT not in os.environ and file.exists() else None,
            key_store=Path(os.environ.get("PLACEMENT_KEY_STORE") or var / "keys" / "data"),
            hold_lifetime=_hours("PLACEMENT_HOLD_HOURS", defaults.hold_lifetime),
            fresh_within=_hours("PLACEMENT_FRESH_HOURS", defaults.fresh_within),
            stale_after=_hours("PLACEMENT_STALE_HOURS", defaults.stale_after),
            standing_confirmation=_yes_or_no("PLACEMENT_STANDING_CONFIRMATION", default=False),
        )


def _database_url(url: str) -> str:
    """`postgres://` is what hosting companies write; `postgresql://` means psycopg 3 in SQLAlchemy 2.1."""
    return url.replace("postgres://", "postgresql://", 1)


def key_file(var: Path) -> Path:
    return var / "keys" / "field.keys"


def _field_keys(file: Path) -> tuple[str, ...]:
    written = os.environ.get(_IN_ENVIRONMENT)
    if written is None:
        written = file.read_text() if file.exists() else ""
    return tuple(written.replace(",", " ").split())


def _hours(name: str, default: timedelta) -> timedelta:
    written = os.environ.get(name)
    if written is None:
        return default
    try:
        hours = float(written)
    except ValueError:
        hours = 0
    if not 0 < hours <= _MOST_HOURS:
        raise Misconfigured(f"{name} must be a number of hours above 0, at most {_MOST_HOURS}; it is {written!r}")
    return timedelta(hours=hours)


def _yes_or_no(name: str, *, default: bool) -> bool:
    written = os.environ.get(name)
    if written is None:
        return default
    if written not in {"yes", "no"}:
        raise Misconfigured(f"{name} must be yes or no; it is {written!r}")
    return written == "yes"
