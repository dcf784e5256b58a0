"""Settings: the one place that reads the environment. Every limit has its unit in its name."""

import os
import re
from dataclasses import dataclass, field
from datetime import time, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from placement.core.codes import Role
from placement.core.errors import Misconfigured

Networks = tuple[IPv4Network | IPv6Network, ...]

_MOST_HOURS = 24 * 366
LONGEST_IDLE = timedelta(hours=24)
"""A session is kept for so long without use (`placement/retention/kinds.py`)."""
_IN_ENVIRONMENT = "PLACEMENT_FIELD_KEYS"
_LAST_HOUR = 23
_NIGHT = re.compile(r"(\d{1,2})-(\d{1,2})", re.ASCII)
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+", re.ASCII)
_CLOCK_CHANGES = 2
"""The hour that occurs twice or not at all when the clock changes."""

SMTP_PORTS = {"starttls": 587, "tls": 465, "none": 25}
"""The usual port, by the encryption of the connection to a mail server."""

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_SAFE_ADDRESSES = ("https://", "http://localhost:", "http://127.0.0.1:", "http://[::1]:")


@dataclass(frozen=True, slots=True)
class SsoProvider:
    """A provider of single sign-on, and our own address: the provider sends the browser back to `address`."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    address: str
    second_factor_acr: tuple[str, ...] = ()
    """Values of `acr` by which the provider says that it asked for a second factor."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """The server that accepts our mail."""

    host: str
    port: int
    tls: str
    """`starttls`, `tls` (from the first byte), or `none`, on this machine alone."""

    sender: str
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Contact:
    """The contact of the operator. It is in the description of the API, which is public."""

    name: str = ""
    email: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings that may differ between installations. Figures marked *assumed* have no source: see
    `docs/domain.md`.
    """

    var: Path = Path("var")
    database_url: str = "sqlite:///var/placement.db"
    field_keys: tuple[str, ...] = ()
    """The service's keys, the newest first (`PLACEMENT_FIELD_KEYS`, else the file `var/keys/field.keys`)."""
    field_key_file: Path | None = None
    """The file that they come from, if any: a new key in it counts at once."""
    key_store: Path = Path("var/keys/data")
    """The folder of the data keys; its backups are not those of the database (`docs/decisions/0015`)."""

    audit_key: str = ""
    """Keys of the log's hash chain, the newest first (`PLACEMENT_AUDIT_KEY`, else the file `var/keys/audit.key`)."""
    audit_key_file: Path | None = None
    """The file that they come from, if any: a new key in it counts when the log says so."""

    audit_heads: Path = Path("var/audit-heads.jsonl")
    """Where the head of the log is written each hour: best on another machine, or on an append-only mount."""

    odd_cases_an_hour: int = 30  # assumed
    odd_refusals_an_hour: int = 10  # assumed
    night_duty: frozenset[Role] = frozenset({Role.DESK})
    """Roles that may work at night without an anomaly."""

    night: tuple[int, int] = (22, 6)
    """The hours in Amsterdam at which the night begins and ends."""

    opened_for: timedelta = timedelta(minutes=60)  # assumed
    """How long an access grant to a case outside one's own lasts."""

    token_lifetime: timedelta = timedelta(minutes=15)
    session_idle: timedelta = timedelta(minutes=15)
    session_lifetime: timedelta = timedelta(hours=12)
    fresh_second_factor: timedelta = timedelta(minutes=5)
    """How long a second factor that was given again is fresh."""

    invitation_lifetime: timedelta = timedelta(hours=72)
    plain_http: bool = False
    """Cookies without `Secure` and its name prefix: for trying the service without TLS, on this machine only."""

    trusted_proxies: Networks = ()
    """The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are trusted; none where none is named."""

    hosts: frozenset[str] = frozenset()
    """The accepted host names, without port; any where none is named."""

    sso: SsoProvider | None = None
    hold_lifetime: timedelta = timedelta(hours=4)
    proposal_lifetime: timedelta = timedelta(hours=4)
    arrival_grace: timedelta = timedelta(hours=12)
    fresh_within: timedelta = timedelta(hours=24)
    stale_after: timedelta = timedelta(hours=72)
    answer_within_seconds: float = 5.0
    """A proposal is answered within this time, whatever the solver does."""

    disk_reserve_mb: int = 32  # assumed: the audit events of ten thousand reads
    """Kept free beside a SQLite file, for reads on a full disk (`placement/storage/disk_reserve.py`)."""

    address: str = ""
    """The service's own address, as typed in a browser: links in emails begin with it."""

    contact: Contact | None = None
    smtp: Smtp | None = None
    """Without a mail server no email goes out: it waits, and is shown as waiting."""

    webhook_within_seconds: float = 10.0
    mail_within_seconds: float = 30.0  # assumed
    """For one webhook call or email: from looking up the name to the answer. Far less than a claim (`outbox.py`)."""

    remind_at: tuple[time, ...] = (time(6), time(16))
    """When shelters without a fresh count are asked for one, in Amsterdam."""

    quiet: tuple[int, int] = (22, 6)
    """Quiet hours in Amsterdam: reminders that are not urgent wait until the morning."""

    standing_confirmation: bool = False
    """Standing confirmation: whether the desk confirms beforehand what a coordinator accepts as proposed (COSM and
    OMM).
    """

    def __post_init__(self) -> None:
        if self.fresh_within > self.stale_after:
            raise Misconfigured("PLACEMENT_FRESH_HOURS must not be above PLACEMENT_STALE_HOURS")
        if self.session_idle > LONGEST_IDLE:
            raise Misconfigured("PLACEMENT_SESSION_IDLE_HOURS must not be above 24: after that a session is forgotten")
        if self.session_idle > self.session_lifetime:
            raise Misconfigured("PLACEMENT_SESSION_IDLE_HOURS must not be above PLACEMENT_SESSION_HOURS")

    @classmethod
    def from_environment(cls) -> "Settings":
        """The settings of the environment. Raises `Misconfigured` for a value that cannot be read; it names the
        variable.
        """
        var = Path(os.environ.get("PLACEMENT_VAR", "var"))
        file = key_file(var)
        defaults = cls()
        return cls(
            var=var,
            database_url=_database_url(os.environ.get("DATABASE_URL") or f"sqlite:///{var / 'placement.db'}"),
            field_keys=_field_keys(file),
            field_key_file=_if_used(file, _IN_ENVIRONMENT),
            key_store=Path(os.environ.get("PLACEMENT_KEY_STORE") or var / "keys" / "data"),
            audit_key=_audit_key(audit_key_file(var)),
            audit_key_file=_if_used(audit_key_file(var), "PLACEMENT_AUDIT_KEY"),
            audit_heads=Path(os.environ.get("PLACEMENT_AUDIT_HEADS") or var / "audit-heads.jsonl"),
            odd_cases_an_hour=_count("PLACEMENT_ODD_CASES", defaults.odd_cases_an_hour),
            odd_refusals_an_hour=_count("PLACEMENT_ODD_REFUSALS", defaults.odd_refusals_an_hour),
            night_duty=_roles("PLACEMENT_NIGHT_DUTY", defaults.night_duty),
            night=_night("PLACEMENT_NIGHT", defaults.night),
            opened_for=_hours("PLACEMENT_OPENED_HOURS", defaults.opened_for),
            session_idle=_hours("PLACEMENT_SESSION_IDLE_HOURS", defaults.session_idle),
            session_lifetime=_hours("PLACEMENT_SESSION_HOURS", defaults.session_lifetime),
            invitation_lifetime=_hours("PLACEMENT_INVITATION_HOURS", defaults.invitation_lifetime),
            trusted_proxies=_networks("PLACEMENT_TRUSTED_PROXIES"),
            hosts=frozenset(os.environ.get("PLACEMENT_HOSTS", "").lower().replace(",", " ").split()),
            sso=_sso(),
            plain_http=_yes_or_no("PLACEMENT_PLAIN_HTTP", default=defaults.plain_http),
            hold_lifetime=_hours("PLACEMENT_HOLD_HOURS", defaults.hold_lifetime),
            fresh_within=_hours("PLACEMENT_FRESH_HOURS", defaults.fresh_within),
            stale_after=_hours("PLACEMENT_STALE_HOURS", defaults.stale_after),
            disk_reserve_mb=_count("PLACEMENT_DISK_RESERVE_MB", defaults.disk_reserve_mb),
            address=_address(),
            contact=_contact(),
            smtp=_smtp(),
            remind_at=_times("PLACEMENT_REMIND_AT", defaults.remind_at),
            quiet=_night("PLACEMENT_QUIET", defaults.quiet),
            standing_confirmation=_yes_or_no("PLACEMENT_STANDING_CONFIRMATION", default=False),
        )


