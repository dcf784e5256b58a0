"""Ways out of a registration: the smallest sets of changes that open a unit, across several rules and rooms."""
