import logging

import numpy as np
import pandas as pd
import pytest

from pipeline.chain.waits import longer, waits, warn_if_slow


@pytest.mark.parametrize(
    ("tracker", "step_s", "given"),
    [
        ("ocsort", [], ""),  # a still
        ("ocsort", [0.2, 0.2, 9.0], ""),  # one hole
        ("ocsort", [1.0, 1.0], ""),
        ("ocsort", [2.5, 2.5, 0.1],
         "tracker.max_gap_s=7.5 tracks.max_gap_s=7.5 visibility.max_unobserved_s=7.5 miniscene.max_jump_s=7.5"),
        ("replay", [2.5], "tracks.max_gap_s=7.5 visibility.max_unobserved_s=7.5 miniscene.max_jump_s=7.5"),
    ],
)  # fmt: skip
def test_frames_further_apart_than_an_animal_is_waited_for_are_told(configured, caplog, tracker, step_s, given):
    frames = pd.DataFrame({"time_s": np.cumsum([0.0, *step_s])})
    known = waits(configured("tracker", tracker), configured("tracks"), configured("visibility"))
    with caplog.at_level(logging.WARNING):
        warn_if_slow(frames, known, configured("miniscene"))
    assert caplog.text.rpartition("; give ")[2].strip() == given
    assert ("frames are 2.5 s apart, and no animal is waited for so long" in caplog.text) == bool(given)


def test_who_waits_long_enough_is_told_nothing(configured, caplog):
    patient = configured("tracker", "ocsort", max_gap_s=3.0)
    known = waits(patient, configured("tracks"), configured("visibility"))
    warn_if_slow(pd.DataFrame({"time_s": [0.0, 2.5]}), known, configured("miniscene", max_jump_s=3.0))
    assert not caplog.text
    assert longer({"a": 1.0, "b": 2.0, "c": 0.0}, 1.0) == ""
    assert longer({"a": 1.0, "b": 2.0, "c": 0.0}, 1.0, slack=1.05) == "a=3"
