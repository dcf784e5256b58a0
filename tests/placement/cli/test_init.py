"""`placement init`: begins a service, resumes an unfinished setup, changes no existing data, and prints no secret."""

import fcntl
import os
import re
import stat
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from typer.testing import CliRunner

import placement.cli.init as command_init
from placement.accounts import accounts, invitations
from placement.audit import service_keys
from placement.cli import app
from placement.cli.faults import message_of
from placement.cli.store import credentials_file
from placement.core.codes import Role
from placement.core.context import SYSTEM, Act
from placement.core.errors import Misconfigured
from placement.core.setting_files import settings_file
from placement.core.settings import Settings
from placement.storage.database import Database
from placement.storage.store_inspection import contents_of
from placement.tables import Account, Invitation, Organisation
from tests.support.accounts import account_row
from tests.support.stores import AT, one_store

ANSWERS = {
    "name = ": "Centrum Een",
    "desk = ": "030 123 45 67",
    "address = ": "https://placement.example/",
    "first = ": "One@placement.example",
    "second = ": "two@placement.example",
}
INVITED = ["one@placement.example", "two@placement.example"]


class Machine:
    """A machine on which nothing is set but the folder; the store is of the kind that is tried."""

    def __init__(self, stores, tmp_path, patch):
        self.folder, self.patch, self.answers = tmp_path / "var", patch, tmp_path / "answers.toml"
        for name in [name for name in os.environ if name.startswith(("PLACEMENT", "DATABASE"))]:
            patch.delenv(name)
        patch.setenv("PLACEMENT_VAR", str(self.folder))
        patch.setattr("placement.core.context.now", lambda: self.now)
        self.now = AT
        self.store = stores.blank() if stores.kind == "postgresql" else f"sqlite:///{self.folder / 'placement.db'}"
        self.write(**{"store = ": self.store})

    def write(self, language="en", **other):
        text = self.run("init", "--template", "--language", language).stdout
        for key, answer in {**ANSWERS, **other}.items():
            text = re.sub(f'^{key}".*"$', f'{key}"{answer}"', text, flags=re.MULTILINE)
        self.answers.write_text(text)

    def run(self, *words, typed=""):
        done = CliRunner().invoke(app, words, input=typed)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    def init(self):
        done = self.run("init", "--file", str(self.answers))
        assert done.exit_code == 0, done.output
        return done

    def rows(self, *tables):
        database = Database.open(Settings.from_environment())
        with database.transaction() as session:
            found = [row.model_dump() for table in tables for row in session.exec(select(table).order_by(table.id))]
        database.close()
        return found

    def do(self, what):
        settings = Settings.from_environment()
        database = Database.open(settings)
        with database.transaction() as session:
            made = what(Act(session, SYSTEM, self.now, settings))
        database.close()
        return made

    def everything(self):
        """Rows, files and their modes."""
        files = sorted(file for file in self.folder.rglob("*") if "placement.db" not in file.name)
        of_files = [(str(file), file.stat().st_mode, file.is_file() and file.read_bytes()) for file in files]
        return self.rows(Organisation, Account, Invitation), of_files


@pytest.fixture
def machine(stores, tmp_path, monkeypatch):
    return Machine(stores, tmp_path, monkeypatch)


def tokens(printed):
    return re.findall(r"^https://placement\.example/invitation#(pli_\S+)$", printed, re.MULTILINE)


@pytest.mark.wide
def test_init_from_the_template_gives_two_links_that_open(machine):
    done = machine.init()
    assert len(done.stdout.splitlines()) == len(tokens(done.stdout)) == 2
    found = [machine.do(lambda act, one=one: invitations.find(act.session, act.at, one)) for one in tokens(done.stdout)]
    assert [(one.email, one.role) for one in found] == [(email, Role.ADMIN) for email in INVITED]
    [centre] = machine.rows(Organisation)
    assert (centre["name"], centre["kind"]) == ("Centrum Een", "coordination_centre")
    settings = Settings.from_environment()
    assert (settings.address, centre["telephones"]) == ("https://placement.example", {"placing": "+31301234567"})
    assert settings.database_url == machine.store
    assert "placement serve" in done.stderr
    assert "https://placement.example: the page Set up" in done.stderr


@pytest.mark.wide
def test_init_again_changes_nothing_and_says_so(machine):
    machine.init()
    before = machine.everything()
    again = machine.init()
    assert again.stdout == ""
    assert "nothing was changed" in again.stderr
    assert "made" not in again.stderr.partition("nothing was changed")[0].replace("when it was made", "")
    assert machine.everything() == before


@pytest.mark.wide
def test_init_says_each_moment_as_it_is_in_amsterdam(machine):
    done = machine.init()
    made = machine.do(lambda act: invitations.find(act.session, act.at, tokens(done.stdout)[0]))
    until = f"until {made.expires_at.astimezone(ZoneInfo('Europe/Amsterdam')):%Y-%m-%d %H:%M} (Amsterdam)"
    assert done.stderr.count(until) == len(INVITED)
    assert machine.init().stderr.count(until) == len(INVITED)


