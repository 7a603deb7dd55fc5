"""Other people's files, in and out: boxes and scores of CVAT, MOTChallenge, YOLO, COCO, kabr-tools.

``read.py`` tells the formats apart; ``match.py`` finds the file that belongs to a video; every reader of boxes ends in
the one table of ``labels.py``, with all faults of a file raised together. Labelled behaviours end in the intervals of
``intervals.py`` (``read_intervals.py``), to be joined to a run, or in the clips of ``clips.py`` (``read_clips.py``).
"""
