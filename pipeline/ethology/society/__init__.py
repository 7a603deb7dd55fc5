"""Society and space: where animals are to each other, who is with whom, and who does the same at the same time."""
