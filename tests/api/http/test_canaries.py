"""Canaries in every free or sensitive field, through the whole journey, with errors and crashes.

A canary may appear only in its own place: not in a log, a metric, a URL, an error or another's answer. It may not be in
an export, a problem file, or a byte of either store. An encrypted column without a canary fails this file.
"""

import re
import sys
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError, StatementError
from sqlmodel import SQLModel, select

from matching import write_problem
from placement.access import scoped_queries
from placement.audit import log as audit_log
from placement.core.codes import Channel, MessageKind
from placement.core.context import SYSTEM, Act
from placement.core.setting_parts import Smtp
from placement.crypto.encrypted_columns import Encrypted, Sealed
from placement.crypto.sealed_values import EncryptedMoment, SealedDay, SealedMoment
from placement.jobs import scheduler
from placement.jobs.daily import make_report
from placement.jobs.periodic import JOBS
from placement.notifications import emails, reminders
from placement.outbox import webhooks
from placement.registrations import related_cases
from placement.solver import engine_pool, engine_process
from placement.solver.engine_process import Solver
from placement.tables import Location, Provider
from tests.support.api.bodies import BODIES, CALL, CONFIRM
from tests.support.api.housed_client import change_facts, leave_asked, override_refused, send_back
from tests.support.api.resources import confirm_counts
from tests.support.api.service import API, Service, somebody
from tests.support.audit_log import anomaly, logged
from tests.support.authenticator import passkey_row
from tests.support.exchange.imports import begin_with_words
from tests.support.messages import deliveries_in
from tests.support.registrants import OF_REGISTRANTS, write_to_desk
from tests.support.settings import changed
from tests.support.snapshots import problem_at
from tests.support.stores import OPERATOR, one_store

CANARIES = {
    "registration.alias": "Kanarie-alias",
    "registration.content.near": "52.918273",
    "registration.content.threats": "51.817263",
    "registration.content.persons": "2032-03-17",
    "registration.content.reach": "52.736455",
    "opening.text": "Kanarie-opening",
    "factchange.content": "Kanarie-verandering",
    "decision.text": "Kanarie-besluit", "decision.second_text": "Kanarie-nee",
    "hold.text": "Kanarie-weigering", "hold.told": "Kanarie-vervoer",
    "hold.told.road": "+31650918475", "auditoddity.note": "Kanarie-nazicht",
    "stay.blocker_text": "Kanarie-belemmering", "stay.end_text": "Kanarie-einde",
    "location.address": "Kanariestraat", "secondpersonrequest.facts": "Kanarie-adres",
    "secondpersonrequest.text": "Kanarie-tweede",
    "webhook.url": "kanarie-webhook",
    "accountdetails.name": "Kanarie-naam", "accountdetails.job_title": "Kanarie-functie",
    "accountdetails.telephone": "+31650918273",
    "invitation.details": "Kanarie-gast", "secondpersonrequest.facts.name": "Kanarie-vraag",
    "organisation.telephones": "+31650918374", "passkey.name": "Kanarie-sleutel",
    "telephoneentry.caller": "Kanarie-stem", **OF_REGISTRANTS,
    "massevent.content": "Kanarie-inval", "eventmember.content": "Kanarie-regel",
    "openimport.content": "Kanarie-kamer", "openimport.name": "kanarie-bestand", "enquiry.note": "Kanarie-notitie",
}  # fmt: skip
OF_THE_CASE = {
    "registration.alias", "registration.content.near", "registration.content.threats", "threat.place", "decision.text",
    "registration.content.reach", "registration.content.persons", "factchange.content", "decision.second_text",
    "secondpersonrequest.text", "openimport.name", "massevent.content", "eventmember.content", "enquiry.note",
}  # fmt: skip
OF_WHO_PLACES = {f"accountdetails.{one}" for one in ("name", "job_title", "telephone")}
MADE = {
    "account.totp_secret", "invitation.totp_secret", "webhook.secret", "webhook.former_secret", "passkey.credential",
    "passkey.sign_count", "frozenproblem.problem", "proposal.problem", "numberchange.number", "numberchange.former",
    "proposal.advice", *(f"pushdevice.{one}" for one in ("subscription", "name", "trouble")),
    *(f"idempotentrequest.{one}" for one in ("body", "fingerprint", "headers", "registration_id")),
    *(f"accountdetails.{one}" for one in ("at_once", "sms", "quiet_from", "quiet_until", "sms_trouble")),
    "importrecord.content", "openimport.answers", "importmapping.name", "enquiry.content", "knowledgeentry.content",
}  # fmt: skip
"""Encrypted, without a canary: secrets and codes of the service, copies of what has its canary, names of devices,
and answers of the help desk, which are about nobody."""
LINK = {
    "roomreport": {"counted_free", "derived_free"}, "dailyreport": {"changed", "report", "rows"},
    "decision": {"broken", "client_says", "displaces", "unit_id"}, "tasknotice": {"content"},
    "hold": {"answered_by", "heard", "unit_id"}, "reminder": {"mark"}, "message": {"content"},
    "telephoneentry": {"content"}, "registrationlink": {"content"}, "proposal": {"missing_counts", "unit_id"},
    "stay": {"before", "missed", "unit_id"}, "countrylook": {"looks"}, "needrecord": {"content"},
    "eventplan": {"content"}, "countinbox": {"content"}, "countrecord": {"content"}, "countrelease": {"content"},
}  # fmt: skip
"""Codes and counts that show the place of a client, as sealed days and moments do (`tests/attacks/test_dump.py`)."""
PLACE = "Roosendaal"
CRASHES = (sys.executable, "-c", "import sys; sys.stderr.write('the engine is gone'); sys.exit(3)")


