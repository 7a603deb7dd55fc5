"""Detections and tracks beside the truth in words: what is printed, and the sections and cautions of the page."""

from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.evaluation.recordings import Recording
from pipeline.evaluation.results import Told, few, of_units, resampled, shown
from pipeline.evaluation.settings import EvaluationPlan
from pipeline.report.markup import Markup, bullets, table, together
from pipeline.report.results import figures_table, groups_table, picture, value
from pipeline.report.words import plural, readable

KINDS = ("species", "size", "height")
MISSED = "not found"
FEW_BOXES = 100  # true boxes of a species, under which its figures say little
MOST_VIDEOS = 60  # in the page; the rest is in the CSV
DETECTION = {
    "map50": "mAP50, one class: animal", "map50_95": "mAP50-95, one class: animal",
    "map50_species": "mAP50, mean over species", "map50_95_species": "mAP50-95, mean over species",
    "recall": "recall of the boxes kept", "precision": "precision of the boxes kept",
}  # fmt: skip
TRACKING = {
    "hota": "HOTA", "deta": "DetA", "assa": "AssA", "mota": "MOTA", "idf1": "IDF1", "idp": "IDP", "idr": "IDR",
    "recall": "recall of the tracks' boxes", "precision": "precision of the tracks' boxes",
}  # fmt: skip
_GROUP = {"boxes": "true boxes", "recall": "recall", "ap50": "AP50", "ap50_95": "AP50-95"}
_VIDEO = {
    "frames": "frames", "boxes": "true boxes", "map50": "mAP50", "recall": "recall", "precision": "precision",
    "hota": "HOTA", "mota": "MOTA", "idf1": "IDF1", "switches": "switches",
}  # fmt: skip
_WORDS = {
    "species": "Recall whatever the animal was called; AP of the boxes called by its name, where the names agree",
    "size": "By area as COCO has it: small under 32 x 32 px, large from 96 x 96 px on",
    "height": "By the height of the true box in pixels of the source frame",
}


def told(made: dict[str, Any], judged: Sequence[Recording], plan: EvaluationPlan) -> Told:
    """The evaluation in words; its pictures lie in ``plan.out`` already."""
    source = plan.run or plan.tracks
    assert source is not None
    run = [("the run", plan.run / "run.json")] if plan.run else []
    of_videos = [(f"{what} of {one.video}", file) for one in judged for what, file in one.files.items()]
    return Told(
        title=f"{source.resolve().name} beside the truth",
        lead=f"{_lead(made)}.",
        cautions=list(_cautions(made, plan)),
        sections=_sections(made, plan),
        lines=list(_lines(made, plan)),
        inputs=[*run, *of_videos],
    )


def _lead(made: dict[str, Any]) -> str:
    boxes, frames = plural(made["boxes"], "true box", "true boxes"), plural(made["frames"], "frame")
    return f"{boxes} in {frames} of {plural(made['videos'], 'video')}"


def _cautions(made: dict[str, Any], plan: EvaluationPlan) -> Iterator[str]:
    yield from of_units(made["videos"], plan, "video")
    for key, reason in made["videos_left_out"].items():
        yield f"{readable(key)} is left out: {reason}."
    if ignored := made["ignored_boxes"]:
        yield (
            f"{plural(ignored, 'true box', 'true boxes')} left out, which to find is no merit and no fault: hidden, "
            "cut by the edge or small in a simulated scene, or of a species that old2new leaves out."
        )
    if made["detection"] and made["detection"]["figures"]["map50_species"]["value"] is None:
        yield "The detector calls no species as the truth does: there is no AP by species; old2new gives other names."
    if made["detection"]:
        boxes = {name: of["boxes"] for name, of in made["detection"]["per_species"].items()}
        yield from few(boxes, FEW_BOXES, "{:,} boxes")
    if made["tracking"] is None:
        yield "The truth has no identities, so that tracks cannot be judged."


