"""The reactions of packages to signals of other packages, in the transaction of the signal (`signals.react`)."""

from placement.access import doubt_stop
from placement.core.context import Act
from placement.core.signals import CaseClosed, CaseReopened, CountConfirmed, Reactions
from placement.placements.decisions import decisions
from placement.registrants import notices


def _carry_out_waiting(act: Act, signal: CountConfirmed) -> None:
    # while the service is stopped, nothing is carried out: the shelter's first count after the release does it
    if doubt_stop.stop_of(act.session) is None:
        decisions.carry_out_waiting(act, signal.shelter_id)


REACTIONS: Reactions = {
    CountConfirmed: (_carry_out_waiting,),
    CaseClosed: (notices.announce_closing,),
    CaseReopened: (notices.announce_reopening,),
}
