"""Keys, the audit log, rows that give access and admins that are broken."""

import shutil
from datetime import timedelta

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core import clock
from placement.core.codes import Role
from placement.core.context import SYSTEM
from placement.core.syslog_settings import Syslog
from placement.crypto.cipher import new_key
from placement.crypto.key_files import write_lines
from placement.doctor import log
from placement.doctor.findings import Found
from placement.storage import field_sealing
from tests.support.accounts import disable, invited
from tests.support.broken_installations.hands import BOTH, POSTGRESQL, broken
from tests.support.ports import free_port
from tests.support.town import ADMIN, key_store_of
from tests.support.well_installation import OTHER_ADMIN, READER

# keys


@broken(Found.KEYS_OTHER_SERVICE, on=BOTH)
def field_keys_of_another_installation(it):
    write_lines(it.settings.field_key_file, (new_key(),))


@broken(Found.KEYS_OLD_MISSING)
def only_the_newest_of_two_field_keys_left(it):
    newest = new_key()
    with it.opened((newest, *it.settings.field_keys)) as database, database.transaction() as session:
        field_sealing.keys_of_session(session).store.rewrap("pseudonyms")
    write_lines(it.settings.field_key_file, (newest,))


@broken(Found.KEYS_OLDER, Found.KEYS_NOT_COPIED)
def a_new_key_in_front_and_not_rotated(it):
    write_lines(it.settings.field_key_file, (new_key(), *it.settings.field_keys))


@broken(Found.KEYS_UNUSABLE)
def field_keys_gone(it):
    it.settings.field_key_file.unlink()


@broken(Found.KEYS_UNUSABLE)
def field_keys_halved(it):
    it.settings.field_key_file.write_text(it.settings.field_key_file.read_text()[:20])


@broken(Found.KEYS_UNUSABLE)
def audit_key_gone(it):
    it.settings.audit_key_file.unlink()


@broken(Found.KEYS_UNUSABLE)
def audit_key_halved(it):
    it.settings.audit_key_file.write_text(it.settings.audit_key_file.read_text()[:20])


@broken(Found.LOG_OTHER_KEY, on=BOTH)
def audit_key_of_another_installation(it):
    write_lines(it.settings.audit_key_file, (new_key(),))


@broken(Found.KEYS_FOREIGN)
def a_key_store_that_is_not_mounted(it):
    (it.folder / "empty").mkdir()
    it.well.having(key_store=it.folder / "empty")


@broken(Found.KEYS_MISSING)
def a_data_key_missing(it):
    (it.settings.key_store / f"{it.town.register()}.key").unlink()


@broken(Found.KEYS_MISSING)
def a_data_key_halved(it):
    file = it.settings.key_store / f"{it.town.register()}.key"
    file.write_bytes(file.read_bytes()[:30])


@broken(Found.KEYS_RETURNED)
def a_key_store_of_an_earlier_moment(it):
    case = it.town.register()
    earlier = it.folder / "earlier"
    shutil.copytree(it.settings.key_store, earlier)
    with it.town.act(SYSTEM) as act:
        field_sealing.destroy_keys(act, [case])
        audit_log.write(act, Event.ROWS_CHANGED)
    assert key_store_of(it.town).is_destroyed(case)
    it.well.having(key_store=earlier)


@broken(Found.KEYS_NOT_COPIED)
def newest_keys_without_a_copy(it):
    it.sql("UPDATE storerecord SET detail = 'those of before' WHERE fact = 'keys_copied'")


# log


@broken(Found.LOG_CHANGED, on=BOTH)
def the_last_line_of_the_log_changed(it):
    it.log_sql(
        "UPDATE auditevent SET at = '2026-11-24 09:00:00.000000+00:00' WHERE id = (SELECT max(id) FROM auditevent)"
    )


@broken(Found.LOG_CHANGED, on=BOTH)
def a_line_of_the_log_changed(it):
    it.log_sql("UPDATE auditevent SET at = '2026-11-24 09:00:00.000000+00:00' WHERE id = 2")


