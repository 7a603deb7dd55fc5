"""A run beside human labels in words: what is printed, and the sections and cautions of its page."""

from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.ethology.bout_ratios import AS_TRUE, BoutRatios
from pipeline.evaluation.results import Told, few, of_units, resampled, shown
from pipeline.evaluation.settings import EvaluationPlan
from pipeline.report.markup import Markup, folded, together
from pipeline.report.results import figures_table, groups_table, picture, value
from pipeline.report.words import duration, percent, plural

FEW_S = 60.0  # labelled seconds of a behaviour, under which its figures say little
OF_ONE = ("recall", "precision", "share_true", "share_found", "bout_ratio", "duration_ratio")
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
_COLUMNS = {
    "labelled_s": "labelled, s", "recall": "recall", "precision": "precision", "share_true": "true share",
    "share_found": "found share",
}  # fmt: skip
_BOUTS = {
    "bouts": "labelled bouts", "bout_ratio": "found / labelled", "duration_ratio": "mean length, found / labelled",
}  # fmt: skip


_OF_SPECIES = {
    "labelled_s": "labelled, s", "videos": "videos", "accuracy": "time that is right", "macro_recall": "mean recall",
    "time_budget_mae": "time-budget error",
}  # fmt: skip


def told(made: dict[str, Any], videos: Sequence[str], plan: EvaluationPlan) -> Told:
    """The evaluation of ``videos`` (keys) in words; ``confusion.svg`` lies in ``plan.out`` already."""
    assert plan.run is not None
    tables = [(f"behaviours of {key}", plan.run / "videos" / key / "behaviours.parquet") for key in videos]
    caption = resampled(made["units"], plan, made["resampled"])
    taken = "Labelled seconds by what the labels say (rows) and what the run found there (columns)."
    return Told(
        title=f"{plan.run.resolve().name} beside labels",
        lead=f"{duration(made['labelled_s'])} labelled in {_where(made)}.",
        cautions=list(_cautions(made, plan)),
        sections=[
            ("figures", "In short", figures_table(made["figures"], _NAMES, caption)),
            ("behaviours", "Each behaviour", _behaviours(made["per_behaviour"])),
            (
                "confusion",
                "What is taken for what",
                picture(plan.out / "confusion.svg", "Confusion", taken, "The seconds are in confusion.csv."),
            ),
            ("species", "By species", _species(made)),
        ],
        lines=_lines(made, plan),
        inputs=[("the run", plan.run / "run.json"), *tables, *(("labels", path) for path in plan.labels)],
    )


def _where(made: dict[str, Any]) -> str:
    """``9 videos of 3 sessions``; videos alone where no session is known."""
    of = f" of {plural(made['units'], 'session')}" if made["resampled"] == "session" else ""
    return f"{plural(made['videos'], 'video')}{of}"


def _behaviours(groups: dict[str, Any]) -> Markup:
    """Time and bouts of each behaviour."""
    shares = "True share: of the labelled time; found share: of what was told; in brackets the interval"
    bouts = "Bouts are cut as the run cuts its own; to be trusted they should be {:g} to {:g} times as many and as long"
    return together(
        [
            groups_table(groups, _COLUMNS, shares, "behaviour"),
            groups_table(groups, _BOUTS, bouts.format(*AS_TRUE), "behaviour"),
        ]
    )


def _species(made: dict[str, Any]) -> Markup:
    """What is known of each species, and of its behaviours; the species are those that the run calls its animals."""
    if not made["per_species"]:
        return Markup("")
    of_all = {name: of | of["figures"] for name, of in made["per_species"].items()}
    details = [folded(name, _behaviours(of["per_behaviour"])) for name, of in made["per_species"].items()]
    caption = "Species as the run's tables/individuals.csv has them; in brackets the interval"
    return together([groups_table(of_all, _OF_SPECIES, caption, "species"), *details])


def _cautions(made: dict[str, Any], plan: EvaluationPlan) -> Iterator[str]:
    yield from of_units(made["units"], plan, made["resampled"])
    yield from few({name: of["labelled_s"] for name, of in made["per_behaviour"].items()}, FEW_S, "{:.0f} s")
    if apart := [f"{name} ({_ratios(made['per_behaviour'][name])})" for name in made["bouts_apart"]]:
        yield f"Bouts and transitions are not to be trusted of {'; '.join(apart)}."
    if (told_share := made["figures"]["told"]["value"]) is not None and told_share < 1:
        yield (
            f"The run tells what is done in {percent(told_share)} of the labelled time; the rest is unknown or not "
            "visible, and counts as wrong in the recall and in the time that is right."
        )


def _ratios(of: dict[str, Any]) -> str:
    ratios = BoutRatios(of["bout_ratio"]["value"], of["duration_ratio"]["value"])
    return f"{plural(of['bouts'], 'bout')} labelled; {ratios}"


def _lines(made: dict[str, Any], plan: EvaluationPlan) -> list[str]:
    """What is printed."""
    few_of = "" if made["units"] >= plan.min_units else ": too few for intervals"
    lines = [f"{made['labelled_s']:.1f} s labelled in {_where(made)}{few_of}"]
    lines += [f"  {_NAMES[name]:32s} {shown(figure)}" for name, figure in made["figures"].items()]
    wide = max(10, *map(len, made["per_behaviour"]))
    lines.append(f"  {'behaviour':{wide}s}  labelled   recall  precision  share true  found  bouts x  length x")
    for name, of in made["per_behaviour"].items():
        cells = [value(of[key]) for key in OF_ONE]
        widths = (9, 11, 12, 7, 9, 10)
        row = "".join(f"{cell:>{width}s}" for cell, width in zip(cells, widths, strict=True))
        flag = "   not to be trusted" if name in made["bouts_apart"] else ""
        lines.append(f"  {name:{wide}s} {of['labelled_s']:8.1f} s{row}{flag}")
    for name, of in made["per_species"].items():
        figures = ", ".join(f"{_NAMES[key]} {shown(of['figures'][key])}" for key in ("accuracy", "macro_recall"))
        lines.append(f"  {name}: {of['labelled_s']:.1f} s in {plural(of['videos'], 'video')}, {figures}")
    return lines
