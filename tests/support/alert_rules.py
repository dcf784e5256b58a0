"""Writes alert rules, a dashboard and the runbook from findings and figures: `python -m tests.support.alert_rules`.

`deploy/alerts.yaml` is for Prometheus, and `deploy/dashboard.json` for Grafana. The next step of each alert is its
annotation `next`. `tests` returns the input of `promtool test rules`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from placement.doctor.figures import FIGURES
from placement.doctor.findings import Found, Level
from placement.text.catalogue import SOURCE, translations
from tests.support.alert_drills.drills import DRILLS
from tests.support.broken_installations.drills import drill_of
from tests.support.paths import ALERT_RULES, DEPLOY, ROOT

DASHBOARD = DEPLOY / "dashboard.json"
RUNBOOK = ROOT / "docs" / "reference" / "runbook.md"
BEGIN, END = "<!-- made by: python -m tests.support.alert_rules -->\n", "<!-- end of what is made -->\n"
MADE = "# made by: python -m tests.support.alert_rules\n"
_FACT = re.compile(r"\{(\w+)\}")
_SEVERITY = {Level.WRONG: "page", Level.WARNING: "ticket"}
_LASTS, _SEEN = "6m", "20m"
"""How long a fault lasts until it is an alert: until a second examination found it. When the tests look."""


@dataclass(frozen=True)
class Alert:
    """An alert. `series`: values a minute for `promtool`, with which the alert fires. `drill`: the test that lets
    an alert of a finding fire; the drill of another alert is in `DRILLS`.
    """

    name: str
    expression: str
    lasts: str
    severity: str
    summary: str
    next_step: str
    series: dict[str, str]
    drill: str = ""


_OF_SERVICE = (
    Alert(
        "PlacementDown",
        'up{job="placement"} == 0',
        "1m",
        "page",
        "The service does not answer a scrape",
        "Look at `systemctl status placement`, and run `placement doctor`",
        {'up{job="placement"}': "0x20"},
    ),
    Alert(
        "PlacementNotExamined",
        "time() - placement_doctor_seconds > 900 or absent(placement_doctor_seconds)",
        "5m",
        "page",
        "Nobody has examined the installation for a quarter of an hour",
        "Look at `systemctl status placement-doctor.timer`, and run `placement doctor`",
        {"placement_doctor_seconds": "-2000x20"},
    ),
    Alert(
        "PlacementErrors",
        'sum(rate(placement_requests_total{status=~"5.."}[5m])) / sum(rate(placement_requests_total[5m])) > 0.01',
        "5m",
        "page",
        "More than 1 % of the requests fail",
        "Look at the lines with level `error` of the log, and run `placement doctor`",
        {'placement_requests_total{status="200"}': "0+10x20", 'placement_requests_total{status="500"}': "0+1x20"},
    ),
    Alert(
        "PlacementSlow",
        "histogram_quantile(0.99, sum by (le) (rate(placement_request_seconds_bucket[10m]))) > 2",
        "10m",
        "ticket",
        "1 % of the requests take longer than two seconds",
        "Look at `placement_pool` and at the load of the machine (guide: reliability)",
        {
            'placement_request_seconds_bucket{le="1"}': "0+1x20",
            'placement_request_seconds_bucket{le="5"}': "0+9x20",
            'placement_request_seconds_bucket{le="+Inf"}': "0+10x20",
        },
    ),
    Alert(
        "PlacementMessagesFailed",
        'placement_messages{status="failed"} > 0',
        "10m",
        "ticket",
        "Messages were given up",
        "Run `placement messages list`; then `placement messages retry`",
        {'placement_messages{status="failed"}': "1x20"},
    ),
    Alert(
        "PlacementJobNotRun",
        "placement_job_age_seconds > 2 * placement_job_interval_seconds + 900",
        "10m",
        "ticket",
        "A periodic job did not run in time; its name is the label `name`",
        "Look for `job.failed` in the log, and run `placement doctor`",
        {'placement_job_age_seconds{name="a"}': "2000x20", 'placement_job_interval_seconds{name="a"}': "60x20"},
    ),
    Alert(
        "PlacementMessagesWait",
        "placement_message_age_seconds > 43200",
        "10m",
        "ticket",
        "A message has waited for twelve hours",
        "Run `placement messages list`, and `placement doctor`, which tries the mail server",
        {"placement_message_age_seconds": "50000x20"},
    ),
    Alert(
        "PlacementConnections",
        "sum by (instance) (placement_database_connections)"
        " > 0.9 * sum by (instance) (placement_database_connections_most)",
        "5m",
        "page",
        "Nearly all connections that the database allows are in use",
        "Lower `PLACEMENT_POOL_SIZE` and `PLACEMENT_POOL_EXTRA`, or raise `max_connections` of PostgreSQL",
        {'placement_database_connections{state="idle"}': "95x20", "placement_database_connections_most": "100x20"},
    ),
    Alert(
        "PlacementRestarts",
        "changes(placement_processes_ended[1h]) + changes(placement_started_seconds[1h]) > 3",
        "1m",
        "ticket",
        "The service or its web processes began again four times within an hour",
        "Look for `server.process_ended` in the log, and in `journalctl -k` (out of memory)",
        {"placement_processes_ended": "0+1x20", "placement_started_seconds": "1x20"},
    ),
)


def alerts() -> Iterator[Alert]:
    """Yields an alert for each finding that is not well, and those of the service itself."""
    for one in Found:
        if one.level is not Level.WELL:
            name = "Placement" + "".join(part.title() for part in one.value.split("_"))
            series = f'placement_finding{{found="{one}"}}'
            words = _text("doctor", one), _text("doctor.how", one)
            yield Alert(name, f"{series} == 1", _LASTS, _SEVERITY[one.level], *words, {series: "1x20"}, drill_of(one))
    yield from _OF_SERVICE


def rules() -> str:
    listed = [
        {
            "alert": one.name,
            "expr": one.expression,
            "for": one.lasts,
            "labels": {"severity": one.severity},
            "annotations": {"summary": one.summary, "next": one.next_step},
        }
        for one in alerts()
    ]
    return _yaml({"groups": [{"name": "placement", "rules": listed}]})


def tests() -> str:
    return _yaml(
        {"rule_files": [str(ALERT_RULES)], "evaluation_interval": "1m", "tests": [_test(one) for one in alerts()]}
    )


def dashboard() -> str:
    """Returns a dashboard with a panel for each metric that a person looks at."""
    panels = [
        ("What is wrong now", "table", "placement_finding == 1", "{{check}} {{found}}"),
        ("Requests a second", "timeseries", "sum by (status) (rate(placement_requests_total[5m]))", "{{status}}"),
        (
            "Seconds of a request, p99 by route",
            "timeseries",
            "histogram_quantile(0.99, sum by (le, route) (rate(placement_request_seconds_bucket[5m])))",
            "{{route}}",
        ),
        (
            "Seconds of a proposal, p99 by outcome",
            "timeseries",
            "histogram_quantile(0.99, sum by (le, outcome) (rate(placement_engine_seconds_bucket[5m])))",
            "{{outcome}}",
        ),
        ("Requests that run and wait", "timeseries", "placement_pool", "{{work}} {{state}}"),
        ("Web processes", "timeseries", "placement_processes", "{{state}}"),
        ("Proposals of ten minutes", "timeseries", "placement_engine_answers", "{{kind}}"),
        *((one.means, "timeseries", one.name, f"{{{{{one.label}}}}}" if one.label else one.means) for one in FIGURES),
    ]
    made = [
        {
            "id": number,
            "title": title,
            "type": kind,
            "gridPos": {"h": 8, "w": 12, "x": 12 * (number % 2), "y": 8 * (number // 2)},
            "targets": [{"expr": expression, "legendFormat": legend, "refId": "A", "instant": kind == "table"}],
        }
        for number, (title, kind, expression, legend) in enumerate(panels)
    ]
    whole = {"title": "Placement", "uid": "placement", "schemaVersion": 39, "refresh": "1m", "panels": made}
    return json.dumps(whole, indent=1) + "\n"


def _test(one: Alert) -> dict[str, Any]:
    labels = {"severity": one.severity, **_labels(one)}
    expected = {"exp_labels": labels, "exp_annotations": {"summary": one.summary, "next": one.next_step}}
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in one.series.items()],
        "alert_rule_test": [
            {"eval_time": "0m", "alertname": one.name, "exp_alerts": []},
            {"eval_time": _SEEN, "alertname": one.name, "exp_alerts": [expected]},
        ],
    }


def _labels(one: Alert) -> dict[str, str]:
    """Returns the labels that the series of an alert keeps. An aggregation has no labels."""
    if re.match(r"(sum|histogram_quantile)\b", one.expression):
        return {}
    return dict(re.findall(r'(\w+)="([^"]*)"', next(iter(one.series))))


def _text(context: str, code: Found) -> str:
    return _FACT.sub(r"<\1>", translations(SOURCE).pgettext(context, code.value))


def _yaml(content: dict[str, Any]) -> str:
    return MADE + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=118)


def runbook() -> str:
    """Returns the page of the runbook, with the table made anew."""
    before, _ = RUNBOOK.read_text().split(BEGIN)
    head = "| alert | severity | what is wrong | next step | drill |\n|---|---|---|---|---|\n"
    rows = (
        f"| `{one.name}` | {one.severity} | {one.summary} | {one.next_step} | {_drill(one)} |\n" for one in alerts()
    )
    return f"{before}{BEGIN}{head}{''.join(rows)}{END}"


def _drill(one: Alert) -> str:
    return one.drill or f"{DRILLS[one.name].fault}; to end it, {DRILLS[one.name].repair}"


FILES = {ALERT_RULES: rules, DASHBOARD: dashboard, RUNBOOK: runbook}

if __name__ == "__main__":
    for file, made in FILES.items():
        file.write_text(made())
