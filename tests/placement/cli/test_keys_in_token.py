"""Commands about keys with the master keys in a token (SoftHSM): moved into it, rotated, retired, and from nothing."""

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.audit.events import Event
from placement.core.errors import Misconfigured, TokenAway
from placement.core.setting_files import audit_key_file, key_file
from placement.core.settings import Settings
from placement.crypto.key_store import KeyStore
from placement.registrations import reads
from placement.storage.database import Database
from placement.tables import Location
from tests.support.audit_log import logged
from tests.support.softhsm import go_on, token_of_test
from tests.support.stores import one_store
from tests.support.town import key_store_of

pytestmark = [pytest.mark.system, one_store]

token = pytest.fixture(token_of_test)


@pytest.fixture
def run(town, tmp_path, command_over, monkeypatch, token):
    """Runs `placement ...` over the town, whose keys are in clear in two files, with a token."""
    command = command_over(town)
    audit_key_file(tmp_path).write_text(town.settings.audit_key + "\n")
    monkeypatch.delenv("PLACEMENT_AUDIT_KEY")
    monkeypatch.setenv("PLACEMENT_KEY_TOKEN", token.uri)
    return command


@pytest.fixture
def opened(town):
    """The town as a process of the service with the settings of the environment finds it."""
    made = []

    def found():
        made.append(Database.open(Settings.from_environment()))
        town.database = made[-1]
        return town

    yield found
    for one in made:
        one.close()


def lines(file):
    return file.read_text().split()


def test_keys_are_moved_rotated_and_retired(town, run, opened, tmp_path, monkeypatch):
    client = town.register(alias="Merel")
    [field], [log] = lines(key_file(tmp_path)), lines(audit_key_file(tmp_path))
    former = key_store_of(town).masters
    with pytest.raises(Misconfigured, match="in clear beside its token: run `placement keys move`"):
        run("keys", "check")
    done = run("keys", "move")
    assert (done.exit_code, "wrapped by the token: 4" in done.stderr) == (0, True)  # two data keys, a line in each file
    again = run("keys", "move")
    assert (again.exit_code, "wrapped by the token: 0" in again.stderr) == (0, True)
    for file, key in ((key_file(tmp_path), field), (audit_key_file(tmp_path), log)):
        assert key not in file.read_text()
        assert file.stat().st_mode & 0o777 == 0o600
    assert not KeyStore(town.settings.key_store, former).opens(client)
    there = opened()
    assert there.registration(client).alias == "Merel"
    assert there.all(select(Location).order_by(Location.id))[0].address == "Geheimstraat 1"
    assert [row.id for row in there.do(reads.registrations_called, "merel", 10)[0]] == [client]
    assert [one.facts for one in logged(there, event=Event.KEYS_MOVED.value)] == [{"count": 4}]

    assert run("keys", "rotate").exit_code == 0
    assert run("audit", "new-key").exit_code == 0
    assert len(lines(key_file(tmp_path))) == len(lines(audit_key_file(tmp_path))) == 2
    shown = json.loads(run("keys", "check").stdout)
    assert (shown["token"], shown["older"], shown["missing"]) == ("trial", 0, 0)
    assert {kind["kind"]: kind["keys"] for kind in shown["kinds"]} == {
        "master": 2, "field": 2, "log": 2, "cases": 1, "proposals": 0, "problems": 0,
        "changes": 0, "answers": 0, "anomalies": 0, "imports": 0, "counts": 0, "others": 1,
    }  # fmt: skip
    with pytest.raises(Misconfigured, match="too new"):
        run("keys", "retire")
    go_on(monkeypatch, timedelta(minutes=11))
    done = run("keys", "retire")
    said = (
        "the old keys are gone; a backup from before opens with their copies alone: destroy these with the last one\n"
    )
    assert (done.exit_code, done.stderr) == (0, said)
    [last] = lines(key_file(tmp_path))
    kinds = {kind["kind"]: kind["keys"] for kind in json.loads(run("keys", "check").stdout)["kinds"]}
    assert (kinds["master"], kinds["field"], kinds["log"]) == (1, 1, 2)
    assert all(one.startswith(last.partition(".")[0]) for one in lines(audit_key_file(tmp_path)))
    there = opened()
    assert there.registration(client).alias == "Merel"
    assert [row.id for row in there.do(reads.registrations_called, "merel", 10)[0]] == [client]
    assert json.loads(run("audit", "verify").stdout)["first_bad"] is None


def test_move_that_was_interrupted_goes_on(town, run, opened, monkeypatch):
    clients = [town.register(alias=alias) for alias in ("Merel", "Spreeuw")]
    moves = KeyStore.move
    monkeypatch.setattr(KeyStore, "move", lambda self, name, ring: name != clients[1] and moves(self, name, ring))
    done = run("keys", "move")
    assert (done.exit_code, f"missing or damaged: {clients[1]}" in done.stderr) == (3, True)
    monkeypatch.setattr(KeyStore, "move", moves)
    assert run("keys", "move").exit_code == 0
    assert [opened().registration(one).alias for one in clients] == ["Merel", "Spreeuw"]


def test_wrong_token_opens_nothing_and_says_why(town, run, monkeypatch, token):
    town.register(alias="Merel")
    run("keys", "move")
    monkeypatch.setenv("PLACEMENT_KEY_TOKEN", token.uri.replace("token=trial", "token=trial;object=other"))
    with pytest.raises(Misconfigured, match="no key that opens"):
        run("keys", "check")
    monkeypatch.setenv("PLACEMENT_KEY_TOKEN", "")
    with pytest.raises(Misconfigured, match="wrapped by a token: set PLACEMENT_KEY_TOKEN"):
        run("keys", "check")
    monkeypatch.setenv("PLACEMENT_KEY_TOKEN", token.uri.replace("trial", "nowhere"))
    assert isinstance(run("keys", "check").exception, TokenAway)


def test_keys_of_the_environment_are_refused_beside_a_token(town, run, monkeypatch):
    monkeypatch.setenv("PLACEMENT_AUDIT_KEY", town.settings.audit_key)
    with pytest.raises(Misconfigured, match=r"in files, not in the environment: .*audit\.key"):
        run("keys", "move")


def test_new_keys_are_made_in_the_token_and_wrapped_by_it(tmp_path, monkeypatch, token, command_over, empty):
    """A service that begins with a token has no key in clear on its disk at any time."""
    run = command_over(empty)
    for name in ("PLACEMENT_AUDIT_KEY", "PLACEMENT_KEY_STORE"):
        monkeypatch.delenv(name)
    var = tmp_path / "fresh"
    monkeypatch.setenv("PLACEMENT_VAR", str(var))
    monkeypatch.setenv("PLACEMENT_KEY_TOKEN", token.uri)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{var / 'placement.db'}")
    assert run("keys", "new").exit_code == 0
    assert run("keys", "new").exit_code == 0
    [name] = [one.name for one in token.keys().listed()]
    for file in (key_file(var), audit_key_file(var)):
        [line] = lines(file)
        assert line.startswith(f"{name}.")
        assert file.stat().st_mode & 0o777 == 0o600
    assert run("migrate").exit_code == 0
    assert {file.read_text().partition(".")[0] for file in (var / "keys" / "data").glob("*.key")} == {name}
    assert run("keys", "check").exit_code == 0
    assert run("keys", "missing").exit_code == 0
