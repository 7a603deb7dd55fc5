"""What a run found as kabr-tools has it, for the scripts that go on from there."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from pipeline.ethology.ethogram import NOT_VISIBLE, RESERVED, UNKNOWN
from pipeline.export.held import Held
from pipeline.export.stretches import sets_of_states
from pipeline.formats.kabr_write import PREDICTIONS, SHARES, write_budgets, write_predictions
from pipeline.formats.match import place_of
from pipeline.formats.safe_names import shown
from pipeline.formats.scores import KABR
from pipeline.types import Video

_NUMBER = {name: number for number, name in enumerate(KABR)} | {NOT_VISIBLE: KABR.index("Occluded")}


def write_kabr_predictions(folder: Path, held: Held) -> list[str]:
    """``annotation_data.csv``: the number of the behaviour in every frame of every animal.

    It is that of the first set of states. Who is not visible is Occluded; frames that were not recognized, and those of
    behaviours that KABR does not number, are left out.
    """
    rows = _first_set(held)
    rows = rows.assign(label=rows["behaviour"].map(_NUMBER), frames=rows["stop_frame"] - rows["start_frame"])
    write_predictions(folder / "annotation_data.csv", _frames(rows[rows["label"].notna()], _called(held)))
    left = rows[rows["label"].isna()].groupby("behaviour")["frames"].sum()
    strange = ", ".join(str(name) for name in left.index if name != UNKNOWN)
    told = [f"KABR has no number for {strange}: {left.drop(UNKNOWN, errors='ignore').sum():,} frames left out"]
    none = [f"{left[UNKNOWN]:,} frames that were not recognized left out"] if UNKNOWN in left else []
    return (told if strange else []) + none


def write_kabr_time_budgets(folder: Path, held: Held) -> list[str]:
    """``time_budgets.csv``: a row a track, with the shares of Walk, Head Up and Graze, and of all others together.

    ``Interval (sec)`` is the visible, recognized time, which the shares are of. (kabr-tools itself has the whole time
    there, and what is occluded among Other.) ``Habit`` is not known and stays empty; the count of individuals is the
    most that were in sight at once. A track without such time has no row.
    """
    called, rows = _called(held), _first_set(held)
    seen = rows[~rows["behaviour"].isin(RESERVED)]
    kind = seen["behaviour"].where(seen["behaviour"].isin(SHARES), "Other")
    seconds = seen.pivot_table(index=["video", "track"], columns=kind, values="duration_s", aggfunc="sum", fill_value=0)
    seconds = seconds.reindex(columns=[*SHARES, "Other"], fill_value=0.0)
    seconds = seconds[seconds.sum(axis=1) > 0]
    most, species = _most_at_once(rows), rows.groupby(["video", "track"])["species"].first()
    table = seconds.div(seconds.sum(axis=1), axis=0).assign(**{"Interval (sec)": seconds.sum(axis=1)}).reset_index()
    table["video_id"] = [called[key].replace("/", "|") for key in table["video"]]
    table["mini_scene_id"] = table["video_id"] + "_" + table["track"].astype("str")
    table["Habit"], table["Count of Individuals"] = "", table["video"].map(most)
    table["Species"] = [species[key] for key in zip(table["video"], table["track"], strict=True)]
    write_budgets(folder / "time_budgets.csv", table)
    strange = sorted(set(seen["behaviour"]) - set(KABR))
    return [f"KABR has no number for {', '.join(strange)}: counted as Other"] if strange else []


def _first_set(held: Held) -> pd.DataFrame:
    return held.bouts[held.bouts["set"] == sets_of_states(held)[0]]


def _called(held: Held) -> dict[str, str]:
    """What kabr-tools would call each video: its stem; with its folders, or its ending, where two would meet."""
    places = {one.key: PurePosixPath(shown(place_of(Video(one.key, one.footage)))) for one in held.videos}
    for names in (
        {key: place.stem for key, place in places.items()},
        {key: str(place.with_suffix("")) for key, place in places.items()},
    ):
        if len(set(names.values())) == len(names):
            return names
    return {key: str(place) for key, place in places.items()}


def _frames(rows: pd.DataFrame, called: dict[str, str]) -> Iterator[pd.DataFrame]:
    """``PREDICTIONS`` of one video after another, by track and frame."""
    for video, own in rows.sort_values(["video", "track", "start_frame"], kind="stable").groupby("video", sort=True):
        count = own["frames"].to_numpy()
        since = np.repeat(np.cumsum(count) - count, count)
        frame = np.repeat(own["start_frame"].to_numpy(), count) + np.arange(count.sum()) - since
        track, label = np.repeat(own["track"].to_numpy(), count), np.repeat(own["label"].to_numpy().astype(int), count)
        told = [np.full(len(frame), called[str(video)], dtype=object), track, frame, label]
        yield pd.DataFrame(dict(zip(PREDICTIONS, told, strict=True)))


def _most_at_once(rows: pd.DataFrame) -> dict[str, int]:
    """The most animals in sight in one frame of each video."""
    seen = rows[rows["behaviour"] != NOT_VISIBLE]
    moves = pd.concat([
        pd.DataFrame({"video": seen["video"], "frame": seen[name], "by": by})
        for name, by in (("start_frame", 1), ("stop_frame", -1))
    ])  # fmt: skip
    at = moves.groupby(["video", "frame"])["by"].sum().groupby(level="video").cumsum()
    return {str(video): int(most) for video, most in at.groupby(level="video").max().items()}
