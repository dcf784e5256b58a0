"""`make test` runs the first case of a test that fills a store; `make wide` runs the others."""

from types import SimpleNamespace

from tests.support import first_cases


class Item:
    def __init__(self, nodeid, store=None, marks=(), fixtures=("stores",)):
        self.nodeid, self.marks, self.fixturenames = nodeid, list(marks), fixtures
        self.callspec = SimpleNamespace(params={"stores": store})

    def iter_markers(self, name):
        return [mark for mark in self.marks if mark == name]

    def get_closest_marker(self, name):
        return next(iter(self.iter_markers(name)), None)

    def add_marker(self, name):
        self.marks.append(name)


def wide(*items):
    first_cases.mark_others_wide(items)
    return [item.nodeid for item in items if "wide" in item.marks]


def test_each_store_has_its_first_case():
    stores = ("sqlite", "postgresql")
    items = [Item(f"test_a.py::test_x[{case}-{store}]", store) for case in "abc" for store in stores]
    assert wide(*items) == [item.nodeid for item in items[2:]]


def test_tests_of_one_name_in_two_files_are_two():
    assert not wide(Item("test_a.py::test_x[1]"), Item("test_b.py::test_x[1]"))


def test_a_wide_case_is_not_the_first():
    assert wide(Item("a::test_x[1]", marks=["wide"]), Item("a::test_x[2]"), Item("a::test_x[3]")) == [
        "a::test_x[1]",
        "a::test_x[3]",
    ]


def test_cases_without_a_store_and_cases_that_are_rules_stay():
    quick = [Item(f"a::test_x[{number}]", fixtures=()) for number in range(3)]
    rules = [Item(f"a::test_y[{number}]", marks=["each_case"]) for number in range(3)]
    assert not wide(*quick, *rules)
