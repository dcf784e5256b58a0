"""The daily capacity report: a pure function (`build.py`) of rows as they were at one moment (`collect.py`)."""
