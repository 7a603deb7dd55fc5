"""Training: labelled clips -> data set -> a fitted, evaluated and saved recognizer.

::

    labels.py   clips.csv, checked as a whole           packed.py   many clips in one array: nothing to decode
    folder_clips.py  the same of a public data set      run_clips.py  the same of a run and its labels
    boxed_clips.py   the same of boxes in videos, whose mini-scenes are cut once (ChimpACT)
    pixels.py   the frames of a clip, from either       split.py    what is held out: whole groups, never clips
    augment.py  one clip, changed as footage differs    batches.py  which clips when: a function of seed and step
    network.py  a new VideoMAE, or a folder to go on with
    learner.py  loss, steps, running mean of weights    fit.py      Lightning: fit, stop, resume
    judge.py    scores of the held-out groups           save.py     the folder that a recognizer reads
    crossed.py  every fold held out in its turn, and a model of all clips kept

A detector, from labelled boxes, by ultralytics (``train_detector.py``)::

    recordings.py  films, pictures and runs with boxes     pyramid.py    a picture as tiles, whole to 4 x 4
    yolo_set.py    the data set on disk, two sides         yolo_fit.py   ultralytics: fit, stop, resume
    detector_figures.py  mAP of the folder that is written, on recordings it never saw

The embedded detector, from rendered tiles in arrays, by a loop of ours: ``detector.py`` and ``detector_*.py``.
"""
