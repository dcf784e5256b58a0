"""Lines of the log beside its chain (PostgreSQL), as acts of a test store them."""

from sqlalchemy import text

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Role
from placement.core.context import Act
from placement.tables import Account
from tests.support.town import AT, DESK


def acts(country, number):
    for _ in range(number):
        one_act(country)


def one_act(country):
    with country.database.transaction() as session:
        act(session, country)


def act(session, country):
    audit_log.write(Act(session, DESK, AT, country.settings), Event.COUNTRY_READ)


def account(name):
    facts = {"password_hash": "-", "totp_secret": "-"}
    return Account(id=name, email=f"{name}@placement.example", role=Role.DESK, **facts)


def lines(connection):
    return connection.execute(text("SELECT * FROM auditunsealed ORDER BY id")).all()


def lines_of(country):
    with country.database.engine.connect() as connection:
        return lines(connection)
