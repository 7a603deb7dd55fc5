"""Two conditions held against each other: time budgets, and what follows what."""
