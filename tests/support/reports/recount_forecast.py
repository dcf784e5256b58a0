"""The recount of forecasts and of their outcomes: a part of `recount.py`."""

from collections import Counter
from datetime import timedelta
from statistics import NormalDist

from tests.support.reports.random_history import AS_OF, ON
from tests.support.reports.raw_rows import KINDS, rounded


def expected(tables, _):
    """Computes Kaplan-Meier and Greenwood as the textbook has them, and the range by adding up every chance in a
    dictionary.
    """
    stays = [stay for stay in tables["stay"] if stay["arrived_at"] and stay["arrived_at"] <= AS_OF]
    gone = {stay["id"] for stay in stays if stay["ended_on"] and stay["ended_on"] <= ON}
    lasted = {stay["id"]: ((stay["ended_on"] if stay["id"] in gone else ON) - stay["starts_on"]).days for stay in stays}
    begun = {stay["id"]: (stay["taken_over_on"] - stay["starts_on"]).days for stay in stays if stay["taken_over_on"]}
    followed = {one for one, days in lasted.items() if begun.get(one, 0) < max(1, days)}
    yield "expecting.days", 14
    yield "expecting.stays_known", len(gone)
    for kind in KINDS:
        where = f"expecting.by_kind[{kind}]"
        mine = [room for room in tables.rooms if tables.is_of(kind, room)]
        yield (
            f"{where}.known",
            sum(beds for room in mine for day, beds in room["ends"] if ON < day <= ON + timedelta(days=14)),
        )
        if len(gone & followed) < 20:
            yield from ((f"{where}.{name}", None) for name in ("likely", "low", "high"))
            continue
        units = tables.units_of(kind)
        by_curve = {}
        for stay in stays:
            if stay["unit_id"] in units and stay["id"] not in gone:
                scheme = tables.units[stay["unit_id"]]["scheme"]
                of = frozenset(one["id"] for one in stays if tables.units[one["unit_id"]]["scheme"] == scheme)
                of = of & followed if len(of & followed & gone) >= 20 else frozenset(followed)
                by_curve.setdefault(of, []).append(lasted[stay["id"]])
        yield from _range(
            where,
            [
                (_Curve([(lasted[one], one in gone, begun.get(one, 0)) for one in of]), days)
                for of, days in by_curve.items()
            ],
        )


class _Curve:
    """`lengths`: how long each lasted, whether it is over, and how long it had lasted when it was taken over."""

    def __init__(self, lengths):
        self.hazards = {}
        for day in {days for days, over, _ in lengths if over}:
            followed = sum(days >= day and (begun < day or not begun) for days, _, begun in lengths)
            self.hazards[day] = (sum(days == day and over for days, over, _ in lengths), followed)
        third = sorted((days for days, _, _ in lengths), reverse=True)[:3][-1]
        self.last = max(0, third - 14)

    def window(self, days):
        first = min(days, self.last)
        return [day for day in self.hazards if first < day <= first + 14]

    def chance(self, days):
        stays = 1.0
        for day in self.window(days):
            ended, followed = self.hazards[day]
            stays *= 1 - ended / followed
        return 1 - stays


def _range(where, curves):
    chances, likely, variance, most = Counter({0: 1.0}), 0.0, 0.0, 0
    for curve, stays in curves:
        leans = Counter()
        for days in stays:
            chance = curve.chance(days)
            likely, most = likely + chance, most + 1
            more = Counter()
            for beds, p in chances.items():
                more[beds] += p * (1 - chance)
                more[beds + 1] += p * chance
            chances = more
            leans.update(dict.fromkeys(curve.window(days), 1 - chance))
        for day, lean in leans.items():
            ended, followed = curve.hazards[day]
            variance += lean**2 * ended / (followed * (followed - ended)) if followed > ended else 0
    if variance:
        error, more = NormalDist(0, variance**0.5), Counter()
        for beds, p in chances.items():
            for off in range(-40, 41):
                more[beds + off] += p * (error.cdf(off + 0.5) - error.cdf(off - 0.5))
        chances = more
    up_to, low, high = 0.0, None, None
    for beds in sorted(chances):
        up_to += chances[beds]
        low = beds if low is None and up_to >= 0.1 else low
        high = beds if high is None and up_to >= 0.9 else high
    yield f"{where}.low", max(low, 0)
    yield f"{where}.high", min(high, most)
    yield f"{where}.likely", rounded(likely)


def came_out(tables, _):
    within = seen = 0
    sunday = next(ON - timedelta(days=back) for back in range(1, 8) if (ON - timedelta(days=back)).weekday() == 6)
    for back in (14, 21, 28, 35):
        then = sunday - timedelta(days=back)
        for row in tables.before.get(then, {"expecting": {"by_kind": []}})["expecting"]["by_kind"]:
            if row["low"] is None:
                continue
            happened = sum(
                1 for stay in tables["stay"]
                if stay["unit_id"] in tables.units_of(row["kind"]) and stay["arrived_at"]
                and (stay["taken_over_on"] or stay["starts_on"]) <= then
                and stay["ended_on"] and then < stay["ended_on"] <= then + timedelta(days=14)
            )  # fmt: skip
            where = f"expecting.came_out[{then}/{row['kind']}]"
            yield from ((f"{where}.{name}", row[name]) for name in ("low", "high", "likely"))
            yield f"{where}.happened", happened
            within, seen = within + (row["low"] <= happened <= row["high"]), seen + 1
    yield "expecting.within", within if seen else None
