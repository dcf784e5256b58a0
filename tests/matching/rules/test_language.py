import pytest

from tests.support.matching.problem_parts import broken, placed, problem, registration, unit


def speaks(*codes, **facts):
    languages = [{"code": code, "level": "basic"} for code in codes]
    return registration(languages=languages, language_required=True, **facts)


def test_language_not_required_allows_any():
    assert broken(problem([registration(languages=[], language_required=False)])) == {}


def test_no_common_language_forbids():
    raw = problem([speaks("TI", "am")], [unit(languages=["nl"], interpreter_languages=["ar"])])
    assert broken(raw) == {"language": {"languages": ["am", "ti"]}}


@pytest.mark.parametrize(
    "facts", [{"languages": ["TI"]}, {"interpreter_languages": ["ti"]}, {"interpreter_languages": ["*"]}]
)
def test_staff_or_an_interpreter_will_do_in_any_letters(facts):
    assert broken(problem([speaks("ti")], [unit(**facts)])) == {}


def test_a_language_is_compared_letter_for_letter():
    assert list(broken(problem([speaks("pt-br")], [unit(languages=["pt", "pt-pt"])]))) == ["language"]


def test_the_language_alone_decides():
    # nobody in U1 speaks ti; in U2 an interpreter does (0), and addiction stands idle: 60000 - 500 = 59500
    raw = problem([speaks("ti")], [unit("U1"), unit("U2", interpreter_languages=["ti"], specialisms=["addiction"])])
    assert placed(raw) == (59500, {"A1": "U2"})
    raw["registrations"][0]["language_required"] = False
    assert placed(raw) == (60000, {"A1": "U1"})