@dataclass
class Disclosed:
    """All that came out, by where."""

    service: Service
    secrets: list[str] = field(default_factory=list)
    answers: list[tuple[str, Any]] = field(default_factory=list)
    case: str = ""
    other_case: str = ""


@pytest.fixture(scope="module")
def disclosed(shared):
    """Runs the whole journey: acts that succeed, acts that are refused, and acts that break."""
    browsers = [shared.browser(role) for role in ("desk", "coordinator", "admin")]
    made = Disclosed(shared, [secret for one in browsers for secret in (one.password, one.totp_secret)])
    with shared.database.transaction() as session:
        for location in session.exec(select(Location)):
            location.address = f"{CANARIES['location.address']} {location.id}"
    shared.close_all()
    confirm_counts(shared)
    assert shared.desk.put("/locations/S01-L1/address", {"address": CANARIES["secondpersonrequest.facts"]}).is_success
    _well(made)
    _wrong(made)
    _broken(made)
    for name in ("desk", "coordinator", "elsewhere", "shelter", "other_shelter", "staff", "auditor", "admin"):
        caller = getattr(shared, name)
        for path in ("/registrations", "/holds", "/stays", "/decisions", "/capacity", "/audit/events", "/accounts"):
            caller.get(path)
        caller.get(f"/registrations/{made.case}")
        caller.get(f"/registrations/{made.case}/accesses")
        made.answers += [(name, answer) for answer in caller.answers]
    return made


def _person(**facts):
    point = {"lat": float(CANARIES["registration.content.threats"]), "lon": 4.5}
    return somebody(
        alias=CANARIES["registration.alias"],
        threats=[{**point, "min_km": 5}, {"place": PLACE, "min_km": 5}],
        near={"lat": float(CANARIES["registration.content.near"]), "lon": 5.5},
        reach=[{"lat": float(CANARIES["registration.content.reach"]), "lon": 5.5, "max_km": 400}],
        needs=["pregnancy"],
        **facts,
    )


