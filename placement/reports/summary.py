"""The report in one sentence: for an email, which holds no figure about people."""

from placement.reports.model import Kind, Report
from placement.text.messages import Language

KIND_WORDS: dict[Kind, tuple[str, str]] = {
    Kind.WOMEN: ("voor vrouwen", "for women"),
    Kind.MEN: ("voor mannen", "for men"),
    Kind.FAMILIES: ("voor gezinnen", "for families"),
    Kind.MULTI_PROBLEM: ("voor meervoudige problematiek", "for multiple problems"),
    Kind.ACCESSIBLE: ("rolstoeltoegankelijk", "accessible"),
    Kind.MINORS: ("voor minderjarigen", "for minors"),
}
_SENTENCE = {
    "nl": "Er zijn {free} plaatsen vrij{kinds}{yesterday}{mean}.",
    "en": "{free} places are free{kinds}{yesterday}{mean}.",
}
_ONE = {
    "nl": "Er is 1 plaats vrij{kinds}{yesterday}{mean}.",
    "en": "1 place is free{kinds}{yesterday}{mean}.",
}
_YESTERDAY = {"nl": "; gisteren waren het er {count}", "en": "; yesterday there were {count}"}
_MEAN = {"nl": ", gemiddeld over 28 dagen {mean}", "en": ", on average over 28 days {mean}"}


def first_sentence(report: Report, language: Language) -> str:
    """Free places now, by kind, against yesterday and the average of 28 days."""
    free = report.free
    which = 0 if language == "nl" else 1
    kinds = ", ".join(f"{row.free} {KIND_WORDS[row.kind][which]}" for row in free.by_kind)
    mean = "" if free.mean_28 is None else f"{free.mean_28:.1f}"
    return (_ONE if free.free == 1 else _SENTENCE)[language].format(
        free=free.free,
        kinds=f" ({kinds})" if kinds else "",
        yesterday="" if free.yesterday is None else _YESTERDAY[language].format(count=free.yesterday),
        mean=mean and _MEAN[language].format(mean=mean.replace(".", ",") if language == "nl" else mean),
    )
