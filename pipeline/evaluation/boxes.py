"""Detections and tracks beside the true boxes: AP, recall and precision; HOTA, MOTA and IDF1; by species and size."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.artifacts import write_csv
from pipeline.chain.progress import Progress
from pipeline.comparison.detection import ALL, Groups, curve, detection
from pipeline.comparison.following import COUNTS, followed
from pipeline.comparison.matching import pairs
from pipeline.comparison.overlaps import Marks, Sight
from pipeline.evaluation.boxes_page import KINDS, MISSED, told
from pipeline.evaluation.calibration import binned
from pipeline.evaluation.recordings import Recording, recordings
from pipeline.evaluation.resampling import drawn, limits
from pipeline.evaluation.results import DPI, finish, known, limited
from pipeline.evaluation.settings import EvaluationPlan
from pipeline.report.judged import overlap_figure, precision_figure
from pipeline.report.recognition import confusion_figure, reliability_figure
from pipeline.report.style import save, styled
from pipeline.tracks.metrics import by_overlap, combined
from pipeline.types import IntArray


def evaluate_boxes(plan: EvaluationPlan, progress: Progress) -> dict[str, Any]:
    """Reckon, write everything into ``plan.out``, say the figures; the contents of ``evaluation.json``."""
    judged, left_out = recordings(plan)
    counts = np.concatenate([one.animals["counts"].to_numpy(bool) for one in judged])
    rows: list[dict[str, Any]] = [
        {"video": one.video, "frames": one.frames, "boxes": int(one.animals["counts"].sum())} for one in judged
    ]
    detections = _detections(judged, plan, rows) if plan.run is not None else None
    tracks = _tracks(judged, plan, rows) if all(one.identities for one in judged) else None
    made = {
        "run" if plan.run else "tracks": str(plan.run or plan.tracks),
        "truth": str(plan.truth),
        "videos": len(judged),
        "videos_left_out": left_out,
        "frames": sum(one.frames for one in judged),
        "boxes": int(counts.sum()),
        "ignored_boxes": int((~counts).sum()),
        "detection": detections,
        "tracking": tracks,
        "per_video": rows,
    }
    write_csv(plan.out / "per_video.csv", pd.DataFrame(rows))
    return finish(plan, made, told(made, judged, plan), progress)


def _detections(judged: Sequence[Recording], plan: EvaluationPlan, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Figures of the detections, their tables and pictures; each video's own go into its row."""
    parts, n = [(one.found, one.animals) for one in judged if one.found is not None], len(judged)
    sight = Sight.of(parts, judged[0].least_score)  # one run has followed them all
    told_of = _flat(detection(sight, np.vstack([np.ones((1, n)), np.eye(n), drawn(n, plan)])))
    between = limits(told_of[1 + n :], n, plan.confidence)
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    keys: list[Any] = told_of.columns.tolist()
    for key, value in zip(keys, told_of.iloc[0].tolist(), strict=True):
        figure = int(value) if key[2] == "boxes" else limited(value, between.get(key))
        groups.setdefault(key[:2], {})[key[2]] = figure
    every = groups.pop(ALL)
    for row, (_, of) in zip(rows, told_of[1 : 1 + n].iterrows(), strict=True):
        row |= {name: known(of[(*ALL, name)]) for name in every if name != "boxes"}
    marks = sight.marks(sight.counts, np.ones_like(sight.counts))
    _draw_detections(judged, plan, marks)
    return {
        "detections": int(marks.told.sum()),
        "least_score": known(marks.score[marks.followed].min()) if marks.followed.any() else None,
        "figures": {name: figure for name, figure in every.items() if name != "boxes"},
        **{f"per_{kind}": {name: of for (k, name), of in groups.items() if k == kind} for kind in KINDS},
    }


def _flat(groups: Groups) -> pd.DataFrame:
    """A row a weighting, a column a figure: its kind of group, the group and its name."""
    return pd.DataFrame({(*group, name): of for group, figures in groups.items() for name, of in figures.items()})


def _draw_detections(judged: Sequence[Recording], plan: EvaluationPlan, marks: Marks) -> None:
    curves, kept = curve(marks), marks.kept[0]
    names, counts = _confusion(judged)
    table = pd.DataFrame(counts, columns=names).assign(true=names[: len(counts)])[["true", *names]]
    write_csv(plan.out / "confusion.csv", table)
    write_csv(plan.out / "precision_recall.csv", curves)
    with styled():
        save(precision_figure(curves), plan.out / "precision_recall.svg", DPI)
        bins = {"detections": binned(marks.score[kept], marks.hit[0][kept])}
        save(reliability_figure(bins, "score of the detection", "boxes"), plan.out / "scores.svg", DPI)
        save(confusion_figure(counts, names[: len(counts)], names, "box"), plan.out / "confusion.svg", DPI)


def _confusion(judged: Sequence[Recording]) -> tuple[list[str], IntArray]:
    """Names, and true boxes that count ``[K, M]`` by the true species, the first ``K`` names, and the found one."""
    parts = []
    for one in judged:
        assert one.found is not None
        followed = one.found[one.found["score"] >= one.least_score].reset_index(drop=True)
        true, found = pairs(one.animals, followed)
        called = np.full(len(one.animals), MISSED, dtype=object)
        called[true] = followed["species"].to_numpy(object)[found]
        parts.append(pd.DataFrame({"true": one.animals["species"], "found": called})[one.animals["counts"]])
    rows = pd.concat(parts)
    true_names = sorted(set(rows["true"]))
    names = [*true_names, *sorted(set(rows["found"]) - {*true_names, MISSED}), MISSED]
    counts = pd.crosstab(rows["true"], rows["found"]).reindex(index=true_names, columns=names, fill_value=0)
    return names, counts.to_numpy(np.int64)


def _tracks(judged: Sequence[Recording], plan: EvaluationPlan, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Figures of the tracks, their curves and picture; each video's own go into its row."""
    tallies, n = [followed(one.tracks, one.animals) for one in judged], len(judged)
    point = _lower(combined(tallies))
    samples = [
        _lower(combined([tallies[k] for k in np.repeat(np.arange(n), weights.astype(np.int64))]))
        for weights in drawn(n, plan)
    ]
    between = limits(pd.DataFrame(samples), n, plan.confidence)
    for row, one in zip(rows, tallies, strict=True):
        row |= {f"tracks_{name}" if name in row else name: round(of, 6) for name, of in _lower(combined([one])).items()}
    curves = by_overlap(tallies)
    write_csv(plan.out / "hota.csv", curves)
    with styled():
        save(overlap_figure(curves), plan.out / "hota.svg", DPI)
    return {
        "figures": {name: limited(value, between.get(name)) for name, value in point.items() if name not in COUNTS},
        "counts": {name: int(point[name]) for name in COUNTS},
    }


def _lower(metrics: dict[str, float]) -> dict[str, float]:
    return {name.lower(): value for name, value in metrics.items()}
