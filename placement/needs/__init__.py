"""The ledger of need: daily figures about what prevented a place, without any id of a case."""
