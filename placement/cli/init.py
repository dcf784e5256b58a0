"""The command `init`, which sets up a service, so that its first two admins can sign in. Each step makes only the
missing parts, and prints the parts that it made or found. So the command can be repeated, for example after an
interruption. The only secrets that it prints are the two links.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.engine import make_url
from sqlmodel import col

from placement.access.permissions import Permission
from placement.accounts import accounts, invitations, organisations
from placement.audit import service_keys
from placement.cli.init_questions import (
    ADDRESS,
    CENTRE,
    DESK,
    KEY_STORE,
    OUT_OF_HOURS,
    STORE,
    Answers,
    Question,
    Typed,
    Written,
    template,
)
from placement.cli.store import credentials_file
from placement.core.clock import local_time
from placement.core.codes import Role
from placement.core.context import Act, by_command
from placement.core.errors import Misconfigured, PlacementError
from placement.core.setting_files import settings_file, settings_line
from placement.core.settings import Settings, variables_set
from placement.core.telephone_codes import TelephoneUse
from placement.crypto.key_files import write_whole
from placement.leave.ended_service import require_not_left
from placement.storage.database import Database
from placement.storage.store_inspection import contents_of
from placement.tables import Account, Invitation
from placement.text.catalogue import DEFAULT, Language, Offered, translate
from placement.text.messages import say

_TELEPHONES = {TelephoneUse.PLACING: DESK, TelephoneUse.NIGHT: OUT_OF_HOURS}
_OWNER_ONLY = 0o600
_FOLDER_OF_OWNER = 0o700
_OF_OTHERS = 0o077


def init(
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The answers, as `--template` writes them.")
    ] = None,
    write_template: Annotated[
        bool, typer.Option("--template", help="Write the file of answers, to be filled in, and stop.")
    ] = False,
    language: Annotated[Offered | None, typer.Option(help="The language of questions and messages.")] = None,
) -> None:
    """Set up a service: settings, keys, store, and invitations of two admins. Asks questions or reads a file. Safe to
    repeat.
    """
    settings = Settings.from_environment()
    if write_template:
        typer.echo(template(settings, language or DEFAULT))
        return
    with _alone(settings.var):
        answers: Answers | None = None
        try:
            answers = Written(file, settings, language) if file else Typed(settings, language)
            _Beginning(answers).run()
        except typer.Abort as stopped:
            spoken = answers.language if answers else language or DEFAULT
            raise Misconfigured(translate("init", "answers_ended", spoken)) from stopped


class _Beginning:
    """A run of `init`. It collects the things that it made, and messages about the things that already existed."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._language: Language = answers.language
        self._made = 0

    def run(self) -> None:
        had_tables = self._require_own_store()
        for question in (STORE, KEY_STORE, ADDRESS):
            self._keep_setting(question)
        settings = Settings.from_environment()
        self._make_keys(settings, had_tables=had_tables)
        settings = Settings.from_environment()
        with closing(Database.open(settings)) as database:
            self._migrate(database)
            links = self._invite(database, settings)
        self._print_links(settings, links)
        self._print_next_step(settings)

    def _require_own_store(self) -> bool:
        """Raises `Misconfigured` for a synthetic store. Returns whether the store already has tables."""
        settings = Settings.from_environment()
        if credentials_file(settings).exists():
            raise Misconfigured(self._words("folder_is_synthetic", folder=settings.var))
        if STORE.variable not in variables_set():
            settings = Settings(**{**dict(settings), "database_url": self._answers.to(STORE)})
        found = contents_of(settings)
        if found.synthetic:
            raise Misconfigured(self._words("store_is_synthetic", store=_shown(settings.database_url)))
        if found.synthetic is None and any(found.rows.values()):
            raise Misconfigured(self._words("migrate_first"))
        return found.has_tables

    def _keep_setting(self, question: Question) -> None:
        """Writes an answer to the settings file, unless its variable is set already."""
        settings = Settings.from_environment()
        if question.variable in variables_set():
            kept = _current(settings, question)
            if (given := self._answers.given(question)) is not None and given != kept:
                self._say("setting_kept", variable=question.variable, value=_shown(kept), given=_shown(given))
            else:
                self._say("setting_there", variable=question.variable, value=_shown(kept))
            return
        answer = self._answers.to(question)
        _add_setting(settings_file(settings.var), question.variable, answer, self._words("settings_file"))
        self._tell_made("setting_made", variable=question.variable, value=_shown(answer))

    def _make_keys(self, settings: Settings, *, had_tables: bool) -> None:
        """Makes the missing keys. Raises `Misconfigured` if the store was made with other keys."""
        if had_tables and not (settings.field_keys and settings.audit_key):
            raise Misconfigured(self._words("keys_lost", folder=settings.var / "keys"))
        before = {file for file in _key_files(settings) if file.exists()}
        for file in service_keys.make(settings):
            self._say("key_there", file=file) if file in before else self._tell_made("key_made", file=file)
        for path in (*_key_files(settings), settings.var / "keys", settings_file(settings.var)):
            if path.exists() and path.stat().st_mode & _OF_OTHERS:
                path.chmod(_FOLDER_OF_OWNER if path.is_dir() else _OWNER_ONLY)
                self._tell_made("mode_mended", path=path)

    def _migrate(self, database: Database) -> None:
        if database.is_current():
            self._say("store_there")
        else:
            database.migrate()
            self._tell_made("store_made")
        database.require_usable()
        with database.transaction() as session:
            require_not_left(session)

    def _invite(self, database: Database, settings: Settings) -> list[invitations.Made]:
        """Makes the coordination centre and invites the missing first two admins, completely or not at all."""
        with database.transaction() as session:
            centre, there = accounts.find_coordination_centre(session), _admins(by_command(session, settings))
        name = centre.name if centre else self._answers.to(CENTRE)
        telephones = {} if centre else {use: self._answers.to(question) for use, question in _TELEPHONES.items()}
        wanted = self._answers.admins(list(there))
        try:
            with database.transaction() as session:
                links = _keep_centre(by_command(session, settings), name, telephones, wanted)
        except PlacementError as wrong:
            fault = getattr(wrong, "faults", [wrong])[0]
            raise Misconfigured(say(fault.code, fault.facts, self._language)) from wrong
        self._say("centre_there", name=name) if centre else self._tell_made("centre_made", name=name)
        for email, until in there.items():
            self._say("invited_before", email=email, until=until) if until else self._say("admin_there", email=email)
        self._made += len(links)
        return links

    def _print_links(self, settings: Settings, links: list[invitations.Made]) -> None:
        for made in links:
            invitation = made.invitation
            self._say("link", email=invitation.email, until=local_time(invitation.expires_at))
            typer.echo(f"{settings.address}{made.link}")

    def _print_next_step(self, settings: Settings) -> None:
        if not self._made:
            self._say("nothing_changed")
        self._say("next_step", keys=settings.var / "keys", data_keys=settings.key_store, address=settings.address)

    def _tell_made(self, code: str, **facts: object) -> None:
        self._made += 1
        self._say(code, **facts)

    def _say(self, code: str, **facts: object) -> None:
        typer.echo(self._words(code, **facts), err=True)

    def _words(self, code: str, **facts: object) -> str:
        return translate("init", code, self._language, **facts)


