"""The pages of the count register, as a person without scripts uses them."""

from datetime import date

import pytest
from sqlmodel import select

from placement.tables import CountInbox, Registration
from tests.support.api.page_content import words_of
from tests.support.api.page_cost import MOST, cost
from tests.support.api.pages import fill_in, signed_in
from tests.support.counts import BODY, LIST, made_release, next_day, recorded
from tests.support.stores import one_store

pytestmark = one_store
FORM = {"month": "2026-11", "exploitation": "begging", "sector": "none", "ground": "consent", "file": "count_only"}


def inbox_of(service):
    with service.database.transaction() as session:
        return [one.content for one in session.exec(select(CountInbox))]


@pytest.mark.wide
def test_form_of_a_minute_sends_a_record_and_is_empty_again(service):
    desk = signed_in(service, "desk", language="en")
    desk.get("/counts/new")
    refused = desk.send("/counts/new", **FORM | {"sector": "mining"})
    assert refused.status_code == 400
    assert "This form of exploitation cannot have a sector." in words_of(refused)
    page = desk.send("/counts/new", **FORM, person__name="Zilveren Merel", person__born_on="1999-05-01")
    assert (page.status_code, page.url.path) == (200, "/counts/new")
    [one] = inbox_of(service)
    assert (one.facts.exploitation, one.facts.file, one.person is not None) == ("begging", "count_only", True)
    assert desk.get("/counts").status_code == 403


@pytest.mark.wide
def test_register_button_sends_both_pages_or_neither(service):
    desk = signed_in(service, "desk", language="nl")
    check = desk.send("/registrations/new", button={"then": "check"}, **fill_in(desk)).url.path
    assert "Deze cliënt ook tellen" in words_of(desk.get(check))
    count = {f"count__{name}": value for name, value in FORM.items()} | {"count__file": "with_shelter"}
    refused = desk.send(check, **{name: value for name, value in count.items() if name != "count__ground"})
    assert refused.status_code == 400
    assert 'id="count.ground" aria-invalid="true"' in refused.text
    case = check.split("/")[2]
    assert (service.desk.get(f"/registrations/{case}").json()["status"], inbox_of(service)) == ("draft", [])
    desk.send(check, **count)
    assert service.desk.get(f"/registrations/{case}").json()["status"] == "open"
    [one] = inbox_of(service)
    assert (one.facts.file, one.facts.exploitation) == ("with_shelter", "begging")
    with service.database.transaction() as session:
        assert case in session.exec(select(Registration.id)).all()
    assert case not in one.model_dump_json()


@pytest.mark.wide
def test_registration_without_a_count_stays_possible(service):
    desk = signed_in(service, "desk", language="en")
    check = desk.send("/registrations/new", button={"then": "check"}, **fill_in(desk)).url.path
    assert desk.send(check).status_code == 200
    assert inbox_of(service) == []


@pytest.mark.wide
def test_registrar_sees_doubles_and_corrects_a_record(service):
    for body in (BODY, BODY | {"age": "30-39"}):
        service.desk.made("/count-records", body)
    next_day(service)
    registrar = signed_in(service, "registrar", language="en")
    page = words_of(registrar.get("/"))
    assert "Reported twice 1" in page
    assert "They differ in: Age" in page
    reference = service.registrar.get("/count-records").json()["items"][0]["reference"]
    here = f"/counts/{reference}"
    assert "as it was sent" in words_of(registrar.get(here))
    same = {
        "month": "2026-11",
        "reporter": "NLA",
        "unit": "rotterdam",
        "exploitation": "labour",
        "sector": "hospitality",
    }
    codes = {
        "ground": "investigation_data",
        "age": "40-49",
        "gender": "unknown",
        "origin": "PL",
        "recruited_in": "unknown",
    }
    registrar.send(here, **same, **codes, file="with_advice", reason="a call of the police")
    page = words_of(registrar.get(here))
    assert "a call of the police" in page
    refused = registrar.send(f"{here}/merge", into=reference, reason="-")
    assert "This record cannot be merged into" in words_of(refused)
    assert "There is no record of this month." in words_of(registrar.get("/counts?month=2026-02"))
    assert registrar.get("/counts?month=1990-01").status_code == 400


