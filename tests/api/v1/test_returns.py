"""A client returns, eleven and thirteen months after the case was closed, with the jobs of retention run."""

from datetime import timedelta

import pytest

from placement.jobs import periodic
from tests.support.api.service import somebody

KNOWN = {"needs": ["pregnancy"], "alias": "Zilveren Merel", "avoided": [{"kind": "unit", "target": "S01-L1-U1"}]}


def returned(service, months):
    """Returns the case, and the draft for its client, who returns so many months after it was closed."""
    case = service.coordinator.made("/registrations", somebody(**KNOWN))["id"]
    service.coordinator.made(f"/registrations/{case}/close", {"reason": "found_other_place"})
    service.moment.at += timedelta(days=round(months * 365 / 12))
    for job in periodic.JOBS:
        periodic.run(service.database, service.country.settings, job, service.moment.at)
    service.coordinator.forget_sign_in()
    return case, service.coordinator.made(f"/registrations/{case}/return")


@pytest.mark.wide
@pytest.mark.parametrize("months", [11, 13])
def test_return_names_the_case_and_says_what_is_to_be_asked(service, months):
    service.close_all()
    coordinator = service.coordinator
    case, draft = returned(service, months)
    earlier = coordinator.get(f"/registrations/{case}").json()
    assert (draft["returns"], draft["status"], draft["needs"]) == (case, "draft", ["pregnancy"])
    if months == 11:
        assert (draft["alias"], len(draft["avoided"]), draft["erased"]) == ("Zilveren Merel", 1, [])
        assert earlier["erased"] == []
    else:
        assert (draft["alias"], draft["avoided"]) == (None, [])
        assert draft["erased"] == earlier["erased"]
        assert {"alias", "near", "threats", "reach", "avoided", "keep_apart", "stay_with"} == {*draft["erased"]}
    said = {"open": True, "urgency": 1, "residence_basis": "reflection"}
    opened = coordinator.patch(f"/registrations/{draft['id']}", said, **{"If-Match": f'"{draft["version"]}"'})
    assert opened.json()["status"] == "open", opened.text
    again = coordinator.post(f"/registrations/{case}/return")
    assert (again.status_code, again.json()["type"]) == (409, "urn:placement:problem:returned_already")


@pytest.mark.wide
def test_return_after_five_years_is_refused_in_words(service):
    service.close_all()
    case = service.coordinator.made("/registrations", somebody())["id"]
    service.coordinator.made(f"/registrations/{case}/close", {"reason": "found_other_place"})
    service.moment.at += timedelta(days=5 * 365 + 1)
    for _ in range(2):
        service.moment.at += timedelta(hours=1)
        for job in periodic.JOBS:
            periodic.run(service.database, service.country.settings, job, service.moment.at)
    service.coordinator.forget_sign_in()
    refused = service.coordinator.post(f"/registrations/{case}/return")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:placement:problem:case_anonymous")
