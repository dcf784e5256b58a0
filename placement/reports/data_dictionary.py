"""The data dictionary: what each figure of the report is, in Dutch and English, its unit, and its source."""

from typing import NamedTuple


class Entry(NamedTuple):
    words: tuple[str, str]
    unit: str
    source: str


_ROOMS = "newest report of each room, claims on its beds"
_OTHERS = "newest report of each room"
_CLAIMS = "claims on beds of holds and stays"
_EARLIER = "earlier daily reports"
_WAITS = "registrations without a bed"
_ENGINE = "the engine, on the snapshot of that moment"
_STAYS = "stays"

DICTIONARY: dict[str, Entry] = {
    "free.free": Entry(("Plaatsen die nu vrij zijn", "Places free now"), "beds", _ROOMS),
    "free.yesterday": Entry(("Hetzelfde, gisteren", "The same, yesterday"), "beds", _EARLIER),
    "free.mean_28": Entry(("Gemiddelde van de 28 dagen ervoor", "Mean of the 28 days before"), "beds", _EARLIER),
    "free.kind.free": Entry(("Vrij nu, per soort plaats", "Free now, by kind of place"), "beds", _ROOMS),
    "free.kind.yesterday": Entry(("Hetzelfde, gisteren", "The same, yesterday"), "beds", _EARLIER),
    "free.kind.mean_28": Entry(("Gemiddelde van 28 dagen", "Mean of 28 days"), "beds", _EARLIER),
    "country.shelters": Entry(("Opvanglocaties die melden", "Shelters that report"), "shelters", "shelters"),
    "country.units": Entry(("Units", "Units"), "units", "units"),
    "country.beds": Entry(("Bedden", "Beds"), "beds", "beds"),
    "country.used": Entry(("In gebruik via deze dienst", "In use by this service"), "beds", _CLAIMS),
    "country.used_by_others": Entry(("In gebruik door anderen", "In use by others"), "beds", _OTHERS),
    "country.held": Entry(("Vastgehouden", "Held"), "beds", _CLAIMS),
    "country.out_of_service": Entry(("Buiten gebruik", "Out of service"), "beds", _OTHERS),
    "country.withheld": Entry(("Wacht op nieuwe telling", "Waits for a new count"), "beds", _OTHERS),
    "country.not_ready": Entry(("Pas later vrij", "Free on a later day only"), "beds", _ROOMS),
    "country.free": Entry(("Vrij", "Free"), "beds", _ROOMS),
    "country.free_rooms": Entry(("Kamers met een vrij bed waar niemand woont", "Rooms with a free bed in which nobody lives"), "rooms", _ROOMS),
    "country.rooms": Entry(("Kamers", "Rooms"), "rooms", "rooms"),
    "shelter.reported_at": Entry(("Laatste eigen melding", "Last report of its own"), "moment (UTC)", "reports of the shelter"),
    "shelter.freshness": Entry(("Hoe oud die melding is", "How old that report is"), "code", "settings: 24 and 72 hours"),
    "shelter.beds": Entry(("Bedden", "Beds"), "beds", "beds"),
    "shelter.free": Entry(("Vrij", "Free"), "beds", _ROOMS),
    "unit.beds": Entry(("Bedden", "Beds"), "beds", "beds"),
    "unit.used": Entry(("In gebruik via deze dienst", "In use by this service"), "beds", _CLAIMS),
    "unit.used_by_others": Entry(("In gebruik door anderen", "In use by others"), "beds", _OTHERS),
    "unit.held": Entry(("Vastgehouden", "Held"), "beds", _CLAIMS),
    "unit.out_of_service": Entry(("Buiten gebruik", "Out of service"), "beds", _OTHERS),
    "unit.out.beds": Entry(("Buiten gebruik om deze reden", "Out of service for this reason"), "beds", _OTHERS),
    "unit.out.until": Entry(("Tot deze dag", "Until this day"), "date", _OTHERS),
    "unit.withheld": Entry(("Wacht op nieuwe telling", "Waits for a new count"), "beds", _OTHERS),
    "unit.not_ready": Entry(("Pas later vrij", "Free on a later day only"), "beds", _ROOMS),
    "unit.free": Entry(("Vrij", "Free"), "beds", _ROOMS),
    "unit.free_rooms": Entry(("Kamers met een vrij bed waar niemand woont", "Rooms with a free bed in which nobody lives"), "rooms", _ROOMS),
    "unit.rooms": Entry(("Kamers", "Rooms"), "rooms", "rooms"),
    "unit.discrepancies.too_many": Entry(("Zoveel bedden meer in gebruik dan er zijn", "So many beds more in use than there are"), "beds", _ROOMS),
    "unit.discrepancies.counted_otherwise": Entry(("Kamers die de opvang anders telt", "Rooms that the shelter counts otherwise"), "rooms", _OTHERS),
    "waiting.total": Entry(("Wie wacht", "Who waits"), "registrations", _WAITS),
    "waiting.median_days": Entry(("Wachttijd, middelste", "Days waited, median"), "days", _WAITS),
    "waiting.longest_days": Entry(("Wachttijd, langste", "Days waited, longest"), "days", _WAITS),
    "waiting.by_urgency": Entry(("Wie wacht, per urgentie (1 tot 4)", "Who waits, by urgency (1 to 4)"), "registrations", _WAITS),
    "waiting.by_cause": Entry(("Wie wacht, per oorzaak", "Who waits, by cause"), "registrations", _ENGINE),
    "waiting.bottleneck.serves": Entry(("Geplaatst met één plaats of kamer meer", "Placed with one place or room more"), "registrations", _ENGINE),
    "flow.begins_on": Entry(("Eerste dag van de week", "First day of the week"), "date", "calendar"),
    "flow.ends_on": Entry(("Laatste dag van de week", "Last day of the week"), "date", "calendar"),
    "flow.registered": Entry(("Aangemeld", "Registered"), "registrations", "registrations"),
    "flow.arrived": Entry(("Aangekomen", "Arrived"), "registrations", _STAYS),
    "flow.decisions": Entry(("Beslissingen", "Decisions"), "decisions", "decisions"),
    "flow.by_decision": Entry(("Beslissingen, per soort", "Decisions, by kind"), "decisions", "decisions"),
    "flow.override_percent": Entry(("Anders besloten, deel van alle", "Overridden, part of all"), "percent", "decisions"),
    "flow.override_reasons": Entry(("Anders besloten, per reden", "Overridden, by reason"), "decisions", "decisions"),
    "flow.decline_reasons": Entry(("Afgewezen, per reden", "Declined, by reason"), "decisions", "decisions"),
    "flow.refused": Entry(("Geweigerd door de opvang", "Refused by the shelter"), "holds", "holds"),
    "flow.refusal_reasons": Entry(("Geweigerd, per reden", "Refused, by reason"), "holds", "holds"),
    "flow.expired": Entry(("Niet op tijd beantwoord", "Not answered in time"), "holds", "holds"),
    "flow.ended": Entry(("Vertrokken", "Left"), "stays", _STAYS),
    "flow.end_reasons": Entry(("Vertrokken, per reden", "Left, by reason"), "stays", _STAYS),
    "clocks.near": Entry(("Bijna aan de termijn (vanaf twee derde)", "Near the limit (from two thirds)"), "stays", _STAYS),
    "clocks.past": Entry(("Over de termijn", "Past the limit"), "stays", _STAYS),
    "clocks.past_by_blocker": Entry(("Over de termijn, door wat", "Past the limit, by what keeps them"), "stays", _STAYS),
    "region.waiting": Entry(("Wie wacht, in de regio", "Who waits, in the region"), "registrations", _WAITS),
    "region.near": Entry(("Bijna aan de termijn, in de regio", "Near the limit, in the region"), "stays", _STAYS),
    "region.past": Entry(("Over de termijn, in de regio", "Past the limit, in the region"), "stays", _STAYS),
    "expecting.days": Entry(("Hoever vooruit", "How far ahead"), "days", "14 (assumed)"),
    "expecting.stays_known": Entry(("Beëindigde verblijven waarop dit steunt", "Ended stays that this rests on"), "stays", _STAYS),
    "expecting.within": Entry(("Zo vaak binnen de marge", "So often within the range"), "times", _EARLIER),
    "expecting.kind.known": Entry(("Komt vrij op een bekende dag", "Comes free on a known day"), "beds", _OTHERS),
    "expecting.kind.likely": Entry(("Komt waarschijnlijk vrij", "Comes free, probably"), "beds", "lengths of stays (Kaplan-Meier)"),
    "expecting.kind.low": Entry(("Ten minste, 9 van de 10 keer", "At least, 9 times in 10"), "beds", "lengths of stays"),
    "expecting.kind.high": Entry(("Ten hoogste, 9 van de 10 keer", "At most, 9 times in 10"), "beds", "lengths of stays"),
    "expecting.came_out.low": Entry(("Toen verwacht: ten minste", "Expected then: at least"), "beds", _EARLIER),
    "expecting.came_out.high": Entry(("Toen verwacht: ten hoogste", "Expected then: at most"), "beds", _EARLIER),
    "expecting.came_out.likely": Entry(("Toen verwacht", "Expected then"), "beds", _EARLIER),
    "expecting.came_out.happened": Entry(("Zo kwam het uit", "So it came out"), "beds", _STAYS),
    "quality.not_reported": Entry(("Opvang zonder melding in 24 uur", "Shelters without a report in 24 hours"), "shelters", "reports of shelters"),
    "quality.stale": Entry(("Units met een verouderde melding", "Units with a stale report"), "units", "reports of shelters"),
    "quality.corrected": Entry(("Opvang waarvan de telling is verbeterd", "Shelters whose count was corrected"), "shelters", "reports of shelters"),
    "quality.discrepancies": Entry(("Kamers met tegenspraak", "Rooms with a discrepancy"), "rooms", _ROOMS),
    "quality.shelter_not_reported": Entry(("Deze opvang meldde niet in 24 uur", "This shelter did not report in 24 hours"), "1", "reports of shelters"),
    "quality.stale_unit": Entry(("Deze unit is verouderd", "This unit is stale"), "1", "reports of shelters"),
    "quality.corrected_shelter": Entry(("De telling van deze opvang is verbeterd", "The count of this shelter was corrected"), "1", "reports of shelters"),
}  # fmt: skip
