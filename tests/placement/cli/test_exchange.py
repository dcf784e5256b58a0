"""The commands about files of the register: what they print, write and answer."""

import io
import json
from dataclasses import replace
from zipfile import ZipFile

import pyrage
import pytest
from openpyxl import load_workbook
from sqlmodel import select

from placement.core import clock
from placement.core.codes import Role
from placement.core.leave_codes import LeaveKind, LeaveReason
from placement.leave import requests
from placement.leave.requests import Wanted
from placement.tables import Account, Room
from tests.support import second_person
from tests.support.exchange.books import book, saved
from tests.support.stores import one_store
from tests.support.town import DESK, OTHER_DESK

pytestmark = one_store

ROOMS = ["Unit", "Kamer", "Bedden"]


@pytest.fixture
def run(town, command_over):
    return command_over(town)


@pytest.fixture
def file(tmp_path):
    def make(*rows):
        made = tmp_path / "register.xlsx"
        made.write_bytes(saved(book(Kamers=[ROOMS, *rows])))
        return str(made)

    return make


@pytest.fixture
def approved(town):
    """Makes a request of this kind that two of the desk agreed on; and the key of an export's recipient."""
    identity = pyrage.x25519.Identity.generate()
    no_secret = dict.fromkeys(("password_hash", "totp_secret"), "-")
    with town.database.transaction() as session:
        for one in (DESK, OTHER_DESK):
            session.add(Account(id=one.id, email=f"{one.id}@placement.example", role=Role.DESK, **no_secret))

    def make(kind):
        now = town.at = clock.now()
        wanted = Wanted(kind, LeaveReason.LEAVING, "we stop using it", str(identity.to_public()))
        asked = town.do(requests.ask, wanted, actor=replace(DESK, verified_at=now)).id
        town.do(second_person.grant, asked, actor=replace(OTHER_DESK, verified_at=now))
        return asked, identity

    return make


@pytest.mark.wide
def test_export_with_people_writes_a_new_file_once(town, run, tmp_path, approved):
    town.register(alias="Zilverreiger")
    asked, identity = approved(LeaveKind.EXPORT_PEOPLE)
    file = tmp_path / "people.age"
    typed = ("export", "--with-people", "--output", str(file))
    refused = run(*typed, "--lang", "nl", "--approval", "X-2222-2222-2222")
    assert refused.exit_code == 2
    assert not file.exists()
    done = run(*typed, "--approval", asked)
    assert done.exit_code == 0, done.stderr
    assert "registrations 1" in done.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    assert ZipFile(io.BytesIO(pyrage.decrypt(file.read_bytes(), [identity]))).namelist()[0] == "import.xlsx"
    other = run("export", "--with-people", "--output", str(tmp_path / "again.age"), "--approval", asked)
    assert (other.exit_code, "carried out already" in other.stderr) == (2, True)
    assert [one.name for one in tmp_path.glob("*.age")] == ["people.age"]
    assert b"Zilverreiger" not in file.read_bytes()


@pytest.mark.wide
def test_leave_writes_the_certificate_twice_the_same(town, run, tmp_path, approved):
    town.register(alias="Zilverreiger")
    asked, _ = approved(LeaveKind.DESTROY_KEYS)
    file = tmp_path / "certificate.json"
    assert run("leave", "--approval", "X-2222-2222-2222", "--certificate", str(file)).exit_code == 2
    assert not file.exists()
    assert run("leave", "--approval", asked, "--certificate", str(file), "--lang", "nl").exit_code == 0
    written = file.read_text()
    assert {row["kind"]: row["count"] for row in json.loads(written)["keys"]}["cases"] == 1
    assert file.with_suffix(".txt").read_text().startswith(f"Verklaring van vernietiging {asked}")
    assert run("leave", "--approval", asked, "--certificate", str(file)).exit_code == 0
    assert file.read_text() == written


def rooms(town):
    return sorted(town.all(select(Room.name)))


def test_import_tried_says_what_it_would_do(town, run, file):
    before = rooms(town)
    done = run("import", file(["U1-women", "R9", 2]), "--dry-run", "--lang", "nl")
    assert done.exit_code == 0
    assert done.stdout == "nieuw: kamer R9\n"
    assert "Dit was een proef" in done.stderr
    assert rooms(town) == before


def test_import_says_what_it_did(town, run, file):
    done = run("import", file(["U1-women", "R9", 2]))
    assert (done.exit_code, done.stdout[:12], done.stderr) == (0, "new: room R9", "Done. Changes: 1, faults: 0.\n")
    assert "R9" in rooms(town)


def test_import_names_a_fault_by_sheet_row_and_column(town, run, file):
    before = rooms(town)
    done = run("import", file(["U1-women", "R9", 2], ["U1-women", "R8", "veel"]))
    assert done.exit_code == 2
    assert "! Kamers, row 3, column C: veel is not a whole number" in done.stderr
    assert rooms(town) == before


def test_import_of_what_is_no_file_of_ours_is_one_line(run, tmp_path):
    file = tmp_path / "old.xls"
    file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    done = run("import", str(file))
    assert done.exit_code == 2
    assert done.stderr.startswith("placement import: This file is damaged")
    assert done.stderr.count("\n") == 1


@pytest.mark.wide
def test_import_with_a_mapping_reads_columns_of_others(run, tmp_path):
    file, mapping = tmp_path / "own.xlsx", tmp_path / "own.toml"
    file.write_bytes(saved(book(Overzicht=[["Groepje", "Nr", "Plek"], ["U1-women", "R9", 1]])))
    mapping.write_text('[sheets.Overzicht]\nis = "rooms"\ncolumns = { Groepje = "unit", Nr = "name", Plek = "beds" }\n')
    assert run("import", str(file)).exit_code == 2
    assert run("import", str(file), "--map", str(mapping)).exit_code == 0
    assert run("import", str(file)).exit_code == 0


@pytest.mark.wide
def test_import_of_many_closings_waits_for_a_second_person(run, file, tmp_path):
    new = [["U1-women", f"X{number}", 1] for number in range(11)]
    assert run("import", file(*new)).exit_code == 0
    closed = saved(book(Kamers=[[*ROOMS, "Sluit op"], *([*row, "1-1-2040"] for row in new)]))
    path = tmp_path / "closing.xlsx"
    path.write_bytes(closed)
    done = run("import", str(path))
    assert (done.exit_code, "a second person" in done.stderr) == (3, True)


@pytest.mark.wide
def test_import_template_is_written_in_the_language(run, tmp_path):
    file = tmp_path / "template.xlsx"
    assert run("import", str(file), "--template", "--lang", "nl").exit_code == 0
    assert load_workbook(file).sheetnames[:4] == ["Opvang", "Locaties", "Units", "Kamers"]


def test_import_template_of_one_sheet_is_csv(run, tmp_path):
    file = tmp_path / "rooms.csv"
    assert run("import", str(file), "--template", "--lang", "nl").exit_code == 0
    assert file.read_text().startswith("Id,Opvang,Locatie,Unit,Kamer,Bedden")


def test_import_template_of_no_sheet_is_refused(run, tmp_path):
    assert run("import", str(tmp_path / "kamers.csv"), "--template").exit_code == 2


@pytest.mark.wide
@pytest.mark.parametrize("form", ["xlsx", "csv", "hsds"])
def test_export_in_each_form_is_imported_without_a_change(run, tmp_path, form):
    file = tmp_path / f"register.{form}"
    assert run("export", "--format", form, "--output", str(file)).exit_code == 0
    done = run("import", str(file))
    assert (done.exit_code, done.stdout) == (0, "")
