"""Methods text to paste into a paper: what was detected, tracked and recognized by what, and how figures were made."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from pipeline.ethology.ethogram import RESERVED, Kind
from pipeline.report.held_out import told_right
from pipeline.report.methods_analysis import analysis
from pipeline.report.methods_errors import errors_text
from pipeline.report.placed import placing
from pipeline.report.summary import RunSummary
from pipeline.report.words import duration, plural
from pipeline.tables import BOUTS
from pipeline.timebase import CLOSE_S
from pipeline.words import defined

_DETECTORS = {  # by the last part of a stage's class
    "YoloDetector": "by a YOLO network ({model})",
    "TorchvisionDetector": "by a torchvision network ({model})",
    "MotionDetector": "as what moves against the background",
    "WholeDetector": "as one animal that fills the picture",
    "ReplayDetector": "beforehand: their boxes were read from files",
}
_TRACKERS = {
    "SortTracker": "SORT (Bewley et al. 2016)",
    "ByteTrackTracker": "ByteTrack (Zhang et al. 2022)",
    "OcSortTracker": "OC-SORT (Cao et al. 2023)",
    "BotSortTracker": "BoT-SORT (Aharon et al. 2022)",
    "ReplayTracker": "the identities in those files",
}


def methods_text(summary: RunSummary, tables: Mapping[str, pd.DataFrame]) -> tuple[str, ...]:
    """Paragraphs: footage and tracks, places on the ground, recognition, what is left out, and each analysis made."""
    done = (*analysis(summary.told, tables), *errors_text(summary.told, tables))
    return (*_seen(summary), *placing(summary), *_recognized(summary, tables), *_left_out(tables), *done)


def methods_file(summary: RunSummary) -> str:
    """The same as a text file, with the references."""
    return "\n\n".join([*summary.methods, "References", *summary.citations]) + "\n"


def _seen(summary: RunSummary) -> Iterator[str]:
    used = [video for video in summary.videos if video.status in ("ok", "partial")]
    footage = duration(sum(video.duration_s for video in used))
    version = summary.versions.get("ethopipe", "")
    detector, tracker = (summary.told.get(name) for name in ("detector", "tracker"))
    verb = "was" if len(used) == 1 else "were"
    told = f"{plural(len(used), 'video')} ({footage} of footage) {verb} analysed with ethopipe {version}."
    if not detector or not tracker:
        yield f"{told} The runs merged here found animals in different ways; see the methods text of each."
        return
    found = _DETECTORS.get(_class(detector), f"by {_class(detector)}").format(**{"model": "", **detector})
    camera = summary.told.get("camera", {}).get("enabled")
    moved = ", after the motion of the camera had been estimated from the background and taken out" if camera else ""
    gap = summary.told.get("tracks", {}).get("max_gap_s")
    bridged = f" Gaps of up to {gap:g} s within a track were interpolated." if gap is not None else ""
    joined = _TRACKERS.get(_class(tracker), _class(tracker))
    yield (
        f"{told} Animals were detected {found} and joined to tracks by {joined}{moved}.{bridged} "
        "A track is one animal for as long as it could be followed, and is not taken for an individual "
        "unless somebody named it."
    )


def _recognized(summary: RunSummary, tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    model, told = summary.model, summary.told
    name = summary.recognizer
    if name != model.get("recognizer"):
        yield "By which recognizer the behaviours were recognized is not recorded in the runs merged here."
        return
    trained = f", trained on {summary.trained_on}" if summary.trained_on else ""
    right = (
        told_right(summary.held_out, summary.held_out_chose_checkpoint)
        or "how often it is right on held-out clips is not known"
    )
    behaviours = told.get("behaviours", {})
    unsure, short = behaviours.get("min_confidence"), behaviours.get("min_bout_s")
    own = ", or under the threshold on the model's card," if behaviours.get("card_thresholds") else ""
    unknown = f" Where the likeliest behaviour had a probability under {unsure or 0:g}{own} it is unknown."
    meant = f" They were defined so: {meanings}." if (meanings := defined(summary.definitions)) else ""
    absorbed = _absorbed(short, tables.get(BOUTS.name, BOUTS.empty())) if short else ""
    yield (
        "Behaviours were recognized in crops that follow each animal (mini-scenes, Kholiavchenko et al. 2024),"
        f"{_windows(summary)} by the recognizer {name}{trained}; {right}.{meant}{_weighed(behaviours)}"
        f"{unknown if unsure else ''}{absorbed}"
    )


def _weighed(behaviours: Mapping[str, Any]) -> str:
    """How the windows' probabilities were read, where not each frame by itself as the recognizer gave them."""
    adapt, switch_s = behaviours.get("adapt") or 0.0, behaviours.get("switch_s") or 0.0
    often = (
        " Their probabilities were weighed by how often each behaviour is in the video, as its own windows say "
        f"(Saerens et al. 2002; weight {adapt:g}); held-out clips were told without that."
    )
    sequence = f" Of all sequences of states the likeliest was taken, a change costing {switch_s:g} s (Viterbi 1967)."
    return f"{often if adapt else ''}{sequence if switch_s else ''}"


def _windows(summary: RunSummary) -> str:
    """What the recognizer saw at once; of runs that do not say it, how long that was."""
    if told := summary.model.get("looks at"):
        return f" in {told},"
    long_s = max((video.window_s for video in summary.videos), default=0.0)
    step_s = summary.told.get("window", {}).get("stride_s")
    every = f", one every {step_s:g} s" if step_s else ""
    return f" in windows of {long_s:.3g} s from the first to the last frame{every}," if long_s else ""


def _absorbed(short_s: float, bouts: pd.DataFrame) -> str:
    """Which short states went to their neighbours, and how many did not."""
    states = bouts[(bouts["kind"] == Kind.state.value) & ~bouts["behaviour"].isin(RESERVED)]
    kept = int((states["duration_s"] < short_s - CLOSE_S).sum())
    told = f" In bouts and transitions, states shorter than {short_s:g} s were given to their neighbours"
    if not kept:
        return f"{told}."
    verb = "is" if kept == 1 else "are"
    return (
        f"{told} where both their ends were seen; {kept:,} of {plural(len(states), 'bout')} {verb} shorter, as the "
        "record cuts them and how long they lasted is not known."
    )


def _left_out(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    excluded = tables.get("excluded", pd.DataFrame())
    budgets = tables.get("time_budgets", pd.DataFrame())
    pooled = budgets[(budgets["level"] == "pooled") & (budgets["visible_s"] > 0)] if len(budgets) else budgets
    if len(pooled):
        row = pooled.iloc[0]
        named = f"{row['n_individuals']} named animals" if row["n_individuals"] else "no named animals"
        yield (
            f"The figures rest on {plural(int(row['n_sessions']), 'session')}, {named} and "
            f"{plural(int(row['n_tracks']), 'track')}: {row['visible_s']:,.0f} s of animals' time in sight and "
            f"recognized, {row['excluded_s']:,.0f} s left out{_by_reason(excluded)}."
        )


def _by_reason(excluded: pd.DataFrame) -> str:
    if excluded.empty:
        return ""
    sums = excluded.groupby(["cause", "reason"], sort=False, as_index=False)["animal_s"].sum()
    told = [
        f"{row['cause']}{', ' if row['reason'] else ''}{row['reason']}: {row['animal_s']:,.0f} s"
        for _, row in sums.iterrows()
    ]
    return f" ({'; '.join(told)})"


def _class(stage: Mapping[str, Any]) -> str:
    return str(stage.get("_target_", "")).rpartition(".")[2]
