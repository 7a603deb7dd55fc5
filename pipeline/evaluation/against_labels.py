"""A run beside human labels of its animals: time, segments, bouts, order and time budgets, with intervals over its
sessions, or over the videos where it was told none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.artifacts import read_table, whole, write_csv
from pipeline.boxes import FloatArray
from pipeline.chain.progress import Progress
from pipeline.errors import UsageError
from pipeline.ethology.bout_ratios import BoutRatios
from pipeline.ethology.ethogram import RESERVED, Ethogram
from pipeline.ethology.individuals import read_individuals
from pipeline.ethology.observations import read_observations
from pipeline.evaluation.bouts import bouts_of, ratios
from pipeline.evaluation.confusion import share
from pipeline.evaluation.labels_page import OF_ONE, told
from pipeline.evaluation.resampling import drawn, limits
from pipeline.evaluation.results import DPI, ENDS, finish, known, limited
from pipeline.evaluation.segments import OVERLAPS, edit_score, f1, matched
from pipeline.evaluation.settings import EvaluationPlan
from pipeline.evaluation.words import check_words
from pipeline.formats.clips import apart
from pipeline.formats.read_intervals import read_intervals
from pipeline.labelled import Shown, joined, told_of
from pipeline.report.recognition import confusion_figure
from pipeline.report.style import save, styled
from pipeline.stored import stored_runs
from pipeline.tables import BEHAVIOURS


@dataclass(frozen=True)
class Judged:
    """The labelled frames of one video, and what can be added up over videos. ``K`` true and ``M`` found words."""

    seconds: FloatArray  # [K, M] true words in rows, found ones in columns, unknown and not visible the last
    segments: FloatArray  # [len(OVERLAPS), 3] hits, false alarms, misses
    edit: FloatArray  # [2] sum of the edit scores of its sequences, and their number
    bouts: FloatArray  # [2, K, 2] see ``bouts_of``


def evaluate_run(plan: EvaluationPlan, progress: Progress) -> dict[str, Any]:
    """Reckon, write everything into ``plan.out``, say the figures; the contents of ``evaluation.json``."""
    assert plan.run is not None  # the plan sees to it
    labels = joined(plan.run, read_intervals(list(plan.labels), faulty=True), plan.old2new)
    words = {name for _, of_video in labels for several in of_video["behaviour"] for name in apart(several)}
    ethogram = stored_runs([plan.run])[0].ethogram
    check_words(words, [behaviour.name for behaviour in ethogram.all])
    frames = {video.video.key: labelled_frames(plan.run, video, of_video, ethogram) for video, of_video in labels}
    true, found = _words(list(frames.values()))
    seconds = _seconds(pd.concat(frames.values()), true, found)
    of_species = by_species(frames, species_of(plan.run))
    min_bout_s = float(told_of(plan.run)["settings"]["behaviours"]["min_bout_s"])
    sessions = sessions_of(plan.run)
    made = {
        "run": str(plan.run),
        "resampled": "session" if sessions else "video",
        **_measured(frames, sessions, plan, min_bout_s),
        "per_species": {name: _measured(own, sessions, plan, min_bout_s) for name, own in of_species.items()},
    }
    table = pd.DataFrame(seconds, columns=found).round(3).assign(true=true)[["true", *found]]
    with whole(plan.out / "confusion.csv") as part:
        table.to_csv(part, index=False, lineterminator="\n")
    if made["per_species"]:
        write_csv(plan.out / "per_species.csv", _rows(made["per_species"]))
    with styled():
        save(confusion_figure(seconds, true, found, "s"), plan.out / "confusion.svg", DPI)
    return finish(plan, made, told(made, list(frames), plan), progress)


def _measured(
    frames: Mapping[str, pd.DataFrame], sessions: Mapping[str, str], plan: EvaluationPlan, min_bout_s: float
) -> dict[str, Any]:
    """Every figure with its limits, of the labelled frames of each video, by its key: of all, and by behaviour.

    Videos of one of ``sessions`` are resampled together, others each by itself. ``bouts_apart`` are the behaviours
    whose bouts are not as many and as long as the labelled ones (``BoutRatios``).
    """
    true, found = _words(list(frames.values()))
    judged = [_judged(rows, true, found, min_bout_s) for rows in frames.values()]
    units, place = np.unique([sessions.get(key, key) for key in frames], return_inverse=True)
    bouts = np.sum([one.bouts[..., 0] for one in judged], axis=0)  # [2, K]
    point = _figures(judged, np.ones(len(judged)), true)
    samples = pd.DataFrame([_figures(judged, one, true) for one in drawn(len(units), plan)[:, place]])
    between = limits(samples, len(units), plan.confidence)
    shown = np.sum([one.seconds for one in judged], axis=(0, 2))
    return {
        "videos": len(judged),
        "units": len(units),
        "labelled_s": round(float(shown.sum()), 3),
        "bouts_apart": [
            name for name, n in zip(true, bouts.sum(axis=0), strict=True) if n and _ratios(point, name).off
        ],
        "figures": {name: limited(point[name, ""], between.get((name, ""))) for name, of in point if not of},
        "per_behaviour": {
            name: {"labelled_s": round(float(shown[j]), 3), "bouts": int(bouts[0, j])}
            | {figure: limited(point[figure, name], between.get((figure, name))) for figure in OF_ONE}
            for j, name in enumerate(true)
        },
    }


def _ratios(point: Mapping[tuple[str, str], float], name: str) -> BoutRatios:
    return BoutRatios(known(point["bout_ratio", name]), known(point["duration_ratio", name]))


def sessions_of(run: Path) -> dict[str, str]:
    """The session of each video (by its key) of which the run's ``observations.csv`` tells one; empty without it. It is
    that of its first span that counts, or of its first where none does.
    """
    path = stored_runs([run])[0].given("observations")
    if path is None or not path.is_file():
        return {}
    rows = read_observations(path).sort_values("use", ascending=False, kind="stable").drop_duplicates("video")
    return dict(zip(rows["video"], rows["session"], strict=True))


def species_of(run: Path) -> dict[str, dict[int, str]]:
    """What the run's ``tables/individuals.csv`` calls the animals, by video and track; empty where it has none."""
    path = run / "tables" / "individuals.csv"
    if not path.is_file():
        return {}
    rows = read_individuals(path)
    if "species" not in rows:
        return {}
    named = rows[rows["species"] != ""].groupby("video")
    return {str(key): dict(zip(own["track"].tolist(), own["species"], strict=True)) for key, own in named}


