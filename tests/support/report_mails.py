"""Readers of the daily report, and the mails they get."""

from placement.core.codes import Role
from placement.jobs.daily import make_report
from placement.notifications.delivery import deliver_mail
from placement.tables import Account
from tests.support.messages import sent

ADDRESS = "https://placement.example"


def account(town, name, role=Role.READER):
    with town.act() as act:
        act.session.add(
            Account(id=name, email=f"{name.lower()}@reader.example", role=role, password_hash="-", totp_secret="-")  # noqa: S106
        )


def put_out(town):
    """Makes the report as the daily job does, and returns how many mails it put out."""
    before = len(rows(town))
    town.do(make_report, town.at)
    return len(rows(town)) - before


def deliver(town, server):
    town.having(smtp=server)
    return deliver_mail(town.database, town.settings)


def rows(town):
    return sorted(sent(town), key=lambda one: (one.account_id or "", one.made_at))


def delivery_states(town):
    return [(row.status.value, row.trouble) for row in rows(town)]
