"""How long: bouts, the gaps between them, the time to a first one, and the gap that ends a bout.

Pure functions over tables.BOUTS; ``tables.py`` declares what they give.
"""