def by_species(
    frames: Mapping[str, pd.DataFrame], species: Mapping[str, Mapping[int, str]]
) -> dict[str, dict[str, pd.DataFrame]]:
    """The labelled frames of each video (by its key) that has some of a species, by species; of known ones only."""
    parts: dict[str, dict[str, pd.DataFrame]] = {}
    for key, rows in frames.items():
        names = rows["track"].map(dict(species.get(key, {})))
        for name, own in rows.groupby(names, sort=True):
            parts.setdefault(str(name), {})[key] = own
    return dict(sorted(parts.items()))


def _rows(per_species: Mapping[str, Any]) -> pd.DataFrame:
    """A row a species and behaviour, a column a figure and each of its limits."""
    return pd.DataFrame(
        [
            {"species": species, "behaviour": behaviour, "labelled_s": one["labelled_s"]}
            | {f"{figure}{end}": one[figure][k] for figure in OF_ONE for k, end in ENDS.items()}
            for species, of in per_species.items()
            for behaviour, one in of["per_behaviour"].items()
        ]
    )


def labelled_frames(run: Path, shown: Shown, labels: pd.DataFrame, ethogram: Ethogram) -> pd.DataFrame:
    """The frames of a video that somebody labelled: ``track frame time_s duration_s true found``, by track and frame.

    ``found`` is of the set of the run's ethogram that knows most of the labels' words. A label of several behaviours at
    once counts as the one of that set, and not at all where that is none or not one. A frame is in a label where its
    middle is: times that were rounded to milliseconds move no frame.
    """
    words = {name for several in labels["behaviour"] for name in apart(several)}
    of_set = max(ethogram.sets, key=lambda name: len(words.intersection(ethogram.names(name))))
    known = set(ethogram.names(of_set))
    elsewhere = set(ethogram.names()) - known
    labels = labels.assign(behaviour=[_of_set(name, known, elsewhere) for name in labels["behaviour"]])
    stored = read_table(run / "videos" / shown.video.key / "behaviours.parquet", BEHAVIOURS)
    rows = stored[stored["set"] == of_set].sort_values(["track", "frame"], kind="stable").reset_index(drop=True)
    true, middle = pd.Series("", index=rows.index, dtype="object"), rows["time_s"] + rows["duration_s"] / 2
    for track, behaviour, start, stop in labels[["track", "behaviour", "start_s", "stop_s"]].itertuples(index=False):
        true[(rows["track"] == track) & (middle >= start) & (middle < stop)] = behaviour
    rows = rows.assign(true=true, found=rows["behaviour"])[true != ""]
    return rows[["track", "frame", "time_s", "duration_s", "true", "found"]]


