"""What the engine returns, in the reader's language."""

from matching import Change
from placement.core.codes import RoomFeature, Specialism
from placement.text.engine_words import say, say_change, say_step, say_term


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


def test_no_need_and_no_language_is_said_as_a_code():
    for code in (*Specialism, *RoomFeature):
        for language in ("nl", "en"):
            said = say_step("needs", "specialism", {"need": code.value}, language)
            assert not said.endswith(f": {code.value}"), said
            assert code.value not in say("needs", {"missing": [code.value]}, language).rpartition(": ")[2].split(", ")
    assert say_step("needs", "specialism", {"need": "medical"}, "nl").endswith(": medische zorg")
    assert say_step("language", "interpreter", {"language": "ti"}, "nl").endswith("Tigrinya")
    assert "Tigrinya, Engels" in say("language", {"languages": ["ti", "en"]}, "nl")