def _database_url(url: str) -> str:
    """`postgres://` is what hosting companies write; `postgresql://` means psycopg 3 in SQLAlchemy 2.1."""
    return url.replace("postgres://", "postgresql://", 1)


def metrics_folder(var: Path) -> Path:
    """The folder in which the web processes of one `placement serve` share their metrics."""
    return var / "metrics"


def key_file(var: Path) -> Path:
    return var / "keys" / "field.keys"


def _field_keys(file: Path) -> tuple[str, ...]:
    written = os.environ.get(_IN_ENVIRONMENT)
    if written is None:
        written = file.read_text() if file.exists() else ""
    return tuple(written.replace(",", " ").split())


def audit_key_file(var: Path) -> Path:
    return var / "keys" / "audit.key"


def _if_used(file: Path, instead: str) -> Path | None:
    """The file, where it exists and the environment does not give the value itself."""
    return file if instead not in os.environ and file.exists() else None


def _audit_key(file: Path) -> str:
    written = os.environ.get("PLACEMENT_AUDIT_KEY")
    if written is None:
        written = file.read_text() if file.exists() else ""
    return written.strip()


def _count(name: str, default: int) -> int:
    written = os.environ.get(name)
    if written is None:
        return default
    if not (written.isascii() and written.isdecimal() and int(written) > 0):
        raise Misconfigured(f"{name} must be a whole number above 0; it is {written!r}")
    return int(written)


