"""ethopipe: animal-behaviour video in, time budgets and ethograms out.

The files of this package read like the way of the data::

    video -> detectors -> trackers, tracks -> miniscenes, windows
          -> recognizers -> ethology -> report           (chain/ walks it)
"""

__version__ = "0.1.0"
