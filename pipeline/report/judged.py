"""A detector and a tracker judged, as pictures: precision at each recall, and HOTA at each overlap."""

from typing import TYPE_CHECKING

import pandas as pd

from pipeline.report import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDE_IN, _HIGH_IN = 4.6, 3.4
_INKS = ("#1f6f8b", "#d55e00", "#9a9a9a")


def precision_figure(curves: pd.DataFrame) -> "Figure":
    """Precision at each recall, a line a least overlap; ``curves`` is ``least_iou recall precision``."""
    figure, axes = _sheet("Precision and recall of the detections", "the area under a line is the average precision")
    for (least, one), ink in zip(curves.groupby("least_iou"), _INKS, strict=True):
        label = f"IoU {least:g}: AP {one['precision'].mean():.3f}"
        axes.plot(one["recall"], one["precision"], color=ink, label=label, clip_on=False)
    axes.set_xlabel("recall")
    axes.set_ylabel("precision")
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.02, 1.0))
    return figure


def overlap_figure(curves: pd.DataFrame) -> "Figure":
    """HOTA, DetA and AssA at each least overlap; ``curves`` is ``least_iou hota deta assa``."""
    figure, axes = _sheet("How strictly places are taken", "HOTA, DetA and AssA are the means over these overlaps")
    for (name, label), ink in zip(_LINES.items(), _INKS, strict=True):
        axes.plot(curves["least_iou"], curves[name], "o-", markersize=3, color=ink, label=label, clip_on=False)
    axes.set_xlabel("least IoU of a match")
    axes.set_ylabel("share")
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.02, 1.0))
    return figure


_LINES = {"hota": "HOTA", "deta": "DetA: found", "assa": "AssA: kept apart"}


def _sheet(title: str, note: str) -> tuple["Figure", "Axes"]:
    figure = style.sheet(_WIDE_IN + 3.2, _HIGH_IN + 1.5)
    axes = style.panel(figure, 0.9, 0.95, _WIDE_IN, _HIGH_IN)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    style.head(figure, title)
    style.foot(figure, note)
    return figure, axes
