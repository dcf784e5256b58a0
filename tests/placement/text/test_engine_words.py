"""What the engine returns, in the reader's language."""

from matching import Change
from placement.text.engine_words import say, say_change, say_term


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
