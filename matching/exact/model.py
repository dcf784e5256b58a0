"""The whole model of a problem: every choice that breaks no rule by itself, and the constraints of the joint rules."""

from collections.abc import Collection, Mapping

from matching.eligibility import JOINT_RULES
from matching.exact.builder import NO_WAIVERS, ModelBuilder, Waivers
from matching.index import Index
from matching.objective import Valuation


def build(
    index: Index,
    valuation: Valuation,
    open_to: Mapping[str, Collection[str]],
    *,
    must: Collection[str] = (),
    waived: Waivers = NO_WAIVERS,
) -> ModelBuilder:
    """Returns the model. `open_to`: the units that each registration may use; there it must break no rule by itself,
    except waived rules. Registrations in `must`, and fixed registrations, must be placed.
    """
    builder = ModelBuilder(index, valuation, waived)
    for registration in index.registrations.values():
        fixed = index.fixed.get(registration.id)
        for unit in sorted(open_to[registration.id]):
            if fixed in (None, unit):
                builder.offer(registration, index.units[unit])
        builder.place_once(registration.id, must=fixed is not None or registration.id in must)
    for rule in JOINT_RULES:
        rule.constrain(builder)
    if valuation.policy.together:
        builder.reward(group for group in index.groups.values() if not group.must)
    return builder
