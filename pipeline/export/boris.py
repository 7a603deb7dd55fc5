"""What a run found, as BORIS's own files: tabular and aggregated events, and a project that opens with the videos.

What is not in the denominator of our budgets is coded, as an observer does it: ``unknown``, ``not visible``, and in the
project ``not followed``, the time in which an animal has no track or that observations.csv leaves out. A named animal
has it in every video, because BORIS divides by the length of all that are selected. With these three under "Exclude
behaviours from total time", the shares of BORIS's time budget are ours, those of a track where its video alone is
selected. Of a second set its own ``unknown (<set>)`` and ``not visible (<set>)`` go with ``not followed``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from pipeline.ethology.ethogram import NOT_FOLLOWED, RESERVED, Behaviour, Kind
from pipeline.export.held import Held
from pipeline.export.noted import Noted
from pipeline.export.video import HeldVideo
from pipeline.formats.boris_write import Code, Observation, check_codes, write_aggregated, write_events, write_project
from pipeline.formats.safe_names import distinct, one_line
from pipeline.report.words import plural

LEFT_OUT = "not counted"  # the category of what is no behaviour
_SHORT_S = 0.0005  # what is shorter begins and ends in the same millisecond


@dataclass(frozen=True)
class _Coded:
    """The run as BORIS would have it; ``home`` is the set of behaviours whose visibility bears no set's name."""

    codes: list[Code]
    watched: list[Observation]
    warnings: list[str]
    home: str
    named: list[str]  # the subjects that have a name


def write_boris_events(folder: Path, held: Held) -> list[str]:
    """``events.tsv``, as BORIS exports tabular events: every bout twice, at its start and at its stop."""
    coded = _coded(held)
    write_events(folder / "events.tsv", coded.codes, coded.watched)
    return coded.warnings


def write_boris_aggregated(folder: Path, held: Held) -> list[str]:
    """``aggregated.tsv``, as BORIS exports aggregated events: a row a bout."""
    coded = _coded(held)
    write_aggregated(folder / "aggregated.tsv", coded.codes, coded.watched)
    return coded.warnings


def write_boris_project(folder: Path, held: Held) -> list[str]:
    """``<run>.boris``: ethogram, animals and all events, with the source videos as media."""
    coded = _coded(held)
    codes = [*coded.codes, Code(NOT_FOLLOWED, True, LEFT_OUT, apart=True)]
    whole = [_filled(one, coded.home, coded.named) for one in coded.watched]
    names = sorted({name for one in whole for name in one.intervals["subject"]})
    write_project(folder / f"{held.name}.boris", held.name, held.date, codes, names, whole)
    lost = [one.media for one in whole if not Path(one.media).is_file()]
    if lost:
        coded.warnings.append(f"{plural(len(lost), 'video')} not found, BORIS will ask for it: {lost[0]}")
    return coded.warnings


def check_boris(held: Held) -> object:
    """``UsageError`` where no animal was followed, or for behaviours that BORIS cannot name."""
    return held.bouts, _ethogram(held)


def code_of(behaviour: Behaviour) -> Code:
    """A behaviour as BORIS knows it."""
    return Code(behaviour.name, behaviour.kind is Kind.state, behaviour.set, definition=behaviour.definition)


def _ethogram(held: Held) -> tuple[list[Code], list[str]]:
    """The codes, and the sets that have states, or the first of all; the first of these is ``home``."""
    behaviours = [one for one in held.behaviours if one.visible]
    states = [one.set for one in behaviours if one.kind is Kind.state]
    sets = list(dict.fromkeys(states or [behaviours[0].set]))
    codes = [code_of(one) for one in behaviours]
    codes += [Code(_away(name, of, sets[0]), True, LEFT_OUT, apart=True) for of in sets for name in RESERVED]
    check_codes(codes)
    return codes, sets


def _coded(held: Held) -> _Coded:
    """``UsageError`` as of ``check_boris``."""
    codes, sets = _ethogram(held)
    bouts, home = held.bouts, sets[0]
    known = bouts["set"].isin(sets) | ~bouts["behaviour"].isin(RESERVED)  # events have no stretches
    short = (bouts["kind"] == Kind.state.value) & (bouts["duration_s"] < _SHORT_S)
    rows = bouts[known & ~short]
    nameless = set(rows["video"] + "#" + rows["track"].astype("str"))
    names = distinct(rows["subject"], map(one_line, rows["subject"]))
    rows = rows.assign(
        subject=rows["subject"].map(names),
        behaviour=[_away(name, of, home) for name, of in zip(rows["behaviour"], rows["set"], strict=True)],
        start_comment=rows["censored_start"].map({True: "start not seen", False: ""}),
        stop_comment=rows["censored_stop"].map({True: "stop not seen", False: ""}),
    )
    lost = plural(int((known & short).sum()), "state")
    warnings = [f"{lost} of pictures that do not last left out"] if (known & short).any() else []
    warnings += [*held.noted.warnings, *held.noted.undated([one.key for one in held.videos])]
    watched = [_observation(one, rows, held.noted) for one in held.videos]
    return _Coded(codes, watched, warnings, home, [names[name] for name in names if name not in nameless])


def _away(name: str, of_set: str, home: str) -> str:
    """``unknown`` and ``not visible`` of a further set bear its name: one code twice at a time would be muddled."""
    return f"{name} ({of_set})" if name in RESERVED and of_set != home else name


def _observation(one: HeldVideo, rows: pd.DataFrame, noted: Noted) -> Observation:
    own = rows[rows["video"] == one.key]
    filmed, told = noted.filmed(one.key), noted.words(one.key)
    return Observation(one.key, one.media, one.info["duration_s"], one.fps, own, filmed, told)


def _filled(one: Observation, home: str, named: Sequence[str]) -> Observation:
    """The observation with ``not followed`` wherever the home set says nothing of an animal that is in it, or that is
    among those ``named`` of all.
    """
    rows = one.intervals[one.intervals["set"] == home]
    of = dict.fromkeys(named, rows.iloc[:0]) | {str(name): own for name, own in rows.groupby("subject")}
    added = [(name, NOT_FOLLOWED, *hole) for name in sorted(of) for hole in _holes(of[name], one.length_s)]
    more = pd.DataFrame(added, columns=["subject", "behaviour", "start_s", "stop_s"])
    frames = {f"{side}_frame": (more[f"{side}_s"] * one.fps).round().astype("int64") for side in ("start", "stop")}
    more = more.assign(start_comment="", stop_comment="", **frames)
    return replace(one, intervals=pd.concat([one.intervals, more]) if len(more) else one.intervals)


def _holes(rows: pd.DataFrame, length_s: float) -> Iterator[tuple[float, float]]:
    """Where a subject's rows leave the video uncovered."""
    until = 0.0
    for start, stop in sorted(zip(rows["start_s"].tolist(), rows["stop_s"].tolist(), strict=True)):
        if start - until >= _SHORT_S:
            yield until, start
        until = max(until, stop)
    if length_s - until >= _SHORT_S:
        yield until, length_s
