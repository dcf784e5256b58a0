"""The ledger of need: what prevented a place, day by day, without any id of a case."""
