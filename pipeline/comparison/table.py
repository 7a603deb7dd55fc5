"""The comparison as a table to print, every figure beside its target."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Line:
    """A line of the printed table: where its figure is, how it is written, and its target."""

    label: str
    key: str  # of the comparison; a dot goes one level down
    form: str
    target: float | None = None
    below: bool = False  # the figure is to be at most the target, not at least

    def text(self, figures: dict[str, Any]) -> str:
        """The line with its figure, target and whether it is met."""
        value: Any = figures
        for part in self.key.split("."):
            value = value[part]
        shown = "-" if value is None else self.form.format(value)
        aim = "" if self.target is None else f"{'<=' if self.below else '>='} {self.form.format(self.target)}"
        met = ""
        if value is not None and self.target is not None:
            met = "met" if (value <= self.target if self.below else value >= self.target) else "missed"
        return f"  {self.label:36s}{shown:>9s}   {aim:12s}{met}".rstrip()


LINES = (
    Line("detection mAP50", "detection_map50", "{:.4f}", 0.95),
    Line("HOTA", "hota", "{:.1f}", 75.0),
    Line("IDF1", "idf1", "{:.1f}"),
    Line("behaviour macro top-1", "behaviour_macro_top1", "{:.3f}", 0.80),
    Line("time-budget error (mean share)", "time_budget_mae", "{:.3f}", 0.03, below=True),
    Line("bout transitions (mean error)", "transition_mae", "{:.3f}"),
    Line("bout transitions (worst row, TV)", "transitions.worst_total_variation", "{:.3f}", 0.15, below=True),
    Line(
        "sampled transitions (worst row, TV)",
        "transitions_per_interval.worst_total_variation",
        "{:.3f}",
        0.15,
        below=True,
    ),
    Line("position error (m)", "position_error_m", "{:.2f}"),
)


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """The table to print; ``-`` where a figure was not measured."""
    yield f"  {'':36s}{'measured':>9s}   target"
    yield from (line.text(figures) for line in LINES)