def _of_set(behaviour: str, known: set[str], elsewhere: set[str]) -> str:
    """The behaviour, unless it is ``elsewhere``, in another set; of several at once the one that is known.

    Empty where that is not one.
    """
    names = [name for name in apart(behaviour) if name not in elsewhere]
    ours = names if len(names) == 1 else [name for name in names if name in known]
    return ours[0] if len(ours) == 1 else ""


def _words(frames: Sequence[pd.DataFrame]) -> tuple[list[str], list[str]]:
    """The labels' words, and these with what else was found; ``unknown`` and ``not visible`` last."""
    rows = pd.concat(frames)
    if rows.empty:
        raise UsageError("no frame of the run is labelled")
    true = sorted(set(rows["true"]))
    others = sorted(set(rows["found"]) - set(true) - set(RESERVED))
    return true, [*true, *others, *RESERVED]


def _judged(rows: pd.DataFrame, true: list[str], found: list[str], min_bout_s: float) -> Judged:
    counts, edit = np.zeros((len(OVERLAPS), 3)), np.zeros(2)
    for mine, theirs in _sequences(rows):
        counts = counts + matched(mine, theirs)
        edit += edit_score(mine, theirs), 1
    return Judged(_seconds(rows, true, found), counts, edit, bouts_of(rows, true, min_bout_s))


def _seconds(rows: pd.DataFrame, true: list[str], found: list[str]) -> FloatArray:
    """Time by true words (rows) and found ones (columns)."""
    seconds = rows.pivot_table(index="true", columns="found", values="duration_s", aggfunc="sum")
    return seconds.reindex(index=true, columns=found).fillna(0.0).to_numpy(dtype=np.float64)


def _sequences(rows: pd.DataFrame) -> Iterator[tuple[list[str], list[str]]]:
    """Found and true words of every unbroken run of labelled frames of a track; what is not told is no segment."""
    new = (rows["track"].diff() != 0) | (rows["frame"].diff() != 1)
    told = rows["found"].where(~rows["found"].isin(RESERVED), "")
    for _, own in rows.assign(told=told).groupby(new.cumsum()):
        yield own["told"].tolist(), own["true"].tolist()


def _figures(judged: list[Judged], weights: FloatArray, true: list[str]) -> dict[tuple[str, str], float]:
    """All figures by their name and behaviour (empty: of all), each video counted as often as ``weights`` says; NaN
    where nothing tells.
    """
    k = len(true)
    seconds = np.einsum("v,vkm->km", weights, np.stack([one.seconds for one in judged]))
    told, right, shown = seconds[:, : -len(RESERVED)], np.diag(seconds[:, :k]), seconds.sum(axis=1)
    found = told.sum(axis=0)[:k]
    every, answered = float(shown.sum()), float(told.sum())
    recall, wanted, given = share(right, shown), share(shown, every), share(found, answered)
    never = share(answered - found.sum(), answered)  # what was found and nobody labelled anywhere
    counts = np.einsum("v,vij->ij", weights, np.stack([one.segments for one in judged]))
    edits = weights @ np.stack([one.edit for one in judged])
    at = {f"segment_f1_{round(100 * least)}": value for least, value in zip(OVERLAPS, f1(counts).tolist(), strict=True)}
    of_all = {
        "accuracy": share(right.sum(), every),
        "told": share(answered, every),
        "accuracy_of_told": share(right.sum(), answered),
        "macro_recall": np.nanmean(recall) if every else np.nan,
        **at,
        "edit_score": share(edits[0], edits[1]),
        "time_budget_mae": share(np.abs(wanted - given).sum() + never, (wanted > 0).sum()),
    }
    of_bouts = ratios(np.einsum("v,vskn->skn", weights, np.stack([one.bouts for one in judged])))
    by_one = dict(zip(OF_ONE, (recall, share(right, found), wanted, given, *of_bouts), strict=True))
    return {(name, ""): float(value) for name, value in of_all.items()} | {
        (figure, name): float(values[j]) for figure, values in by_one.items() for j, name in enumerate(true)
    }
