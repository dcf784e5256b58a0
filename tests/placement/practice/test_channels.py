"""A practice room reaches nobody: each channel is tried while real receivers listen, and arrives in the room alone."""

import socket
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from placement.accounts import details, sso
from placement.accounts.details import Details
from placement.accounts.login import Caller
from placement.accounts.sessions import actor_for
from placement.cli import app
from placement.core import clock
from placement.core.codes import Channel, MessageKind, Role
from placement.core.errors import Conflict, Misconfigured, Unreachable
from placement.core.leave_codes import LeaveKind, LeaveReason
from placement.core.practice_codes import SceneCode
from placement.core.setting_parts import SsoProvider
from placement.leave import requests as leaving
from placement.notifications import ring_choices
from placement.notifications.ring_choices import RingChoice
from placement.outbox import practice_post, push_devices, sms_gateway, smtp, webhook_client, webhooks
from placement.outbox.webhook_client import Call, HttpCall
from placement.practice import clock_moves
from placement.storage.database import Database
from placement.tables import Account, OnCall
from tests.support.mail_server import Mailbox, mail_server
from tests.support.practice import Practice, in_practice
from tests.support.quarter.room import Post
from tests.support.ringing import Browser, ringing
from tests.support.stores import one_store

NUMBER = "+31612345678"


@pytest.fixture
def outside():
    """A mail server, and a server for webhooks, pushes and SMS."""
    box = Mailbox()
    with mail_server(box) as smtp_server, ringing() as server:
        yield box, smtp_server, server


@pytest.fixture
def practice(stores, outside, tmp_path):
    """A first night; what is outside listens before."""
    assert outside
    with in_practice(tmp_path, stores.blank() if stores.kind == "postgresql" else "") as settings:
        yield Practice(settings, SceneCode.FIRST_NIGHT)


def as_account(act, account):
    return replace(act, actor=actor_for(act.session, account, act.at, session_id="Z"))


def prepare(practice, server):
    with practice.act() as act:
        on_call = act.session.exec(select(OnCall)).one().account_id
        desk = as_account(act, act.session.get_one(Account, on_call))
        details.change(desk, Details("Naam", telephone=NUMBER))
        ring_choices.choose(desk, RingChoice(sms=True))
        push_devices.allow(desk, "telefoon", Browser(server, "on-call").subscription)
        admin = as_account(act, act.session.exec(select(Account).where(Account.role == Role.ADMIN)).first())
        _, made = webhooks.make(admin, f"{server.url}/hook", [MessageKind.TASK_DUE])
        webhooks.try_it(admin, made.id)


@pytest.mark.wide
def test_no_channel_of_practice_arrives_outside(practice, outside):
    box, _, server = outside
    prepare(practice, server)
    clock_moves.move(practice.settings, clock.now() + timedelta(minutes=15))
    kept = practice_post.kept(practice.settings.var, 200)
    assert {one.channel for one in kept} == set(Channel)
    to = {one.channel: one.to for one in kept}
    assert (to[Channel.SMS], to[Channel.PUSH], to[Channel.WEBHOOK]) == (
        NUMBER,
        f"{server.url}/push/on-call",
        f"{server.url}/hook",
    )
    mails = [one for one in kept if one.channel is Channel.MAIL]
    assert all(one.title.startswith("[OEFENING] ") and "niets verstuurd" in one.text for one in mails)
    assert (box.seen, server.came) == (0, [])


@pytest.mark.wide
def test_receiver_gets_each_mail_once_after_it_failed(practice):
    post = Post(practice.settings.var.parent)
    post.takes = False
    clock_moves.move(practice.settings, clock.now() + timedelta(minutes=15))
    assert (post.taken(), practice_post.kept(practice.settings.var, 200)) == ([], [])
    post.takes = True
    clock_moves.move(practice.settings, clock.now() + timedelta(minutes=15))
    post.close()
    names = [one["name"] for one in post.taken()]
    kept = practice_post.kept(practice.settings.var, 200)
    assert len(names) == len(set(names)) > 0
    assert sorted(names) == sorted(one.name for one in kept)


@pytest.mark.wide
@pytest.mark.usefixtures("practice")
def test_process_of_practice_connects_to_nothing(outside):
    box, smtp_server, server = outside
    mail = EmailMessage()
    mail["From"], mail["To"] = "a@placement.example", "b@placement.example"
    assert smtp.send(smtp_server, mail, 5).result.trouble == "no_connection"
    call = Call("B-1", f"{server.url}/hook", "{}", ["whsec_AAAA"], clock.now())
    assert webhook_client.send(call, local=True, within_seconds=5).trouble == "no_connection"
    assert sms_gateway.send(server.gateway, NUMBER, "-", "B-2", 5).trouble == "no_connection"
    push = HttpCall(f"{server.url}/push/x", b"-", {})
    assert webhook_client.answer_to(push, local=True, within_seconds=5).trouble == "no_connection"
    assert (box.seen, server.came) == (0, [])


@pytest.mark.wide
def test_process_of_practice_uses_no_single_sign_on(practice, outside):
    _, _, server = outside
    issuer = SsoProvider(server.url, "placement", "s3cret", "https://practice.example", ())
    with closing(Database.open(practice.settings)) as database, pytest.raises(Unreachable, match="sso_unreachable"):
        sso.depart(database, practice.settings.model_copy(update={"sso": issuer}), clock.now(), Caller("-", "-", None))
    assert server.came == []


@pytest.mark.wide
@one_store
@pytest.mark.usefixtures("practice")
def test_each_connection_and_look_up_is_refused():
    there = ("127.0.0.1", 9)
    with closing(socket.socket()) as tcp, closing(socket.socket(type=socket.SOCK_DGRAM)) as udp:
        ways = (
            lambda: socket.create_connection(there),
            lambda: socket.create_connection(("::1", 9)),
            lambda: tcp.connect(there),
            lambda: tcp.connect_ex(there),
            lambda: udp.sendto(b"-", there),
            lambda: udp.sendmsg([b"-"], [], 0, there),
            lambda: socket.getaddrinfo("real.example", 443),
            lambda: socket.gethostbyname("real.example"),
            lambda: socket.gethostbyname_ex("real.example"),
            lambda: socket.gethostbyaddr("127.0.0.1"),
            lambda: socket.getnameinfo(there, 0),
        )
        for way in ways:
            with pytest.raises(PermissionError, match="practice sends nothing"):
                way()


@pytest.mark.wide
def test_nothing_of_practice_is_backed_up_or_exported(practice, tmp_path):
    export = ("export", "--output", str(tmp_path / "register.xlsx"))
    for words, why in ((("backup",), "backups need PLACEMENT_BACKUP_DATA_FOR"), (export, "nothing of it is exported")):
        done = CliRunner().invoke(app, words)
        assert isinstance(done.exception, Misconfigured)
        assert why in str(done.exception)
    assert not [file for file in tmp_path.iterdir() if file.name != "practice"]
    with practice.act() as act:
        desk = as_account(act, act.session.exec(select(Account).where(Account.role == Role.DESK)).first())
        fresh = replace(desk, actor=replace(desk.actor, verified_at=act.at))
        for kind in LeaveKind:
            with pytest.raises(Conflict, match="not_in_practice"):
                leaving.ask(fresh, leaving.Wanted(kind, LeaveReason.LEAVING, ""))
    with closing(socket.socket(socket.AF_UNIX)) as own, pytest.raises(FileNotFoundError):
        own.connect(str(tmp_path / "nothing"))  # a socket in a folder is allowed
