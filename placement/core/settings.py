"""Settings. Only this module reads the environment. `tests.support.settings_table` writes their reference."""

from datetime import date, time, timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, SettingsConfigDict

from placement.core import setting_texts as texts
from placement.core.anomaly_settings import AnomalySettings
from placement.core.codes import Role
from placement.core.duty_codes import OutOfHours
from placement.core.errors import Misconfigured
from placement.core.ladder_settings import LadderSettings, SmsVariables
from placement.core.load_settings import LoadSettings
from placement.core.practice_settings import PracticeSettings
from placement.core.setting_fields import Address as _Address
from placement.core.setting_fields import Count as _Count
from placement.core.setting_fields import DatabaseUrl
from placement.core.setting_fields import Seconds as _Seconds
from placement.core.setting_fields import Switch as _Switch
from placement.core.setting_fields import text as _text
from placement.core.setting_fields import variable as _variable
from placement.core.setting_files import audit_key_file, key_file, settings_file
from placement.core.setting_limits import KEY_BACKUPS_KEPT, NOT_ABOVE, limit_shown, nearest, outward_settings, unknown
from placement.core.setting_parts import Contact, RelyingParty, SmsGateway, Smtp, SsoProvider
from placement.core.syslog_settings import Syslog, SyslogVariables

SMTP_PORTS = {"starttls": 587, "tls": 465, "none": 25}
"""The usual port of a mail server, for each kind of encryption."""

OF_A_GROUP = frozenset({"run", "engines"})
"""Settings of a group of processes. Groups that use the same database have different values of these settings."""

_OF_A_MACHINE = OF_A_GROUP | {"var", "key_store", "key_token", "audit_heads", "backup_folder", "postgresql_programs"}
"""Settings that differ between machines. A backup does not contain these settings."""

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
Networks = tuple[IPv4Network | IPv6Network, ...]


_UnlessEmpty = _text(texts.unless_empty)
_Line = Annotated[str, _text(str.strip)]
_Words = Annotated[tuple[str, ...], _text(texts.words)]
_Names = Annotated[frozenset[str], _text(lambda written: texts.words(written.lower()))]
_Folder = Annotated[Path, _UnlessEmpty]
# Each text completes the message about a wrong value: "the setting must ...".
_Hours = Annotated[timedelta, _text(texts.hours), f"be a number of hours above 0, at most {texts.MOST_HOURS}"]
_Night = Annotated[tuple[int, int], _text(texts.night), "be two hours, of an evening and a morning, such as 22-6"]
_DutyHours = Annotated[tuple[int, int], _text(texts.hours_of_duty), "be two hours of a day from 3 on, such as 9-17"]
_DutyDays = Annotated[
    frozenset[Annotated[int, Field(ge=1, le=7)]], _text(texts.words), "be days of the week, such as 1 2 3"
]
_OutOfHours = Annotated[OutOfHours, _UnlessEmpty, f"be one of {', '.join(OutOfHours)}"]
_Times = Annotated[tuple[time, ...], _text(texts.times), "be times such as 06:00, not between 02:00 and 03:00"]
_Day = Annotated[date | None, _UnlessEmpty, "be a day such as 2027-03-01"]
_Roles = Annotated[frozenset[Role], _text(texts.words), f"be roles out of: {', '.join(Role)}"]
_Networks = Annotated[Networks, _text(texts.words), "be networks such as 10.0.0.0/24, ::1/128"]
_Tls = Annotated[Literal["starttls", "tls", "none"], _UnlessEmpty, f"be one of {', '.join(SMTP_PORTS)}"]
_Passkeys = Annotated[Literal["off", "optional", "required"], _UnlessEmpty, "be one of off, optional, required"]
OwnAddress = Annotated[_Address, _text(lambda written: written.rstrip("/"))]
_Email = Annotated[_Line, Field(pattern=r"^([^\s@]+@[^\s@]+)?$"), "be an e-mail address"]
_Token = Annotated[_Line, Field(pattern=r"^(pkcs11:|$)"), "begin with pkcs11:"]
_SecretWord = Annotated[_Line, Field(pattern=r"^(\S{32,})?$"), "have at least 32 characters, and no space"]
_ReportAt = Annotated[_Line, Field(pattern=r"^((https://|mailto:|tel:)\S+)?$"), "begin with https://, mailto: or tel:"]
_Page = Annotated[_Line, Field(pattern=r"^(https://|$)"), "begin with https://"]
_Number = Annotated[_Line, Field(pattern=r"^(\+[1-9]\d{3,14})?$"), "be a number with its country, such as +31301234567"]


