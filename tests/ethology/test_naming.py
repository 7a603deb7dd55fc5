"""Whose word for a species counts: the detector's, or the recognizer's mean over a track's windows."""

from typing import Any

import pandas as pd
import pytest

from pipeline.ethology.naming import NamingSettings, called, name_species
from pipeline.tables import SCORES, SPECIES, TRACKS

SETTINGS = NamingSettings(unnamed=["animal"], min_probability=0.6, recognizer_first=False)
FIRST = NamingSettings(unnamed=["animal"], min_probability=0.6, recognizer_first=True)
ALL = NamingSettings(unnamed=[], min_probability=0.6, recognizer_first=False)


def tracks(**species: str) -> pd.DataFrame:
    """Three frames of each track: ``t1="zebra"``."""
    rows = [(int(key[1:]), frame, word) for key, word in species.items() for frame in range(3)]
    made = pd.DataFrame(rows, columns=["track", "frame", "species"])
    return TRACKS.cast(made.assign(time_s=made["frame"], x1=0, y1=0, x2=9, y2=9, score=1.0, observed=True))


def scores(*rows: tuple[int, float, float]) -> pd.DataFrame:
    """A window a row: track, probability of zebra and of giraffe."""
    made = pd.DataFrame(rows, columns=["track", "species_zebra", "species_giraffe"])
    return SCORES.cast(made.assign(start_frame=0, stop_frame=3, time_s=0.0, repeated=False, p_Walk=1.0))


@pytest.mark.parametrize(
    ("detected", "windows", "settings", "species", "source"),
    [
        ("animal", [], SETTINGS, "animal", "detector"),  # no window looked
        ("animal", [(1, 0.9, 0.1)], SETTINGS, "zebra", "recognizer"),
        ("zebra", [(1, 0.1, 0.9)], SETTINGS, "zebra", "detector"),  # a species that the detector names goes first
        ("zebra", [(1, 0.1, 0.9)], FIRST, "giraffe", "recognizer"),  # unless it is told otherwise
        ("zebra", [(1, 0.5, 0.5)], FIRST, "zebra", "detector"),  # and only where the recognizer is sure
        ("animal", [(1, 0.9, 0.1), (1, 0.2, 0.8)], SETTINGS, "animal", "detector"),  # mean 0.55: not sure enough
        ("animal", [(1, 0.9, 0.1), (1, 0.3, 0.7)], SETTINGS, "zebra", "recognizer"),  # mean 0.6: it is enough
        ("animal", [(1, 0.9, 0.1), (1, 0.0, 0.0)], SETTINGS, "zebra", "recognizer"),  # one window was silent
        ("animal", [(2, 0.9, 0.1)], SETTINGS, "animal", "detector"),  # the windows are another track's
        ("animal", [(1, 0.9, 0.1)], ALL, "animal", "detector"),  # every word of the detector's is a species
    ],
)
def test_whose_word_counts(
    detected: str, windows: list[Any], settings: NamingSettings, species: str, source: str
) -> None:
    row = name_species(tracks(t1=detected), scores(*windows), settings).iloc[0]
    assert (row["species"], row["detected"], row["source"]) == (species, detected, source)


def test_tracks_are_called_by_it() -> None:
    found = name_species(tracks(t2="animal", t1="animal"), scores((1, 0.3, 0.7), (2, 0.8, 0.2)), SETTINGS)
    assert found[["track", "species", "recognized", "probability"]].to_numpy().tolist() == [
        [1, "giraffe", "giraffe", 0.7],
        [2, "zebra", "zebra", 0.8],
    ]
    assert called(tracks(t2="animal", t1="animal"), found)["species"].tolist() == ["zebra"] * 3 + ["giraffe"] * 3


def test_a_recognizer_without_species_and_a_video_without_animals() -> None:
    plain = scores((1, 0.9, 0.1)).drop(columns=["species_zebra", "species_giraffe"])
    row = name_species(tracks(t1="animal"), plain, FIRST).iloc[0]
    assert (row["species"], row["recognized"], row["source"]) == ("animal", "", "detector")
    assert pd.isna(row["probability"])
    nobody = name_species(TRACKS.empty(), SCORES.empty(), SETTINGS)
    assert nobody.columns.tolist() == SPECIES.names
    assert len(nobody) == len(called(TRACKS.empty(), nobody)) == 0


def test_a_setting_that_cannot_be() -> None:
    with pytest.raises(ValueError, match=r"^min_probability must be in \[0, 1\], got 1.5$"):
        NamingSettings(unnamed=[], min_probability=1.5, recognizer_first=False)
