"""The settings' values: a file a verb, a folder a stage. A package so that a wheel carries them."""