class _Rules(BaseModel):
    """Settings with one variable each. Figures marked *assumed* have no source (`docs/domain.md`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, use_attribute_docstrings=True)

    var: Path = _variable("PLACEMENT_VAR", Path("var"), "every installation")
    """The folder for keys and local data."""
    run: _Folder = _variable("PLACEMENT_RUN", lambda known: known["var"] / "run", "two services on one machine")
    """The folder for the lock, sockets and metrics of one group of processes. It needs a short path on a local disk."""
    database_url: DatabaseUrl = _variable(
        "DATABASE_URL", lambda known: f"sqlite:///{known['var'] / 'placement.db'}", "several processes", secret=True
    )
    """The address of the database: `sqlite:///...` or `postgresql://...`."""
    field_keys: _Words = _variable(
        "PLACEMENT_FIELD_KEYS", (), "a store of secrets", shown="the file `var/keys/field.keys`", secret=True
    )
    """The service's encryption keys, the newest first, separated by commas."""
    key_store: _Folder = _variable("PLACEMENT_KEY_STORE", lambda known: known["var"] / "keys/data", "several machines")
    """The folder of the data keys. All machines that serve the same database share it. Its backups are separate from
    the backups of the database ([decision 0015](../decisions/0015-data-key-per-registration.md)).
    """
    key_token: _Token = _variable("PLACEMENT_KEY_TOKEN", "", "a token (HSM)")
    """The PKCS#11 [token](../guide/keys.md) with the master keys: a URI with `token`, `module-path`, `pin-source`."""
    audit_key: _Line = _variable(
        "PLACEMENT_AUDIT_KEY", "", "a store of secrets", shown="the file `var/keys/audit.key`", secret=True
    )
    """Keys of the audit log's hash chain, the newest first: 32 bytes in base64 each."""
    audit_heads: _Folder = _variable(
        "PLACEMENT_AUDIT_HEADS", lambda known: known["var"] / "audit-heads.jsonl", "production"
    )
    """The file for the hourly head of the audit log; best on another machine, or on an append-only mount."""
    night_duty: _Roles = _variable("PLACEMENT_NIGHT_DUTY", frozenset({Role.DESK, Role.REGISTRANT}), "other rules")
    """Roles that can work at night without an anomaly."""
    night: _Night = _variable("PLACEMENT_NIGHT", (22, 6), "other rules")
    """The hours at which the night begins and ends, in Amsterdam."""
    opened_for: _Hours = _variable("PLACEMENT_OPENED_HOURS", timedelta(hours=1), "other rules")
    """The time for which an access grant to a case is valid (assumed)."""
    session_idle: _Hours = _variable("PLACEMENT_SESSION_IDLE_HOURS", timedelta(minutes=15), "other rules")
    """The time without use after which a session ends."""
    session_on_duty: _Hours = _variable("PLACEMENT_SESSION_DUTY_HOURS", timedelta(hours=2), "other rules")
    """The time without use after which a session of the desk on duty ends, in a known browser."""
    session_lifetime: _Hours = _variable("PLACEMENT_SESSION_HOURS", timedelta(hours=12), "other rules")
    """The time after which a session ends even if it is used."""
    invitation_lifetime: _Hours = _variable("PLACEMENT_INVITATION_HOURS", timedelta(hours=72), "other rules")
    """The time within which an invitation can be accepted."""
    plain_http: _Switch = _variable(
        "PLACEMENT_PLAIN_HTTP", False, "a trial", shown="`no`; `yes` with `--demo` on a loopback address"
    )
    """`yes`: cookies without `Secure` and without the name prefix, for a trial on this machine without TLS. Refused if
    other machines can connect.
    """
    demo: _Switch = _variable(
        "PLACEMENT_DEMO", False, "a trial", shown="`no`; `yes` with `--demo` on a loopback address, and never otherwise"
    )
    """`yes`: the sign-in page offers each role of the synthetic country with one click, on this machine only."""
    webauthn: _Passkeys = _variable(
        "PLACEMENT_WEBAUTHN",
        lambda known: "off" if known["plain_http"] else "required",
        "other rules",
        shown="`required`; `off` with `--demo` and where `PLACEMENT_PLAIN_HTTP` is `yes`",
    )
    """Passkeys as the second factor. `required`: for the roles below, optional for others; `optional`: for all roles;
    `off`. Passkeys are bound to the host name in `PLACEMENT_ADDRESS` ([accounts](../guide/accounts.md#passkeys)).
    """
    webauthn_roles: _Roles = _variable("PLACEMENT_WEBAUTHN_ROLES", frozenset({Role.DESK, Role.ADMIN}), "other rules")
    """The roles that can use only a passkey as second factor."""
    trusted_proxies: _Networks = _variable("PLACEMENT_TRUSTED_PROXIES", (), "a reverse proxy")
    """Networks (`10.0.0.0/24, ::1/128`) of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are trusted."""
    metrics_token: _SecretWord = _variable("PLACEMENT_METRICS_TOKEN", "", "production", secret=True)
    """The bearer token for `/metrics` and the figures of `/health/ready`. Without a token nobody can read them."""
    open_schema: _Switch = _variable("PLACEMENT_SCHEMA", False, "software", shown="`no`; `yes` with `--demo`")
    """`yes`: anybody can read the API description at `/schema`."""
    security_contact: _ReportAt = _variable("PLACEMENT_SECURITY_CONTACT", "", "production")
    """The contact for reports of security faults, published at `/.well-known/security.txt` (RFC 9116)."""
    public_telephone: _Number = _variable("PLACEMENT_PUBLIC_TELEPHONE", "", "a page for the public")
    """The help desk's number on the [page for the public](../guide/public.md); without a number, no page."""
    documentation: _Page = _variable("PLACEMENT_DOCS", "", "other rules", shown="what the wheel contains")
    """The address of the documentation, to which `/docs` then leads."""
    hosts: _Names = _variable("PLACEMENT_HOSTS", frozenset(), "production", shown="any")
    """The host names of the service, without port. Requests with another `Host` are answered 421, health checks too."""
    hold_lifetime: _Hours = _variable("PLACEMENT_HOLD_HOURS", timedelta(hours=4), "other rules")
    """The time for which a hold waits for the shelter's answer."""
    fresh_within: _Hours = _variable("PLACEMENT_FRESH_HOURS", timedelta(hours=24), "other rules")
    """The age up to which a count is fresh."""
    stale_after: _Hours = _variable("PLACEMENT_STALE_HOURS", timedelta(hours=72), "other rules")
    """The age from which a count is stale."""
    look_again_days: _Count = _variable("PLACEMENT_LOOK_AGAIN_DAYS", 30, "other rules")
    """The days until a decision that broke a rule is reviewed, if the decision gives no review day (assumed)."""
    near_tie: _Count = _variable("PLACEMENT_NEAR_TIE", 2000, "other rules")
    """The largest difference in points of a near tie: two households of the same urgency are then shown side by side.

    2,000 is a common language, a scheme and a few days of waiting together; a level of urgency is 20,000 or more.
    """
    disk_reserve_mb: _Count = _variable("PLACEMENT_DISK_RESERVE_MB", 32, "SQLite with many readers")
    """Disk space kept free beside a SQLite file, for reads on a full disk (assumed: 10,000 reads' audit events)."""
    pool_size: _Count = _variable("PLACEMENT_POOL_SIZE", 8, "PostgreSQL")
    """The number of PostgreSQL connections that each web process and the scheduler keep open."""
    pool_extra: _Count = _variable("PLACEMENT_POOL_EXTRA", 8, "PostgreSQL")
    """The number of additional connections that a process opens when all are in use; it closes them afterwards."""
    lock_wait_seconds: _Seconds = _variable("PLACEMENT_LOCK_SECONDS", 10, "other rules")
    """The time that an act waits for a lock or a connection, before it is refused with *try again*; on both stores."""
    statement_seconds: _Seconds = _variable("PLACEMENT_STATEMENT_SECONDS", 60, "PostgreSQL")
    """The time after which PostgreSQL cancels a statement (assumed). Migrations and backups have no limit."""
    idle_seconds: _Seconds = _variable("PLACEMENT_IDLE_SECONDS", 60, "PostgreSQL")
    """The time after which PostgreSQL ends an idle transaction (assumed), because it would keep its locks."""
    address: OwnAddress = _variable("PLACEMENT_ADDRESS", "", "passkeys, mail, single sign-on")
    """The service's own address, as typed in a browser, for passkeys (bound to its host name), mail and
    single sign-on.
    """
    remind_at: _Times = _variable("PLACEMENT_REMIND_AT", (time(6), time(16)), "other rules")
    """The times at which shelters without a fresh count are asked for a count, in Amsterdam."""
    quiet: _Night = _variable("PLACEMENT_QUIET", (22, 6), "other rules")
    """The hours in which no mail is sent about matters that can wait until the morning, in Amsterdam."""
    standing_confirmation: _Switch = _variable("PLACEMENT_STANDING_CONFIRMATION", False, "other rules")
    """`yes`: the desk agrees in advance to first proposals that coordinators accept unchanged (COSM and OMM)."""
    sharing_ground_from: _Day = _variable("PLACEMENT_SHARING_GROUND_FROM", None, "production", shown="never")
    """The first day on which newly waiting clients need a ground for sharing their data with a shelter."""
    backup_folder: _Folder = _variable("PLACEMENT_BACKUP_FOLDER", lambda known: known["var"] / "backups", "production")
    """The folder for [backups](../guide/backup.md), from which you copy them to another building."""
    backup_data_for: _Words = _variable("PLACEMENT_BACKUP_DATA_FOR", (), "backups")
    """Public keys of age (`age1...`) with which the archive of the data is encrypted."""
    backup_keys_for: _Words = _variable("PLACEMENT_BACKUP_KEYS_FOR", (), "backups")
    """Other public keys, for the archive of the data keys. If both settings are given, the scheduler makes backups."""
    backup_every: _Hours = _variable("PLACEMENT_BACKUP_HOURS", timedelta(hours=24), "other rules")
    """The time between two backups of the data. The data keys are backed up every hour."""
    backup_data_days: _Count = _variable("PLACEMENT_BACKUP_DATA_DAYS", 90, "other rules")
    """How long an archive of the data is kept (assumed); the newest archive is always kept."""
    backup_keys_days: _Count = _variable("PLACEMENT_BACKUP_KEYS_DAYS", KEY_BACKUPS_KEPT.days, "other rules")
    """How long an archive of the data keys is kept. Keys that were destroyed meanwhile are still in it."""
    sheet_for: _Words = _variable("PLACEMENT_SHEET_FOR", (), "when the service is away")
    """Public keys of age (`age1...`) of those on duty, for the encrypted sheet of 16:30 ([away](../guide/away.md))."""
    postgresql_programs: str = _variable("PLACEMENT_POSTGRESQL_PROGRAMS", "", "backups of PostgreSQL")
    """The folder of `pg_dump` and `pg_restore`, if they are neither on the path nor below `/usr/lib/postgresql`."""
    duty_hours: _DutyHours = _variable("PLACEMENT_DUTY_HOURS", (9, 17), "other rules")
    """The hours in which the desk is on duty, in Amsterdam; not on public holidays."""
    duty_days: _DutyDays = _variable("PLACEMENT_DUTY_DAYS", frozenset(range(1, 6)), "other rules")
    """The days of the week on which the desk is on duty (1: Monday)."""
    out_of_hours: _OutOfHours = _variable("PLACEMENT_OUT_OF_HOURS", OutOfHours.WAIT, "other rules", shown="`wait`")
    """How a coordinator's accepted first proposal (COSM, OMM) proceeds outside these hours if nobody is on call.
    `wait`: it waits for the desk. `provisional`: it is carried out under a standing mandate of the desk
    ([placements](../guide/placements.md#under-a-standing-mandate)).
    """


