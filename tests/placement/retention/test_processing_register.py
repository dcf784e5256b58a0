"""The register of processing has every column of every table, and no other, consistent with the tables."""

import pytest
from sqlmodel import SQLModel

from placement.crypto.encrypted_columns import Encrypted, Sealed
from placement.retention.kinds import Fate
from placement.retention.processing_register import described, key_of, register
from placement.retention.schedule import SCHEDULE, kind_named
from placement.tables import Registration

COLUMNS = {(table.name, column.name): column for table in SQLModel.metadata.sorted_tables for column in table.columns}

OF_RECORD = {("registration", f"content.{name}") for name in Registration.record.model_fields}
"""What stands in the record of a registration, and is no column."""

COUNTED = {"countinbox", "countrelease", "countrylook", "dailyreport", "needrecord", "roomreport"}
"""Counts, kept under one key for all rows: no person's key could be destroyed for them."""


def test_every_column_is_described_and_nothing_else():
    assert set(COLUMNS) - set(described()) == set()
    assert set(described()) - set(COLUMNS) == OF_RECORD
    assert len(register().splitlines()) == len(COLUMNS) + len(OF_RECORD) + 2


def test_undescribed_column_fails_the_processing_register(monkeypatch):
    lacking = {name: row for name, row in described().items() if name != ("registration", "content.near")}
    monkeypatch.setattr("placement.retention.processing_register.described", lambda: lacking)
    with pytest.raises(KeyError):
        register()


@pytest.mark.parametrize("table", sorted({table for table, _ in COLUMNS}))
def test_every_column_has_a_subject_and_a_retention(table):
    for name, row in described().items():
        if name[0] != table:
            continue
        assert row.whose in {"no", "person", "special", "staff"}, name
        assert all((row.what, row.purpose, row.ground)), name
        if row.whose != "no":
            assert row.kept in {kind.name for kind in SCHEDULE}, name
        if name in OF_RECORD:
            continue
        if isinstance(COLUMNS[name].type, Sealed) and table not in COUNTED:
            assert kind_named(row.kept).fate in {Fate.DESTROY_KEY, Fate.ERASE}, name
        if row.whose == "special" and row.kept not in {"registration_facts", "placements"}:
            assert isinstance(COLUMNS[name].type, Sealed | Encrypted), name


@pytest.mark.parametrize(
    ("column", "key"),
    [
        (("registration", "alias"), "the registration's key"),
        (("hold", "text"), "the registration's key"),
        (("proposal", "unit_id"), "the registration's key"),
        (("bedclaim", "bed_id"), "the key of pseudonyms"),
        (("roomreport", "derived_free"), "the key of counts and reports"),
        (("proposal", "problem"), "the proposal's key"),
        (("decision", "text"), "the proposal's key"),
        (("idempotentrequest", "body"), "the key of the day"),
        (("frozenproblem", "problem"), "the frozen problem's key"),
        (("openimport", "content"), "the import's key"),
        (("massevent", "content"), "the event's key"),
        (("sentregistration", "content"), "the key of what was sent in"),
        (("location", "address"), "the service's key"),
        (("auditevent", "cipher"), "the log's key"),
        (("registration", "urgency"), "-"),
    ],
)
def test_which_key_encrypts_a_column_is_read_from_the_table(column, key):
    assert key_of(COLUMNS[column]) == key
    line = next(line for line in register().splitlines() if line.startswith(f"| {column[0]} | {column[1]} |"))
    assert line.endswith(f"| {key} |")