def _roles(name: str, default: frozenset[Role]) -> frozenset[Role]:
    written = os.environ.get(name)
    if written is None:
        return default
    try:
        return frozenset(Role(role) for role in written.replace(",", " ").split())
    except ValueError as error:
        raise Misconfigured(f"{name} must be roles out of: {', '.join(Role)}; it is {written!r}") from error


def _night(name: str, default: tuple[int, int]) -> tuple[int, int]:
    """Such as `22-6`: two hours, the night starts in the evening and ends in the morning."""
    written = os.environ.get(name)
    if written is None:
        return default
    found = _NIGHT.fullmatch(written.strip())
    begins, ends = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 0 < ends < begins <= _LAST_HOUR:
        raise Misconfigured(f"{name} must be two hours, of an evening and a morning, such as 22-6; it is {written!r}")
    return begins, ends


def _networks(name: str) -> Networks:
    written = os.environ.get(name, "")
    try:
        return tuple(ip_network(one) for one in written.replace(",", " ").split())
    except ValueError as error:
        raise Misconfigured(f"{name} must be networks such as 10.0.0.0/24, ::1/128; it is {written!r}") from error


def _sso() -> SsoProvider | None:
    """Single sign-on: all of its settings, or none."""
    names = ("PLACEMENT_SSO_ISSUER", "PLACEMENT_SSO_CLIENT", "PLACEMENT_SSO_SECRET_FILE", "PLACEMENT_ADDRESS")
    given = {name: os.environ[name] for name in names if os.environ.get(name)}
    if "PLACEMENT_SSO_ISSUER" not in given:
        return None
    missing = sorted(set(names) - set(given))
    if missing:
        raise Misconfigured(f"single sign-on also needs {', '.join(missing)}")
    issuer, client_id, file, address = (given[name] for name in names)
    for name in ("PLACEMENT_SSO_ISSUER", "PLACEMENT_ADDRESS"):
        if not given[name].startswith(_SAFE_ADDRESSES):
            raise Misconfigured(f"{name} must begin with https:// (http:// on this machine alone)")
    acr = tuple(os.environ.get("PLACEMENT_SSO_ACR", "").split())
    return SsoProvider(issuer, client_id, Path(file).read_text().strip(), address.rstrip("/"), acr)


