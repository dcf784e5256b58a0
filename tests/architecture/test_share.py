"""A share of the files of tests, which changes with each commit (`make wide SHARE=40` in CI)."""

from types import SimpleNamespace

from tests.support import share

FILES = [f"tests/placement/test_{number}.py" for number in range(200)]
ITEMS = [SimpleNamespace(nodeid=f"{file}::test_{number}") for file in FILES for number in range(2)]


def files_of(at):
    chosen, rest = share.divided(ITEMS, 4, at)
    assert len(chosen) + len(rest) == len(ITEMS)
    return {item.nodeid.partition("::")[0] for item in chosen}, {item.nodeid.partition("::")[0] for item in rest}


def test_four_commits_in_a_row_try_each_file_once():
    tried = [file for at in range(977, 981) for file in files_of(at)[0]]
    assert sorted(tried) == sorted(FILES)


def test_all_tests_of_a_file_are_in_one_share():
    chosen, rest = files_of(3)
    assert len(chosen) > 25
    assert chosen.isdisjoint(rest)


def test_everything_is_tried_where_no_share_is_asked_for(monkeypatch):
    monkeypatch.delenv("TEST_SHARE", raising=False)
    items = list(ITEMS)
    share.deselect(None, items)
    assert items == ITEMS


def test_what_is_left_out_is_told_to_pytest(monkeypatch):
    monkeypatch.setenv("TEST_SHARE", "4")
    told, items = {}, list(ITEMS)
    share.deselect(SimpleNamespace(hook=SimpleNamespace(pytest_deselected=told.update)), items)
    assert (len(items) + len(told["items"]), items == ITEMS) == (len(ITEMS), False)
    assert items == share.divided(ITEMS, 4, share.turn())[0]
