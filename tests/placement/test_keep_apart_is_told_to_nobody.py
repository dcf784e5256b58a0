"""Who names somebody of another region does not learn from a proposal where that somebody lives."""

from story import COORDINATOR, DESK

from placement.proposal_view import _broken

FACTS = {"registrations": ["R-ELSE-WHER-E234"]}


def test_a_unit_where_somebody_unknown_to_the_reader_lives_is_just_not_possible():
    told = _broken("keep_apart", FACTS, set(), "en")
    assert (told.rule, told.facts) == ("not_possible", {})
    assert "apart" not in told.words
    assert "apart" in _broken("keep_apart", FACTS, {"R-ELSE-WHER-E234"}, "en").words


def test_a_coordinator_reads_so_what_the_desk_reads_in_full(town):
    housed = town.register()
    town.house(housed, "U1-women")
    with town.database.transaction() as session:
        from placement.tables import Registration  # noqa: PLC0415

        session.get(Registration, housed).region = "limburg"
    her = town.register(parts={"keep_apart": [housed]})
    proposal = town.propose(her)
    assert {"not_possible"} == _rules(town, proposal, COORDINATOR) - _rules(town, proposal, DESK)
    assert "keep_apart" in _rules(town, proposal, DESK)


def _rules(town, proposal_id, actor):
    from placement import proposal_view, queries  # noqa: PLC0415

    with town.act(actor) as act:
        words = proposal_view.told(act, queries.proposal_of(act.session, actor, proposal_id), "en")
    return {one.rule for unit in (*words.others, *words.alternatives) for one in unit.broken}
