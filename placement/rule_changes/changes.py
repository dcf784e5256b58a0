"""Changes of dated rules. A change is a new statement about one rule from a day on: what was stays, for the days on
which it held. Ending a rule is a statement that there is none.

A request decides nothing until a second person of the desk has granted it, and it is granted only while nothing else
of its kind was changed in the meantime, since its rehearsal would no longer be right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from placement.access.permissions import Permission, needs
from placement.accounts import second_person
from placement.accounts.second_person import first_person, one_waiting, require_second_person, settle
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.codes import ResidenceBasis
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid, NotFound
from placement.core.ids import new_id
from placement.core.reason_codes import BREAKS_OFF, Step, find_reason
from placement.core.rule_codes import RuleKind
from placement.dated_rules.lookup import forget, granted, limit_of, rules_of_day
from placement.dated_rules.values import Value
from placement.tables import DatedRule
from placement.text.catalogue import SOURCE, languages, translations


@dataclass(frozen=True, slots=True)
class Change:
    """A statement as it is asked for. `value` None: from that day on there is no such rule."""

    kind: RuleKind
    code: str
    value: Value | None
    ground: str
    source: str
    valid_from: date
    valid_until: date | None = None
    place: int | None = None
    """None: where the rule stands now, a new one last."""
    assumed: bool = False
    words: Mapping[str, str] = field(default_factory=dict)


def waiting(act: Act) -> Sequence[DatedRule]:
    """The requests that can still be granted, the oldest first."""
    in_turn = second_person.waiting(DatedRule, act.at).order_by(col(DatedRule.asked_at), DatedRule.id)
    found = act.session.exec(in_turn).all()
    audit_log.write(act, Event.RULE_CHANGES_LISTED, waiting=len(found))
    return found


def history(act: Act, rule_id: str) -> list[DatedRule]:
    """Every statement that counts about the rule of this one, the newest first. Raises `NotFound`."""
    one = act.session.get(DatedRule, rule_id)
    if one is None or not one.granted:
        raise NotFound
    return [row for row in granted(act.session, one.kind) if row.code == one.code][::-1]


@needs(Permission.RULE_CHANGE_ASK)
def ask(act: Act, change: Change, reason: str) -> DatedRule:
    """Asks for a change, in place of an earlier request about the same rule. Raises `Invalid`, naming each fault."""
    statements = granted(act.session, change.kind)
    asked = statement_of(act, change, statements)
    asked.reason = reason
    of_rule = DatedRule.kind == change.kind, DatedRule.code == change.code
    for earlier in act.session.exec(second_person.waiting(DatedRule, act.at).where(*of_rule)):
        _withdraw(act, earlier)
    act.session.add(asked)
    audit_log.write(act, Event.RULE_CHANGE_ASKED, subject=asked.id, registration=None, shown=None, **_facts(asked))
    return asked


@needs(Permission.RULE_CHANGE_GRANT)
def grant(act: Act, change_id: str) -> DatedRule:
    """The rule counts from its day on. Raises `NotFound`; `Conflict` where the actor is no second person, the request
    does not wait any more, its day has passed, or another change of its kind was granted meanwhile.
    """
    found = one_waiting(act, DatedRule, change_id)
    require_second_person(act, str(found.asked_by), found, Permission.RULE_CHANGE_ASK)
    if found.valid_from is None or found.valid_from < act.day:
        raise Conflict("rule_day_passed", day=str(found.valid_from))
    if found.number <= _newest(granted(act.session, found.kind)):
        raise Conflict("rules_changed_meanwhile")
    settle(act, found, granted=True)
    try:
        act.session.flush()
    except IntegrityError as error:  # of two at the same moment one is granted
        raise Conflict("rules_changed_meanwhile") from error
    forget(act.session)
    audit_log.write(act, Event.RULE_CHANGE_GRANTED, subject=found.id, registration=None, shown=None, **_facts(found))
    return found


@needs(Permission.RULE_CHANGE_ASK)
def withdraw(act: Act, change_id: str) -> DatedRule:
    """A request, one's own or another's, that is not to be granted."""
    found = one_waiting(act, DatedRule, change_id)
    _withdraw(act, found)
    return found


def statement_of(act: Act, change: Change, statements: Sequence[DatedRule]) -> DatedRule:
    """The change as a statement that nobody has granted. `statements`: those of its kind that count.

    Raises `Invalid`, naming each fault.
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
        **first_person(act),
        expires_at=act.at + act.settings.invitation_lifetime,
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
    """A rule whose code has no words in the catalogue brings its own, in every language."""
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
    """The code of a reason is one that the service knows; and what it gives by itself at the end of a stay stays."""
    if change.kind is not RuleKind.REASON:
        return []
    if find_reason(change.code) is None:
        return [Fault("code", "reason_without_words", {"found": change.code})]
    steps: Sequence[Step] = getattr(change.value, "steps", ())
    if change.code in BREAKS_OFF and Step.END not in steps:
        return [Fault("value", "reason_needed_by_service", {"found": change.code})]
    return []


def _gaps(act: Act, statements: Sequence[DatedRule], change: Change) -> list[Fault]:
    """The days from which a stay would have no limit, or a danger point no distance."""
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


def _withdraw(act: Act, found: DatedRule) -> None:
    settle(act, found, granted=False)
    audit_log.write(act, Event.RULE_CHANGE_WITHDRAWN, subject=found.id, registration=None, shown=None, **_facts(found))


def _facts(row: DatedRule) -> dict[str, object]:
    days = {"valid_from": row.valid_from, "valid_until": row.valid_until}
    written = {name: day.isoformat() if day else None for name, day in days.items()}
    return {"kind": row.kind.value, "code": row.code, "number": row.number, "value": row.value, **written}
