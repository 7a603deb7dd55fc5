"""What a recognizer knows: confusion over the held-out clips, and recall, precision and macro top-1 from it.

Letters: K behaviours; a confusion is ``[K, K]`` counts, true behaviours in rows, found ones in columns.
"""

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.types import IntArray


def confusion(targets: IntArray, found: IntArray, behaviours: int) -> IntArray:
    """Counts ``[K, K]`` of true against found numbers [n]."""
    cells = np.bincount(targets * behaviours + found, minlength=behaviours**2)
    return cells.reshape(behaviours, behaviours).astype(np.int64)


def recall(counts: IntArray) -> FloatArray:
    """Share of each behaviour's clips that were found [K]; NaN where there is none."""
    return share(np.diag(counts), counts.sum(axis=1))


def precision(counts: IntArray) -> FloatArray:
    """Share of the clips found as a behaviour that show it [K]; NaN where none was."""
    return share(np.diag(counts), counts.sum(axis=0))


def macro_top1(counts: IntArray) -> float:
    """Mean recall of the behaviours that occur; 0 where there is nothing."""
    found = recall(counts)
    return float(np.nanmean(found)) if np.isfinite(found).any() else 0.0


def metrics(counts: IntArray, behaviours: tuple[str, ...]) -> dict[str, float]:
    """The figures of a card: macro and plain top-1, and recall, precision and clips of each behaviour.

    What rests on no clip is left out.
    """
    made = {"macro_top1": macro_top1(counts), "top1": float(np.diag(counts).sum() / max(counts.sum(), 1))}
    found, right = recall(counts), precision(counts)
    for k, name in enumerate(behaviours):
        values = {"recall": found[k], "precision": right[k], "clips": float(counts[k].sum())}
        made |= {f"{word} {name}": float(value) for word, value in values.items() if np.isfinite(value)}
    return {name: round(value, 4) for name, value in made.items()}


def table(counts: IntArray, behaviours: tuple[str, ...], word: str = "behaviour") -> str:
    """What is printed at the end: a line a behaviour, or what else ``word`` says, and the mean."""
    wide = max(10, *map(len, behaviours))
    lines = [f"{word:{wide}s}  clips  recall  precision"]
    found, right = recall(counts), precision(counts)
    for k, name in enumerate(behaviours):
        lines.append(f"{name:{wide}s} {counts[k].sum():6d} {_shown(found[k]):>7s} {_shown(right[k]):>10s}")
    lines.append(f"{'macro top-1':{wide}s} {counts.sum():6d} {macro_top1(counts):7.3f}")
    return "\n".join(lines)


def confusion_table(counts: IntArray, behaviours: tuple[str, ...]) -> pd.DataFrame:
    """As written: the true behaviour, then a column of counts for each found one."""
    return pd.DataFrame(counts, columns=list(behaviours)).assign(true=list(behaviours))[["true", *behaviours]]


def share(part: FloatArray | IntArray | float, of: FloatArray | IntArray | float) -> FloatArray:
    """``part / of``; NaN where ``of`` is 0."""
    return np.asarray(np.where(of > 0, part / np.maximum(of, 1e-12), np.nan))


def _shown(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else "-"
