"""kabr-tools' published time budgets of two male Grevy's zebras in four videos: what comes out again, and what differs.

Each row there is a track in a video, its shares of the track's frames. Its means per animal take the track's number for
the animal, and each video for as much as any other, 45 s or 194 s long; "Other" holds what was out of sight.
"""

import pandas as pd
import pytest

from pipeline.ethology.study import VideoTables
from tests.ethology.made import behaviours, ethogram, frames, tracks
from tests.ethology.test_study import made, names, one, shares

pytestmark = pytest.mark.real
COLUMNS = {"Walk": "A", "Head Up": "B", "Graze": "C", "Other": "-"}  # a letter each; Other is not seen, not done
PRINTED = {  # by its notebook
    0: {"Walk": 0.702344, "Head Up": 0.250947, "Graze": 0.010515, "Other": 0.036194},
    1: {"Walk": 0.681221, "Head Up": 0.308303, "Graze": 0.000129, "Other": 0.010347},
}
FRAME_S = 0.02


@pytest.fixture(scope="module")
def rows(real):
    read = pd.read_csv(real / "published" / "time_budgets.csv")
    return read.assign(track=read["mini_scene_id"].str.rpartition("_")[2].astype(int))


def videos(rows):
    """Each track's frames, one behaviour after the other."""
    for key, own in rows.groupby("video_id"):
        words = {}
        for _, row in own.iterrows():
            parts = [letter * round(row[name] * row["Interval (sec)"] / FRAME_S) for name, letter in COLUMNS.items()]
            words[row["track"] + 1] = "".join(parts)
        table = behaviours(words, frame_s=FRAME_S)
        yield VideoTables(f"{key}.mp4", frames(max(map(len, words.values())), FRAME_S), tracks(table), table)


def test_their_means_are_of_videos_and_come_out_again(rows):
    for animal, printed in PRINTED.items():
        own = rows[rows["track"] == animal]
        assert own[list(COLUMNS)].mean().to_dict() == pytest.approx(printed, abs=5e-7)


def test_ours_are_of_time_in_sight(rows):
    known = [(f"{key}.mp4", track + 1, f"male {track}", "m") for key, track in rows[["video_id", "track"]].to_numpy()]
    found = made(*videos(rows), etho=ethogram("ABC"), names=names(*known))["time_budgets"]
    for animal, printed in PRINTED.items():
        own = rows[rows["track"] == animal]
        seconds = own[list(COLUMNS)].mul(own["Interval (sec)"], axis=0).sum()
        seen = seconds.drop("Other")
        ours = shares(found, "individual")[f"male {animal}"]
        assert ours == pytest.approx({COLUMNS[name]: s / seen.sum() for name, s in seen.items()}, abs=2e-4)
        row = one(found, unit=f"male {animal}", behaviour="A")
        assert row["excluded_s"] == pytest.approx(seconds["Other"], abs=0.1)
        assert abs(ours["A"] - printed["Walk"]) > 0.03  # .7735 and .7117, not .7023 and .6812


def test_a_track_is_no_animal(rows):
    found = made(*videos(rows), etho=ethogram("ABC"))["time_budgets"]  # nobody said that they are the same two
    assert "individual" not in set(found["level"])
    assert len(shares(found, "track")) == len(rows) == 8
    assert one(found, level="pooled", behaviour="A")["n_individuals"] == 0
