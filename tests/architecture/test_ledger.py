"""A long proof that was stopped, which continues at the same point."""

from tests.support.ledger import Ledger


def test_proof_that_was_ended_goes_on_with_what_is_left(tmp_path):
    first = Ledger("lives", "c0ffee", tmp_path)
    assert first.left(range(5), 2) == [0, 1]
    first.add([0, 1])
    again = Ledger("lives", "c0ffee", tmp_path)
    assert (again.left(range(5), 2), again.left(range(5), 9)) == ([2, 3], [2, 3, 4])
    assert Ledger("other", "c0ffee", tmp_path).left(range(2), 9) == [0, 1]


def test_proof_of_another_commit_begins_anew(tmp_path):
    Ledger("lives", "c0ffee", tmp_path).add([0, 1])
    changed = Ledger("lives", None, tmp_path)
    assert changed.left(range(2), 9) == [0, 1]
    changed.add([0])
    assert Ledger("lives", "decade", tmp_path).left(range(2), 9) == [0, 1]
    assert Ledger("lives", "c0ffee", tmp_path).left(range(3), 9) == [2]
