"""Dated rules: the rules of a day, their versions, and changes, which are rehearsed and granted by a second person."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated

from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import Field, JsonValue, StringConstraints, ValidationError

from api.http.context import Input, Output
from api.http.field_types import Day
from api.http.operations import get, post
from api.http.paging import DayAsked
from api.http.problems import fault_of
from api.http.work_kinds import Work
from api.v1.second_person import SecondPersonRequestOut, serialize_request
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.errors import Fault, Invalid
from placement.core.rule_codes import RuleKind
from placement.dated_rules.lookup import granted, rules_of_day
from placement.dated_rules.values import VALUES, Value
from placement.rule_changes import changes, rehearsal
from placement.rule_changes.changes import Change
from placement.rule_changes.rehearsal import Rehearsal
from placement.tables import DatedRule
from placement.text.catalogue import Language, translate

RuleCode = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern="^[a-z][a-z0-9_]*$")]
_Line = Annotated[str, Field(min_length=2, max_length=300)]
_Said = dict[str, JsonValue]
SHORTEST_REASON, LONGEST_REASON = 10, 1000


class RehearsalIn(Input):
    """A new version of a rule, to rehearse. From its first day it replaces earlier versions."""

    kind: RuleKind
    code: RuleCode = Field(description="The code of a rule; an unknown code makes a new rule.")
    value: _Said | None = Field(description="As in GET /api/v1/rules for this kind; null: the rule ends.")
    ground: _Line = Field(description="The law or policy on which the rule is based.")
    source: _Line = Field(description="Title, article or address of the source.")
    assumed: bool = Field(default=False, description="true: the rule has no source.")
    valid_from: Day = Field(description="The first day, today or later; earlier days keep their rule.")
    valid_until: Day | None = Field(None, description="The first day on which it is not valid; null: no end is known.")
    place: int | None = Field(
        None, ge=0, le=1000, description="The place in the order, if the first rule that fits decides; null: unchanged."
    )
    words: dict[str, Annotated[str, Field(max_length=500)]] = Field(
        {}, max_length=10, description="The rule in words, by language; required if the service has no words for it."
    )

    def change(self) -> Change:
        """Returns the change as a domain object. Raises `Invalid` for a wrong value."""
        facts = self.model_dump(include=set(RehearsalIn.model_fields) - {"value"})
        return Change(value=self._value(), **facts)

    def _value(self) -> Value | None:
        if self.value is None:
            return None
        try:
            return VALUES[self.kind].model_validate_json(json.dumps(self.value), strict=True)
        except ValidationError as error:
            faults = [fault_of(one) for one in error.errors()]
            raise Invalid([Fault(f"value.{one.field}", one.code, one.facts) for one in faults]) from error


class RuleChangeIn(RehearsalIn):
    reason: str = Field(min_length=SHORTEST_REASON, max_length=LONGEST_REASON, description="The reason. Name no case.")


class RuleOut(Output):
    """A rule as it is valid on a day."""

    id: str
    kind: str
    code: str
    place: int
    value: _Said
    words: str
    ground: str
    source: str
    assumed: bool
    since: date | None = Field(description="The first day; null: there is no known beginning.")
    until: date | None = Field(description="The first day on which another version is valid, if known.")


class RulesOut(Output):
    """All rules of a day, by kind and in order."""

    as_of: date
    items: list[RuleOut]


class StatementOut(Output):
    """A version of a rule, with the persons who requested and granted it."""

    id: str
    kind: str
    code: str
    number: int = Field(description="The number of the change within its kind; 0: first data of the service.")
    place: int
    value: _Said | None = Field(description="null: from then on there is no such rule.")
    words: dict[str, str]
    ground: str
    source: str
    assumed: bool
    valid_from: date | None
    valid_until: date | None
    reason: str | None
    asked_by: str | None
    asked_at: datetime
    settled_by: str | None
    settled_at: datetime


class RuleHistoryOut(Output):
    items: list[StatementOut]


class ConcernedOut(Output):
    registration: str
    lives_in: str | None = Field(description="The scheme of the unit where the client lives.")
    leaves: bool = Field(description="true: this scheme would no longer be open.")
    schemes_now: list[str]
    schemes_then: list[str]
    days_now: int | None = Field(description="The limit of a stay that begins on that day.")
    days_then: int | None


class RehearsalOut(Output):
    """The clients whom a change would affect on its first day. Stays that have begun keep their limit."""

    day: date
    waiting: int
    housed: int
    cases: list[ConcernedOut]


@get("/rules", summary="List the rules of a day", permission=Permission.RULES_READ)
def list_rules(
    act: Act, language: Language, as_of: DayAsked = None, kind: FromQuery[RuleKind | None] = None
) -> RulesOut:
    """List the rules that are valid on a day: entitlement, limits of stay, default safety distance, coded reasons."""
    day = as_of or act.day
    return RulesOut(as_of=day, items=rules_in_words(act, day, [kind] if kind else RuleKind, language))


@get("/rules/{rule_id:str}", summary="Read every version of a rule", permission=Permission.RULES_READ)
def read_rule_history(act: Act, rule_id: FromPath[str]) -> RuleHistoryOut:
    """List the versions of a rule, newest first. The first version in the list that covers a day is valid on that
    day.
    """
    return RuleHistoryOut(items=[_statement(row) for row in changes.history(act, rule_id)])


@post("/rules/rehearsal", summary="Rehearse a change of a rule", permission=Permission.RULES_TRY, work=Work.SLOW)
def rehearse_rule_change(act: Act, data: JSONBody[RehearsalIn]) -> RehearsalOut:
    """Compute the effect of a change on waiting clients and residents. Nothing is saved."""
    return _rehearsed(rehearsal.rehearse(act, data.change()))


@post("/rule-changes", summary="Request a change of a rule", permission=Permission.RULE_CHANGE_ASK, status_code=201)
def request_rule_change(act: Act, data: JSONBody[RuleChangeIn]) -> SecondPersonRequestOut:
    """Request a rule change. The change begins on its first day if a second person of the desk grants it by then."""
    return serialize_request(act, changes.ask(act, data.change(), data.reason))


@post(
    "/rule-changes/{rule_change_id:str}/rehearsal",
    summary="Rehearse a change that waits",
    permission=Permission.RULES_TRY,
    work=Work.SLOW,
)
def rehearse_requested_rule_change(act: Act, rule_change_id: FromPath[str]) -> RehearsalOut:
    """Compute the effect of a requested change with today's cases."""
    return _rehearsed(rehearsal.rehearse_asked(act, changes.waiting(act, rule_change_id)))


def rules_in_words(act: Act, day: date, kinds: Iterable[RuleKind], language: Language) -> list[RuleOut]:
    """Returns the rules of these kinds on a day, in order, with their texts."""
    return [
        RuleOut.of(
            rule.row,
            words=words_of(rule.row, language),
            ground=rule.row.legal_ground,
            since=rule.row.valid_from,
            until=rule.until,
        )
        for kind in kinds
        for rule in rules_of_day(granted(act.session, kind), day)
    ]


def words_of(row: DatedRule, language: Language) -> str:
    """Returns the rule's own text, or else the text of the catalogue."""
    return row.words.get(language) or translate(row.kind.value, row.code, language)


def _statement(row: DatedRule) -> StatementOut:
    return StatementOut.of(row, ground=row.legal_ground)


def _rehearsed(found: Rehearsal) -> RehearsalOut:
    return RehearsalOut.of(found, cases=[ConcernedOut.of(one) for one in found.concerned])
