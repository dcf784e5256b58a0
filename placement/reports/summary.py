"""The report in a sentence for a mail. The sentence contains no figure about people."""

from babel.numbers import format_decimal

from placement.reports.disclosure_control import HALF, STEP
from placement.reports.model import Report
from placement.text.catalogue import Language, ntranslate, translate


def first_sentence(report: Report, language: Language) -> str:
    """Returns a sentence about the free places now, by kind, compared with yesterday and with the mean of 28 days."""
    free = report.free
    kinds = ", ".join(f"{row.free} {translate('report.for_kind', row.kind, language)}" for row in free.by_kind)
    mean = None if free.mean_28 is None else format_decimal(free.mean_28, "0.0", locale=language)
    facts = {
        "free": free.free,
        "kinds": f" ({kinds})" if kinds else "",
        "yesterday": ""
        if free.yesterday is None or (report.is_rounded and not free.yesterday)
        else ntranslate("report.summary", "yesterday", free.yesterday, language, count=free.yesterday),
        "mean": "" if mean is None else translate("report.summary", "mean", language, mean=mean),
    }
    if not report.is_rounded:
        return ntranslate("report.summary", "free", free.free, language, **facts)
    if not free.free:
        return translate("report.summary", "few", language, most=STEP + HALF)
    return translate("report.summary", "about", language, **facts)
