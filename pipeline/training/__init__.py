"""Training: labelled clips -> data set -> a fitted, evaluated and saved recognizer.

::

    labels.py   clips.csv, checked as a whole           packed.py   many clips in one array: nothing to decode
    folder_clips.py  the same of a public data set      run_clips.py  the same of a run and its labels
    pixels.py   the frames of a clip, from either       split.py    what is held out: whole groups, never clips
    augment.py  one clip, changed as footage differs    batches.py  which clips when: a function of seed and step
    network.py  a new VideoMAE, or a folder to go on with
    learner.py  loss, steps, running mean of weights    fit.py      Lightning: fit, stop, resume
    evaluate.py scores of the held-out groups           save.py     the folder that a recognizer reads
"""