def _well(made: Disclosed) -> None:
    """Runs the acts that succeed, from the registration to the end of the stay, and the review of an anomaly."""
    service = made.service
    _people(service)
    begin_with_words(service.desk, CANARIES)
    [made.case] = {service.coordinator.made("/registrations", _person(), Idempotency_Key="1")["id"] for _ in range(2)}
    service.desk.made(f"/registrations/{made.case}/opening", {"reason": "danger_now", "text": CANARIES["opening.text"]})
    made.other_case = service.elsewhere.made("/registrations", somebody(region="limburg"))["id"]
    accept = {"decision": "accept", "text": CANARIES["decision.text"], "for_shelter": CANARIES["hold.told"]}
    refuse = {"answer": "refuse", "reason": "house_mix", "text": CANARIES["hold.text"]}
    for answer in (refuse, CONFIRM | {"road_telephone": CANARIES["hold.told.road"]}):
        proposal = service.coordinator.made(f"/registrations/{made.case}/proposals")
        decision = service.desk.made(f"/proposals/{proposal['id']}/decision", accept)
        service.staff.made(f"/holds/{decision['hold']}/answer", answer)
        if answer["answer"] == "refuse":
            [avoided] = service.coordinator.get(f"/registrations/{made.case}").json()["avoided"]
            service.coordinator.made(f"/registrations/{made.case}/avoided/{avoided['id']}/lift")
    stay = service.shelter.made(f"/holds/{decision['hold']}/arrival")["id"]
    change_facts(service, made.case, CANARIES["factchange.content"])
    service.shelter.made(f"/stays/{stay}/blocker", {"blocker": "other", "text": CANARIES["stay.blocker_text"]})
    service.staff.made(f"/stays/{stay}/end", {"reason": "other", "text": CANARIES["stay.end_text"]})
    url = {"url": f"https://{CANARIES['webhook.url']}.example/in", "kinds": ["hold.asked", "hold.expired"]}
    service.signed_in("shelter_staff").made("/webhooks", url)
    service.signed_in("desk").ask("PUT", "/subscription", {"rhythm": "daily", "form": "csv"})
    leave_asked(service, _person(), accept)
    send_back(service, _person(), CANARIES["decision.second_text"])
    override_refused(service, CANARIES["secondpersonrequest.text"])
    girl = _person(persons=[{"gender": "female", "age": 12, "adult_on": CANARIES["registration.content.persons"]}])
    service.coordinator.made("/registrations", girl)
    with service.database.transaction() as session:
        anomaly(session, "O-1", service.moment.at, actor="A-desk")
    review, note = service.auditor.get("/audit/review").json()["items"][0]["id"], CANARIES["auditoddity.note"]
    service.signed_in("auditor").made(f"/audit/review/{review}/tick", {"outcome": "incident", "note": note})


def _people(service: Service) -> None:
    """Enters persons: details of the desk, a number and a caller of a shelter, and two invitations."""
    details = {name: CANARIES[f"accountdetails.{name}"] for name in ("name", "job_title", "telephone")}
    assert service.desk.put("/details", details).is_success
    with service.database.transaction() as session:
        session.add(passkey_row(service.desk.account, service.moment.at, CANARIES["passkey.name"]))
    admin, numbers = service.signed_in("admin"), {"placing": CANARIES["organisation.telephones"]}
    assert admin.ask("PATCH", "/organisations/O-S01", {"telephones": numbers}).is_success
    raid = service.desk.made("/events", BODIES["EventIn"] | {"name": CANARIES["massevent.content"]})["id"]
    service.desk.made(f"/events/{raid}/members", {"rows": [{"cells": {"age": CANARIES["eventmember.content"]}}]})
    service.desk.made("/enquiries", BODIES["EnquiryIn"] | {"note": CANARIES["enquiry.note"]})
    called = {"call": CALL | {"caller_name": CANARIES["telephoneentry.caller"]}}
    service.desk.made("/shelters/S01/telephone/confirmation", called)
    write_to_desk(service, *OF_REGISTRANTS.values())
    guest = {"email": "gast@placement.example", "role": "reader", "organisation": "O-oversight"}
    service.granted(admin.made("/invitations", guest | {"name": CANARIES["invitation.details"]}))
    admin.made("/invitations", guest | {"email": "v@x.example", "name": CANARIES["secondpersonrequest.facts.name"]})


def _wrong(made: Disclosed) -> None:
    """Sends every canary to the wrong place: too long, of another kind, in another's thing, in a path or a query."""
    service = made.service
    for canary in [*CANARIES.values(), PLACE]:
        bad = somebody(alias=canary * 50, region=canary, threats=[{"place": canary, "min_km": canary}])
        service.coordinator.post("/registrations", bad)
        service.elsewhere.post(f"/registrations/{made.case}/close", {"reason": canary})
        service.staff.post("/holds/H-0/answer", {"answer": canary, "text": canary})
        service.client.post(f"{API}/token", json={"key": canary})
        service.client.post(f"{API}/session", json={"email": canary, "password": canary})
        service.client.get(f"/{canary}?q={canary}", headers={"X-Request-Id": canary, "User-Agent": canary})


