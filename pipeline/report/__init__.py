"""Results as people look at them: figures, the page, the overlay video."""