def _address() -> str:
    written = os.environ.get("PLACEMENT_ADDRESS", "").rstrip("/")
    if written and not written.startswith(_SAFE_ADDRESSES):
        raise Misconfigured("PLACEMENT_ADDRESS must begin with https:// (http:// on this machine alone)")
    return written


def _contact() -> Contact | None:
    """The parts of the contact that are given."""
    names = ("PLACEMENT_CONTACT_NAME", "PLACEMENT_CONTACT_EMAIL", "PLACEMENT_CONTACT_URL")
    name, email, url = (os.environ.get(variable, "").strip() for variable in names)
    if email and not _EMAIL.fullmatch(email):
        raise Misconfigured("PLACEMENT_CONTACT_EMAIL must be an e-mail address")
    if url and not url.startswith("https://"):
        raise Misconfigured("PLACEMENT_CONTACT_URL must begin with https://")
    return Contact(name, email, url) if name or email or url else None


def _smtp() -> Smtp | None:
    """The server and the sender, or none; a user name needs a password, and neither is sent unencrypted."""
    host = os.environ.get("PLACEMENT_SMTP_HOST")
    if not host:
        return None
    tls = os.environ.get("PLACEMENT_SMTP_TLS", "starttls")
    if tls not in SMTP_PORTS:
        raise Misconfigured(f"PLACEMENT_SMTP_TLS must be one of {', '.join(SMTP_PORTS)}; it is {tls!r}")
    if tls == "none" and host not in LOOPBACK:
        raise Misconfigured("PLACEMENT_SMTP_TLS=none is for a mail server on this machine alone")
    missing = [name for name in ("PLACEMENT_SMTP_SENDER", "PLACEMENT_ADDRESS") if not os.environ.get(name)]
    if missing:
        raise Misconfigured(f"mail also needs {', '.join(missing)}")
    user, file = os.environ.get("PLACEMENT_SMTP_USER", ""), os.environ.get("PLACEMENT_SMTP_PASSWORD_FILE", "")
    if bool(user) != bool(file):
        raise Misconfigured("PLACEMENT_SMTP_USER and PLACEMENT_SMTP_PASSWORD_FILE go together")
    password = Path(file).read_text().strip() if file else ""
    if not (user + password).isascii():  # the standard library sends no other, and would fail at every mail
        raise Misconfigured("PLACEMENT_SMTP_USER and the password in PLACEMENT_SMTP_PASSWORD_FILE must be plain ASCII")
    sender = os.environ["PLACEMENT_SMTP_SENDER"]
    return Smtp(host, _count("PLACEMENT_SMTP_PORT", SMTP_PORTS[tls]), tls, sender, user, password)


def _times(name: str, default: tuple[time, ...]) -> tuple[time, ...]:
    """Such as `06:00,16:00`. Not between 02:00 and 03:00: once a year that occurs twice, and once it does not occur."""
    written = os.environ.get(name)
    if written is None:
        return default
    try:
        found = tuple(sorted({time.fromisoformat(one) for one in written.replace(",", " ").split()}))
    except ValueError:
        found = ()
    if not found or any(one.hour == _CLOCK_CHANGES or one.tzinfo or one.second for one in found):
        raise Misconfigured(f"{name} must be times such as 06:00, not between 02:00 and 03:00; it is {written!r}")
    return found


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
