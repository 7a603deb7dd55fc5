"""Model cards, and the weights that are small and ours. A package so that a wheel carries them."""