class _Set(LoadSettings, AnomalySettings, LadderSettings, PracticeSettings, _Rules):
    """All settings with one variable each."""


class Environment(_Set, SmsVariables, SyslogVariables, BaseSettings):
    """Every variable: the settings above, and the variables that are combined into a setting."""

    model_config = SettingsConfigDict(
        case_sensitive=True, enable_decoding=False, validate_by_name=False, validate_default=False
    )

    sso_issuer: _Address = _variable("PLACEMENT_SSO_ISSUER", "", "single sign-on")
    """The single sign-on provider (OpenID Connect). Also needs the client id, the secret and `PLACEMENT_ADDRESS`."""
    sso_client: str = _variable("PLACEMENT_SSO_CLIENT", "", "single sign-on")
    """The client id that the provider issued."""
    sso_secret_file: str = _variable("PLACEMENT_SSO_SECRET_FILE", "", "single sign-on")
    """A file that contains the client secret."""
    sso_acr: Annotated[tuple[str, ...], _text(str.split)] = _variable("PLACEMENT_SSO_ACR", (), "single sign-on")
    """Values of `acr` by which the provider states that it required a second factor, besides `amr` with `mfa`."""
    contact_name: _Line = _variable("PLACEMENT_CONTACT_NAME", "", "production")
    """The operator's name. It is public: in the API description (`/schema`) and on the sign-in page."""
    contact_email: _Email = _variable("PLACEMENT_CONTACT_EMAIL", "", "production")
    """The operator's email address, published in the same places."""
    contact_url: _Page = _variable("PLACEMENT_CONTACT_URL", "", "production")
    """The operator's web page, published in the same places."""
    smtp_host: str = _variable("PLACEMENT_SMTP_HOST", "", "mail")
    """The mail server; needs the sender and `PLACEMENT_ADDRESS` too. Without it mails [wait](../guide/outbox.md)."""
    smtp_sender: str = _variable("PLACEMENT_SMTP_SENDER", "", "mail")
    """The sender's address in mails."""
    smtp_tls: _Tls = _variable("PLACEMENT_SMTP_TLS", "starttls", "mail")
    """`starttls`, `tls` (encrypted from the first byte), or `none` (only for a server on this machine)."""
    smtp_port: Annotated[_Count, _UnlessEmpty] = _variable(
        "PLACEMENT_SMTP_PORT", 0, "mail", shown="587, 465 or 25, by `PLACEMENT_SMTP_TLS`"
    )
    """The port of the mail server."""
    smtp_user: str = _variable("PLACEMENT_SMTP_USER", "", "mail")
    """The user name at the mail server. It needs the file with the password too."""
    smtp_password_file: str = _variable("PLACEMENT_SMTP_PASSWORD_FILE", "", "mail")
    """A file with the password."""

    def sso(self) -> SsoProvider | None:
        """Returns the single sign-on provider, or `None` without an issuer. Raises `Misconfigured` if it
        is incomplete.
        """
        if not self.sso_issuer:
            return None
        if missing := self._missing("PLACEMENT_ADDRESS", "PLACEMENT_SSO_CLIENT", "PLACEMENT_SSO_SECRET_FILE"):
            raise Misconfigured(f"single sign-on also needs {missing}")
        secret = Path(self.sso_secret_file).read_text().strip()
        return SsoProvider(self.sso_issuer, self.sso_client, secret, self.address, self.sso_acr)

    def contact(self) -> Contact | None:
        """Returns the contact with the parts that are set; `None` if no part is set."""
        parts = (self.contact_name, self.contact_email, self.contact_url)
        return Contact(*parts) if any(parts) else None

    def smtp(self) -> Smtp | None:
        """Returns the mail server, or `None` without a host. Raises `Misconfigured` if it is incomplete or unsafe."""
        if not self.smtp_host:
            return None
        if self.smtp_tls == "none" and self.smtp_host not in LOOPBACK:
            raise Misconfigured("PLACEMENT_SMTP_TLS=none is for a mail server on this machine alone")
        if missing := self._missing("PLACEMENT_SMTP_SENDER", "PLACEMENT_ADDRESS"):
            raise Misconfigured(f"mail also needs {missing}")
        user, file = self.smtp_user, self.smtp_password_file
        if bool(user) != bool(file):
            raise Misconfigured("PLACEMENT_SMTP_USER and PLACEMENT_SMTP_PASSWORD_FILE go together")
        password = Path(file).read_text().strip() if file else ""
        if not (user + password).isascii():  # the standard library sends only ASCII, and would fail at every mail
            raise Misconfigured(
                "PLACEMENT_SMTP_USER and the password in PLACEMENT_SMTP_PASSWORD_FILE must be plain ASCII"
            )
        port = self.smtp_port or SMTP_PORTS[self.smtp_tls]
        return Smtp(self.smtp_host, port, self.smtp_tls, self.smtp_sender, user, password)

    def _missing(self, *names: str) -> str:
        fields = {str(field.validation_alias): name for name, field in type(self).model_fields.items()}
        return ", ".join(name for name in names if not getattr(self, fields[name]))


