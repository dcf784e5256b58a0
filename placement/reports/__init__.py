"""The daily capacity report. `collect.py` collects rows for a certain moment; `build.py` makes the report from these
rows as a pure function.
"""
