"""Coded reasons: the reasons that are allowed today at a step of the work, and their effects."""

from placement.core.context import Act
from placement.core.errors import Invalid
from placement.core.reason_codes import Reason, Step
from placement.dated_rules.lookup import reason_rules


def reasons_of_day(act: Act) -> list[Reason]:
    """Returns all coded reasons that are valid today."""
    return [
        Reason(rule.row.code, rule.value.whose, frozenset(rule.value.steps), rule.value.effect, rule.value.needs_text)
        for rule in reason_rules(act.session, act.day)
    ]


def reason_for(act: Act, step: Step, code: str | None, text: str | None, *, where: str = "reason") -> Reason:
    """Returns the reason with this code. Raises `Invalid` at the field `where` if the code is missing, or not allowed
    at this step today. Raises `Invalid` at `text` if the reason needs a text.
    """
    allowed = {reason.code: reason for reason in reasons_of_day(act) if step in reason.steps}
    if code is None:
        raise Invalid.at(where, "reason_missing", allowed=list(allowed))
    if code not in allowed:
        raise Invalid.at(where, "reason_unknown", found=code, allowed=list(allowed))
    reason = allowed[code]
    if reason.needs_text and not (text or "").strip():
        raise Invalid.at("text", "text_missing", reason=code)
    return reason
