"""How results of an evaluation are kept and shown: a figure is its value and its limits, None where unknown."""

from typing import Any

import numpy as np

FILE = "evaluation.json"
DPI = 150  # of the pictures


def known(value: float) -> float | None:
    """A number as it is written down; None where there is none."""
    return round(float(value), 6) if np.isfinite(value) else None


def limited(value: float, limits: tuple[float, float] | None) -> dict[str, float | None]:
    """A figure with its limits."""
    low, high = map(known, limits) if limits else (None, None)
    return {"value": known(value), "low": low, "high": high}


def shown(figure: dict[str, Any]) -> str:
    """A figure as it is printed."""
    if figure["value"] is None:
        return "-"
    limits = "" if figure["low"] is None else f" [{figure['low']:.3f}, {figure['high']:.3f}]"
    return f"{figure['value']:.3f}{limits}"
