"""A recognizer judged, as pictures: what is taken for what, and whether its probabilities mean what they say."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.report import style
from pipeline.report.words import plural
from pipeline.types import IntArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEW = 10  # clips in a bin of probabilities, under which it says little
_CELL_IN, _SIDE_IN = 0.62, 4.2
_INKS = ("#9a9a9a", "#1f6f8b")


def confusion_figure(
    counts: FloatArray | IntArray,
    true: Sequence[str],
    found: Sequence[str],
    unit: str,
    sides: tuple[str, str] = ("true", "found"),
) -> "Figure":
    """Shares of each true name (rows) found as each, with the counts ``[K, M]``.

    ``unit`` is what is counted: clip, species, box, s or shared s. ``sides`` are what rows and columns are called.
    """
    totals = counts.sum(axis=1, keepdims=True)
    share = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    rows, columns = ([style.short(name, 26) for name in names] for names in (true, found))
    cell = float(np.interp(len(columns), [8, 23], [_CELL_IN, 0.36]))
    left = 1.5 + style.TEXT_IN * max(map(len, rows))
    top = 0.7 + 0.055 * max(map(len, columns))
    wide, high = cell * len(columns), cell * len(rows)
    figure = style.sheet(max(left + wide + 0.8, 6.0), top + high + 0.75)
    axes = style.panel(figure, left, 0.7, wide, high)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    for i, j in np.argwhere(counts > 0).tolist():
        text = f"{share[i, j]:.2f}\n({counts[i, j]:.0f})" if len(columns) <= 12 else f"{counts[i, j]:.0f}"
        axes.text(j, i, text, ha="center", va="center", size=7.5, color="white" if share[i, j] > 0.55 else "black")
    axes.set_yticks(range(len(rows)), [f"{name}  n = {n:.0f}" for name, n in zip(rows, totals[:, 0], strict=True)])
    axes.set_xticks(range(len(columns)), columns, rotation=45, ha="left", rotation_mode="anchor")
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_xlabel(sides[1], weight="bold")
    axes.set_ylabel(sides[0], weight="bold")
    axes.spines[:].set_visible(False)
    style.head(figure, "What is taken for what")
    total = round(float(counts.sum()))
    much = {
        "s": f"{total:,} s of labelled time",
        "shared s": f"{total:,} s that both coded",
        "clip": f"{plural(total, 'clip')} of one behaviour",
        "species": f"{plural(total, 'clip')} of a known species",
        "box": plural(total, "true box", "true boxes"),
    }
    style.foot(figure, f"{much[unit]}; shares of each row")
    return figure


def reliability_figure(
    bins: Mapping[str, pd.DataFrame], of: str = "probability of the likeliest behaviour", counted: str = "clips"
) -> "Figure":
    """How often what is said is true, by how likely it is said to be; one line a set of scores.

    ``of`` is what the horizontal axis shows, ``counted`` what is in the bins. ``bins`` are
    ``evaluation.calibration.reliability`` by name; those under ``FEW`` clips are hollow, off the line.
    """
    figure = style.sheet(_SIDE_IN + 2.6, _SIDE_IN + 2.4)
    axes = style.panel(figure, 0.9, 2.0, _SIDE_IN, _SIDE_IN - 0.2)
    below = style.panel(figure, 0.9, 0.85, _SIDE_IN, 0.75)
    axes.plot([0, 1], [0, 1], color="#c8c8c8", linewidth=1, zorder=0)
    most = max(1, *(int(one["clips"].max()) for one in bins.values()))
    for number, ((name, one), ink) in enumerate(zip(bins.items(), _INKS, strict=False)):
        many, few = one[one["clips"] >= FEW], one[(one["clips"] > 0) & (one["clips"] < FEW)]
        axes.plot(many["confidence"], many["accuracy"], "o-", markersize=5, color=ink, label=name, clip_on=False)
        axes.plot(few["confidence"], few["accuracy"], "o", markersize=4, color=ink, fillstyle="none", clip_on=False)
        wide = (one["high"] - one["low"]) / (len(bins) + 0.4)
        below.bar(one["low"] + (number + 0.2) * wide, one["clips"], width=wide, align="edge", color=ink)
    for panel in (axes, below):
        panel.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xticklabels([])
    axes.set_ylabel("how often it is true")
    decades = [10**k for k in range(len(str(most)))]
    below.set_ylim(0.7, 1.5 * most)
    below.set_yscale("log")
    below.set_yticks(decades, [f"{n:,}" for n in decades])
    below.minorticks_off()
    below.set_ylabel(counted)
    below.set_xlabel(of)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.02, 1.0))
    style.head(figure, f"Do the {'scores' if counted == 'boxes' else 'probabilities'} mean what they say?")
    style.foot(figure, f"on the line they do; below it they say too much; hollow: under {FEW} {counted}")
    return figure
