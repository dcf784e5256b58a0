"""The weights: shown with their meaning, previewed before they are set, set with a reason, and versioned."""

import pytest
from sqlmodel import select

from placement.solver.weights import WEIGHTS
from placement.tables import Policy
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.audit_log import logged
from tests.support.simultaneous_acts import at_once
from tests.support.stores import one_store

WHY = "asked by the council of regions"


@pytest.mark.wide
def test_settings_page_explains_every_weight_in_both_languages(service):
    for language in ("nl", "en"):
        page = words_of(signed_in(service, "admin", language=language).get("/settings"))
        for weight in WEIGHTS:
            assert weight.words(language) in page


@pytest.mark.wide
def test_weight_preview_counts_for_admin_and_names_for_desk(service):
    service.close_all()
    for residence in ("reflection", "victim_permit"):
        service.coordinator.made("/registrations", somebody(residence_basis=residence))
    nobody = {f"serve.{urgency}": 0 for urgency in "1234"} | {"waiting_day": 0, "language.fluent": 0}
    body = {"weights": nobody}
    seen = service.desk.made("/policy/effect/cases", body)
    assert seen["no_longer"] >= 1
    assert seen["no_longer"] == sum(one["how"] == "no_longer" for one in seen["cases"])
    assert seen["points_then"] >= seen["points_now"]
    counted = service.admin.made("/policy/effect", body)
    assert "cases" not in counted
    assert {**seen, "cases": None} == {**counted, "cases": None}
    assert service.admin.post("/policy/effect/cases", body).status_code == 403
    admin, desk = signed_in(service, "admin"), signed_in(service, "desk")
    for reader, saved in ((admin, False), (desk, True)):
        reader.get("/settings")
        page = reader.send("/settings/effect", {f"weights.{name}": str(figure) for name, figure in nobody.items()})
        assert page.status_code == 200
        assert all((one["registration"] in page.text) == saved for one in seen["cases"])


@pytest.mark.wide
def test_weight_is_told_in_nights_of_waiting(service):
    admin = signed_in(service, "admin", language="nl")
    page = words_of(admin.get("/settings"))
    assert "telt als 1,5 keer één nacht wachten" in page  # a native language: 600 points, a night 400
    assert "één nacht wachten telt als 2,7 keer dit" in page  # 150 points
    assert "telt niet mee" in page  # an interpreter: 0 points
    changed = {"weights.language.native": "1000", "weights.waiting_day": "500"}
    assert "telt als 2 keer één nacht wachten" in words_of(admin.send("/settings/effect", changed))
    assert "nacht wachten telt" not in words_of(admin.send("/settings/effect", {"weights.waiting_day": "0"}))


@one_store
def test_weight_preview_changes_nothing_and_has_its_event(service):
    before = service.digest()["policy"]
    service.admin.made("/policy/effect", {"weights": {"scheme_step": 0}})
    assert service.digest()["policy"] == before
    line = service.auditor.get("/audit/events?event=policy:tried").json()["items"][0]
    assert set(line["facts"]) == {"moved", "waiting"}


@pytest.mark.wide
def test_new_weights_are_a_version_with_reason_and_revertible(service):
    admin = signed_in(service, "admin")
    admin.get("/settings")
    tried = admin.send("/settings/effect", {"weights.scheme_step": "900"})
    assert 'value="900"' in tried.text
    assert admin.send("/settings", {"weights.scheme_step": "900", "reason": WHY}).status_code == 200
    first = service.auditor.get("/policy").json()
    assert (first["version"], first["reason"]) == (1, WHY)
    assert {row["name"]: row["figure"] for row in first["weights"]}["scheme_step"] == 900
    back = admin.send("/settings/effect", {"weights.scheme_step": "800"})
    assert back.status_code == 200
    admin.send("/settings", {"weights.scheme_step": "800", "reason": "back to what it was"})
    saved = service.auditor.get("/policy/versions").json()["items"]
    assert [one["version"] for one in saved] == [2, 1]
    assert [(one["before"], one["after"]) for one in saved[0]["changes"]] == [(900, 800)]
    with service.database.transaction() as session:
        assert len(session.exec(select(Policy)).all()) == 2
        lines = logged(session, event="policy:changed")
    assert [line.facts["changed"] for line in lines] == [{"scheme_step": [800, 900]}, {"scheme_step": [900, 800]}]
    assert all(WHY not in str(line.facts) for line in lines)


@pytest.mark.wide
def test_proposal_keeps_the_weights_it_was_made_with(service):
    service.close_all()
    client = service.coordinator.made("/registrations", somebody())["id"]
    before = service.coordinator.made(f"/registrations/{client}/proposals")
    assert before["engine"]["policy_version"] == 0
    admin = service.signed_in("admin")
    made = admin.ask("PUT", "/policy", {"weights": {"serve.1": 2_000_500}, "reason": WHY}, If_Match="0")
    assert made.status_code == 200, made.text
    after = service.coordinator.made(f"/registrations/{client}/proposals")
    assert after["engine"]["policy_version"] == 1
    assert after["engine"]["objective"] == before["engine"]["objective"] + 500


@pytest.mark.wide
@one_store
def test_invalid_weight_is_shown_at_its_field_and_not_set(service):
    admin = signed_in(service, "admin")
    for name, figure in (
        ("scheme_step", "-1"),
        ("scheme_step", "10000001"),
        ("waiting_cap", "367"),
        ("scheme_step", "many"),
        ("serve.2", "2000001"),
    ):
        admin.get("/settings")
        wrong = admin.send("/settings/effect", {f"weights.{name}": figure})
        assert wrong.status_code == 400, (name, figure)
        assert f'id="weights.{name}-fault"' in wrong.text, (name, figure)
        assert f'value="{figure}"' in wrong.text
    for name, figure in (
        ("scheme_step", "0"),
        ("scheme_step", "10000000"),
        ("waiting_cap", "366"),
        ("serve.2", "2000000"),
    ):
        admin.get("/settings")
        assert admin.send("/settings/effect", {f"weights.{name}": figure}).status_code == 200, (name, figure)
    unknown = service.desk.post("/policy/effect", {"weights": {"nationality": 1}})
    assert unknown.json()["errors"][0]["code"] == "weight_unknown"


@one_store
def test_weights_without_a_reason_or_change_are_not_set(service):
    admin = service.signed_in("admin")
    for body, status in (
        ({"weights": {"scheme_step": 900}, "reason": "short"}, 400),
        ({"weights": {"scheme_step": 900}}, 400),
        ({"weights": {"scheme_step": 800}, "reason": WHY}, 409),
    ):
        assert admin.ask("PUT", "/policy", body, If_Match="0").status_code == status
    assert admin.ask("PUT", "/policy", {"weights": {"scheme_step": 900}, "reason": WHY}).status_code == 428
    program = service.admin.software
    assert program.ask("PUT", "/policy", {"weights": {"scheme_step": 900}, "reason": WHY}).status_code == 403
    assert service.auditor.get("/policy").json()["version"] == 0


def test_concurrent_weights_refuse_the_slower_admin(service):
    admin = service.signed_in("admin")

    def put(figure):
        body = {"weights": {"scheme_step": figure}, "reason": WHY}
        return admin.ask("PUT", "/policy", body, If_Match="0").status_code

    assert sorted(at_once(lambda: put(900), lambda: put(901))) == [200, 412]
    assert service.auditor.get("/policy").json()["version"] == 1
