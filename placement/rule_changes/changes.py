"""Changes of dated rules. A change is a new statement about a rule, valid from a certain day on. The earlier statement
stays valid for earlier days. A statement without a value ends the rule.

A request has no effect until a second person of the desk grants it. It cannot be granted after another change of the
same kind was granted, because its preview (`rehearsal.py`) would no longer be correct.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.exc import IntegrityError

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import ResidenceBasis
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid, NotFound
from placement.core.ids import new_id
from placement.core.reason_codes import BREAKS_OFF, Step, find_reason
from placement.core.rule_codes import RuleKind
from placement.core.second_person_codes import SecondPersonKind
from placement.dated_rules.lookup import forget, granted, limit_of, rules_of_day
from placement.dated_rules.values import Value
from placement.lifecycles.moves import SecondPersonMove
from placement.second_person import requests
from placement.second_person.kinds import Answer, Kind
from placement.tables import DatedRule, SecondPersonRequest
from placement.text.catalogue import SOURCE, languages, translations


@dataclass(frozen=True, slots=True)
class Change:
    """A requested statement about a rule. If it has no `value`, the rule ends on `valid_from`."""

    kind: RuleKind
    code: str
    value: Value | None
    ground: str
    source: str
    valid_from: date
    valid_until: date | None = None
    place: int | None = None
    """The position of the rule in the order of rules. `None`: the present position, or the last position for a new
    rule.
    """
    assumed: bool = False
    words: Mapping[str, str] = field(default_factory=dict)


def history(act: Act, rule_id: str) -> list[DatedRule]:
    """Returns every granted statement about the rule to which this statement belongs, newest first. Raises `NotFound`
    if the statement does not exist.
    """
    one = act.session.get(DatedRule, rule_id)
    if one is None:
        raise NotFound
    return [row for row in granted(act.session, one.kind) if row.code == one.code][::-1]


@needs(Permission.RULE_CHANGE_ASK)
def ask(act: Act, change: Change, reason: str) -> SecondPersonRequest:
    """Requests a change, and withdraws an earlier waiting request about the same rule. Raises `Invalid` with all faults
    of the change.
    """
    asked = statement_of(act, change, granted(act.session, change.kind))
    asked.reason = reason
    of_kind = requests.waiting(act, RULE.code).where(SecondPersonRequest.what == change.kind)
    for earlier in act.session.exec(of_kind).all():
        if earlier.facts["code"] == change.code:
            requests.end(act, RULE, earlier, SecondPersonMove.WITHDRAW)
    return requests.ask(act, RULE, asked.model_dump(mode="json", include=set(_STATED)), what=change.kind.value)


def waiting(act: Act, request_id: str) -> SecondPersonRequest:
    """Returns a request for a change. Raises `NotFound` if there is no such request, and `Conflict` if it does not wait
    any more.
    """
    found = requests.of_kind(act, RULE.code, request_id)
    requests.require_waiting(act, found)
    return found


def asked_statement(request: SecondPersonRequest) -> DatedRule:
    """Returns the statement that is stored if the request is granted."""
    days = {name: date.fromisoformat(day) if (day := request.facts[name]) else None for name in _DAYS}
    stated = {**request.facts, **days}
    return DatedRule(
        id=new_id("Y"),
        kind=RuleKind(str(request.what)),
        **stated,
        asked_by=request.asked_by,
        asked_at=request.asked_at,
        settled_by=request.settled_by,
        settled_at=request.settled_at or request.asked_at,
    )


def statement_of(act: Act, change: Change, statements: Sequence[DatedRule]) -> DatedRule:
    """Returns the change as a statement that is not granted yet. `statements`: the granted statements of its kind.
    Raises `Invalid` with all faults of the change.
    """
    before = [row for row in statements if row.code == change.code]
    made = DatedRule(
        id=new_id("Y"),
        kind=change.kind,
        code=change.code,
        number=_newest(statements) + 1,
        place=_place(change, before, statements),
        value=None if change.value is None else change.value.model_dump(mode="json"),
        words=dict(change.words),
        legal_ground=change.ground,
        source=change.source,
        assumed=change.assumed,
        valid_from=change.valid_from,
        valid_until=change.valid_until,
        asked_at=act.at,
        settled_at=act.at,
    )
    faults = [*_faults_of_period(act, change), *_faults_of_words(change), *_faults_of_use(change)]
    if change.value is None and not before:
        faults.append(Fault("code", "rule_unknown", {"found": change.code}))
    if not faults:
        faults += _gaps(act, [*statements, made], change)
    if faults:
        raise Invalid(faults)
    return made


def _faults_of_period(act: Act, change: Change) -> list[Fault]:
    if change.valid_from < act.day:
        return [Fault("valid_from", "rule_day_passed", {"day": change.valid_from.isoformat()})]
    if change.valid_until is not None and change.valid_until <= change.valid_from:
        return [Fault("valid_until", "ends_before_it_begins")]
    return []


def _faults_of_words(change: Change) -> list[Fault]:
    """Returns the faults of the wording. If the catalogue lacks the code, the change must contain a wording in every
    language.
    """
    unknown = sorted(set(change.words) - set(languages()))
    faults = [Fault("words", "words_language_unknown", {"found": one}) for one in unknown]
    missing = sorted(set(languages()) - {one for one, words in change.words.items() if words.strip()})
    if change.value is None or not missing:
        return faults
    if change.words or not _has_words(change):
        faults.append(Fault("words", "words_missing", {"missing": missing}))
    return faults


def _has_words(change: Change) -> bool:
    if change.kind is RuleKind.REASON:
        return find_reason(change.code) is not None
    try:
        translations(SOURCE).pgettext(change.kind.value, change.code)
    except KeyError:
        return False
    return True


def _faults_of_use(change: Change) -> list[Fault]:
    """Returns the faults of a coded reason. The code must be known, and a reason that breaks off a stay must be allowed
    at the end of a stay.
    """
    if change.kind is not RuleKind.REASON:
        return []
    if find_reason(change.code) is None:
        return [Fault("code", "reason_without_words", {"found": change.code})]
    steps: Sequence[Step] = getattr(change.value, "steps", ())
    if change.code in BREAKS_OFF and Step.END not in steps:
        return [Fault("value", "reason_needed_by_service", {"found": change.code})]
    return []


def _gaps(act: Act, statements: Sequence[DatedRule], change: Change) -> list[Fault]:
    """Returns a fault for the first day on which a stay has no limit, or a danger point no distance."""
    turns = {row.valid_from for row in statements} | {row.valid_until for row in statements}
    for day in sorted({change.valid_from, *(day for day in turns if day and day >= act.day)}):
        rules = rules_of_day(statements, day)
        no_limit = change.kind is RuleKind.STAY_LIMIT and any(limit_of(rules, one) is None for one in ResidenceBasis)
        if no_limit or (change.kind is RuleKind.SAFETY_DISTANCE and not rules):
            return [Fault("value", "rule_leaves_gap", {"day": day.isoformat()})]
    return []


def _place(change: Change, before: Sequence[DatedRule], statements: Sequence[DatedRule]) -> int:
    if change.place is not None:
        return change.place
    return before[-1].place if before else 1 + max((row.place for row in statements), default=-1)


def _newest(statements: Sequence[DatedRule]) -> int:
    return max((row.number for row in statements), default=0)


def _check(act: Act, request: SecondPersonRequest) -> None:
    """Raises `Conflict` if the first day of the change has passed, or if another change of its kind was granted
    meanwhile.
    """
    stated = asked_statement(request)
    if stated.valid_from is None or stated.valid_from < act.day:
        raise Conflict("rule_day_passed", day=str(stated.valid_from))
    if stated.number <= _newest(granted(act.session, stated.kind)):
        raise Conflict("rules_changed_meanwhile")


def _carry_out(act: Act, request: SecondPersonRequest, answer: Answer) -> None:
    """Stores the requested statement, so that the rule is valid from its first day on. Raises `Conflict` if another
    request was granted at the same moment.
    """
    _ = answer
    made = asked_statement(request)
    act.session.add(made)
    try:
        act.session.flush()
    except IntegrityError as error:  # of two simultaneous requests only the first is granted
        raise Conflict("rules_changed_meanwhile") from error
    forget(act.session)
    facts = {"kind": made.kind.value, **_logged(request)}
    audit_log.write(act, Event.RULE_CHANGE_GRANTED, subject=made.id, registration=None, shown=None, **facts)


def _logged(request: SecondPersonRequest) -> Mapping[str, object]:
    return {name: request.facts[name] for name in ("code", "number", "value", *_DAYS)}


_DAYS = ("valid_from", "valid_until")
_STATED = (
    *("code", "number", "place", "value", "words", "legal_ground", "source", "assumed", "reason"),
    *_DAYS,
)
"""The columns of a statement that are filled from the request."""

RULE = Kind(
    SecondPersonKind.RULE,
    ask=Permission.RULE_CHANGE_ASK,
    grant=Permission.RULE_CHANGE_ASK,
    read=Permission.REVIEW_READ,
    waits_for=lambda act: act.settings.invitation_lifetime,
    carry_out=_carry_out,
    check=_check,
    logged=_logged,
)
