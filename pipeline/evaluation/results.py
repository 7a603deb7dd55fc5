"""How results of an evaluation are kept and shown: a figure is its value and its limits, None where unknown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import yaml

from pipeline.artifacts import content_hash, write_json
from pipeline.chain.progress import Progress
from pipeline.chain.versions import versions
from pipeline.report.markup import Markup
from pipeline.report.results import Results, results_page
from pipeline.report.words import percent, plural

FILE = "evaluation.json"
PAGE = "results.html"
DPI = 150  # of the pictures
ENDS = {"value": "", "low": "_low", "high": "_high"}  # of a figure, and how its columns are called


class Asked(Protocol):
    """The plan of an evaluation, as far as its results need it."""

    @property
    def out(self) -> Path:
        """The folder that takes everything."""

    @property
    def confidence(self) -> float:
        """Of the intervals."""

    @property
    def resamples(self) -> int:
        """For the intervals."""

    @property
    def min_units(self) -> int:
        """With fewer units there are no intervals."""

    def plain(self) -> dict[str, Any]:
        """The settings as they can be written down."""


@dataclass(frozen=True)
class Told:
    """An evaluation in words and figures: what is written, shown on the page and printed."""

    title: str
    lead: str
    cautions: Sequence[str]
    sections: Sequence[tuple[str, str, Markup]]  # of the page: anchor, title, content
    lines: Sequence[str]  # printed
    inputs: Sequence[tuple[str, Path]]  # what it is, and the file or folder


def finish(plan: Asked, made: dict[str, Any], told: Told, progress: Progress, file: str = FILE) -> dict[str, Any]:
    """Write ``file`` (JSON) and ``results.html`` into ``plan.out``, print; the contents of the former."""
    inputs = [(what, str(path), content_hash(path)) for what, path in told.inputs]
    rests_on = [dict(zip(("what", "path", "sha256"), row, strict=True)) for row in inputs]
    whole = made | {"inputs": rests_on, "settings": plan.plain(), "versions": versions()}
    write_json(plan.out / file, whole)
    settings = yaml.safe_dump(plan.plain(), sort_keys=False, allow_unicode=True)
    page = Results(told.title, told.lead, told.cautions, told.sections, inputs, settings, versions())
    results_page(page, plan.out / PAGE)
    for line in (*told.lines, f"figures  {plan.out / file}", f"page     {plan.out / PAGE}"):
        progress.say(line)
    return whole


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


def resampled(units: int, plan: Asked, word: str = "recording") -> str:
    """How the intervals were made, for the caption of a table."""
    if units < plan.min_units:
        return f"no intervals under {plan.min_units} {word}s"
    return f"{percent(plan.confidence)} intervals over {plan.resamples:,} resamples of the {word}s"


def of_units(units: int, plan: Asked, word: str = "recording") -> Iterable[str]:
    """What is to be said of the number of recordings behind the intervals."""
    if units < plan.min_units:
        yield (
            f"No interval is given: the figures rest on {plural(units, word)}, and under {plan.min_units} nobody can "
            "say how far they hold beyond these."
        )


def few(amounts: dict[str, float], least: float, what: str) -> Iterable[str]:
    """What is to be said of names of which there is too little; ``what`` is the amount in words, with a ``{}``."""
    if poor := [f"{name} ({what.format(amount)})" for name, amount in amounts.items() if amount < least]:
        yield f"Too little is labelled to say much of {', '.join(poor)}."