CUTS = [
    pytest.param(command_init, "_add_setting", 1, marks=pytest.mark.wide),
    (command_init, "_add_setting", 3),
    pytest.param(service_keys, "make", 1, marks=pytest.mark.wide),
    (Database, "migrate", 1),
    pytest.param(Database, "require_usable", 1, marks=pytest.mark.wide),
    pytest.param(accounts, "coordination_centre", 1, marks=pytest.mark.wide),
    (invitations, "invite", 2),
]


@pytest.mark.wide
@pytest.mark.parametrize(("where", "name", "time"), CUTS, ids=lambda one: str(getattr(one, "__name__", one)))
def test_init_interrupted_goes_on_where_it_ended(machine, where, name, time):
    calls = iter(range(1, time + 1))
    real = getattr(where, name)

    def cut(*given, **named):
        if next(calls) == time:
            raise KeyboardInterrupt
        return real(*given, **named)

    with machine.patch.context() as patch:
        patch.setattr(where, name, cut)
        assert machine.run("init", "--file", str(machine.answers)).exit_code != 0
    done = machine.init()
    assert len(tokens(done.stdout)) == 2
    assert sorted(row["email"] for row in machine.rows(Invitation)) == INVITED
    assert len(machine.rows(Organisation)) == 1
    assert len(settings_file(machine.folder).read_text().splitlines()) == 4


@pytest.mark.wide
@one_store
def test_files_are_the_owners_alone_and_open_ones_mended(machine):
    machine.init()

    def modes():
        return {file.name: stat.S_IMODE(file.stat().st_mode) for file in [*machine.folder.rglob("*")]}

    names = ("field.keys", "audit.key", "placement.env", "placement.db")
    before = modes()
    assert {before[name] for name in names} == {0o600}
    assert before["keys"] == before["data"] == 0o700
    (machine.folder / "keys" / "field.keys").chmod(0o644)
    (machine.folder / "keys").chmod(0o755)
    said = machine.init().stderr
    assert said.count("could be read by others") == 2
    assert modes() == before


@pytest.mark.wide
@one_store
def test_no_password_or_key_is_printed(machine):
    machine.write(**{"store = ": "postgresql://me:geheim@127.0.0.1:1/placement"})
    with pytest.raises(OperationalError) as failed:
        machine.init()
    assert "geheim" not in str(message_of(failed.value))
    machine.write()
    done = machine.init()
    secrets = [(machine.folder / "keys" / name).read_text().strip() for name in ("field.keys", "audit.key")]
    assert [one for one in secrets if one in done.output] == []
    assert command_init._shown("postgresql://me:geheim@db/placement") == "postgresql://me:***@db/placement"


def test_store_with_the_synthetic_country_is_refused(machine, country):
    machine.write(**{"store = ": country.settings.database_url})
    with pytest.raises(Misconfigured, match="synthetic country"):
        machine.init()
    assert sorted(file.name for file in machine.folder.iterdir()) == []


@one_store
def test_folder_of_a_demo_is_refused(machine):
    machine.folder.mkdir(exist_ok=True)
    credentials_file(Settings.from_environment()).write_text("{}")
    with pytest.raises(Misconfigured, match=r"PLACEMENT_VAR.*nothing was changed"):
        machine.init()
    assert [file.name for file in machine.folder.iterdir()] == ["demo-credentials.json"]


@pytest.mark.wide
@one_store
def test_store_without_its_keys_gets_no_new_ones(machine):
    machine.init()
    kept = (machine.folder / "keys" / "audit.key").read_text()
    (machine.folder / "keys" / "audit.key").unlink()
    with pytest.raises(Misconfigured, match="keys that are not here"):
        machine.init()
    assert not (machine.folder / "keys" / "audit.key").exists()
    (machine.folder / "keys" / "audit.key").write_text(kept)
    assert "nothing was changed" not in machine.init().stderr  # its mode was mended
    (machine.folder / "keys" / "field.keys").unlink()
    with pytest.raises(Misconfigured, match="keys that are not here"):
        machine.init()


@pytest.mark.wide
@one_store
def test_init_takes_the_address_that_the_operator_has_set(machine):
    machine.patch.setenv("PLACEMENT_ADDRESS", "https://placement.example")
    machine.write(**{"store = ": machine.store, "address = ": ""})
    assert len(tokens(machine.init().stdout)) == 2


@one_store
def test_template_shows_no_store_that_the_environment_names(machine):
    machine.patch.setenv("DATABASE_URL", "postgresql://me:geheim@db/placement")
    template = machine.run("init", "--template").stdout
    assert 'store = ""' in template
    assert "geheim" not in template