def _sections(made: dict[str, Any], plan: EvaluationPlan) -> list[tuple[str, str, Markup]]:
    found, followed, caption = made["detection"], made["tracking"], resampled(made["videos"], plan, "video")
    videos = {readable(row["video"]): row for row in made["per_video"][:MOST_VIDEOS]}
    return [
        ("detections", "Detections", _detections(found, caption, plan) if found else Markup("")),
        *((kind, f"By {kind}", _group(kind, found)) for kind in KINDS if found),
        ("confusion", "Which species is taken for which", _confusion(plan) if found else Markup("")),
        ("scores", "Do the scores mean what they say?", _scores(plan) if found else Markup("")),
        ("tracks", "Tracks", _tracks(followed, caption, plan) if followed else Markup("")),
        ("videos", "Each video", groups_table(videos, _VIDEO, "All videos are in per_video.csv", "video")),
        ("frames", "Which frames and boxes", _frames(plan)),
    ]


def _detections(found: dict[str, Any], caption: str, plan: EvaluationPlan) -> Markup:
    least = "" if found["least_score"] is None else f", their scores {found['least_score']:g} and more"
    kept = f"{plural(found['detections'], 'detection')} that the run followed{least}; {caption}"
    curves = "Precision at each recall; the numbers are in precision_recall.csv."
    return together(
        [
            figures_table(found["figures"], DETECTION, kept),
            picture(plan.out / "precision_recall.svg", "Precision and recall", curves, "A line a least overlap."),
        ]
    )


def _group(kind: str, found: dict[str, Any]) -> Markup:
    return groups_table(found[f"per_{kind}"], _GROUP, _WORDS[kind], kind)


def _confusion(plan: EvaluationPlan) -> Markup:
    caption = "True boxes that count, by their species (rows) and what the detector called them (columns), at IoU 0.5."
    return picture(plan.out / "confusion.svg", "Species", caption, "The counts are in confusion.csv.")


def _scores(plan: EvaluationPlan) -> Markup:
    caption = "Share of the detections that are a true animal, at IoU 0.5, by their score."
    return picture(plan.out / "scores.svg", "Scores", caption, "Share of true detections by score.")


def _tracks(followed: dict[str, Any], caption: str, plan: EvaluationPlan) -> Markup:
    rows = [(name, f"{count:,}") for name, count in followed["counts"].items()]
    curves = "At each least overlap of a match; the numbers are in hota.csv."
    return together(
        [
            figures_table(followed["figures"], TRACKING, f"MOTA and the identities at IoU 0.5; {caption}"),
            table(("what", "count"), rows, "Identity switches, fragmentations, true animals and tracks"),
            picture(plan.out / "hota.svg", "HOTA by overlap", curves, "HOTA, DetA and AssA fall with the overlap."),
        ]
    )


def _frames(plan: EvaluationPlan) -> Markup:
    looked = "that the detector looked at" if plan.run else "in which there is a track or a true box"
    return bullets(
        [
            f"Frames: of those {looked}, {plan.frames.value} (frames={plan.frames.name}).",
            "AP: as COCO has it, without a limit to the boxes of a frame (Lin et al. 2014).",
            "MOTA: Bernardin and Stiefelhagen 2008. IDF1: Ristani et al. 2016. HOTA: Luiten et al. 2021. As TrackEval "
            "reckons them; over several videos counts are added up.",
        ]
    )


def _lines(made: dict[str, Any], plan: EvaluationPlan) -> Iterator[str]:
    """What is printed."""
    few_of = "" if made["videos"] >= plan.min_units else ": too few for intervals"
    yield f"{_lead(made)}{few_of}"
    for part, names in (("detection", DETECTION), ("tracking", TRACKING)):
        if made[part]:
            yield from (f"  {name:32s} {shown(made[part]['figures'][key])}" for key, name in names.items())
    if made["tracking"]:
        yield "  " + ", ".join(f"{count} {name}" for name, count in made["tracking"]["counts"].items())
    if made["detection"]:
        yield f"  {'by species, size and height':32s} {'boxes':>8s}   recall     AP50  AP50-95"
        for kind in KINDS:
            for name, of in made["detection"][f"per_{kind}"].items():
                cells = "".join(f"{value(of[key]):>9s}" for key in ("recall", "ap50", "ap50_95"))
                yield f"    {name:30s} {of['boxes']:8d}{cells}"
