"""The methods card: what made the results, from versions to sample sizes, and the text to paste."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.report.held_out import recall, told_right
from pipeline.report.markup import Markup, folded, link, table, tag, together
from pipeline.report.sections.common import listed, note
from pipeline.report.summary import RunSummary
from pipeline.report.words import percent
from pipeline.words import defined

_OF_RUN = {  # settings that decide what is recognized, where there are any, and what they are
    "detector.period_s": "s between analysed frames; 0: every frame",
    "detector.min_score": "least score of a box",
    "tracks.min_score": "least score of a box that is followed",
    "tracks.max_gap_s": "s; gaps within a track up to this are interpolated",
    "tracks.min_duration_s": "s; shorter tracks are dropped",
    "window.stride_s": "s from window to window",
    "visibility.min_length_px": "px; smaller animals are not visible",
    "visibility.max_covered_share": "of a box under another animal, above which it is not visible",
    "behaviours.min_confidence": "probability under which a behaviour is unknown",
    "behaviours.adapt": "of each video's own frequencies of behaviours, in place of those of training",
    "behaviours.switch_s": "s; cost of a change of behaviour",
}
_OF_ANALYSIS = {  # those that decide what is made of it
    "behaviours.min_bout_s": "s; shorter bouts are given to their neighbours, but those that the record cuts are kept",
    "statistics.interval_s": "s; step of the transitions per interval",
    "statistics.min_units": "units under which there is no interval",
    "statistics.min_visible_s": "s; animals recognized for less are in no mean over animals, and in no comparison",
    "statistics.confidence": "of the intervals",
    "bouts.criterion": "which gap ends a bout",
    "bouts.gap_s": "s; gaps bridged where no criterion is fitted",
    "bouts.min_ended": "bouts seen to end, under which there is no median or mean length",
    "sequences.permutations": "behind each p",
    "sequences.correction": "of p for many cells",
    "society.unit": "what near is measured in",
    "society.near": "distance up to which two are together",
    "society.period_s": "s; sampling period of associations",
    "society.correction": "of p within each table of society, of synchrony within each unit",
}
_RUN = "Settings of recognition: how animals were found and their behaviours recognized in the run, or the runs merged"
_ANALYSIS = "Settings of the analysis: what was made of it in this report; they say nothing of the recognition"
_VERSIONS = "Versions of what made this report; those of runs merged here are in the run.json of each"
_FIGURES = {  # settings, and the table and column without any figure of which they decided nothing
    "sequences.permutations": ("transition_tests", "p_permuted"),
    "sequences.correction": ("transition_tests", "p_permuted"),
    "society.unit": ("subgroups", "size"),
    "society.near": ("subgroups", "size"),
    "society.period_s": ("associations", "sri"),
}
_OF_RECOGNIZER = ("window.stride_s", "behaviours.min_confidence", "behaviours.adapt", "behaviours.switch_s")


def card(summary: RunSummary, tables: Mapping[str, pd.DataFrame]) -> Markup:
    """Model with its held-out figures, versions, settings that decide results, and all settings to unfold.

    Settings of what ``tables`` have no figure of are only among all settings.
    """
    model = [(what, value) for what, value in summary.model.items() if value]
    undefined = "those of the recognizer's training data; neither its card nor the ethogram says them"
    model.append(("definitions of behaviours", defined(summary.definitions) or undefined))
    right_of = told_right(summary.held_out, summary.held_out_chose_checkpoint)
    model.append(("held-out figures", right_of or "none are known"))
    if not summary.told.get("audit"):
        model.append(("audit", "none; ethopipe audit draws windows of this footage to be judged by eye"))
    right = [(name, percent(value), _clips(summary, name)) for name, value in recall(summary.held_out).items()]
    return together(
        [
            table(("what", "value"), model, "Recognizer", words=2),
            folded(
                "Held-out clips recognized right",
                table(("behaviour", "recognized right", "clips"), right, "By behaviour"),
            )
            if right
            else Markup(""),
            _decisive(summary, tables, _OF_RUN, _RUN),
            _unrecorded(summary),
            _decisive(summary, tables, _OF_ANALYSIS, _ANALYSIS),
            folded("Versions", table(("part", "version"), list(summary.versions.items()), _VERSIONS, words=2)),
            folded("Command", tag("pre", summary.command)),
            folded("All settings of recognition", tag("pre", summary.settings)),
            folded("All settings of the analysis", tag("pre", summary.analysis)),
        ]
    )


def _decisive(
    summary: RunSummary, tables: Mapping[str, pd.DataFrame], meanings: Mapping[str, str], caption: str
) -> Markup:
    """The settings that ``meanings`` names and that are known; nothing where none is."""
    rows = [
        (name, str(value), _words(summary, name, words))
        for name, words in meanings.items()
        if (value := _at(summary, name)) != "" and _applied(summary, tables, name)
    ]
    return table(("setting", "value", "what it is"), rows, caption, words=3) if rows else Markup("")


def _unrecorded(summary: RunSummary) -> Markup:
    """Of which groups of settings nothing is known; nothing where all are."""
    groups = dict.fromkeys(name.partition(".")[0] for name in _OF_RUN)
    known = {group for group in groups for key in summary.told.get(group, ()) if f"{group}.{key}" not in _OF_ANALYSIS}
    if not (lost := [group for group in groups if group not in known]):
        return Markup("")
    return note(
        f"By which settings of {listed(lost)} the behaviours were recognized is not told here: the runs merged here "
        "do not record them, or differ in them (run.json of each)."
    )


def text(summary: RunSummary) -> Markup:
    """The paragraphs to paste, and where they are as a file."""
    if not summary.methods:
        return Markup("")
    where = together(["Written from the settings and results of this run; also in ", link("methods.txt"), "."])
    return together(
        [tag("p", where, class_="note"), tag("div", *(tag("p", part) for part in summary.methods), class_="paste"),
         note("References are in the last section. Read it before you send it: it knows what was done, not why.")]
    )  # fmt: skip


def _at(summary: RunSummary, name: str) -> Any:
    """A setting named as ``group.name``; an empty text where there is none."""
    group, _, key = name.partition(".")
    value = summary.told.get(group, {})
    found = value.get(key, "") if isinstance(value, Mapping) else ""
    return getattr(found, "value", found)


def _applied(summary: RunSummary, tables: Mapping[str, pd.DataFrame], name: str) -> bool:
    """Did a setting decide anything that is shown?"""
    if name == "bouts.gap_s" and _at(summary, "bouts.criterion") != "fixed":
        return bool(_at(summary, name) > 0)
    table, figure = _FIGURES.get(name, ("", ""))
    found = tables.get(table, pd.DataFrame())
    return not table or (len(found) > 0 and bool(found[figure].notna().any()))


def _words(summary: RunSummary, name: str, words: str) -> str:
    """What a setting is; one of recognition where it is not recorded what recognized."""
    known = name not in _OF_RECOGNIZER or summary.recognizer == summary.model.get("recognizer")
    return words if known else f"{words} (as set; what the recognizer, not recorded, used of it is not known)"


def _clips(summary: RunSummary, behaviour: str) -> str:
    clips = summary.held_out.get(f"clips {behaviour}")
    return "-" if clips is None else f"{clips:.0f}"
