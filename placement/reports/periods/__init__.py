"""The report of a week, a month, a quarter or a year. It is made of the daily reports."""