class Settings(_Set):
    """All settings of an installation: a field for each variable, then the composed values and fixed limits."""

    field_key_file: Path | None = None
    """The file with the service's keys, if there is such a file. A key that is added to the file is valid at once."""
    audit_key_file: Path | None = None
    """The file with the log's keys, if there is a file. A key added to it is valid from its audit event on."""
    token_lifetime: timedelta = timedelta(minutes=15)
    fresh_second_factor: timedelta = timedelta(minutes=5)
    """The time for which a second factor that was given again counts as fresh."""
    sso: SsoProvider | None = None
    proposal_lifetime: timedelta = timedelta(hours=4)
    answer_within_seconds: float = 5.0
    """The time limit in seconds for the answer to a proposal. It applies even if the solver has not finished."""
    contact: Contact | None = None
    smtp: Smtp | None = None
    """The mail server. Without it no mail is sent; mails wait and are shown as waiting."""
    sms: SmsGateway | None = None
    """The SMS gateway. Without it no SMS is sent, and the alarms that need it are skipped."""
    syslog: Syslog | None = None
    """The receiver of audit events. Without it no event leaves this host."""
    webhook_within_seconds: float = 10.0
    mail_within_seconds: float = 30.0  # assumed
    """The time limit in seconds for a webhook call or a mail, with its DNS look-up; shorter than a process's claim."""

    @property
    def relying_party(self) -> RelyingParty:
        """The service in the terms of passkeys. Raises `Misconfigured` if browsers allow no passkeys at its address."""
        return RelyingParty.of(self.address)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        for name, most in NOT_ABOVE.items():
            for one in most:
                if getattr(self, name) > (getattr(self, one) if isinstance(one, str) else one):
                    raise Misconfigured(f"{variable_of(name)} must not be above {limit_shown(one, variable_of)}")
        if self.practice and (outward := outward_settings(self.var, dict(self))):
            raise Misconfigured(f"a practice room reaches nothing outside: leave out {', '.join(outward)}")
        if set(self.backup_data_for) & set(self.backup_keys_for):
            raise Misconfigured("PLACEMENT_BACKUP_DATA_FOR and PLACEMENT_BACKUP_KEYS_FOR must name different keys")
        return self

    @classmethod
    def from_environment(cls) -> "Settings":
        """Returns the settings from the environment and the file of `placement init`. Reads a key that is not set there
        from its key file. Raises `Misconfigured`, with the name of the variable, for an invalid value.
        """
        given = _given()
        values = {name: getattr(given, name) for name in _Set.model_fields}
        for name, file in (("field_keys", key_file(given.var)), ("audit_key", audit_key_file(given.var))):
            if name not in given.model_fields_set and file.exists():
                values |= {name: file.read_text(), f"{name.removesuffix('s')}_file": file}
        parts = {name: getattr(given, name)() for name in ("sso", "contact", "smtp", "sms", "syslog")}
        return cls(**values, **parts)


