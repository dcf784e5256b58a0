"""Whoever sends a file, and however it ends: an answer or a clear refusal, and then no file and no key is left."""

import io
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from sqlmodel import select

from placement.crypto.encrypted_columns import is_readable, keys_of
from placement.exchange import open_imports
from placement.exchange.grid import LONGEST_FILE, MOST_CELLS
from placement.exchange.ods_write import WrittenSheet, ods_of
from placement.jobs import periodic
from placement.storage.database import Database
from placement.storage.field_sealing import place_named
from placement.tables import DataKey, OpenImport, Room
from tests.support.exchange.books import book, saved, with_part
from tests.support.exchange.imports import begin, begun
from tests.support.stores import one_store

CANARY = "Zilveren Merel"
HEAD = ["Unit", "Kamer", "Bedden", "Opmerking"]
ROOM = saved(book(Kamers=[HEAD, ["S01-L1-U1", "Zolder", 2, CANARY]]))


def zipped(**parts):
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("_", "."), content)
    return out.getvalue()


def far_apart():
    """Returns a workbook with two cells in each of three sheets, as far apart as a sheet may be."""
    made = book(**{f"Blad {number}": [HEAD] for number in range(3)})
    for sheet in made:
        sheet.cell(20_000, 200, "x")
    return saved(made)


def repeated():
    """Returns an ODS file of a few kilobytes with texts that are repeated in 19,000 rows of 200 columns."""
    content = ods_of([WrittenSheet("Kamers", HEAD, [["U", "K", 1, "x"]])])
    with ZipFile(io.BytesIO(content)) as archive:
        head, _, body = archive.read("content.xml").rpartition(b"<table:table-row")
    body = body.replace(b"<table:table-cell", b'<table:table-cell table:number-columns-repeated="50"')
    rows = b'<table:table-row table:number-rows-repeated="19000"'
    return with_part(content, "content.xml", head + rows + body)


HOSTILE = {
    "empty": b"",
    "truncated": ROOM[:-30],
    "zip bomb": with_part(ROOM, "xl/media/zeros.bin", bytes(30_000_000)),
    "entities": with_part(ROOM, "xl/worksheets/sheet1.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'),
    "macros": with_part(ROOM, "xl/vbaProject.bin", b"x"),
    "a password": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "too many rows": b"Unit;Kamer;Bedden\n" + b"U;K;1\n" * 20_001,
    "too many sheets": saved(book(**{f"Blad {number}": [HEAD] for number in range(51)})),
    "too large": bytes(LONGEST_FILE + 1),
    "a row of only separators": b";" * (MOST_CELLS + 1),
    "a cell repeated": repeated(),
    "cells far apart": far_apart(),
    "an archive of archives": zipped(kamers_csv=ROOM, a_zip=zipped(b_zip=ROOM)),
    "bytes of no encoding": b"Unit;Kamer;Bedden\n\x81\x8d\x8f\x90\x9d;1;2\n",
    "formulas": f"Unit;Kamer;Bedden\n=cmd|' /C calc'!A1;{CANARY};=1+1\n".encode(),
}


def other_process(service):
    """The next request is served by a process with a connection and key caches of its own."""
    service.app.state.database.close()
    service.app.state.database = Database.open(service.country.settings)


def left(service):
    """Returns what is left of files: rows, keys that open something, and files that contain the secret in clear."""
    store, database = keys_of(service.database.engine.dialect).store, Path(str(service.database.engine.url.database))
    with service.database.transaction() as session:
        rows = [*session.exec(select(OpenImport.id))]
        keys = [one for one in session.exec(select(DataKey.owner)) if one.startswith("I-")]
    files = {*database.parent.glob(f"{database.name}*")}  # other tests have their stores beside it
    for folder in (store.folder, service.country.settings.var):
        files |= {file for file in folder.rglob("*") if file.is_file()}
    named = [one for one in store.names() if one.startswith("I-")]
    assert sorted(keys) == named  # no key without its row
    return [*rows, *(one for one in named if not store.is_destroyed(one)), *filter(_has_secret, files)]


def _has_secret(file):
    return CANARY.encode() in file.read_bytes()


def run_jobs(service):
    for job in periodic.JOBS:
        if job.name == "end_files":
            assert periodic.run(service.database, service.country.settings, job, service.moment.at)


@one_store
@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_hostile_file_is_answered_or_refused_and_leaves_nothing(service, content):
    answer = begin(service.desk, content, "kamers.csv")
    if answer.status_code == 201:
        there = f"/imports/{answer.json()['id']}"
        assert service.desk.get(there).status_code == 200
        assert service.desk.post(f"{there}/confirm").status_code == 400
        assert service.desk.post(f"{there}/give-up").is_success
    else:
        assert answer.status_code in {413, 400}
        assert answer.json()["detail"]
    assert left(service) == []


@one_store
def test_two_users_with_one_file_are_served_by_many_processes(service):
    one, other = service.signed_in("desk"), service.signed_in("desk")
    paths = []
    for who in (one, other):
        paths.append(begun(who, ROOM))
        other_process(service)
    for who, path, theirs in ((one, *paths), (other, *paths[::-1])):
        assert who.get(path).json()["counts"] == {"make:room": 1}
        other_process(service)
        assert (who.get(theirs).status_code, who.post(f"{theirs}/confirm").status_code) == (404, 404)
        other_process(service)
    first = one.post(f"{paths[0]}/confirm").json()
    other_process(service)
    second = other.post(f"{paths[1]}/confirm").json()
    assert ([first["counts"], second["counts"]], left(service)) == ([{"make:room": 1}, {}], [])
    with service.database.transaction() as session:
        assert len(session.exec(select(Room).where(Room.name == "Zolder")).all()) == 1


@one_store
@pytest.mark.parametrize("end", ["signed out", "closed browser", "hour", "disabled account"])
def test_session_that_ends_in_the_middle_leaves_nothing(service, end):
    who = service.signed_in("desk")
    path = begun(who, ROOM)
    assert who.ask("PATCH", path, {"means": ["Kamers!D1="], "name": CANARY}).is_success
    with service.database.transaction() as session:
        [kept] = session.exec(select(OpenImport.__table__.c.content)).all()
    import_id = path.rpartition("/")[2]
    place = place_named(OpenImport, "content", import_id)
    assert is_readable(kept.opened(place))
    store = keys_of(service.database.engine.dialect).store
    assert ([one for one in left(service) if one != import_id], store.is_destroyed(import_id)) == ([], False)
    match end:
        case "signed out":
            assert who.post("/session/end").is_success
        case "disabled account":
            assert service.signed_in("admin").post(f"/accounts/{service.desk.account}/disable").is_success
        case "closed browser":
            service.moment.pass_by(seconds=service.country.settings.session_idle.total_seconds())
            run_jobs(service)
        case "hour":
            for _ in range(7):
                service.moment.pass_by(seconds=open_imports.LASTS.total_seconds() / 7 + 1)
                who.get("/imports")
            assert who.get(path).status_code == 404
            run_jobs(service)
    assert left(service) == []
    assert not is_readable(kept.opened(place))  # a copy of the row opens no more
