"""An evaluation of scores in words: what is printed, and the sections and cautions of its page."""

from collections.abc import Iterator
from typing import Any

from pipeline.evaluation.metrics import HEAD, TAIL
from pipeline.evaluation.outcomes import Outcomes
from pipeline.evaluation.results import Told, few, of_units, resampled, shown
from pipeline.evaluation.settings import EvaluationPlan
from pipeline.report.markup import Markup, folded, table, together
from pipeline.report.results import figures_table, groups_table, paragraphs, picture, value
from pipeline.report.words import percent, plural

FEW_CLIPS = 30  # of a behaviour, under which its figures say little
NAMES = {
    "top1": "top-1", "top3": "top-3", "top5": "top-5",
    "macro_top1": "macro top-1 (balanced accuracy)", "macro_top3": "macro top-3", "macro_top5": "macro top-5",
    "map": "mAP", "map_head": "mAP, head", "map_middle": "mAP, middle", "map_tail": "mAP, tail",
}  # fmt: skip
_OF_ONE = {"clips": "clips", "part": "part", "recall": "recall", "precision": "precision", "ap": "average precision"}
_OF_TOLD = {"clips": "clips", "recall": "recall", "precision": "precision"}
_OF_SPECIES = {"clips": "clips", "units": "recordings", "top1": "top-1", "macro_top1": "macro top-1", "map": "mAP"}


def told(outcomes: Outcomes, made: dict[str, Any], plan: EvaluationPlan) -> Told:
    """The evaluation in words; ``confusion.svg`` and ``reliability.svg`` lie in ``plan.out`` already."""
    assert plan.scores is not None
    lead = (
        f"{plural(made['clips'], 'labelled clip')} of {plural(made['units'], 'recording')}, "
        f"{plural(len(outcomes.behaviours), 'behaviour')}; {plan.scores.name}."
    )
    return Told(
        title=plan.scores.stem,
        lead=lead,
        cautions=list(_cautions(outcomes, made, plan)),
        sections=_sections(made, plan),
        lines=_lines(made, plan),
        inputs=[("scores and labels of the clips", plan.scores)],
    )


def _cautions(outcomes: Outcomes, made: dict[str, Any], plan: EvaluationPlan) -> Iterator[str]:
    yield from of_units(made["units"], plan)
    if not outcomes.grouped:
        unit = "every clip is taken for" if plan.block is None else f"{plan.block} clips that follow each other are"
        yield (
            f"The file has no column group: {unit} one recording. Clips of one recording are alike, so that the "
            "intervals may be too narrow; name the recordings in a column group."
        )
    yield from few({name: of["clips"] for name, of in made["per_behaviour"].items()}, FEW_CLIPS, "{:,} clips")
    if several := made["clips"] - made["clips_of_one_behaviour"]:
        yield (
            f"{plural(several, 'clip')} {'shows' if several == 1 else 'show'} several behaviours at once: only average "
            "precision and calibration are about such clips too."
        )
    if not outcomes.exclusive:
        yield "The probabilities of a clip do not sum to 1: they are taken for independent outputs."
    if made["abstention"] is None:
        yield "Calibration and abstention are left out: one half of the recordings has no clip of one behaviour."


def _sections(made: dict[str, Any], plan: EvaluationPlan) -> list[tuple[str, str, Markup]]:
    per = {name: of | {"part": _part(of["clips"])} for name, of in made["per_behaviour"].items()}
    return [
        ("figures", "In short", figures_table(made["figures"], NAMES, resampled(made["units"], plan))),
        ("behaviours", "Each behaviour", groups_table(per, _OF_ONE, _BEHAVIOURS, "behaviour")),
        ("confusion", "What is taken for what", _confusion(plan)),
        ("reliability", "Do the probabilities mean what they say?", _reliability(made, plan)),
        ("long-tail", "Frequent and rare behaviours", _long_tail(made, per)),
        ("unknown", "Left unknown", _unknown(made)),
        ("species", "By species", _species(made)),
        ("told-species", "Which species is told", _told_species(made, plan)),
    ]


_BEHAVIOURS = (
    "Recall and precision are about clips of which one behaviour is true, average precision about all clips; "
    "in brackets the interval. One of no width says that no resample came out otherwise, not that it is sure"
)


def _part(clips: int) -> str:
    return "head" if clips > HEAD else "tail" if clips < TAIL else "middle"


def _confusion(plan: EvaluationPlan) -> Markup:
    caption = "Clips of which one behaviour is true, by it (rows) and by the likeliest one (columns)."
    return picture(plan.out / "confusion.svg", "What is taken for what", caption, "The counts are in confusion.csv.")


def _reliability(made: dict[str, Any], plan: EvaluationPlan) -> Markup:
    rows = [(name, f"{error:.3f}") for name, error in made["calibration_error"].items()]
    caption = "The calibration of each half of the recordings is learnt on the other half."
    return together(
        [
            picture(plan.out / "reliability.svg", "Reliability", caption, "The numbers are in reliability.csv."),
            table(
                ("scores", "expected calibration error"), rows, "Mean distance of probability and share that is true"
            ),
        ]
    )


