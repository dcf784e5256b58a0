"""The data dictionary: every figure of the report, its unit, and its source. What it is: the catalogue, context `figure`."""

from typing import NamedTuple


class Entry(NamedTuple):
    unit: str
    source: str


_ROOMS = "newest report of each room, claims on its beds"
_OTHERS = "newest report of each room"
_CLAIMS = "claims on beds of holds and stays"
_EARLIER = "earlier daily reports"
_WAITS = "registrations without a bed"
_MOVES = "requests of registrations with a bed"
_ENGINE = "the engine, on the snapshot of that moment"
_STAYS = "stays"

DICTIONARY: dict[str, Entry] = {
    "free.free": Entry("beds", _ROOMS),
    "free.yesterday": Entry("beds", _EARLIER),
    "free.mean_28": Entry("beds", _EARLIER),
    "free.kind.free": Entry("beds", _ROOMS),
    "free.kind.yesterday": Entry("beds", _EARLIER),
    "free.kind.mean_28": Entry("beds", _EARLIER),
    "country.shelters": Entry("shelters", "shelters"),
    "country.units": Entry("units", "units"),
    "country.beds": Entry("beds", "beds"),
    "country.used": Entry("beds", _CLAIMS),
    "country.used_by_others": Entry("beds", _OTHERS),
    "country.held": Entry("beds", _CLAIMS),
    "country.out_of_service": Entry("beds", _OTHERS),
    "country.withheld": Entry("beds", _OTHERS),
    "country.not_ready": Entry("beds", _ROOMS),
    "country.free": Entry("beds", _ROOMS),
    "country.free_rooms": Entry("rooms", _ROOMS),
    "country.rooms": Entry("rooms", "rooms"),
    "shelter.reported_at": Entry("moment (UTC)", "reports of the shelter"),
    "shelter.freshness": Entry("code", "settings: 24 and 72 hours"),
    "shelter.beds": Entry("beds", "beds"),
    "shelter.free": Entry("beds", _ROOMS),
    "unit.beds": Entry("beds", "beds"),
    "unit.used": Entry("beds", _CLAIMS),
    "unit.used_by_others": Entry("beds", _OTHERS),
    "unit.held": Entry("beds", _CLAIMS),
    "unit.out_of_service": Entry("beds", _OTHERS),
    "unit.out.beds": Entry("beds", _OTHERS),
    "unit.out.until": Entry("date", _OTHERS),
    "unit.withheld": Entry("beds", _OTHERS),
    "unit.not_ready": Entry("beds", _ROOMS),
    "unit.free": Entry("beds", _ROOMS),
    "unit.free_rooms": Entry("rooms", _ROOMS),
    "unit.rooms": Entry("rooms", "rooms"),
    "unit.discrepancies.too_many": Entry("beds", _ROOMS),
    "unit.discrepancies.counted_otherwise": Entry("rooms", _OTHERS),
    "waiting.total": Entry("registrations", _WAITS),
    "waiting.median_days": Entry("days", _WAITS),
    "waiting.longest_days": Entry("days", _WAITS),
    "waiting.by_urgency": Entry("registrations", _WAITS),
    "waiting.by_cause": Entry("registrations", _ENGINE),
    "waiting.moving": Entry("registrations", _MOVES),
    "waiting.moving_by_kind": Entry("registrations", _MOVES),
    "waiting.bottleneck.serves": Entry("registrations", _ENGINE),
    "flow.begins_on": Entry("date", "calendar"),
    "flow.ends_on": Entry("date", "calendar"),
    "flow.registered": Entry("registrations", "registrations"),
    "flow.arrived": Entry("registrations", _STAYS),
    "flow.moved": Entry("registrations", _STAYS),
    "flow.decisions": Entry("decisions", "decisions"),
    "flow.by_decision": Entry("decisions", "decisions"),
    "flow.override_percent": Entry("percent", "decisions"),
    "flow.override_reasons": Entry("decisions", "decisions"),
    "flow.decline_reasons": Entry("decisions", "decisions"),
    "flow.refused": Entry("holds", "holds"),
    "flow.refusal_reasons": Entry("holds", "holds"),
    "flow.expired": Entry("holds", "holds"),
    "flow.ended": Entry("stays", _STAYS),
    "flow.end_reasons": Entry("stays", _STAYS),
    "clocks.near": Entry("stays", _STAYS),
    "clocks.past": Entry("stays", _STAYS),
    "clocks.past_by_blocker": Entry("stays", _STAYS),
    "region.waiting": Entry("registrations", _WAITS),
    "region.near": Entry("stays", _STAYS),
    "region.past": Entry("stays", _STAYS),
    "region.moved": Entry("registrations", _STAYS),
    "expecting.days": Entry("days", "14 (assumed)"),
    "expecting.stays_known": Entry("stays", _STAYS),
    "expecting.within": Entry("times", _EARLIER),
    "expecting.kind.known": Entry("beds", _OTHERS),
    "expecting.kind.likely": Entry("beds", "lengths of stays (Kaplan-Meier)"),
    "expecting.kind.low": Entry("beds", "lengths of stays"),
    "expecting.kind.high": Entry("beds", "lengths of stays"),
    "expecting.came_out.low": Entry("beds", _EARLIER),
    "expecting.came_out.high": Entry("beds", _EARLIER),
    "expecting.came_out.likely": Entry("beds", _EARLIER),
    "expecting.came_out.happened": Entry("beds", _STAYS),
    "quality.not_reported": Entry("shelters", "reports of shelters"),
    "quality.stale": Entry("units", "reports of shelters"),
    "quality.corrected": Entry("shelters", "reports of shelters"),
    "quality.discrepancies": Entry("rooms", _ROOMS),
    "quality.shelter_not_reported": Entry("1", "reports of shelters"),
    "quality.stale_unit": Entry("1", "reports of shelters"),
    "quality.corrected_shelter": Entry("1", "reports of shelters"),
}
