"""The drill of each finding: a test that breaks a trial installation, in which the doctor then finds it."""

from placement.doctor.findings import Found
from tests.support.broken_installations import TABLE

OTHERS = {
    Found.STORE_KEEPS_ORDER: "test_doctor_tells_of_tables_that_keep_the_order",
    Found.KEYS_DESTROYED: "test_doctor_of_a_store_that_was_left_says_so_and_no_more",
    Found.KEYS_HALF_DESTROYED: "test_doctor_names_a_destruction_that_has_not_ended",
    Found.KEYS_AWAY: "test_doctor_tells_of_older_keys_and_of_a_silent_token",
    Found.LOG_UNSEALED: "test_doctor_tells_of_lines_that_are_not_sealed",
    Found.ENGINE_DEGRADED: "test_more_than_one_degraded_answer_in_twenty_is_wrong",
    Found.LIVENESS_HANGS: "test_web_process_that_hangs_is_wrong",
}
"""Tests of findings that no row of the table causes."""


def drill_of(finding: Found) -> str:
    """Returns the name of the test, or of the row of the table of broken installations with the fewest findings."""
    rows = [row for row in TABLE if finding in row.found]
    if not rows:
        return f"`{OTHERS[finding]}`"
    return f"`{min(rows, key=lambda row: len(row.found)).breaks.__name__}`"