@pytest.mark.wide
def test_analyst_reads_the_register_without_references(service):
    service.desk.made("/count-records", BODY)
    next_day(service)
    reference = service.registrar.get("/count-records").json()["items"][0]["reference"]
    analyst = signed_in(service, "analyst", language="en")
    page = analyst.get("/counts")
    assert "labour exploitation, and other services" in words_of(page)
    assert reference not in page.text
    assert analyst.get(f"/counts/{reference}").status_code == 403


@pytest.mark.parametrize("only_right", [False, True])
def test_list_with_wrong_rows_is_answered_by_kind_of_fault(service, only_right):
    registrar = signed_in(service, "registrar", language="en")
    registrar.get("/counts/list")
    content = (LIST + "2026-10;labour;consent;roofing;male\n" * 3).encode()
    box = {"only_right": "yes"} if only_right else {}
    page = registrar.send("/counts/list", files={"file": ("list.csv", content)}, **box)
    shown = words_of(page)
    assert ("2 records were stored." if only_right else "Nothing was stored.") in shown
    assert "3 rows have a fault." in shown
    assert "'roofing' is not in the list." in shown
    assert len(inbox_of(service)) == (2 if only_right else 0)


@pytest.mark.wide
def test_pages_cost_the_same_with_years_of_counts(service):
    day, at = date(2026, 11, 24), service.moment.at
    reference, _ = recorded(service, day), recorded(service, day)  # about the same person
    release = made_release(service, at, is_released=True)
    registrar, analyst = (signed_in(service, role) for role in ("registrar", "analyst"))
    past = f"/counts?month=2026-11&day={day}"
    of_registrar = "/counts", past, "/counts/new", "/counts/list", f"/counts/{reference}"
    of_analyst = "/counts", past, "/counts/releases", f"/counts/releases/{release}"
    asked = [(registrar, path) for path in of_registrar] + [(analyst, path) for path in of_analyst]
    for reader, path in asked:
        reader.get(path)
    few = [cost(service, reader, path) for reader, path in asked]
    for _ in range(20):
        recorded(service, day)
        made_release(service, at, is_released=True)
    assert [cost(service, reader, path) for reader, path in asked] == few
    assert all(transactions <= 3 and statements <= MOST // 2 for transactions, statements, _ in few), few


@pytest.mark.wide
def test_wrong_period_gets_a_clear_answer_on_each_page(service):
    readers = {role: signed_in(service, role, language="en") for role in ("registrar", "analyst", "desk")}
    for role, path, status, sentence in (
        ("registrar", "/counts?month=2026-13", 400, "'2026-13' is not a month"),
        ("registrar", "/counts?month=2030-01", 400, "the register has the months 2000-01 to 2026-11"),
        ("registrar", "/counts?month=1999-01", 400, "the register has the months"),
        ("registrar", "/counts?day=2030-01-01", 400, "This day is still to come"),
        ("registrar", "/counts?day=yesterday", 400, "Fill in a day"),
        ("registrar", "/counts/B-2222-2222-2222", 404, ""),
        ("analyst", "/counts/releases/Q-2222-2222-2222", 404, ""),
        ("analyst", "/counts/B-2222-2222-2222", 403, ""),
        ("analyst", "/registrations", 403, ""),
        ("registrar", "/registrations", 403, ""),
        ("registrar", "/counts/releases", 403, ""),
        ("desk", "/counts", 403, ""),
        ("desk", "/counts/releases", 403, ""),
    ):
        page = readers[role].get(path)
        assert page.status_code == status, (role, path, page.status_code)
        assert sentence.lower() in words_of(page).lower(), (path, words_of(page)[:600])
    analyst = readers["analyst"]
    analyst.get("/counts/releases")
    for day, sentence in (("2026-11-01", "over"), ("2030-01-01", "over"), ("tomorrow", "Fill in a day")):
        page = analyst.send("/counts/releases", kind="quarter", day=day)
        assert page.status_code == 400, (day, page.status_code)
        assert sentence in words_of(page), (day, words_of(page)[:600])
