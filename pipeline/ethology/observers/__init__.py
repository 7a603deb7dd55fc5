"""Virtual observers: what a person with a stop-watch would have got from the same animals, and at what cost.

Pure functions over the continuous record (``record.py``); ``tables.py`` declares what they give.
"""