def _keep_centre(
    act: Act, name: str, telephones: Mapping[TelephoneUse, str], admins: list[str]
) -> list[invitations.Made]:
    """Makes the centre with its numbers, if it is missing. Invites these admins, and returns the invitations."""
    centre = accounts.coordination_centre(act, name)
    if telephones:
        organisations.change(act, centre.id, {"telephones": telephones}, sure_of=telephones.values())
    return [invitations.invite(act, email, Role.ADMIN, [], centre.id) for email in admins]


def _admins(act: Act) -> dict[str, str]:
    """Returns the accounts and open invitations of admins, by address. The value is the time at which the invitation
    ends, or an empty text for an account.
    """
    roles = Permission.ACCOUNT_INVITE.reach
    people = accounts.listed().where(col(Account.role).in_(roles), col(Account.disabled_at).is_(None))
    found = {one.email: "" for one in act.session.exec(people)}
    for one in act.session.exec(invitations.active(act.at).where(col(Invitation.role).in_(roles))):
        found.setdefault(one.email, local_time(one.expires_at))
    return found


def _current(settings: Settings, question: Question) -> str:
    named = {str(field.validation_alias): name for name, field in Settings.model_fields.items()}
    return str(getattr(settings, named[question.variable]))


def _shown(value: str) -> str:
    """Returns the value of a setting with the password removed."""
    return make_url(value).render_as_string(hide_password=True) if "://" in value and "@" in value else value


def _key_files(settings: Settings) -> tuple[Path, ...]:
    return tuple(settings.var / "keys" / name for name in ("field.keys", "audit.key"))


def _add_setting(file: Path, variable: str, value: str, head: str) -> None:
    """Adds a line to the settings file. If the file is new, only its owner can read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    before = file.read_text() if file.exists() else f"# {head}\n"
    write_whole(file, f"{before}{settings_line(variable, value)}".encode())


@contextmanager
def _alone(var: Path) -> Iterator[None]:
    """Prevents a second run of `init` on this machine. Raises `Misconfigured` if another run is in progress."""
    var.mkdir(parents=True, exist_ok=True)
    folder = os.open(var, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as taken:
        raise Misconfigured(f"another `placement init` is at work in {var}") from taken
    finally:
        os.close(folder)
