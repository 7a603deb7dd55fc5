"""A run beside human labels of its animals: time, segments, order and time budgets, with intervals over the videos."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.artifacts import read_table, whole, write_json
from pipeline.boxes import FloatArray
from pipeline.chain.progress import Progress
from pipeline.errors import UsageError
from pipeline.ethology.ethogram import RESERVED
from pipeline.ethology.statistics import expanded_tail
from pipeline.evaluation.results import DPI, FILE, known, limited, shown
from pipeline.evaluation.segments import OVERLAPS, edit_score, f1, matched
from pipeline.evaluation.settings import EvaluationPlan
from pipeline.formats.clips import apart
from pipeline.formats.read_intervals import read_intervals
from pipeline.labelled import Shown, joined
from pipeline.report.recognition import confusion_figure
from pipeline.report.style import save, styled
from pipeline.tables import BEHAVIOURS


@dataclass(frozen=True)
class Judged:
    """The labelled frames of one video, and what can be added up over videos. ``K`` true and ``M`` found words."""

    seconds: FloatArray  # [K, M] true words in rows, found ones in columns, unknown and not visible the last
    segments: FloatArray  # [len(OVERLAPS), 3] hits, false alarms, misses
    edit: FloatArray  # [2] sum of the edit scores of its sequences, and their number


def evaluate_run(plan: EvaluationPlan, progress: Progress) -> dict[str, Any]:
    """Reckon, write everything into ``plan.out``, say the figures; the contents of ``evaluation.json``."""
    assert plan.run is not None  # the plan sees to it
    labels = joined(plan.run, read_intervals(list(plan.labels)), plan.old2new)
    frames = {video.video.key: labelled_frames(plan.run, video, of_video) for video, of_video in labels}
    true, found = _words(frames)
    judged = [_judged(rows, true, found) for rows in frames.values()]
    point = _figures(judged, np.ones(len(judged)), true)
    limits = _limits(judged, true, plan) if len(judged) >= plan.min_units else {}
    seconds = np.sum([one.seconds for one in judged], axis=0)
    made = {
        "run": str(plan.run),
        "videos": len(judged),
        "labelled_s": round(float(seconds.sum()), 3),
        "figures": {name: limited(value, limits.get(name)) for name, value in point.items()},
        "per_behaviour": _per_behaviour(seconds, true),
    }
    write_json(plan.out / FILE, made)
    table = pd.DataFrame(seconds, columns=found).round(3).assign(true=true)[["true", *found]]
    with whole(plan.out / "confusion.csv") as part:
        table.to_csv(part, index=False, lineterminator="\n")
    with styled():
        save(confusion_figure(seconds, true, found, "s"), plan.out / "confusion.png", DPI)
    for line in _lines(made, plan):
        progress.say(line)
    progress.say(f"figures  {plan.out / FILE}")
    return made


def labelled_frames(run: Path, shown: Shown, labels: pd.DataFrame) -> pd.DataFrame:
    """The frames of a video that somebody labelled: ``track frame duration_s true found``, by track and frame.

    ``found`` is of the run's set of behaviours that knows most of the labels' words. A label of several behaviours at
    once counts as the one of that set, and not at all where that is none or not one. ``UsageError`` where no set knows
    any.
    """
    stored = read_table(run / "videos" / shown.video.key / "behaviours.parquet", BEHAVIOURS)
    words = {name for several in labels["behaviour"] for name in apart(several)}
    shares = {name: len(words & set(own["behaviour"])) for name, own in stored.groupby("set")}
    there = set(stored["behaviour"]) - set(RESERVED)
    if not shares or not max(shares.values()):
        raise UsageError(
            f"the run found {', '.join(sorted(there)) or 'nothing'} in {shown.video.key}, the labels say "
            f"{', '.join(sorted(words))}; name them alike with old2new={{...}}"
        )
    rows = stored[stored["set"] == max(shares, key=lambda name: shares[name])]
    labels = labels.assign(behaviour=[_of_set(name, set(rows["behaviour"])) for name in labels["behaviour"]])
    rows = rows.sort_values(["track", "frame"], kind="stable").reset_index(drop=True)
    true = pd.Series("", index=rows.index, dtype="object")
    for track, behaviour, start, stop in labels[["track", "behaviour", "start_s", "stop_s"]].itertuples(index=False):
        true[(rows["track"] == track) & (rows["time_s"] >= start) & (rows["time_s"] < stop)] = behaviour
    rows = rows.assign(true=true, found=rows["behaviour"])[true != ""]
    return rows[["track", "frame", "duration_s", "true", "found"]]


def _of_set(behaviour: str, known: set[str]) -> str:
    """The behaviour; of several at once the one that is known, empty where that is not one."""
    names = apart(behaviour)
    ours = names if len(names) == 1 else [name for name in names if name in known]
    return ours[0] if len(ours) == 1 else ""


def _words(frames: dict[str, pd.DataFrame]) -> tuple[list[str], list[str]]:
    """The labels' words, and these with what else was found; ``unknown`` and ``not visible`` last."""
    rows = pd.concat(frames.values())
    if rows.empty:
        raise UsageError("no frame of the run is labelled")
    true = sorted(set(rows["true"]))
    others = sorted(set(rows["found"]) - set(true) - set(RESERVED))
    return true, [*true, *others, *RESERVED]


