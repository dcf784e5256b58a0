"""Two weaker ways to protect releases, which the attacker of `release_attack.py` breaks."""

from tests.support.releases.release_attack import ALONE, FLOOR, FORM, SEVERAL, WITHIN, YEARLY, Seen


def floor_only(truth, codes, quarters=()):
    """Lists each count of at least ten as it is, and folds all others."""
    return Seen(_listed(truth, codes, quarters, lambda count: count), 0, truth, quarters)


def rounded_alone(truth, codes, quarters=()):
    """Rounds each figure of at least ten to the nearest multiple of five, without regard to any other figure."""
    return Seen(_listed(truth, codes, quarters, lambda count: (count + 2) // 5 * 5), 2, truth, quarters, adds_up=False)


def _listed(truth, codes, quarters, figure):
    names = {name: {key[-1] for key in truth if key and key[-2] == name} for name in (*ALONE, *WITHIN, *SEVERAL)}
    blocks = [(name,) for name in (*ALONE, *SEVERAL) if quarters or name != YEARLY]
    if quarters:
        blocks += [(FORM, row, name) for row in names[FORM] if truth[FORM, row] >= FLOOR for name in WITHIN]
    shown = {(): figure(truth[()])}
    for block in blocks:
        cells = {
            (*block, code): truth.get((*block, code), 0) for code in names[block[-1]] | set(codes.get(block[-1], ()))
        }
        shown |= {key: figure(count) for key, count in cells.items() if count >= FLOOR}
        rest = sum(count for count in cells.values() if count < FLOOR)
        if block[-1] not in SEVERAL:
            shown[(*block, "others")] = figure(rest) if rest >= FLOOR else 0
    return shown