def _broken(made: Disclosed) -> None:
    """Lets the engine crash, the database be busy, and our own code fail with the case in its hands."""
    service = made.service
    solver, service.app.state.solver = service.app.state.solver, Solver(3.0, engine_pool.EnginePool(1, CRASHES))
    theirs = service.coordinator.made("/registrations", _person())["id"]
    assert service.coordinator.made(f"/registrations/{theirs}/proposals")["engine"]["status"] == "degraded"
    service.app.state.solver.stop()
    service.app.state.solver = solver
    everything = " ".join([*CANARIES.values(), PLACE])

    def busy(*_: Any, **__: Any) -> None:
        raise OperationalError(f"INSERT {everything}", {"alias": everything}, Exception("database is locked"))

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError(everything)

    for fault, status in ((busy, 503), (fails, 500)):
        for module, name in ((related_cases, "named_by"), (scoped_queries, "registration_of"), (audit_log, "write")):
            with pytest.MonkeyPatch.context() as patch:
                headers = service.coordinator.authorization()
                patch.setattr(module, name, fault)
                answer = service.client.get(f"{API}/registrations/{theirs}", headers=headers)
                assert answer.status_code == status, (name, answer.text)
                made.answers.append(("nobody", answer))
                answer = service.client.post(f"{API}/registrations", headers=headers, json=_person())
                assert answer.status_code in {status, 201}, (name, answer.text)
                if answer.status_code != 201:
                    made.answers.append(("nobody", answer))


def found_in(text: str, *, but: tuple[str, ...] = ()) -> list[str]:
    """Returns the fields whose canary can be read in the text; a point in any form that still shows its place."""
    signs = {name: canary[:7] if canary[0].isdigit() else canary for name, canary in CANARIES.items()}
    return sorted(name for name, sign in {**signs, "threat.place": PLACE}.items() if sign in text and name not in but)


def test_every_encrypted_column_has_its_canary():
    encrypted = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Encrypted | Sealed)
        and not isinstance(column.type, EncryptedMoment | SealedDay | SealedMoment)
    }
    told = {".".join(name.split(".")[:2]) for name in CANARIES}  # of a record its parts have each their own
    assert told | MADE | {f"{table}.{column}" for table, columns in LINK.items() for column in columns} == encrypted


def test_canaries_are_in_no_log_metric_or_foreign_answer(disclosed):
    service = disclosed.service
    log, metrics = service.log.getvalue(), service.client.get("/metrics", headers=OPERATOR).text
    assert len(log.splitlines()) > 100
    assert '"event": "solver.failed"' in log
    assert '"event": "request.failed"' in log
    assert '"event": "database.fault"' in log
    untimed = re.sub(r'"timestamp": "[^"]+"', "", log)  # a moment at 51.8172 seconds is no point on the map
    assert (found_in(untimed), found_in(metrics)) == ([], [])
    for secret in (*disclosed.secrets, disclosed.case, disclosed.other_case, "plk_", "plt_", "pls_", "pli_"):
        assert secret not in log + metrics
    seen = 0
    for who, answer in disclosed.answers:
        where = (who, answer.request.method, answer.request.url.path, answer.status_code)
        assert found_in(str(answer.request.url) + str(answer.headers)) == [], where
        own_input = found_in(answer.request.content.decode()) if answer.status_code == 400 else ()
        said = ("hold.told", "hold.told.road" if who == "staff" else "")  # never to a key; others ask after the arrival
        text = found_in(answer.text, but=(*own_input, *(said if "/holds" in where[2] else ())))
        own = who in {"desk", "coordinator"} and answer.is_success
        review = who in {"desk", "auditor"} and answer.is_success and "/audit/review" in where[2]
        allowed = OF_THE_CASE if own else set()
        allowed |= _of_people(who, where[2]) if answer.is_success else set()
        assert set(text) <= allowed | ({"auditoddity.note"} if review else set()), (where, text)
        seen += bool(text)
    assert seen >= 4  # the canaries are alive: a registration shows its own


def _of_people(who: str, path: str) -> set[str]:
    """Returns the fields of persons and organisations that this reader may see; software may see no such field."""
    names = OF_WHO_PLACES - {"accountdetails.telephone"}
    return {
        "desk": OF_WHO_PLACES if path.endswith("/details") else names | {"organisation.telephones"},
        "coordinator": names | {"organisation.telephones"},
        "staff": OF_WHO_PLACES if "/holds" in path else set(),
        "auditor": names,
        "admin": OF_WHO_PLACES if "/accounts" in path else set(),
    }.get(who, set())