def _long_tail(made: dict[str, Any], per: dict[str, Any]) -> Markup:
    rule = {"head": f"over {HEAD} clips", "middle": f"{TAIL} to {HEAD} clips", "tail": f"under {TAIL} clips"}
    parts = {
        f"{part}: {rule[part]}": {
            "names": ", ".join(name for name, of in per.items() if of["part"] == part),
            "map": made["figures"][f"map_{part}"],
        }
        for part in rule
        if f"map_{part}" in made["figures"]
    }
    return groups_table(parts, {"names": "behaviours", "map": "mAP"}, "Mean average precision by frequency", "part")


def _unknown(made: dict[str, Any]) -> Markup:
    of = made["abstention"]
    if of is None:
        return Markup("")
    lead = (
        f"A clip is told where its likeliest behaviour reaches the probability from which on that behaviour is true "
        f"in {percent(of['wanted_precision'])} of the clips; the others are left unknown. So {100 * of['told']:.1f} % "
        f"are told. Of all clips {100 * of['right_of_all']:.1f} % are right"
    )
    right = "" if of["right_of_told"] is None else f", of those told {100 * of['right_of_told']:.1f} %"
    rows = [(name, "never told" if least is None else f"{least:.3f}") for name, least in of["thresholds"].items()]
    least = table(("behaviour", "least probability"), rows, "Thresholds after calibration, learnt on all clips")
    return together([paragraphs([f"{lead}{right}."]), folded("Thresholds", least)])


def _species(made: dict[str, Any]) -> Markup:
    if not made["per_species"]:
        return Markup("")
    all_of = {name: of | of["figures"] for name, of in made["per_species"].items()}
    details = [
        folded(name, groups_table(of["per_behaviour"], _OF_ONE, f"Behaviours of {name}", "behaviour"))
        for name, of in made["per_species"].items()
    ]
    return together([groups_table(all_of, _OF_SPECIES, "Figures of each species' clips", "species"), *details])


def _told_species(made: dict[str, Any], plan: EvaluationPlan) -> Markup:
    if (of := made["told_species"]) is None:
        return Markup("")
    caption = "Clips whose species is known, by it (rows) and by the likeliest one (columns)."
    lead = (
        f"The recognizer tells species too: of {plural(of['clips'], 'clip')} whose species is known. Expected "
        f"calibration error {of['calibration_error']:.3f}."
    )
    return together(
        [
            paragraphs([lead]),
            figures_table(of["figures"], NAMES, resampled(of["units"], plan)),
            groups_table(of["per_species"], _OF_TOLD, "Each species that is told or true", "species"),
            picture(plan.out / "species_confusion.svg", "Species", caption, "The counts are in species_confusion.csv."),
        ]
    )


def _lines(made: dict[str, Any], plan: EvaluationPlan) -> list[str]:
    """What is printed."""
    units, wide = made["units"], max(10, *map(len, made["per_behaviour"]))
    said = f"{made['clips']} clips, {made['clips_of_one_behaviour']} of one behaviour, {units} units to resample"
    lines = [said if units >= plan.min_units else f"{said}: too few for intervals"]
    lines += [f"  {NAMES[name]:32s} {shown(figure)}" for name, figure in made["figures"].items()]
    lines.append(f"  {'behaviour':{wide}s}  clips  {'recall':22s}{'precision':22s}average precision")
    for name, of in made["per_behaviour"].items():
        told_of = "".join(f"{shown(of[figure]):22s}" for figure in ("recall", "precision", "ap"))
        lines.append(f"  {name:{wide}s} {of['clips']:6d}  {told_of.rstrip()}")
    errors = ", ".join(f"{error:.3f} {name}" for name, error in made["calibration_error"].items())
    lines.append(f"  expected calibration error       {errors}")
    if (of := made["abstention"]) and of["right_of_told"] is not None:
        lines.append(
            f"  doubtful clips left unknown      {of['told']:.1%} are told, {of['right_of_told']:.1%} of these right "
            f"(of all {of['right_of_all']:.1%})"
        )
    lines += [_line(name, of) for name, of in made["per_species"].items()]
    if (told_of := made["told_species"]) is not None:
        each = ", ".join(f"{name} {value(one['recall'])}" for name, one in told_of["per_species"].items())
        figure = shown(told_of["figures"]["macro_top1"])
        lines.append(f"  species told: {plural(told_of['clips'], 'clip')}, macro top-1 {figure}; recall {each}")
    return lines


def _line(species: str, of: dict[str, Any]) -> str:
    figures = ", ".join(f"{NAMES[name]} {value(of['figures'][name])}" for name in ("top1", "macro_top1", "map"))
    return f"  {species}: {plural(of['clips'], 'clip')}, {figures}"
