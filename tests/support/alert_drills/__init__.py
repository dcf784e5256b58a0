"""Drills of the alerts about the service itself. Each drill causes its fault on a running `placement serve`.

A real Prometheus reads `deploy/alerts.yaml`. After it shows the alert, the drill repairs the fault, and waits until the
alert has ended.
"""
