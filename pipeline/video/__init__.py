"""Video files: from the user's words to frames with their true times, and back into files that players show."""
