"""Answers of the engine are counted for ten minutes; more than 5 % degraded answers are reported."""

import pytest

from placement.core.recent_answers import SECONDS, Answers, RecentAnswers


@pytest.mark.parametrize(
    ("total", "degraded", "too_often"), [(0, 0, False), (1, 0, False), (1, 1, True), (100, 5, False), (100, 6, True)]
)
def test_more_than_one_in_twenty_degraded_is_too_often(total, degraded, too_often):
    assert Answers(total, degraded).are_too_often_degraded is too_often


def test_answers_are_forgotten_after_ten_minutes():
    at = 1000.0
    recent = RecentAnswers(lambda: at)
    recent.note(degraded=True)
    at += SECONDS - 1
    recent.note(degraded=False)
    assert recent.counted() == Answers(2, 1)
    at += 1
    assert recent.counted() == Answers(1, 0)
