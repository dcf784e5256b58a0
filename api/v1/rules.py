"""Dated rules on a day, their earlier versions, and changes, which are rehearsed and need two persons."""

import json
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
    """A statement about a rule, valid from a day on. It replaces earlier statements for those days."""

    kind: RuleKind
    code: RuleCode = Field(description="Which rule; one that there is not yet is a new rule.")
    value: _Said | None = Field(description="As GET /api/v1/rules tells it for that kind; null: there is no such rule.")
    ground: _Line = Field(description="The law or policy that it rests on.")
    source: _Line = Field(description="Title, article or address of the source.")
    assumed: bool = Field(default=False, description="It has no source: somebody chose it.")
    valid_from: Day = Field(description="The first day, today or later: what held before stays.")
    valid_until: Day | None = Field(None, description="The first day on which it holds no more; null: no end is known.")
    place: int | None = Field(
        None, ge=0, le=1000, description="Its place in the order, where the first that fits decides; null: as it is."
    )
    words: dict[str, Annotated[str, Field(max_length=500)]] = Field(
        {}, max_length=10, description="What it says in words, by language; needed where the service has none for it."
    )

    def change(self) -> Change:
        """Returns the change. Raises `Invalid` with the fault of the value."""
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
    reason: str = Field(
        min_length=SHORTEST_REASON, max_length=LONGEST_REASON, description="Why. No case belongs in it."
    )


class RuleOut(Output):
    """A rule that is valid on the given day."""

    id: str
    kind: str
    code: str
    place: int
    value: _Said
    words: str
    ground: str
    source: str
    assumed: bool
    since: date | None = Field(description="Its first day; null: always before.")
    until: date | None = Field(description="The first day on which it says something else, as far as is known.")


class RulesOut(Output):
    """All rules of a day, by kind and in order."""

    as_of: date
    items: list[RuleOut]


class StatementOut(Output):
    """A statement about a rule, with who requested and granted it."""

    id: str
    kind: str
    code: str
    number: int = Field(description="The how manieth change of its kind; 0: the first data of the service.")
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
    leaves: bool = Field(description="That scheme would not be open any more.")
    schemes_now: list[str]
    schemes_then: list[str]
    days_now: int | None = Field(description="The limit of a stay that begins on that day.")
    days_then: int | None


class RehearsalOut(Output):
    """The clients whom the change would affect on its first day. Current stays keep their limit."""

    day: date
    waiting: int
    housed: int
    cases: list[ConcernedOut]


@get("/rules", summary="List the rules of a day", permission=Permission.RULES_READ)
def list_rules(
    act: Act, language: Language, as_of: DayAsked = None, kind: FromQuery[RuleKind | None] = None
) -> RulesOut:
    """List entitlement, limits of stay, the default safety distance and coded reasons, as valid on a day."""
    day = as_of or act.day
    found = [rule for one in ([kind] if kind else RuleKind) for rule in rules_of_day(granted(act.session, one), day)]
    return RulesOut(
        as_of=day,
        items=[
            RuleOut.of(
                rule.row,
                words=words_of(rule.row, language),
                ground=rule.row.legal_ground,
                since=rule.row.valid_from,
                until=rule.until,
            )
            for rule in found
        ],
    )


@get("/rules/{rule_id:str}", summary="Read every version of a rule", permission=Permission.RULES_READ)
def read_rule_history(act: Act, rule_id: FromPath[str]) -> RuleHistoryOut:
    """List the statements about a rule, newest first. The first that covers a day is valid on it."""
    return RuleHistoryOut(items=[_statement(row) for row in changes.history(act, rule_id)])


@post("/rules/rehearsal", summary="Rehearse a change of a rule", permission=Permission.RULES_TRY, work=Work.SLOW)
def rehearse_rule_change(act: Act, data: JSONBody[RehearsalIn]) -> RehearsalOut:
    """Rehearse a change: its effect on waiting clients and residents. Nothing is saved."""
    return _rehearsed(rehearsal.rehearse(act, data.change()))


@post("/rule-changes", summary="Request a change of a rule", permission=Permission.RULE_CHANGE_ASK, status_code=201)
def request_rule_change(act: Act, data: JSONBody[RuleChangeIn]) -> SecondPersonRequestOut:
    """Request a change of a rule. It is valid from its day on, after a second person of the desk granted it."""
    return serialize_request(act, changes.ask(act, data.change(), data.reason))


@post(
    "/rule-changes/{rule_change_id:str}/rehearsal",
    summary="Rehearse a change that waits",
    permission=Permission.RULES_TRY,
    work=Work.SLOW,
)
def rehearse_requested_rule_change(act: Act, rule_change_id: FromPath[str]) -> RehearsalOut:
    """Rehearse a waiting change with today's cases."""
    return _rehearsed(rehearsal.rehearse_asked(act, changes.waiting(act, rule_change_id)))


def words_of(row: DatedRule, language: Language) -> str:
    """Returns a rule's own wording, otherwise the catalogue's."""
    return row.words.get(language) or translate(row.kind.value, row.code, language)


def _statement(row: DatedRule) -> StatementOut:
    return StatementOut.of(row, ground=row.legal_ground)


def _rehearsed(found: Rehearsal) -> RehearsalOut:
    return RehearsalOut.of(found, cases=[ConcernedOut.of(one) for one in found.concerned])
