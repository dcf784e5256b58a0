"""Two hosts that serve one country, with its database, its keys, and the receivers of its mails, SMS and pushes."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

import fixtures
from placement.core import clock
from placement.core.codes import StoreFact
from placement.core.settings import Settings
from placement.storage import store_records
from placement.storage.database import Database
from tests.support.mail_server import SENDER, Mailbox, mail_server, make_certificate
from tests.support.ringing import Server as Telephones
from tests.support.ringing import ringing
from tests.support.service_process import Service, environment_for
from tests.support.two_hosts import database, push_service
from tests.support.two_hosts.host import Host
from tests.support.two_hosts.network import Network, inlet, network
from tests.support.two_hosts.people import Person

NUMBERS = ("+31300000001", "+31300000002")
SLOW_READS_A_MINUTE = 6


class Pair(Service):
    """The service of two hosts. As a service, it opens their database by a socket that no fault of the network cuts."""

    def __init__(self, net: Network, server: database.Server, folder: Path, environment: dict[str, str]) -> None:
        self.net, self.server, self.folder = net, server, folder
        self.environment = {**environment, "DATABASE_URL": server.beside}
        self.hosts = [Host(net, name, folder, {**environment, "DATABASE_URL": server.url}) for name in ("a", "b")]
        self.people: dict[str, Person] = {}
        self.box, self.telephones, self.push = Mailbox(), Telephones(), push_service.PushService()

    @property
    def a(self) -> Host:
        return self.hosts[0]

    @property
    def b(self) -> Host:
        return self.hosts[1]

    def person(self, email: str) -> Person:
        return self.people[f"{email}@placement.example"]

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Returns the rows that a query finds, with no code of the service."""
        with psycopg.connect(self.server.beside, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def logs(self) -> str:
        return "\n".join(host.log()[-4000:] for host in self.hosts)


@contextmanager
def pair() -> Iterator[Pair]:
    """Yields two hosts that serve. At the end everything is removed: processes, namespaces and files."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="placement-hosts-")))
        net = stack.enter_context(network())
        net.join(push_service.NAME)
        make_certificate(folder, address=push_service.ADDRESS)
        server = stack.enter_context(database.database(net, folder / "pg"))
        made = Pair(net, server, folder, _environment(folder))
        net.publish(push_service.NAME, push_service.ADDRESS, [host.name for host in made.hosts])
        made.push = stack.enter_context(push_service.push_service(net, folder))
        made.command("keys", "new")
        _fill(made)
        mail = stack.enter_context(mail_server(made.box))
        made.telephones = stack.enter_context(ringing())
        for host in made.hosts:
            relay = stack.enter_context(inlet(net, host.name, mail.port))
            gateway = stack.enter_context(inlet(net, host.name, int(made.telephones.url.rpartition(":")[2])))
            host.environment |= {
                "PLACEMENT_SMTP_PORT": str(relay),
                "PLACEMENT_SMS_URL": f"http://127.0.0.1:{gateway}/sms",
            }
            stack.callback(host.kill)
            host.start()
        yield made
        for host in made.hosts:
            host.stop()


def _environment(folder: Path) -> dict[str, str]:
    """Returns the settings that both hosts have: one folder of keys, and a mail server on each machine. Both trust the
    certificate of the push service.
    """
    return environment_for() | {
        "PLACEMENT_VAR": str(folder / "var"),
        "PLACEMENT_RUN": str(folder / "run"),
        "SSL_CERT_FILE": str(folder / "trusted.pem"),
        "PLACEMENT_WEBAUTHN": "off",
        "PLACEMENT_ADDRESS": "https://placement.example",
        "PLACEMENT_SMTP_HOST": "127.0.0.1",
        "PLACEMENT_SMTP_TLS": "none",
        "PLACEMENT_SMTP_SENDER": SENDER,
        "PLACEMENT_SMS_BODY": '{"to": "{number}", "text": "{text}", "id": "{id}"}',
        "PLACEMENT_LADDER_MINUTES": "1 2 3",
        "PLACEMENT_LADDER_NUMBERS": " ".join(NUMBERS),
        "PLACEMENT_SLOW_READS_A_MINUTE": str(SLOW_READS_A_MINUTE),
        "PLACEMENT_ENGINES": "1",
    }


def _fill(made: Pair) -> None:
    """Puts the small country into the database. Its people are served as real people are."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in made.environment.items():
            patch.setenv(name, value)
        settings = Settings.from_environment()
    with closing(Database.open(settings)) as store:
        store.migrate()
        known = fixtures.load(store, settings, size="national", seed=1, at=clock.now()).as_json()
        with store.transaction() as session:
            store_records.forget(session, StoreFact.SYNTHETIC)
    made.people = {one["email"]: Person(one) for one in known["people"]}
