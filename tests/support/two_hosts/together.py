"""The steps of the trial in peace: two hosts as one service, while both are well."""

import subprocess
import sys
from collections import Counter
from datetime import timedelta

import httpx

from placement.core import clock
from placement.core.codes import Channel
from placement.outbox.push_devices import MOST
from placement.text.catalogue import DEFAULT, translate
from tests.support.api.service import somebody
from tests.support.messages import deliveries_in
from tests.support.outages import until
from tests.support.ringing import Browser
from tests.support.two_hosts.host import Host
from tests.support.two_hosts.live_page import live_page
from tests.support.two_hosts.pair import NUMBERS, SLOW_READS_A_MINUTE, Pair
from tests.support.two_hosts.push_service import NAME as PUSH
from tests.support.two_hosts.table import Table

ARRIVES_WITHIN_SECONDS = 15
"""The limit for a change on a live page. On a quiet machine it comes within a second."""
_FREE_TRIES = 20
_JOBS = ("expire_holds", "expire_decisions", "expire_proposals", "change_register", "remind_of_holds")
_WITHIN_SECONDS = 300
"""The limit for messages that the scheduler of a host sends: the last step of the ladder rings after three minutes."""


def sessions(pair: Pair, table: Table) -> None:
    """A session begun at a host is valid at the other, and a logout ends it at both."""
    other = pair.person("coordinator-rotterdam")
    with table.step("a session begun at A works at B"):
        other.signs_in(pair.a)
        assert other.gets(pair.b, "/session")["account"] == other.gets(pair.a, "/session")["account"]
    with live_page(other, pair.b) as page:
        with table.step("a logout at A ends the session at B"):
            other.posts(pair.a, "/session/end")
            assert other.asks(pair.b, "GET", "/session").status_code == httpx.codes.UNAUTHORIZED
        with table.step("a logout at A ends the live page at B"):
            assert page.ended.wait(ARRIVES_WITHIN_SECONDS)


def live_pages(pair: Pair, table: Table) -> None:
    """A change made at a host reaches an open page at the other, in both directions."""
    desk, coordinator = pair.person("desk-1"), pair.person("coordinator-amsterdam")
    for one, two in ((pair.a, pair.b), (pair.b, pair.a)):
        step = f"a change at {one.name.upper()} reaches a live page at {two.name.upper()}"
        with live_page(desk, two) as page, table.step(step):
            coordinator.posts(one, "/registrations", somebody())
            assert page.changed.wait(ARRIVES_WITHIN_SECONDS)


def limits(pair: Pair, table: Table) -> None:
    """Wrong keys and slow reads are counted over both hosts: what was spent at A is missing at B."""

    def wrong_key(host: Host) -> int:
        return httpx.post(f"{host.base}/api/v1/token", json={"key": f"plk_{'x' * 43}"}, timeout=60).status_code

    def slow_read(host: Host) -> int:
        return pair.person("auditor").asks(host, "GET", "/audit/events?limit=1").status_code

    with table.step("wrong keys are counted over both hosts"):
        at_a = Counter(wrong_key(pair.a) for _ in range(_FREE_TRIES))
        at_b = [wrong_key(pair.b) for _ in range(_FREE_TRIES)]  # no more than a host alone would let pass
        assert at_a == {httpx.codes.UNAUTHORIZED: _FREE_TRIES}
        assert httpx.codes.TOO_MANY_REQUESTS in at_b
    with table.step("an account's budget is counted over both hosts"):
        few = range(SLOW_READS_A_MINUTE - 1)  # fewer than a host alone would let pass
        assert {slow_read(pair.a) for _ in few} == {httpx.codes.OK}
        at_b = [slow_read(pair.b) for _ in few]
        assert httpx.codes.TOO_MANY_REQUESTS in at_b


def engines(pair: Pair, table: Table) -> None:
    """The engine of each host answers, also for a client who was registered at the other."""
    coordinator = pair.person("coordinator-amsterdam")
    for one, two in ((pair.a, pair.b), (pair.b, pair.a)):
        case = coordinator.posts(one, "/registrations", somebody())["id"]

        def answers(at: Host = two, case: str = case) -> bool:
            answer = coordinator.asks(at, "POST", f"/registrations/{case}/proposals")
            assert answer.is_success or answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
            return answer.is_success and answer.json()["engine"]["status"] != "degraded"

        with table.step(f"the engine of {two.name.upper()} proposes for a client of {one.name.upper()}"):
            until(answers, pair.logs)


