"""The whole journey on the pages, in a real browser."""

from contextlib import ExitStack

import pytest

from tests.support.browser.journey import goes, ways
from tests.support.browser.reader import readers
from tests.support.service_process import Service, environment_for

ROTTERDAM, NORTH_EAST = (f"coordinator-{name}@placement.example" for name in ("rotterdam", "noordoost"))
SECOND_DESK = "desk-2@placement.example"


@pytest.mark.parametrize(
    ("store", "language", "way", "coordinator"),
    [
        ("sqlite", "nl", "phone", ROTTERDAM),
        pytest.param("sqlite", "en", "keys", NORTH_EAST, marks=pytest.mark.wide),
        pytest.param("sqlite", "nl", "no-script", SECOND_DESK, marks=pytest.mark.wide),
        pytest.param("postgresql", "en", "mouse", ROTTERDAM, marks=pytest.mark.wide),
    ],
)
def test_journey_from_registration_to_bed(store, language, way, coordinator, reader_on):
    _goes_without_a_complaint(reader_on(f"{store}-journeys"), language, way, coordinator)


@pytest.mark.long
@pytest.mark.parametrize("way", ways("nl"))
@pytest.mark.parametrize("language", ["nl", "en"])
def test_journey_from_registration_to_bed_in_every_way(stores, language, way, tmp_path, chromium):
    service = Service(tmp_path, environment_for(stores.blank() if stores.kind == "postgresql" else ""))
    with ExitStack() as opened:
        opened.callback(service.stop)
        service.start()
        _goes_without_a_complaint(readers(chromium, {}, opened, service), language, way, ROTTERDAM)


def _goes_without_a_complaint(reader, language, way, coordinator):
    for one in goes(ways(language)[way], reader, coordinator):
        assert one.page.locator("html").get_attribute("lang") == language
        assert one.outside() == []
        assert one.complaints == []
