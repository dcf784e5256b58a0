"""Ways out of a registration: the smallest sets of changes that open a unit to it, across several rules and rooms."""
