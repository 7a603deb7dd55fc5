"""Two conditions held against each other: time budgets, bouts, and what follows what."""
