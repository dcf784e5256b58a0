"""Tells software what happened, by ids alone: whoever needs more asks the API for it, with rights and a line."""

from placement.acting import Act
from placement.messages import audience, outbox
from placement.tables import Hold
from placement.vocabulary import MessageKind


def announce_hold(act: Act, kind: MessageKind, held: Hold) -> None:
    """To the shelter that a hold is asked of, or that it is no longer asked of."""
    shelter_id = audience.shelter_of_unit(act.session, held.unit_id)
    for webhook_id in audience.webhooks_for(act.session, kind, shelter_id):
        outbox.put(act, kind, f"{kind} {held.id}", webhook_id=webhook_id, hold=held.id, unit=held.unit_id)


def announce_report(act: Act, day: str) -> None:
    """To all software that asked for it."""
    for webhook_id in audience.webhooks_for(act.session, MessageKind.REPORT_MADE, None):
        outbox.put(act, MessageKind.REPORT_MADE, f"report {day}", webhook_id=webhook_id, day=day)
