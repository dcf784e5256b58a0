"""Changes by a proxy or an editor on the way that the service understands: a weak tag, a line end after a key."""

from tests.support.api.service import somebody
from tests.support.stores import one_store


@one_store
def test_weak_tag_names_the_version_that_was_read(service):
    case = service.desk.made("/registrations", somebody())["id"]
    tag = service.desk.get(f"/registrations/{case}").headers["etag"]
    changed = service.desk.patch(f"/registrations/{case}", {"alias": "Merel"}, if_match=f"W/{tag}")
    assert changed.is_success, changed.text
    refused = service.desk.patch(f"/registrations/{case}", {"alias": "Mees"}, if_match=f"W/{tag}")
    assert refused.status_code == 412


@one_store
def test_key_with_a_line_end_behind_it_is_the_key(service):
    assert service.client.post("/api/v1/token", json={"key": "plk_unknown\n"}).status_code == 401
    key = service.country.credentials["shelters"][0]["api_key"]
    assert service.client.post("/api/v1/token", json={"key": f"{key}\n"}).is_success
