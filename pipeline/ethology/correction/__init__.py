"""What a recognizer's errors do to time budgets: corrected by its held-out clips, or measured by an audit."""
