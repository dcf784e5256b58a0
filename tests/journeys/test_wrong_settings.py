"""Wrong settings are reported in one line, before anything is started."""

import os
import socket
import sys
from pathlib import Path

import pytest
import structlog
from cryptography.fernet import Fernet

from placement.cli import main, service
from placement.core.run_folder import held
from tests.support.ports import free_port


@pytest.fixture(scope="module")
def placement():
    """The command, with this environment: its exit code. Whatever would be served falls over instead."""

    def run(environment, *arguments):
        configured = structlog.get_config()  # the command's log goes to this test's standard error
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(("PLACEMENT", "DATABASE"))]:
                patch.delenv(name)
            for name, value in environment.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["placement", *arguments])
            patch.delattr(service, "Server")
            with pytest.raises(SystemExit) as ended:
                main()
        structlog.configure(**configured)
        return ended.value.code or 0

    return run


@pytest.fixture
def message_in_one_line(placement, capsys):
    def message(*command) -> str:
        capsys.readouterr()
        assert placement(*command) == 1
        [line] = capsys.readouterr().err.splitlines()
        assert line.startswith("placement: ")
        return line

    return message


@pytest.fixture(scope="module")
def made(placement, tmp_path_factory):
    """A small country, and the environment that opens it."""
    environment = {"PLACEMENT_VAR": str(tmp_path_factory.mktemp("var"))}
    assert placement(environment, "keys", "new") == 0
    assert placement(environment, "seed", "--size", "small") == 0
    return environment


@pytest.fixture(scope="module")
def begun(placement, tmp_path_factory):
    """A store in which nobody has begun, and the environment that opens it."""
    environment = {"PLACEMENT_VAR": str(tmp_path_factory.mktemp("begun"))}
    assert placement(environment, "keys", "new") == 0
    assert placement(environment, "migrate") == 0
    return environment


@pytest.mark.wide
def test_serve_with_a_key_of_another_database_is_refused(made, message_in_one_line):
    wrong = made | {"PLACEMENT_FIELD_KEYS": Fernet.generate_key().decode()}
    assert "does not open this database" in message_in_one_line(wrong, "serve", "--port", str(free_port()))
    assert "does not open this database" in message_in_one_line(wrong, "export-problem")


@pytest.mark.wide
def test_serve_without_or_with_a_broken_key_is_refused(made, tmp_path, message_in_one_line):
    assert "keys new" in message_in_one_line({"PLACEMENT_VAR": str(tmp_path)}, "serve", "--port", str(free_port()))
    assert "44 characters" in message_in_one_line(made | {"PLACEMENT_FIELD_KEYS": "abc"}, "migrate")


@pytest.mark.wide
@pytest.mark.parametrize("url", ["postgresql://user:secret@127.0.0.1:1/none", "nonsense", "mysql://there/none"])
def test_serve_with_an_unusable_database_is_refused(made, url, message_in_one_line):
    for command in (["migrate"], ["serve", "--port", str(free_port())]):
        if command[0] == "serve" and ":1/" in url:
            continue  # nobody listens there: that is waited for (tests/journeys/test_outages.py)
        line = message_in_one_line(made | {"DATABASE_URL": url}, *command)
        assert "DATABASE_URL" in line
        assert "secret" not in line


def test_a_key_store_that_is_not_mounted(made, tmp_path, message_in_one_line):
    for command in (["serve", "--port", str(free_port())], ["export-problem"]):
        line = message_in_one_line(made | {"PLACEMENT_KEY_STORE": str(tmp_path)}, *command)
        assert "PLACEMENT_KEY_STORE" in line


def test_plain_http_for_others_than_this_machine(made, message_in_one_line):
    plain = made | {"PLACEMENT_PLAIN_HTTP": "yes"}
    command = "serve", "--host", "0.0.0.0", "--port", str(free_port())  # noqa: S104
    assert "PLACEMENT_PLAIN_HTTP" in message_in_one_line(plain, *command)


