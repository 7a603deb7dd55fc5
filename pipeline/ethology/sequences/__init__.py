"""What follows what, tested: code sequences of bouts, their tables, order, dwell times and graphs.

Every function takes tables.BOUTS of any origin. Nothing crosses a hole in the record, ``unknown`` or ``not visible``.
"""
