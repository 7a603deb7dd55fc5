"""What species an animal is called: the detector's word for its track, or the recognizer's where the detector has none.

A recognizer that tells species (``ethopipe train species=true``) says so of every window; its word for a track is the
likeliest species in the mean over the track's windows. One track is one animal, so it has one species.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.artifacts import read_blocks, read_table
from pipeline.columns import Table
from pipeline.tables import SCORES, SPECIES, SPECIES_PREFIX, TRACKS

DETECTOR, RECOGNIZER = "detector", "recognizer"
_AGREE = 9  # decimals at which two means are the same


@dataclass(frozen=True)
class NamingSettings:
    """Whose word for a species counts; ``configs/naming`` explains the values."""

    unnamed: list[str]
    min_probability: float
    recognizer_first: bool

    def __post_init__(self) -> None:
        if not 0 <= self.min_probability <= 1:
            raise ValueError(f"min_probability must be in [0, 1], got {self.min_probability}")


def name_species(tracks: pd.DataFrame, scores: pd.DataFrame, settings: NamingSettings) -> pd.DataFrame:
    """tables.SPECIES of one video, a row a track: what both say of it, and whose word counts.

    ``tracks`` is tables.TRACKS, ``scores`` tables.SCORES. The detector's word counts unless it is one of ``unnamed`` or
    the recognizer goes first, and then too where the recognizer is not sure enough (``min_probability``) or tells no
    species. Of equally likely species the first in the recognizer's order is its word.
    """
    detected = tracks.drop_duplicates("track").sort_values("track").set_index("track")["species"]
    columns = SCORES.second_family(scores.columns)
    told = scores[scores[columns].sum(axis=1) > 0].groupby("track")[columns].mean().reindex(detected.index)
    probability = told.max(axis=1).astype("float64").round(_AGREE)
    known = probability.notna().to_numpy()
    recognized = np.full(len(detected), "", dtype=object)
    recognized[known] = [str(name).removeprefix(SPECIES_PREFIX) for name in told[known].idxmax(axis=1)]
    asked = detected.isin(settings.unnamed).to_numpy() | settings.recognizer_first
    taken = known & asked & (probability.to_numpy() >= settings.min_probability)
    rows = {
        "track": detected.index,
        "species": np.where(taken, recognized, detected),
        "detected": detected.to_numpy(),
        "recognized": recognized,
        "probability": probability.to_numpy(),
        "source": np.where(taken, RECOGNIZER, DETECTOR),
    }
    return SPECIES.cast(pd.DataFrame(rows))


def called(tracks: pd.DataFrame, species: pd.DataFrame) -> pd.DataFrame:
    """tables.TRACKS with the species that each animal is called by, as ``name_species`` has it."""
    return tracks.assign(species=tracks["track"].map(species.set_index("track")["species"]))


def stored_tracks(folder: Path, table: Table = TRACKS) -> pd.DataFrame:
    """tables.TRACKS of a run's video as it is stored in ``folder``, with the species that each animal is called by.

    ``table`` may be a part of it, track and species among its columns. Where there is no table of species, as in runs
    of before it, that is the detector's word.
    """
    tracks, species = read_table(folder / "tracks.parquet", table), _stored_species(folder)
    return tracks if species is None else called(tracks, species)


def stored_track_blocks(folder: Path, table: Table) -> Iterator[pd.DataFrame]:
    """The same, as from ``read_blocks``: no track is parted, and words may be categories."""
    species = _stored_species(folder)
    for tracks in read_blocks(folder / "tracks.parquet", table, "track"):
        yield tracks if species is None else called(tracks, species.astype({"species": "category"}))


def _stored_species(folder: Path) -> pd.DataFrame | None:
    path = folder / "species.parquet"
    return read_table(path, SPECIES) if path.is_file() else None
