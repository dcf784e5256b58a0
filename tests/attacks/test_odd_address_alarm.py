"""An odd request for an address reaches the auditor within a minute, by day and at night: by mail and by webhook, each
at a real receiver.
"""

import json
from contextlib import closing
from datetime import timedelta

import pytest
from freezegun import freeze_time
from standardwebhooks import Webhook as Verifier

from placement.core.codes import MessageKind, Role
from placement.core.context import Act, Actor
from placement.jobs import periodic, scheduler
from placement.notifications.delivery import deliver_mail
from placement.notifications.webhook_pool import WebhookPool
from placement.outbox import webhooks
from placement.tables import Account
from tests.support.api.resources import confirmed_hold
from tests.support.mail_server import Mailbox, mail_server
from tests.support.settings import changed
from tests.support.stores import one_store
from tests.support.webhook_receiver import LONG, receiving

[TELL] = [job for job in periodic.JOBS if job.name == "tell_of_tasks"]
POST = timedelta(seconds=scheduler._POST_EVERY_SECONDS)
MINUTE = timedelta(minutes=1)


def odd_request(service, hours):
    """Asks so many hours later as a person whose key was refused five times; returns the id of what waits."""
    hold = confirmed_hold(service, "Kanariestraat 7")
    service.moment.pass_by(hours=hours)
    for _ in range(5):
        assert service.coordinator.software.post(f"/holds/{hold}/address").status_code == 403
    return service.verified(service.coordinator.account).made(f"/holds/{hold}/address")["call_back"]


def webhook_of_the_centre(service, settings, url):
    with service.database.transaction() as session:
        admin = Actor(service.admin.account, Role.ADMIN, session_id="Z")
        return webhooks.make(Act(session, admin, service.moment.at, settings), url, [MessageKind.TASK_DUE])[0]


def job_runs(service, job):
    """Runs the job as late as it can run."""
    service.moment.at += job.every
    assert periodic.run(service.database, service.country.settings, job, service.moment.at)


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("hours", [0, 13.5], ids=["by day", "at night"])
def test_auditor_has_mail_and_webhook_within_a_minute(service, hours):
    with mail_server(box := Mailbox()) as smtp, receiving() as receiver:
        settings = changed(service.country.settings, smtp=smtp, plain_http=True, webhook_within_seconds=LONG)
        secret = webhook_of_the_centre(service, settings, receiver.url)
        asked = odd_request(service, hours)
        waits_since = service.moment.at
        job_runs(service, TELL)
        service.moment.at += POST
        deliver_mail(service.database, settings)
        with closing(WebhookPool(service.database, settings)) as pool:
            pool.wake()
            pool.finish()
    assert service.moment.at - waits_since < MINUTE
    with service.database.transaction() as session:
        auditor = session.get_one(Account, service.auditor.account).email
    assert auditor in [mail["To"] for mail in box.arrived]
    events = [json.loads(body) for _, _, body in receiver.came]
    for _, headers, body in receiver.came:
        with freeze_time(service.moment.at, ignore=["sqlalchemy", "psycopg"]):
            Verifier(secret).verify(body, headers)
    asked_of = {one["id"] for one in service.auditor.get("/tasks").json()["items"] if one["cause"] == "disclosure"}
    assert asked
    assert asked_of & {one["data"]["task"] for one in events}