@broken(Found.LOG_CHANGED, on=BOTH)
def a_line_of_the_log_deleted(it):
    it.log_sql("DELETE FROM auditevent WHERE id = 2")


@broken(Found.LOG_NOT_SENT)
def events_that_no_receiver_took(it):
    it.patch.setattr(log, "_SENT_WITHIN", timedelta(days=-1))
    it.well.having(syslog=Syslog("localhost", free_port(), it.folder / "trusted.pem"))


@broken(Found.LOG_CUT_OFF, Found.LOG_PUT_BACK, on=BOTH)
def an_older_database_beside_newer_heads(it):
    it.log_sql("DELETE FROM auditevent WHERE id = (SELECT max(id) FROM auditevent)")


@broken(Found.ROWS_DIFFER, Found.LOG_PUT_BACK)
def the_last_line_gone_that_disabled_an_account(it):
    disable(it.town, READER)
    it.log_sql("DELETE FROM auditevent WHERE id = (SELECT max(id) FROM auditevent)")


@broken(Found.LOG_CHANGED, Found.LOG_PUT_BACK)
def the_last_of_several_lines_of_an_act_gone(it):
    invited(it.well, clock.now(), "nieuw@placement.example")
    it.log_sql("DELETE FROM auditevent WHERE id = (SELECT max(id) FROM auditevent)")


@broken(Found.LOG_OTHER)
def heads_of_another_log(it):
    it.head(link="0" * 64)


@broken(Found.LOG_HEADS_TORN)
def a_file_of_heads_overwritten(it):
    it.settings.audit_heads.write_text("<html>404</html>\n")


@broken(Found.LOG_HEADS_GONE)
def the_file_of_heads_gone(it):
    it.settings.audit_heads.unlink()


@broken(Found.LOG_NO_HEAD)
def no_head_for_three_hours(it):
    it.head(at=(clock.now() - timedelta(hours=3)).isoformat())


@broken(Found.LOG_UNGUARDED)
def a_trigger_of_the_log_dropped(it):
    it.sql("DROP TRIGGER auditevent_is_append_only_update")


@broken(Found.LOG_UNGUARDED, on=(POSTGRESQL,))
def the_triggers_of_the_log_disabled(it):
    it.sql("ALTER TABLE auditevent DISABLE TRIGGER USER")


# rows and admins


@broken(Found.ROWS_CHANGED, on=BOTH)
def a_reader_made_admin_in_the_table(it):
    it.sql("UPDATE account SET role = 'admin' WHERE id = 'A-reader'")


@broken(Found.CHECK_LATE)
def no_check_for_four_minutes(it):
    for file in it.settings.key_store.glob("*.watch"):
        file.unlink()


@broken(Found.ROWS_DIFFER, on=BOTH)
def an_account_deleted_from_the_table(it):
    it.sql("DELETE FROM account WHERE id = 'A-reader'")


@broken(Found.ROWS_CHANGED)
def an_account_given_another_address(it):
    it.sql("UPDATE account SET email = 'ander@placement.example' WHERE id = 'A-reader'")


@broken(Found.ADMINS_ALONE)
def only_one_admin(it):
    disable(it.town, OTHER_ADMIN)


@broken(Found.ADMINS_NONE)
def every_admin_disabled(it):
    disable(it.town, ADMIN)
    disable(it.town, OTHER_ADMIN)


@broken(Found.ADMINS_NONE)
def the_invitation_of_the_only_admin_expired(it):
    every_admin_disabled(it)
    invited(it.well, clock.now() - timedelta(days=10), "eerste@placement.example", Role.ADMIN)


@broken(Found.ADMINS_INVITED)
def an_invitation_that_nobody_has_accepted(it):
    every_admin_disabled(it)
    invited(it.well, clock.now(), "eerste@placement.example", Role.ADMIN)
