"""Two versions at one store: what an older process does with newer tables, a migration under load, and the way back."""

import pytest
from sqlalchemy import event, inspect, text

from api.http.database_ready import Usable
from placement.audit import row_check
from placement.core.errors import Misconfigured, NotMigrated
from placement.storage import database as opened
from placement.storage.schema_form import SchemaForm
from tests.support.next_version import NEXT, become_next_version
from tests.support.stores import both_stores

ADDS = "op.add_column('registration', sa.Column('later', sa.Text(), nullable=True))"


def form_for_the_version_before(country, monkeypatch, tmp_path, **more):
    """Migrates the store to the next version, and returns its form for the processes of this version."""
    with monkeypatch.context() as patch:
        become_next_version(patch, tmp_path, **more)
        country.database.migrate()
        assert country.database.form() is SchemaForm.CURRENT
    return country.database.form()


@pytest.mark.wide
@both_stores
def test_older_process_works_with_extended_tables(empty, monkeypatch, tmp_path):
    assert form_for_the_version_before(empty, monkeypatch, tmp_path, upgrade=ADDS) is SchemaForm.AHEAD
    empty.database.require_usable()
    with pytest.raises(Misconfigured, match="end its processes"):
        empty.database.migrate()


def test_older_process_stops_at_tables_of_a_contraction(empty, monkeypatch, tmp_path):
    stated = f"works_from = {NEXT!r}"
    assert form_for_the_version_before(empty, monkeypatch, tmp_path, stated=stated) is SchemaForm.NEWER
    with pytest.raises(Misconfigured, match="does not work with them"):
        empty.database.require_usable()


def test_newer_tables_without_their_record_stop_an_older_process(empty):
    with empty.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert empty.database.form() is SchemaForm.NEWER


def test_newer_process_waits_for_its_migration(empty, monkeypatch, tmp_path):
    usable = Usable(empty.database)
    with monkeypatch.context() as patch:
        become_next_version(patch, tmp_path)
        usable.check_if_it_answers()
        assert not usable.is_known
        with pytest.raises(NotMigrated, match="placement migrate"):
            empty.database.require_usable()
        empty.database.migrate()
        usable.check_if_it_answers()
    assert usable.is_known


def test_newer_process_works_before_an_unneeded_migration(empty, monkeypatch, tmp_path):
    become_next_version(monkeypatch, tmp_path, stated="needed = False")
    assert empty.database.form() is SchemaForm.BEHIND
    empty.database.require_usable()


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_migration_begins_again_if_a_request_holds_a_lock(empty, monkeypatch, tmp_path):
    """The request ends after the migration gave up for the first time."""
    begun = []
    with empty.database.engine.connect() as request:
        request.execute(text("SELECT count(*) FROM registration"))

        @event.listens_for(empty.database.engine, "handle_error")
        def end_request(context):
            begun.append(type(context.original_exception).__name__)
            request.rollback()

        become_next_version(monkeypatch, tmp_path, upgrade=ADDS)
        empty.database.migrate()
        event.remove(empty.database.engine, "handle_error", end_request)
    assert begun == ["LockNotAvailable"]
    assert empty.database.is_current()


@pytest.mark.wide
@both_stores
def test_way_back_leaves_seals_that_the_older_version_accepts(town, monkeypatch, tmp_path):
    """The tables of revision 0083 have no version of the service in a proposal, and no table of the help desk."""
    database = town.database
    proposal = town.propose(town.register())
    assert town.one("proposal", proposal).service_version
    become_next_version(monkeypatch, tmp_path, stated="works_from = '0083'")
    database.migrate()
    database.migrate("0083")
    with database.engine.connect() as connection:
        assert "service_version" not in {one["name"] for one in inspect(connection).get_columns("proposal")}
    assert database.form() is SchemaForm.OLDER
    database.migrate()
    with database.transaction() as session:
        assert (row_check.broken_rows(session), row_check.difference(session)) == ([], 0)
    assert town.one("proposal", proposal).service_version is None
    town.decide(proposal)


@pytest.mark.parametrize(
    ("wanted", "why"), [("0069", r"no way back to revision 0069: .* A way leads to 9998"), ("none", "no way back")]
)
def test_way_back_that_the_tables_do_not_allow_is_refused(empty, monkeypatch, tmp_path, wanted, why):
    become_next_version(monkeypatch, tmp_path)
    empty.database.migrate()
    with pytest.raises(Misconfigured, match=why):
        empty.database.migrate(wanted)
    assert empty.database.is_current()


def interrupt(*_):
    raise KeyboardInterrupt


@pytest.mark.wide
def test_interrupted_migration_changes_nothing_and_is_repeated(empty, monkeypatch, tmp_path):
    become_next_version(monkeypatch, tmp_path, upgrade=ADDS)
    with monkeypatch.context() as patch:
        patch.setattr(opened, "store_first_places", interrupt)
        with pytest.raises(KeyboardInterrupt):
            empty.database.migrate()
    assert empty.database.form() is SchemaForm.OLDER
    empty.database.migrate()
    assert empty.database.is_current()
