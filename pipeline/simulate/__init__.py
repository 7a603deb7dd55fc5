"""A rendered savanna whose truth is known: animals, their behaviour, land, light and a drone, all from a seed."""
