"""The report of a week, a month, a quarter or a year, made of the daily reports."""