@one_store
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["service.address: The address must begin with https://", "centre.name: This answer is required."]),
        ("nl", ["service.address: Het adres moet beginnen met https://", "centre.name: Dit antwoord is verplicht."]),
    ],
)
def test_wrong_file_is_refused_with_all_that_is_wrong(machine, language, said):
    machine.write(
        language, **{"address = ": "http://placement.example", "name = ": "", "second = ": ANSWERS["first = "]}
    )
    machine.answers.write_text(f"{machine.answers.read_text()}\n[more]\nthird = 3\n")
    with pytest.raises(Misconfigured) as wrong:
        machine.init()
    assert [one for one in [*said, "more.third", "admins.second: "] if one not in str(wrong.value)] == []
    assert list(machine.folder.iterdir()) == []


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("store = ", "mysql://x/y"),
        ("store = ", "nowhere"),
        ("desk = ", "no number"),
        ("first = ", "nobody"),
        ("name = ", "x" * 101),
        ("address = ", "https://${HOME}"),
        ("address = ", "https://192.0.2.7"),
        ("address = ", "https://[2001:db8::7]:8443"),
    ],
)
def test_answer_that_cannot_be_is_named(machine, key, answer):
    machine.write(**{key: answer})
    with pytest.raises(Misconfigured, match=rf"\.{key.split()[0]}: "):
        machine.init()


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    ("language", "asked", "said"),
    [
        ("nl", "Het adres van de dienst", "Alles was er al"),
        ("en", "The address of the service", "Everything was there already"),
    ],
)
def test_init_asks_again_until_it_is_right(machine, language, asked, said):
    lines = [
        *(
            language,
            "mysql://x/y",
            "",
            "",
            "placement.example",
            "https://placement.example",
            "ring us",
            "030 1234567",
            "",
        ),
        *("", "Centrum Een", "one@placement.example", "one@placement.example", "two@placement.example"),
    ]
    done = machine.run("init", typed="".join(f"{line}\n" for line in lines))
    assert done.exit_code == 0
    assert done.stderr.count(asked) == 2
    assert len(tokens(done.stdout)) == 2
    again = machine.run("init", typed=f"{language}\n")
    assert (again.exit_code, tokens(again.stdout)) == (0, [])
    assert said in again.stderr


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("--language", "nl"), "\n", "hielden op vóór de laatste vraag"),
        ((), "en\n\n", "ended before the last question"),
        ((), "nl\n\n", "hielden op vóór de laatste vraag"),
    ],
)
def test_init_that_is_ended_says_what_stays(machine, words, typed, said):
    with pytest.raises(Misconfigured, match=said):
        machine.run("init", *words, typed=typed)
    assert machine.init().exit_code == 0


@pytest.mark.wide
@one_store
def test_init_without_passkeys_takes_an_address_of_numbers(machine, monkeypatch):
    monkeypatch.setenv("PLACEMENT_WEBAUTHN", "off")
    machine.write(**{"address = ": "https://192.0.2.7"})
    assert "https://192.0.2.7/invitation#" in machine.init().stdout


@pytest.mark.wide
@one_store
def test_what_is_set_stays_and_the_difference_is_said(machine):
    machine.init()
    machine.write(**{"address = ": "https://other.example", "name = ": "Centrum Twee"})
    said = machine.init().stderr
    assert "PLACEMENT_ADDRESS: https://placement.example, and not https://other.example" in said
    assert "the coordination centre: Centrum Een" in said
    assert Settings.from_environment().address == "https://placement.example"
    machine.patch.setenv("PLACEMENT_ADDRESS", "https://third.example")
    assert Settings.from_environment().address == "https://third.example"


@pytest.mark.wide
@one_store
def test_only_missing_admins_are_invited(machine):
    machine.init()
    machine.now += timedelta(hours=73)  # the invitations have lapsed
    machine.do(lambda act: act.session.add(account_row("A1", Role.ADMIN)))
    done = machine.init()
    assert len(tokens(done.stdout)) == 1
    assert "there   the admin A1@x.example" in done.stderr
    machine.write(**{"first = ": "third@placement.example"})
    assert machine.init().stdout == ""


@pytest.mark.wide
@one_store
def test_second_run_at_the_same_time_is_refused(machine):
    machine.folder.mkdir(exist_ok=True)
    folder = os.open(machine.folder, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    with pytest.raises(Misconfigured, match="at work"):
        machine.init()
    os.close(folder)
    machine.init()


@pytest.mark.wide
@one_store
def test_store_that_init_made_takes_no_synthetic_country(machine):
    machine.init()
    assert contents_of(Settings.from_environment()).is_used
    for words in (("seed",), ("serve", "--demo", "--port", "8999")):
        with pytest.raises(Misconfigured, match=r"organisations: 1, invitations: 2; `placement init`"):
            machine.run(*words)
