"""Time budgets of two conditions held against each other."""
