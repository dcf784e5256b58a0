"""Two hosts on one machine, each in a network namespace of its own, with one PostgreSQL in a third."""
