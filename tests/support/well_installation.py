"""An installation that is well: two admins, keys in files, a backup, a head of the log, files for their owner alone."""

import http.server
import threading
from datetime import timedelta
from ipaddress import ip_network

from placement.audit import verification
from placement.audit.watcher import Watcher
from placement.core import clock
from placement.core.codes import Role, StoreFact
from placement.core.context import Actor
from placement.core.own_files import close_to_others
from placement.core.setting_files import audit_key_file, key_file
from placement.crypto.key_files import read_lines, write_lines
from placement.doctor import examination
from placement.doctor.findings import Level
from placement.storage import store_records
from placement.tables import JobRun
from tests.support.accounts import add_accounts
from tests.support.settings import changed
from tests.support.town import ADMIN

OTHER_ADMIN = Actor("A-other-admin", Role.ADMIN)
READER = Actor("A-reader", Role.AUDITOR)


class Well:
    """The town as it should be; `settings` may be changed, and `found` looks."""

    def __init__(self, town, backups, mail, address):
        self.town, self.backups, self.database = town, backups, town.database
        self.settings = changed(
            backups.settings,
            smtp=mail,
            address=address,
            hosts=frozenset({"127.0.0.1", "127.0.0.2"}),
            trusted_proxies=(ip_network("127.0.0.1/32"),),
            field_key_file=key_file(backups.settings.var),
            audit_key_file=audit_key_file(backups.settings.var),
        )
        self.settings.field_key_file.parent.mkdir()
        write_lines(self.settings.field_key_file, self.settings.field_keys)
        write_lines(self.settings.audit_key_file, tuple(self.settings.audit_key.split(",")))
        add_accounts(town, ADMIN, OTHER_ADMIN, READER)
        backups.make()
        with self.database.transaction() as session:
            fingerprint = store_records.fingerprint_of_keys(self.settings)
            store_records.record(session, StoreFact.KEYS_COPIED, clock.now(), fingerprint)
            session.add(JobRun(job="expire_holds", slot=clock.now(), finished_at=clock.now()))
        self.write_head()
        Watcher(self.database, self.settings).look()
        close_to_others(self.settings.var, self.settings.key_store, *self._database_file())

    def _database_file(self):
        file = examination.database_file(self.settings)
        return [] if file is None else [file]

    def write_head(self):
        self.database.seal_log()
        with self.database.transaction() as session:
            verification.write_head(self.backups.act_in(session))

    def having(self, **facts):
        self.settings = changed(self.settings, **facts)

    def findings(self):
        """Returns the findings of a new process, which reads the files of keys."""
        fields, log = self.settings.field_key_file, self.settings.audit_key_file
        read = {
            "field_keys": read_lines(fields) if fields.exists() else (),
            "field_key_file": fields if fields.exists() else None,
            "audit_key": log.read_text() if log.exists() else "",
            "audit_key_file": log if log.exists() else None,
        }
        return list(examination.findings(changed(self.settings, **read)))

    def found(self):
        return {one.found for one in self.findings() if one.found.level is not Level.WELL}

    def later(self, patch, **by):
        now = clock.now() + timedelta(**by)
        patch.setattr(clock, "now", lambda: now)
        patch.setattr("placement.core.context.now", lambda: now)


def service_that_answers(body):
    """Starts a service at a port of this machine that gives every request this answer."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Logs nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