def test_mistyped_setting_is_named_at_the_start(made, placement, capsys):
    capsys.readouterr()
    wrong = made | {"PLACEMENT_FIELD_KEYS": Fernet.generate_key().decode()}  # so that nothing is served
    assert placement(wrong | {"PLACEMENT_HOLD_HOUR": "2"}, "serve", "--port", str(free_port())) == 1
    [line] = [line for line in capsys.readouterr().err.splitlines() if "settings.unknown" in line]
    assert '"PLACEMENT_HOLD_HOUR"' in line
    assert '"PLACEMENT_HOLD_HOURS"' in line


@pytest.mark.parametrize("options", [(), ("--demo",)])
def test_second_serve_with_the_run_folder_of_another_is_refused(made, tmp_path, message_in_one_line, options):
    run = tmp_path / "run"
    with held(run):
        line = message_in_one_line(made | {"PLACEMENT_RUN": str(run)}, "serve", "--port", str(free_port()), *options)
    assert f"runs with the folder {run}" in line
    assert "PLACEMENT_RUN" in line


def test_serve_of_the_synthetic_country_without_demo_is_refused(made, message_in_one_line):
    line = message_in_one_line(made | {"PLACEMENT_WEBAUTHN": "off"}, "serve", "--port", str(free_port()))
    assert "placement serve --demo" in line
    assert "placement init" in line


def test_serve_takes_the_rights_of_others_from_earlier_files(made, message_in_one_line):
    """An earlier version left the folder and the heads of the log open to each user of the machine."""
    var = Path(made["PLACEMENT_VAR"])
    earlier = [var / "run" / "metrics" / "1.json", var / "audit-heads.jsonl", var / "exports" / "register.csv"]
    for file in earlier:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        file.chmod(0o644)
        file.parent.chmod(0o755)
    message_in_one_line(made, "serve", "--port", str(free_port()))
    assert {oct(path.stat().st_mode & 0o777) for path in (var, *var.rglob("*")) if path.is_dir()} == {"0o700"}
    assert {oct(path.stat().st_mode & 0o777) for path in var.rglob("*") if path.is_file()} == {"0o600"}


@pytest.mark.wide
def test_command_writes_files_for_their_owner_alone(placement, tmp_path):
    var = tmp_path / "var"
    assert placement({"PLACEMENT_VAR": str(var)}, "keys", "new") == 0
    assert placement({"PLACEMENT_VAR": str(var)}, "migrate") == 0
    assert {oct(path.stat().st_mode & 0o077) for path in (var, *var.rglob("*"))} == {"0o0"}


def test_account_commands_with_invalid_options_are_refused(made, message_in_one_line):
    message = message_in_one_line(made, "accounts", "invite", "--email", "nobody")
    assert "email: This must be an e-mail address." in message
    assert "no shelter" in message_in_one_line(made, "accounts", "new-key", "S99").lower()
    assert "does not exist" in message_in_one_line(made, "accounts", "disable", "A-0")


@pytest.mark.wide
@pytest.mark.parametrize("address", ["", "http://127.0.0.1:1025", "https://192.0.2.1"])
def test_serve_with_passkeys_and_no_host_name_is_refused(begun, address, message_in_one_line):
    given = begun | {"PLACEMENT_ADDRESS": address} if address else begun
    line = message_in_one_line(given, "serve", "--port", str(free_port()))
    assert "PLACEMENT_ADDRESS" in line
    assert "PLACEMENT_WEBAUTHN=off" in line


@pytest.mark.parametrize("option", ["--port", "--health-port"])
def test_serve_on_a_port_in_use_is_refused(made, message_in_one_line, option):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ours = {"--port": str(free_port())} | {option: str(port)}
        line = message_in_one_line(made, "serve", *(word for one in ours.items() for word in one))
    assert f"127.0.0.1:{port}" in line
    assert f"another with {option}" in line


def test_serve_with_one_port_for_both_is_refused(made, message_in_one_line):
    port = str(free_port())
    line = message_in_one_line(made, "serve", "--port", port, "--health-port", port)
    assert "--health-port must be another port than --port" in line