def variable_of(name: str) -> str:
    """Returns the environment variable of a setting."""
    return str(Environment.model_fields[name].validation_alias)


def unknown_variables() -> dict[str, str]:
    """Returns each unknown `PLACEMENT_*` variable of the environment, with the most similar existing name."""
    given = EnvSettingsSource(Environment, case_sensitive=True).env_vars
    return unknown(given, map(variable_of, Environment.model_fields))


def variables_set() -> frozenset[str]:
    """Returns the variables set in the environment or the file of `placement init`. Raises `Misconfigured`."""
    return frozenset(str(Environment.model_fields[name].validation_alias) for name in _given().model_fields_set)


def given_by_variable() -> dict[str, str]:
    """Returns the texts of all variables in `variables_set`, except secrets and settings of a machine."""
    file = DotEnvSettingsSource(Environment, env_file=settings_file(Environment().var), case_sensitive=True)
    written = {**file.env_vars, **EnvSettingsSource(Environment, case_sensitive=True).env_vars}
    names = [str(one.validation_alias) for key, one in Environment.model_fields.items() if key not in _OF_A_MACHINE]
    secret = {str(one.validation_alias) for one in Environment.model_fields.values() if not one.repr}
    return {name: str(written[name]) for name in names if name in written and name not in secret}


def _given() -> Environment:
    try:
        var = Environment().var
        given = Environment(_env_file=settings_file(var))
    except ValidationError as wrong:
        raise Misconfigured(_told(wrong)) from None
    if given.var != var:
        raise Misconfigured(f"PLACEMENT_VAR cannot be set in {settings_file(var)}, which lies in that folder")
    return given


def _told(wrong: ValidationError) -> str:
    """Returns the message about the first invalid variable, and the value that this variable requires."""
    first = wrong.errors()[0]
    if first["type"] == "extra_forbidden":
        name = str(first["loc"][0])
        near = nearest(name, map(variable_of, Environment.model_fields))
        meant = f" (did you mean {near}?)" if near else ""
        return f"no setting is called {name}{meant}: look at the file that `placement init` wrote"
    [field] = [field for field in Environment.model_fields.values() if field.validation_alias == first["loc"][0]]
    [must] = [words for words in field.metadata if isinstance(words, str)]
    return f"{field.validation_alias} must {must}; it is {first['input']!r}"