def _judged(rows: pd.DataFrame, true: list[str], found: list[str]) -> Judged:
    seconds = rows.pivot_table(index="true", columns="found", values="duration_s", aggfunc="sum")
    cells = seconds.reindex(index=true, columns=found).fillna(0.0).to_numpy(dtype=np.float64)
    counts, edit = np.zeros((len(OVERLAPS), 3)), np.zeros(2)
    for mine, theirs in _sequences(rows):
        counts = counts + matched(mine, theirs)
        edit += edit_score(mine, theirs), 1
    return Judged(cells, counts, edit)


def _sequences(rows: pd.DataFrame) -> Iterator[tuple[list[str], list[str]]]:
    """Found and true words of every unbroken run of labelled frames of a track; what is not told is no segment."""
    new = (rows["track"].diff() != 0) | (rows["frame"].diff() != 1)
    told = rows["found"].where(~rows["found"].isin(RESERVED), "")
    for _, own in rows.assign(told=told).groupby(new.cumsum()):
        yield own["told"].tolist(), own["true"].tolist()


def _figures(judged: list[Judged], weights: FloatArray, true: list[str]) -> dict[str, float]:
    """All figures, each video counted as often as ``weights`` says; NaN where nothing tells."""
    k = len(true)
    seconds = np.einsum("v,vkm->km", weights, np.stack([one.seconds for one in judged]))
    told, right = seconds[:, : -len(RESERVED)], np.diag(seconds[:, :k])
    shown = seconds.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = np.where(shown > 0, right / shown, np.nan)
        wanted, given = shown / shown.sum(), told.sum(axis=0)[:k] / told.sum()
    counts = np.einsum("v,vij->ij", weights, np.stack([one.segments for one in judged]))
    edits = weights @ np.stack([one.edit for one in judged])
    at = {f"segment_f1_{round(100 * least)}": value for least, value in zip(OVERLAPS, f1(counts).tolist(), strict=True)}
    return {
        "accuracy": float(right.sum() / shown.sum()),
        "told": float(told.sum() / shown.sum()),
        "accuracy_of_told": float(right.sum() / told.sum()) if told.sum() else float("nan"),
        "macro_recall": float(np.nanmean(recall)),
        **at,
        "edit_score": float(edits[0] / edits[1]) if edits[1] else float("nan"),
        "time_budget_mae": float(np.abs(wanted - given).mean()),
    }


def _limits(judged: list[Judged], true: list[str], plan: EvaluationPlan) -> dict[str, tuple[float, float]]:
    """Limits of every figure: videos are resampled whole (``ethology.statistics`` has the sources)."""
    n, rng = len(judged), np.random.default_rng(plan.seed)
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=plan.resamples).astype(np.float64)
    samples = pd.DataFrame([_figures(judged, weights, true) for weights in drawn])
    tail = expanded_tail(n, plan.confidence)
    return {str(name): (float(of.quantile(tail)), float(of.quantile(1 - tail))) for name, of in samples.items()}


def _per_behaviour(seconds: FloatArray, true: list[str]) -> dict[str, dict[str, float | None]]:
    """Seconds, recall, precision and shares of the true and the found time of each labelled behaviour."""
    told = seconds[:, : -len(RESERVED)]
    result: dict[str, dict[str, float | None]] = {}
    for j, name in enumerate(true):
        shown, found, right = seconds[j].sum(), told[:, j].sum(), seconds[j, j]
        result[name] = {
            "labelled_s": round(float(shown), 3),
            "recall": known(right / shown if shown else np.nan),
            "precision": known(right / found if found else np.nan),
            "share_true": known(shown / seconds.sum()),
            "share_found": known(found / told.sum() if told.sum() else np.nan),
        }
    return result


_NAMES = {
    "accuracy": "time that is right",
    "told": "time that is told",
    "accuracy_of_told": "time right of what is told",
    "macro_recall": "mean recall",
    "segment_f1_10": "segment F1 at 10 %",
    "segment_f1_25": "segment F1 at 25 %",
    "segment_f1_50": "segment F1 at 50 %",
    "edit_score": "edit score",
    "time_budget_mae": "time-budget error (mean share)",
}


def _lines(made: dict[str, Any], plan: EvaluationPlan) -> list[str]:
    """What is printed."""
    few = "" if made["videos"] >= plan.min_units else ": too few for intervals"
    lines = [f"{made['labelled_s']:.1f} s labelled in {made['videos']} videos{few}"]
    lines += [f"  {_NAMES[name]:32s} {shown(figure)}" for name, figure in made["figures"].items()]
    wide = max(10, *map(len, made["per_behaviour"]))
    lines.append(f"  {'behaviour':{wide}s}  labelled   recall  precision  share true  found")
    for name, of in made["per_behaviour"].items():
        cells = [_three(of[key]) for key in ("recall", "precision", "share_true", "share_found")]
        lines.append(
            f"  {name:{wide}s} {of['labelled_s']:8.1f} s{cells[0]:>9s}{cells[1]:>11s}{cells[2]:>12s}{cells[3]:>7s}"
        )
    return lines


def _three(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
