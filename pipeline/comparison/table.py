"""The comparison as a table to print, every figure beside its target."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipeline.comparison.budgets import LEAST_SHARE
from pipeline.ethology.bout_ratios import AS_TRUE

MOST_APART = 0.20  # relative error of the share of a behaviour that is ``LEAST_SHARE`` of the time or more
_WIDE = 36
Judged = tuple[str, bool | None]  # a line of the table, and is what it asks met? None: it asks nothing


@dataclass(frozen=True)
class Line:
    """A line of the printed table: where its figure is, how it is written, and what it is to lie between."""

    label: str
    key: str  # of the comparison; a dot goes one level down
    form: str
    low: float | None = None
    high: float | None = None

    def judged(self, figures: dict[str, Any]) -> Judged:
        """The line with its figure, target and whether it is met."""
        value: Any = figures
        for part in self.key.split("."):
            value = value[part]
        shown = "-" if value is None else self.form.format(value)
        met = self.met(value) if self.aim and value is not None else None
        return f"  {self.label:{_WIDE}s}{shown:>9s}   {self.aim:14s}{_word(met)}".rstrip(), met

    def met(self, value: float) -> bool:
        """Does the figure lie where it is to lie?"""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    @property
    def aim(self) -> str:
        """``>= 0.95``, ``<= 0.03``, ``0.85 to 1.15``; empty without a target."""
        low, high = ("" if one is None else self.form.format(one) for one in (self.low, self.high))
        return f"{low} to {high}" if low and high else f">= {low}" if low else f"<= {high}" if high else ""


SEEN = (
    Line("detection mAP50", "detection_map50", "{:.4f}", low=0.95),
    Line("HOTA", "hota", "{:.1f}", low=75.0),
    Line("HOTA, each stay in view by itself", "tracking_by_stay.hota", "{:.1f}"),
    Line("IDF1", "idf1", "{:.1f}"),
    Line("IDF1, each stay in view by itself", "tracking_by_stay.idf1", "{:.1f}"),
    Line("behaviour macro top-1", "behaviour_macro_top1", "{:.3f}", low=0.80),
    Line("position error (m)", "position_error_m", "{:.2f}"),
    Line("boxes with a place on the ground", "position.placed_share", "{:.1%}"),
)
TOLD = (
    Line("time-budget error (mean share)", "time_budget.mae", "{:.3f}", high=0.03),
    Line("budget of an animal (TV, median)", "budgets_of_animals.median", "{:.3f}", high=0.06),
    Line("budget of an animal (TV, 90 % below)", "budgets_of_animals.p90", "{:.3f}", high=0.12),
    Line("such animals, a minute in sight", "budgets_of_animals.animals", "{:d}"),
    Line("bouts, found / true", "time_budget.bout_ratio", "{:.2f}", low=0.85, high=1.15),
    Line("bout transitions (mean error)", "transitions.mae", "{:.3f}"),
    Line("bout transitions (worst row, TV)", "transitions.worst_total_variation", "{:.3f}", high=0.15),
    Line(
        "sampled transitions (worst row, TV)",
        "transitions_per_interval.worst_total_variation",
        "{:.3f}",
        high=0.15,
    ),
)


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """The table to print, with a row a behaviour; ``-`` where a figure was not measured."""
    yield f"  {'':{_WIDE}s}{'measured':>9s}   target"
    yield from (line.judged(figures)[0] for line in SEEN)
    yield from (text for text, _ in told(figures))


def told(figures: dict[str, Any]) -> Iterator[Judged]:
    """The part on what is told of the animals: of one comparison, or of several (``pooled``)."""
    yield from (line.judged(figures) for line in TOLD)
    aim = f"<= {MOST_APART:.0%}"
    columns = f"{'share':>8s}{'found':>8s}{'error':>8s}   {aim:8s}{'bouts':>6s}{'found/true':>12s}{'length':>8s}"
    yield f"  {'':14s}{columns}", None
    for name, row in figures["per_behaviour"].items():
        if "true_bouts" in row:
            yield _of_behaviour(name, row, name in figures["time_budget"]["bouts_apart"])


def _of_behaviour(name: str, row: dict[str, Any], apart: bool) -> Judged:
    """True and found share, the relative error and, where the behaviour is common, whether that is met; true bouts,
    and the number and mean length of those found, as a ratio.
    """
    error = row["relative_error"]
    met = error <= MOST_APART if row["true_share"] >= LEAST_SHARE else None
    shares = f"{row['true_share']:8.1%}{row['found_share']:8.1%}{'-' if error is None else f'{error:.0%}':>8s}"
    number, length = ("-" if row[key] is None else f"{row[key]:.2f}" for key in ("bout_ratio", "duration_ratio"))
    low, high = AS_TRUE
    flag = f"   outside {low:g} to {high:g}: bouts not to be trusted" if apart else ""
    return f"  {name:14s}{shares}   {_word(met):8s}{row['true_bouts']:6d}{number:>12s}{length:>8s}{flag}", met


def _word(met: bool | None) -> str:
    return "" if met is None else "met" if met else "missed"
