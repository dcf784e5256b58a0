"""The head of the report: published figures alone, and short blocks if there is nothing to report."""

import pytest

from placement.reports.model import Counted, View
from placement.reports.render.brief import brief
from placement.reports.render.layout import lay_out
from placement.reports.task_counts import Tasks, ToDo
from tests.support.reports.sample_report import report


def texts(blocks_of):
    return {block.code: [line.text for line in block.lines] for block in blocks_of}


def test_block_with_nothing_to_say_has_two_lines_at_most():
    now = report()
    quiet = now.model_copy(
        update={
            "quality": now.quality.model_copy(update={"not_reported": 0, "shelters_not_reported": ()}),
            "waiting": now.waiting.model_copy(update={"by_cause": (), "bottlenecks": ()}),
        }
    )
    said = texts(brief(quiet, quiet, ToDo(Tasks()), "en", exact=False))
    assert {code: len(lines) for code, lines in said.items()} == {"changed": 2, "short": 1, "to_do": 1}


def test_changes_are_those_of_two_published_reports():
    """A count in steps is shown by its step on both days; a count that stays in its step is not shown."""
    then = report()
    waiting = then.waiting.model_copy(update={"total": "10\N{EN DASH}14"})
    clocks = then.clocks.model_copy(update={"near": "<5", "past": "<5"})
    now = then.model_copy(update={"waiting": waiting, "clocks": clocks})
    said = texts(brief(now, then, None, "en", exact=False))["changed"]
    assert said == [
        "Free: 12, was 12.",
        "Households that wait: 10\N{EN DASH}14, was 23.",
        "Near the limit of their stay: <5, was 9.",
        "Past the limit of their stay: <5, was 6.",
    ]
    same_step = now.model_copy(update={"clocks": clocks})
    assert texts(brief(now, same_step, None, "en", exact=False))["changed"][1].startswith("No other change in this")


def test_cause_below_five_is_not_named_as_short():
    now = report()
    causes = tuple(
        Counted(code=code, count=count) for code, count in (("capacity", "9"), ("age", "<5"), ("gender", "hidden"))
    )
    now = now.model_copy(update={"waiting": now.waiting.model_copy(update={"by_cause": causes})})
    said = texts(brief(now, None, None, "en", exact=False))["short"]
    assert [line for line in said if line.startswith("Households that wait")] == [
        "Households that wait because places are lacking: no free bed in the places open to them (9)."
    ]


def test_client_waiting_for_a_decision_is_no_shortage():
    now = report()
    causes = (Counted(code="capacity", count="5"), Counted(code="decision", count="12"))
    now = now.model_copy(update={"waiting": now.waiting.model_copy(update={"by_cause": causes})})
    said = texts(brief(now, None, ToDo(Tasks()), "en", exact=False))
    assert "Households for which there is a place, and which wait for a decision: 12." in said["to_do"]
    assert "12" not in " ".join(line for line in said["short"] if line.startswith("Households"))


def test_causes_that_were_not_computed_are_named():
    now = report()
    unknown = (Counted(code="unknown", count="20"),)
    now = now.model_copy(update={"waiting": now.waiting.model_copy(update={"by_cause": unknown, "bottlenecks": ()})})
    said = texts(brief(now, None, None, "en", exact=False))["short"]
    assert "It could not be computed in time why 20 households wait." in said
    assert not [line for line in said if "no cause stands out" in line]


def said_of_counts(view, whose, named, language="en"):
    """Returns the sentence and the cell of the table about eight shelters without a count, of which these are named."""
    now = report()
    quality = now.quality.model_copy(update={"not_reported": 8, "shelters_not_reported": tuple(named)})
    now = now.model_copy(update={"view": view, "whose": whose, "quality": quality})
    said = texts(brief(now, None, ToDo(Tasks()), language, exact=False))["to_do"][-1]
    [part] = [part for part in lay_out(now, language).sections if part.code == "quality"]
    [row] = [row for row in part.tables[0].rows if row.cells[1].text == "8"]
    return said, row.cells[2].text


@pytest.mark.parametrize(
    ("view", "whose", "named", "words"),
    [
        (View.REGIONS, ("amsterdam",), ["S00"], "among them in your region: "),
        (View.REGIONS, ("amsterdam", "limburg"), ["S00"], "among them in your regions: "),
        (View.REGIONS, ("amsterdam",), [], "none of them in your region"),
        (View.SHELTER, ("S00",), ["S00"], "among them yours: "),
        (View.SHELTER, ("S00",), [], "none of them yours"),
    ],
)
def test_names_of_some_are_said_to_be_those_of_the_reader(view, whose, named, words):
    names = {shelter.shelter: shelter.name for shelter in report().shelters}
    shown = words + ", ".join(names.get(one, one) for one in named)
    assert said_of_counts(view, whose, named) == (f"8 shelters have sent no count for a day or longer; {shown}.", shown)


def test_names_of_all_follow_their_number():
    names = [f"S{number}" for number in range(8)]
    said, _ = said_of_counts(View.ALL, (), names)
    assert said == f"8 shelters have sent no count for a day or longer: {', '.join(names)}."
    assert said_of_counts(View.TOTALS, (), [])[0] == "8 shelters have sent no count for a day or longer."


def test_report_in_dutch_says_that_none_is_of_the_region():
    said, _ = said_of_counts(View.REGIONS, ("amsterdam",), [], "nl")
    assert said == "8 opvangen hebben een dag of langer geen telling gestuurd; geen daarvan in uw regio."


def test_empty_country_is_no_shortage_and_has_not_counted():
    now = report()
    now = now.model_copy(update={"country": now.country.model_copy(update={"shelters": 0})})
    assert texts(brief(now, None, None, "en", exact=False))["short"] == ["There is no shelter yet."]
    none = now.quality.model_copy(update={"not_reported": 0, "stale": 0, "corrected": 0, "discrepancies": 0})
    laid_out = lay_out(now.model_copy(update={"quality": none}), "en")
    assert [one.sentences for one in laid_out.sections if one.code == "quality"] == [()]
