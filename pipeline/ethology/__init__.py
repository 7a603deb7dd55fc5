"""From scores to science: pure functions over tables, without pixels, models or configuration."""
