"""Ways out of a registration: the smallest sets of changes that open a unit, over several rules and rooms."""
