"""Results of the engine in the reader's language."""

from matching import Change
from placement.core.codes import RoomFeature, Specialism
from placement.text.engine_words import say, say_change, say_step, say_term
from placement.text.labels import label


def test_engine_is_heard_in_the_readers_language():
    assert say("threat_distance", {"km": 31.2, "min_km": 50}, "nl").startswith("31,2 km")
    assert say("threat_distance", {"km": 31.2, "min_km": 50}, "en").startswith("31.2 km")
    assert "vrouwen, anderen" in say("gender", {"genders": ["male"], "admits": ["female", "other"]}, "nl")
    facts = {"persons": 1, "reason": "too_late"}
    assert say("rooms", facts, "nl") == "voor 1 persoon komen de kamers te laat vrij"
    assert "2 personen" in say("rooms", facts | {"persons": 2}, "nl")
    assert say_term("blocked_beds", "nl") == "bedden die leeg blijven"
    change = Change("age", "min_age", "shelter", {"before": 18, "after": 17})
    assert say_change(change, "nl") == "als de opvang iemand van 17 jaar opneemt (nu vanaf 18)"
    assert say_change(change, "en") == "if the shelter takes somebody aged 17 (now from 18)"


def test_sentences_have_days_and_schemes_as_pages_have_them():
    change = Change("rooms", "needed_by", "registrant", {"before": "2026-11-27", "after": "2026-12-04"})
    assert say_change(change, "nl") == "als de plaats pas op 4 dec 2026 nodig is (nu 27 nov 2026)"
    facts = {"scheme": "omm", "schemes": ["crisis", "minors"]}
    for language in ("nl", "en"):
        said = say("scheme", facts, language)
        assert all(label("Scheme", code, language).lower() in said for code in facts["schemes"])
    none = {"ages": [0, 9], "max_age": None, "boys_max_age": None}
    assert say("children", none, "nl").startswith("kinderen van 0 en 9 jaar")


def test_avoided_place_is_said_without_its_id():
    for rule in ("location", "unit", "provider", "region"):
        assert "S01" not in say(f"avoided_{rule}", {rule: "S01"}, "nl")
    lifted = Change("avoided_unit", "avoided_unit", "coordinator", {"unit": "S01-L1-U1"})
    assert "S01" not in say_change(lifted, "nl")


def test_no_need_and_no_language_is_said_as_a_code():
    for code in (*Specialism, *RoomFeature):
        for language in ("nl", "en"):
            said = say_step("needs", "specialism", {"need": code.value}, language)
            assert not said.endswith(f": {code.value}"), said
            assert code.value not in say("needs", {"missing": [code.value]}, language).rpartition(": ")[2].split(", ")
    assert say_step("needs", "specialism", {"need": "medical"}, "nl").endswith(": medische zorg")
    assert say_step("language", "interpreter", {"language": "ti"}, "nl").endswith("Tigrinya")
    assert "Tigrinya, Engels" in say("language", {"languages": ["ti", "en"]}, "nl")
