"""Clock, jobs, processes, mail, proxy, disk and backups that are broken."""

import json
from datetime import timedelta
from ipaddress import ip_network

from placement.core import clock
from placement.core.codes import StoreFact
from placement.core.setting_files import engines_socket, vital_signs_socket
from placement.doctor import backups, examination, surroundings
from placement.doctor.findings import Found
from placement.storage import job_failures, store_records
from tests.support.broken_installations.hands import POSTGRESQL, broken
from tests.support.mail_server import Mailbox, mail_server
from tests.support.ports import free_port
from tests.support.well_installation import service_that_answers

# clock, jobs, processes


@broken(Found.CLOCK_BEHIND, Found.JOBS_LATE)
def a_clock_a_year_behind(it):
    it.well.later(it.patch, days=-365)


@broken(Found.CLOCK_DIFFERS, on=(POSTGRESQL,))
def a_clock_a_minute_ahead_of_the_database(it):
    it.well.later(it.patch, minutes=1)


@broken(Found.CLOCK_FREE)
def a_clock_that_nothing_keeps_right(it):
    it.patch.setattr(examination, "is_synchronised", lambda: False)


@broken(Found.JOBS_LATE)
def no_scheduler(it):
    it.sql("DELETE FROM jobrun")


@broken(Found.JOB_FAILS)
def a_job_that_fails(it):
    with it.town.database.transaction() as session:
        job_failures.note(session, "make_report", clock.now(), clock.now())


@broken(Found.ENGINE_AWAY)
def the_socket_of_the_engine_removed(it):
    engines_socket(it.settings.run).unlink()


@broken(Found.LIVENESS_NOT_HEARD)
def the_socket_of_the_main_process_removed(it):
    vital_signs_socket(it.settings.run).unlink()


@broken(Found.LIVENESS_NONE)
def a_service_that_does_not_run(it):
    it.well.having(run=it.folder / "other")


# mail, sheet, proxy


@broken(Found.MAIL_FAILS)
def a_mail_server_that_does_not_run(it):
    with mail_server(Mailbox()) as server:
        it.well.having(smtp=server)


@broken(Found.MAIL_SENDER_REFUSED)
def a_mail_server_that_refuses_the_sender(it):
    box = Mailbox()
    box.refused_senders = {it.settings.smtp.sender: "550 not yours"}
    it.well.having(smtp=it.until_the_end(mail_server(box)))


@broken(Found.MAIL_NONE)
def no_mail_server(it):
    it.well.having(smtp=None)


@broken(Found.MAIL_NOT_TAKEN)
def a_mail_server_that_takes_no_mail(it):
    with it.town.database.transaction() as session:
        store_records.record(session, StoreFact.MAIL_FAILS, clock.now())


@broken(Found.SHEET_NONE)
def nobody_can_open_the_sheet(it):
    it.well.having(sheet_for=())


@broken(Found.SHEET_WRONG_KEY)
def a_key_for_the_sheet_mistyped(it):
    it.well.having(sheet_for=("age1wrong",))


@broken(Found.PROXY_NO_ADDRESS)
def no_address(it):
    it.well.having(address="")


@broken(Found.PROXY_PATH)
def an_address_with_a_path(it):
    it.well.having(address=f"{it.settings.address}/opvang")


@broken(Found.PROXY_EVERYONE)
def every_network_trusted(it):
    it.well.having(trusted_proxies=(ip_network("0.0.0.0/0"),))


@broken(Found.PROXY_NOT_TRUSTED, Found.PROXY_ANY_HOST, Found.PROXY_FAILS)
def no_proxy_trusted_and_any_host_answered(it):
    it.well.having(address=f"https://127.0.0.2:{free_port()}", trusted_proxies=(), hosts=frozenset())


@broken(Found.PROXY_OTHER_HOST)
def hosts_without_the_own_name(it):
    it.well.having(hosts=frozenset({"elsewhere.example"}))


@broken(Found.PROXY_OTHER_SERVICE)
def the_port_taken_by_another_service(it):
    server = service_that_answers(b"<h1>It works!</h1>")
    it.at_the_end(server.server_close)
    it.at_the_end(server.shutdown)
    it.well.having(address=f"http://127.0.0.1:{server.server_port}")


@broken(Found.PROXY_FAILS)
def nothing_listens_at_the_address(it):
    it.well.having(address=f"http://127.0.0.1:{free_port()}")


# disk and backups


@broken(Found.DISK_FULL)
def a_full_disk(it):
    it.patch.setattr(surroundings, "_FULL_MB", 1 << 40)


@broken(Found.DISK_LOW)
def a_disk_that_fills(it):
    it.patch.setattr(surroundings, "_LOW_MB", 1 << 40)


@broken(Found.BACKUP_NONE)
def never_a_backup(it):
    it.sql("DELETE FROM storerecord WHERE fact = 'backup_made'")


@broken(Found.BACKUP_OLD)
def a_backup_that_was_not_made_again(it):
    it.well.having(backup_every=timedelta(microseconds=1))


@broken(Found.BACKUP_KEYS_KEPT)
def a_backup_of_keys_that_was_not_removed(it):
    it.patch.setattr(backups, "KEY_BACKUPS_KEPT", timedelta(days=-7))


@broken(Found.BACKUP_FOLDER_EMPTY)
def a_backup_folder_that_is_not_mounted(it):
    (it.folder / "unmounted").mkdir()
    it.well.having(backup_folder=it.folder / "unmounted")


@broken(Found.BACKUP_NO_RECIPIENTS)
def recipients_lost_from_the_settings(it):
    it.well.having(backup_data_for=())


@broken(Found.BACKUP_WRONG_RECIPIENT)
def a_recipient_mistyped(it):
    it.well.having(backup_data_for=("age1wrong",))


@broken(Found.BACKUP_TORN)
def a_manifest_halved(it):
    file = next(it.settings.backup_folder.glob("*.json"))
    file.write_text(file.read_text()[:40])


@broken(Found.BACKUP_FOREIGN)
def a_backup_folder_of_another_installation(it):
    file = next(it.settings.backup_folder.glob("*.json"))
    file.write_text(json.dumps(json.loads(file.read_text()) | {"key_store": "that of another"}))


@broken(Found.BACKUP_NO_PROGRAM, on=(POSTGRESQL,))
def no_pg_dump_on_the_machine(it):
    (it.folder / "bin").mkdir()
    it.well.having(postgresql_programs=str(it.folder / "bin"))


@broken(Found.BACKUP_KEYS_OLD, Found.LOG_NO_HEAD, Found.JOBS_LATE, Found.CHECK_LATE)
def nothing_done_for_three_hours(it):
    it.well.later(it.patch, hours=2, minutes=30)
