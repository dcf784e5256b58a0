"""State machines of the parts of a case: a table of moves for each part, and the functions that carry out a move."""
