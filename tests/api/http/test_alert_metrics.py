"""The metrics that alerts and dashboard ask for are those that the service and the doctor write."""

import json
import re

import yaml

from placement.doctor import exposition
from placement.doctor.figures import FIGURES
from tests.support import alert_rules
from tests.support.stores import OPERATOR, one_store

METRIC = re.compile(r"\bplacement_\w+")


@one_store
def test_alerts_and_dashboard_ask_for_metrics_that_exist(service, tmp_path):
    service.desk.get("/session")
    exposition.write([], tmp_path / "placement.prom")
    told = (tmp_path / "placement.prom").read_text() + service.client.get("/metrics", headers=OPERATOR).text
    panels = json.loads(alert_rules.dashboard())["panels"]
    listed = yaml.safe_load(alert_rules.rules())["groups"][0]["rules"]
    asked = [one["expr"] for one in listed] + [target["expr"] for one in panels for target in one["targets"]]
    names = {name.removesuffix("_bucket") for expression in asked for name in METRIC.findall(expression)}
    assert names <= {*METRIC.findall(told), *(one.name for one in FIGURES)}
    assert len(names) > 6
