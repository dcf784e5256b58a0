"""Settings, files, database and tables that are broken."""

import os
import sqlite3
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url

from placement.core import clock
from placement.core.codes import StoreFact
from placement.doctor import examination
from placement.doctor.findings import Found
from placement.storage import row_order, store_records
from tests.support.broken_installations.hands import BOTH, NOTHING_TO_FIND, POSTGRESQL, broken
from tests.support.next_version import become_next_version
from tests.support.ports import free_port
from tests.support.stores import address_of, run_statement

# settings


@broken(Found.SETTINGS_UNKNOWN)
def a_mistyped_setting(it):
    it.patch.setenv("PLACEMENT_HOLD_HOUR", "2")


@broken(Found.SETTINGS_PASSKEYS)
def passkeys_at_an_address_without_a_name(it):
    it.well.having(webauthn="required")


@broken(Found.SETTINGS_PLAIN_HTTP, Found.PROXY_FAILS)
def plain_http_for_others(it):
    it.well.having(plain_http=True, address=f"https://127.0.0.2:{free_port()}")


@broken(*NOTHING_TO_FIND)
def a_time_zone_far_away(it):
    it.patch.setenv("TZ", "Pacific/Kiritimati")


@broken(*NOTHING_TO_FIND, on=(POSTGRESQL,))
def a_database_in_another_time_zone(it):
    it.sql(f"ALTER DATABASE \"{make_url(it.settings.database_url).database}\" SET timezone TO 'Asia/Tokyo'")


# files


@broken(Found.FILES_KEYS_OPEN)
def field_keys_readable_by_all(it):
    it.settings.field_key_file.chmod(0o644)


@broken(Found.FILES_KEYS_OPEN)
def audit_key_readable_by_all(it):
    it.settings.audit_key_file.chmod(0o644)


@broken(Found.FILES_KEYS_OPEN)
def key_store_open_to_a_group(it):
    it.settings.key_store.chmod(0o750)


@broken(Found.FILES_OPEN)
def database_file_readable_by_all(it):
    examination.database_file(it.settings).chmod(0o644)


@broken(Found.FILES_OPEN)
def heads_writable_by_all(it):
    it.settings.audit_heads.chmod(0o666)


@broken(Found.FILES_OTHER_OWNER)
def another_user_than_that_of_the_service(it):
    it.patch.setattr(os, "geteuid", lambda: os.getuid() + 1)


@broken(Found.FILES_NOT_WRITABLE, Found.BACKUP_FOLDER_EMPTY)
def a_backup_folder_that_can_only_be_read(it):
    it.well.having(backup_folder=Path("/proc/self/fdinfo"))


# store


@broken(Found.STORE_FULL)
def a_database_that_cannot_grow(it):
    def fill(session):
        connection = session.connection()
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        connection.execute(text("CREATE TABLE filler AS SELECT randomblob(1 << 24)"))

    it.patch.setattr(examination, "try_what_requests_need", fill)


@broken(Found.STORE_FAILS)
def a_column_renamed_by_hand(it):
    it.sql("ALTER TABLE invitation RENAME COLUMN accepted_at TO accepted")


@broken(Found.STORE_ORDER_LATE)
def tables_whose_order_nobody_mixed(it):
    it.patch.setattr(row_order, "overdue", lambda *_: ["stay"])


@broken(Found.STORE_LOST)
def the_database_file_gone(it):
    it.well.having(database_url=f"sqlite:///{it.folder / 'not there.db'}")


@broken(Found.STORE_LOST, on=BOTH)
def an_empty_database_in_its_place(it):
    it.well.having(database_url=it.empty_store())


@broken(Found.SCHEMA_NONE, on=BOTH)
def a_new_service_without_tables(it):
    new = it.folder / "new"
    it.well.having(
        database_url=it.empty_store(), key_store=new / "keys", audit_heads=new / "heads", backup_folder=new / "backups"
    )


@broken(Found.SCHEMA_FOREIGN, on=BOTH)
def the_database_of_another_program(it):
    it.well.having(database_url=it.empty_store())
    run_statement(it.well.settings.database_url, "CREATE TABLE invoice (id integer)")


@broken(Found.SCHEMA_OLDER, on=BOTH)
def tables_of_an_older_release(it):
    become_next_version(it.patch, it.folder)


@broken(Found.SCHEMA_TOO_OLD)
def tables_of_a_release_that_is_not_known_any_more(it):
    it.sql("UPDATE alembic_version SET version_num = '0068'")


@broken(Found.SCHEMA_NEWER, on=BOTH)
def an_old_release_beside_new_tables(it):
    it.sql("UPDATE alembic_version SET version_num = '9999'")


@broken(Found.SCHEMA_SHARED)
def tables_of_a_newer_release_that_an_old_release_works_with(it):
    it.sql("UPDATE alembic_version SET version_num = '9999'")
    it.sql("UPDATE storerecord SET detail = '0069 9999' WHERE fact = 'works_from'")


@broken(Found.SCHEMA_INCOMPLETE, on=BOTH)
def a_table_dropped(it):
    it.sql("DROP TABLE jobrun")


@broken(Found.STORE_DAMAGED)
def a_file_that_is_no_database(it):
    file = examination.database_file(it.settings)
    other = it.folder / "other.db"
    other.write_bytes(b"no database" * 1_000 + file.read_bytes()[11_000:])
    it.well.having(database_url=f"sqlite:///{other}")


@broken(Found.STORE_AWAY, on=(POSTGRESQL,))
def a_server_that_does_not_run(it):
    it.well.having(database_url=f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")


@broken(Found.STORE_REFUSES_US, on=(POSTGRESQL,))
def a_database_name_mistyped(it):
    it.well.having(database_url=address_of(make_url(it.settings.database_url).set(database="plasement")))


@broken(Found.STORE_NO_RIGHT, on=(POSTGRESQL,))
def a_role_that_may_only_read(it):
    role = f"reader_{os.getpid()}"
    it.sql(f"CREATE ROLE {role} LOGIN", f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    server = address_of(make_url(it.settings.database_url).set(database="postgres"))
    it.at_the_end(lambda: run_statement(server, f"DROP ROLE {role}"))
    it.at_the_end(lambda: it.sql(f"DROP OWNED BY {role}"))
    it.well.having(database_url=address_of(make_url(it.settings.database_url).set(username=role)))


@broken(Found.STORE_READ_ONLY, on=(POSTGRESQL,))
def a_standby_that_can_only_be_read(it):
    it.sql(f'ALTER DATABASE "{make_url(it.settings.database_url).database}" SET default_transaction_read_only = on')


@broken(Found.STORE_BUSY)
def another_program_that_keeps_the_lock(it):
    it.well.having(lock_wait_seconds=0.1)
    other = sqlite3.connect(str(examination.database_file(it.settings)), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    it.at_the_end(other.close)


@broken(Found.STORE_BUSY, on=(POSTGRESQL,))
def a_console_with_an_open_transaction(it):
    it.well.having(lock_wait_seconds=0.2)
    other = it.town.database.engine.connect()
    it.at_the_end(other.close)
    other.execute(text("LOCK TABLE registration IN ACCESS EXCLUSIVE MODE"))


@broken(Found.STORE_SYNTHETIC)
def a_demo_store_served_for_real(it):
    with it.town.database.transaction() as session:
        store_records.record(session, StoreFact.SYNTHETIC, clock.now())
