"""Tracks of real detections against real truth: two MOT15 sequences, at their own frame rate.

The floor is what py-motmetrics prints for its sample tracker. It need not have had these detections, and our settings
were chosen on these sequences among others: a guard against getting worse, not a comparison of trackers.
"""

import configparser
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.formats.mot import read_mot
from pipeline.tables import CAMERA, DETECTIONS, FRAMES
from pipeline.tracks.follow import follow
from pipeline.tracks.metrics import compare

REAL = os.environ.get("ETHOPIPE_REAL")

pytestmark = [pytest.mark.real, pytest.mark.skipif(not REAL, reason="ETHOPIPE_REAL names no folder with real data")]


def sequence(name):
    """Detections, frame ledger and truth."""
    folder = Path(REAL) / "mot" / name
    about = configparser.ConfigParser()
    about.read(folder / "seqinfo.ini")
    n, rate = about.getint("Sequence", "seqLength"), about.getfloat("Sequence", "frameRate")
    frames = pd.DataFrame({"frame": np.arange(n), "time_s": np.arange(n) / rate, "duration_s": 1 / rate, "fault": ""})
    found = read_mot(folder / "det" / "det.txt")
    found = found.assign(time_s=found["frame"] / rate, species="person", share=1.0, given_id=-1)
    truth = read_mot(folder / "gt" / "gt.txt").rename(columns={"given_id": "track"})
    return DETECTIONS.cast(found), FRAMES.cast(frames), truth


# sequence, MOTA and IDF1 of the sample tracker
REFERENCE = [("TUD-Campus", 0.526, 0.558), ("TUD-Stadtmitte", 0.564, 0.645)]


@pytest.mark.parametrize("tracker", ["sort", "bytetrack", "ocsort", "botsort"])
@pytest.mark.parametrize(("name", "mota", "idf1"), REFERENCE)
def test_no_tracker_falls_below_the_sample_tracker(configured, tracker, name, mota, idf1):
    found, frames, truth = sequence(name)
    tracks = follow(found, CAMERA.empty(), frames, configured("tracker", tracker), configured("tracks"), period_s=0.0)
    metrics = compare(tracks, truth)
    assert metrics["MOTA"] > mota
    assert metrics["IDF1"] > idf1
