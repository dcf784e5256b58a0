"""The daily capacity report: a pure function (`build.py`) of rows collected for one moment (`collect.py`)."""
