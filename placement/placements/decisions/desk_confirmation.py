"""Rules that determine when the desk must confirm a coordinator's placement, and when the desk has agreed
in advance.
"""

from sqlmodel import select

from placement.audit.events import Event
from placement.core.codes import Sees
from placement.core.context import Act
from placement.core.reason_codes import Step, reasons_for
from placement.duty.mandates import DESK_SCHEMES, standing
from placement.storage import log_index
from placement.storage.log_index import Wanted
from placement.tables import Mandate, Proposal, Registration, Unit


def desk_is_asked(act: Act, proposal: Proposal, unit: Unit, *, as_proposed: bool) -> bool:
    """Checks whether the desk must confirm this actor's placement in the unit, assuming that no rule breaks."""
    if act.actor.role.has_authority or unit.scheme not in DESK_SCHEMES:
        return False
    return not (act.settings.standing_confirmation and as_proposed and _is_first(act, proposal))


def mandate_for(act: Act, proposal: Proposal, unit: Unit, *, as_proposed: bool, lock: bool = False) -> Mandate | None:
    """Returns the standing mandate that allows this placement before the desk has confirmed it. Returns `None` if the
    desk must be asked first.
    """
    found = standing(act, unit.scheme, act.actor.id, lock=lock) if as_proposed else None
    return found if found is not None and _is_first(act, proposal) else None


def _is_first(act: Act, proposal: Proposal) -> bool:
    """Checks that no coordinator influenced which unit is proposed. The proposal must be the first since the wait
    began, and the case may avoid only places of shelters that refused the client. The wait begins again when a shelter,
    an expired time limit or the desk reopens the registration. Without this check a coordinator could reach any unit by
    repeated proposals and avoidances.
    """
    case = proposal.registration_id
    again = log_index.find(act.session, Wanted(case=case, about=True, event=Event.REGISTRATION_REOPENED.value))
    opened = [event.at for event in again if event.role is not None and event.role.sees is not Sees.REGIONS]
    since = max(opened, default=None)
    others = select(Proposal.id).where(Proposal.registration_id == case, Proposal.id != proposal.id)
    if since is not None:
        others = others.where(Proposal.made_at >= since)
    shelters = [reason.code for reason in reasons_for(Step.REFUSE)]
    avoided = act.session.get_one(Registration, case).avoidances
    steered = any(row.reason not in shelters for row in avoided)
    return not steered and act.session.exec(others.limit(1)).first() is None
