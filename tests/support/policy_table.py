"""Writes the formula and the weights into docs/guide/matching.md: `python -m tests.support.policy_table`."""

from collections.abc import Mapping

from matching import DEFAULT_POLICY
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "guide" / "matching.md"
BEGIN, END = "<!-- made by: python -m tests.support.policy_table -->\n", "<!-- end of the weights -->\n"
FORMULA = {
    "serve": "+ persons * (`serve` of the urgency + `waiting_day` * min(days of waiting, `waiting_cap`))",
    "language": "+ `language` of the best level in a language that staff speak; else that of an interpreter; else 0",
    "preferred_needs": "+ `preferred_need` * preferred needs among the unit's specialisms",
    "scheme": "- `scheme_step` * schemes of the registration that fit better than the unit's",
    "near": "- min(`near_cap`, `near_km` * whole km to the point that it would like to be near)",
    "stale": "- persons * `stale` of the freshness of the unit's count (fresh: 0)",
    "scarce": "- for each bed taken: `scarce` of each specialism and feature there that the registration does not need",
    "blocked_beds": "- `blocked_bed` * (beds taken - persons); a private registration takes all beds of its rooms",
    "rooms": "- `extra_room` * (rooms - 1)",
    "groups": "+ `together` * (placed registrations - different places), for each group without `must`",
}


def with_table(page: str) -> str:
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


def table() -> str:
    rows = [f"| {term} | {_signs(formula)} | {_weights(formula)} |\n" for term, formula in FORMULA.items()]
    return "".join(("| term | points | default weights |\n", "|---|---|---|\n", *rows))


def named(formula: str) -> list[str]:
    """Returns the weights that a formula names, in its order."""
    return [word for word in formula.split("`")[1::2] if hasattr(DEFAULT_POLICY, word)]


def _signs(formula: str) -> str:
    return formula.replace(" * ", " \u00d7 ").replace("- ", "\u2212 ")


def _weights(formula: str) -> str:
    return "; ".join(f"`{name}` {_shown(getattr(DEFAULT_POLICY, name))}" for name in named(formula))


def _shown(value: int | Mapping[str, int]) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return ", ".join(f"{key}: {points:,}" for key, points in value.items())


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
