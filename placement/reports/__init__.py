"""The daily capacity report: a pure function (`building.py`) of rows as they were at one moment (`history.py`)."""