def pushes(pair: Pair, table: Table) -> None:
    """Browsers that are allowed at either host are rung by both, once for each message, signed with one key."""
    desk, other = pair.person("desk-1"), pair.person("desk-2")
    with table.step("a push service at a private address is refused"):
        inside = Browser(pair.push, "inside").subscription | {"endpoint": f"https://{pair.net.address(PUSH)}/inside"}
        refused = desk.asks(pair.a, "POST", "/rings/devices", json={"name": "telefoon", **inside})
        assert (refused.status_code, "address_not_open" in refused.text) == (httpx.codes.BAD_REQUEST, True)
    with table.step("each browser that is allowed at A or B gets a first push, once"):
        for number in range(MOST):
            for person in (desk, other):
                pair.push.subscribe(person, pair.hosts[number % 2])
        assert_pushes_once(pair)
    pair.push.senders.clear()

    def are_rung_by_both() -> bool:
        day = clock.day_of(clock.now())
        desk.posts(pair.b, "/events", {"name": "Inval", "kind": "raid", "day": day.isoformat()})
        rung = pair.push.read().total() + len(pair.push.browsers)
        until(lambda: pair.push.read().total() >= rung, pair.logs)
        return pair.push.has_both()

    with table.step("A and B ring each browser about a task, once, with one key"):
        until(are_rung_by_both, pair.logs, _WITHIN_SECONDS)
        assert_pushes_once(pair)
        keys = {desk.gets(host, "/rings")["public_key"] for host in pair.hosts}
        assert pair.push.signatures() == {(key, pair.push.url) for key in keys}
        assert len(keys) == 1


def assert_pushes_once(pair: Pair) -> None:
    """Waits until each push of the outbox has come to its browser. Fails if a push came twice."""
    with pair.store() as (database, _):

        def have_all_come() -> bool:
            come = pair.push.read()
            with database.transaction() as session:
                stored = [one for one in deliveries_in(session) if one.channel is Channel.PUSH]
            paths = {name: browser.path for name, browser in pair.push.browsers.items()}
            wanted = Counter((paths[str(one.device_id)], translate("push", one.kind, DEFAULT)) for one in stored)
            assert come <= wanted, come - wanted
            return come == wanted

        until(have_all_come, pair.logs, _WITHIN_SECONDS, pause=1)


def messages(pair: Pair, table: Table) -> None:
    """Tasks of tonight that nobody sees ring each number once; each mail comes once, with an id of its own. Pushes that
    came meanwhile came once too.
    """
    with table.step("mails, SMS and later pushes come once"):
        until(lambda: pair.box.arrived and is_rung(pair), pair.logs, _WITHIN_SECONDS)
        assert_once(pair)
        assert_pushes_once(pair)


def assert_once(pair: Pair) -> None:
    """Checks that no id of a mail or an SMS came twice, and that no step rang a number twice."""
    twice = [name for name, number in Counter(pair.box.ids).items() if number > 1]
    ids = Counter(text["id"] for text in pair.telephones.texts())
    assert (twice, [name for name, number in ids.items() if number > 1]) == ([], [])


def is_rung(pair: Pair) -> bool:
    """Checks whether an SMS has come to each number of the list."""
    return set(NUMBERS) <= set(pair.telephones.rung())


def jobs(pair: Pair, table: Table) -> None:
    """Both hosts run the same jobs for the same moment: each job runs on one host, and the other leaves it."""
    moment = (clock.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    words = ("placement", "jobs", *_JOBS, "--as-of", moment)
    with table.step("jobs that both hosts begin run once"):
        begun = [
            subprocess.Popen(host.command(*words), env=host.environment, stderr=subprocess.PIPE, text=True)
            for host in pair.hosts
        ]
        lines = Counter(line for one in begun for line in one.communicate()[1].splitlines())
        assert {name: lines[f"{name}: done"] for name in _JOBS} == dict.fromkeys(_JOBS, 1), lines


def log_is_whole(pair: Pair, table: Table, when: str) -> None:
    """Every stored line gets into one chain, and the chain is valid."""
    with table.step(f"the log is one chain, and valid, {when}"):
        until(lambda: pair.sql("SELECT count(*) FROM auditunsealed") == [(0,)], pair.logs)
        verify = [sys.executable, "-m", "placement", "audit", "verify"]
        done = subprocess.run(verify, env=pair.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