def test_canaries_are_in_no_problem_file_except_danger_points(disclosed):
    with disclosed.service.database.transaction() as session:
        problem = write_problem(
            problem_at(session, disclosed.service.country.settings, disclosed.service.moment.at)
        ).decode()
    points = ("registration.content.near", "registration.content.threats", "registration.content.reach")
    assert found_in(problem) == sorted(points)
    assert found_in(problem, but=points) == []


def test_canaries_are_in_no_audit_event(disclosed):
    lines = repr([line.content for line in logged(disclosed.service)])
    assert disclosed.case in lines
    assert found_in(lines) == []


def test_canaries_are_in_no_mail_and_no_webhook_event(disclosed):
    """Every message that the journey and the clock put out, as it would go."""
    service, seen = disclosed.service, set()
    settings = changed(service.country.settings, address="https://placement.example")
    server = Smtp("127.0.0.1", 25, "none", "dienst@placement.example")
    service.moment.pass_by(hours=2)
    with service.database.transaction() as session:
        act = Act(session, SYSTEM, service.moment.at, settings)
        reminders.remind_of_holds(act)
        reminders.remind_of_counts(replace(act, settings=changed(settings, fresh_within=timedelta(0))), act.at)
        make_report(act, act.at)
        for message in deliveries_in(session):
            if message.channel is Channel.MAIL:
                mail = emails.email_of(session, settings, server, message, act.at)
                text = "".join(part.get_content() for part in mail.walk() if not part.is_multipart())
                text += "".join(f"{name}: {value}" for name, value in mail.items())
            else:
                text = webhooks.call_for(session, message, act.at).body
            assert found_in(text) == [], message.kind
            assert disclosed.case not in text
            seen.add(message.kind)
    kinds = {MessageKind.HOLD_ASKED, MessageKind.HOLD_WAITS, MessageKind.COUNT_IS_MISSING, MessageKind.REPORT_MADE}
    assert seen >= kinds


def test_canaries_are_in_no_byte_of_the_store(disclosed):
    engine = disclosed.service.database.engine
    if engine.dialect.name == "sqlite":
        file = Path(str(engine.url.database))
        stored = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*")).decode("latin-1")
    else:
        with engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            rows = [connection.execute(text(f'SELECT t::text FROM "{table}" AS t')).scalars() for table in tables]  # noqa: S608
            stored = "\n".join(row for one in rows for row in one)
    assert disclosed.case in stored  # the search works
    assert found_in(stored) == []
    assert [secret for secret in disclosed.secrets if secret in stored] == []


@one_store
def test_failed_statement_does_not_reveal_its_values(service):
    def store():
        with service.database.transaction() as session:
            session.add(Provider(id="P-x", name={"Kanarie"}))

    with pytest.raises(
        StatementError
    ) as failed:  # a set cannot be stored: the error shows the values unless they are hidden
        store()
    assert "SQL" in str(failed.value)
    assert "Kanarie" not in str(failed.value)


@one_store
def test_failed_job_does_not_reveal_its_data(service, capfd):
    def fails(_):
        held = ["Kanarie-rij"]
        raise RuntimeError("Kanarie-fout", held)

    job = replace(JOBS[0], run=fails)
    scheduler._run_one(service.database, service.country.settings, job)
    text = "".join(capfd.readouterr()) + service.log.getvalue()
    assert "job.failed" in text
    assert "RuntimeError" in text
    assert "Kanarie" not in text


@one_store
def test_failed_engine_does_not_quote_its_problem(service, capfd, monkeypatch):
    with service.database.transaction() as session:
        problem = problem_at(session, service.country.settings, service.moment.at)
    monkeypatch.setattr(engine_process, "write_problem", lambda _: b'{"format": "Kanarie", "Kanarie": 1}')
    solver = Solver(6.0, engine_pool.EnginePool(1))
    solver.start()
    advice = solver.advise(problem, problem.registrations[0].id)
    process = solver.pool._engines[0].process
    solver.stop()
    assert (advice.solution.status, process) == ("degraded", None)
    text = "".join(capfd.readouterr())
    assert "engine.failed" in text
    assert "Kanarie" not in text
