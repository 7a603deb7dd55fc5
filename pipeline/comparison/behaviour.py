"""How well behaviours are told, frame by frame, of the animals that were found where they are."""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.comparison.matching import counted, pairs
from pipeline.ethology.ethogram import NOT_VISIBLE, RESERVED
from pipeline.simulate.record import words
from pipeline.simulate.truth import OCCLUDED, headless
from pipeline.types import BoolArray


def told(tracks: pd.DataFrame, behaviours: pd.DataFrame, animals: pd.DataFrame) -> pd.DataFrame:
    """One row for each true box that a track's box matches: ``animal track frame species true found counts``.

    ``tracks`` and ``behaviours`` are the run's tables (one set of behaviours), ``animals`` the truth's ``ANIMALS``. An
    animal that stands with its head out of the picture is Occluded, as nobody could tell what it does.
    """
    true, found = pairs(animals, tracks)
    rows = animals.assign(true=_shown(animals)).iloc[true][["track", "frame", "species", "true"]]
    rows = rows.rename(columns={"track": "animal"}).reset_index(drop=True)
    rows["track"] = tracks["track"].to_numpy()[found]
    rows["counts"] = counted(animals)[true]
    words = behaviours.set_index(["track", "frame"])["behaviour"].rename("found")
    joined = rows.join(words, on=["track", "frame"])
    return joined.fillna({"found": NOT_VISIBLE})


def _shown(animals: pd.DataFrame) -> "pd.Series[str]":
    """What each of the truth's ``ANIMALS`` shows that it does; ``Occluded`` where it shows too little."""
    return animals["behaviour"].mask(headless(animals["scheduled"], animals["head_inside"]), OCCLUDED)


def behaviour_figures(pairs_told: pd.DataFrame, animals: pd.DataFrame) -> dict[str, Any]:
    """``macro_top1 accuracy accuracy_where_told told_share matched_share``, ``per_behaviour``, ``per_species`` and
    ``confusion``.

    ``macro_top1`` is the mean recall over the behaviours that occur, each frame of each matched animal one vote;
    unknown and not visible are wrong answers. ``confusion`` has frames by true and by found word, also for animals that
    are Occluded, which no recall counts. Without any matched box the figures are None.
    """
    judged = counted(animals) & (_shown(animals) != OCCLUDED)
    rows = pairs_told[pairs_told["counts"] & (pairs_told["true"] != OCCLUDED)]
    right, answered = _right(rows), ~rows["found"].isin(RESERVED).to_numpy()
    recalls = {name: float(right[(rows["true"] == name).to_numpy()].mean()) for name in _occurring(rows)}
    return {
        "macro_top1": float(np.mean(list(recalls.values()))) if recalls else None,
        "accuracy": _mean(right),
        "accuracy_where_told": _mean(right[answered]),
        "told_share": _mean(answered),
        "matched_share": float(len(rows) / judged.sum()) if judged.any() else None,
        "per_behaviour": {name: _of_behaviour(name, rows, right) for name in _occurring(rows)},
        "per_species": {
            name: {"frames": len(part), "accuracy": _mean(_right(part)), "macro_top1": _macro(part)}
            for name, part in rows.groupby("species")
        },
        "confusion": confusion(pairs_told[pairs_told["counts"] | (pairs_told["true"] == OCCLUDED)]),
    }


def _right(rows: pd.DataFrame) -> BoolArray:
    return np.asarray(rows["true"] == rows["found"], dtype=bool)


def _mean(values: BoolArray) -> float | None:
    return float(values.mean()) if len(values) else None


def _macro(rows: pd.DataFrame) -> float | None:
    recalls = [_mean(_right(part)) for _, part in rows.groupby("true")]
    return float(np.mean([value for value in recalls if value is not None])) if recalls else None


def _occurring(rows: pd.DataFrame) -> list[str]:
    """The true behaviours of the rows; KABR's first, in its order."""
    there = set(rows["true"])
    return [name for name in words(rows["true"]) if name in there]


def _of_behaviour(name: str, rows: pd.DataFrame, right: BoolArray) -> dict[str, Any]:
    own, called = (rows["true"] == name).to_numpy(), (rows["found"] == name).to_numpy()
    return {"frames": int(own.sum()), "recall": _mean(right[own]), "precision": _mean(right[called])}


def confusion(rows: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Frames by true word and found word; words in KABR's order, then others, then unknown and not visible."""
    answers = [word for word in (*words(rows["found"]), *RESERVED) if (rows["found"] == word).any()]
    return {
        true: {word: int((rows.loc[rows["true"] == true, "found"] == word).sum()) for word in answers}
        for true in _occurring(rows)
    }
