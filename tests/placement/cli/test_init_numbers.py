"""Telephone numbers in `placement init`: an improbable number is asked about, in the terminal and for a file."""

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from placement.cli import app
from placement.core.errors import Misconfigured
from placement.core.settings import Settings
from placement.storage.database import Database
from placement.tables import Organisation

NUMBER, KEPT = "030 123 45", {"placing": "+313012345"}


@pytest.fixture
def begin(tmp_path, monkeypatch):
    monkeypatch.setenv("PLACEMENT_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def run(*words, typed=""):
        done = CliRunner().invoke(app, ["init", *words], input=typed)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return run


def numbers():
    database = Database.open(Settings.from_environment())
    with database.transaction() as session:
        found = [one.telephones for one in session.exec(select(Organisation))]
    database.close()
    return found


@pytest.mark.wide
def test_improbable_number_is_confirmed_in_the_terminal(begin):
    said = ("https://placement.example", "Centrum Een", NUMBER, "n", NUMBER, "y", "", "a@placement.example")
    done = begin(typed="".join(f"{line}\n" for line in ("en", "", "", *said, "b@placement.example")))
    assert (done.exit_code, done.stderr.count("Is it right [y/N]"), numbers()) == (0, 2, [KEPT])


@pytest.mark.wide
def test_improbable_number_in_a_file_is_named_as_right(begin, tmp_path):
    answers = tmp_path / "answers.toml"
    admins = '[admins]\nfirst = "a@placement.example"\nsecond = "b@placement.example"\n'
    centre = f'[centre]\nname = "Centrum Een"\n[centre.telephones]\ndesk = "{NUMBER}"\n'
    rest = f'[service]\naddress = "https://placement.example"\n{centre}{admins}'
    answers.write_text(f'language = "en"\n{rest}')
    with pytest.raises(Misconfigured, match=r"desk: .* Is it right\? If it is right, add it to the list sure_of"):
        begin("--file", str(answers))
    answers.write_text(f'language = "en"\nsure_of = ["{NUMBER}"]\n{rest}')
    assert (begin("--file", str(answers)).exit_code, numbers()) == (0, [KEPT])
