"""How far two or more observers agree on who did what and when: pure functions over a table of coded intervals."""
