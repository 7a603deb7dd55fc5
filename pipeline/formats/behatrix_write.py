"""Behavioural sequences as strings, for Behatrix: written as BORIS exports them, one sequence a line.

::

    # observation id: DJI_0068
    # observation description:

    # Observation type: Media file
    # Media file path: player #1: /footage/DJI_0068.MP4;

    # Tumaini:
    Walk|Walk+snort|Graze            every start gives all that goes on, every point that and itself
    Graze|Walk                       after a hole in the record a sequence of its own
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.artifacts import write_text
from pipeline.formats.safe_names import one_line

SEPARATOR, TOGETHER = "|", "+"


@dataclass(frozen=True)
class Observed:
    """One video: sequences of each subject, as ``sequence`` gives them."""

    name: str
    media: str
    sequences: Mapping[str, Sequence[str]]


def sequence(events: Sequence[tuple[str, str]]) -> str:
    """The string of ``(kind, code)`` in order of time; the kind is START, STOP or POINT.

    A stop is told only where something else goes on: BORIS's rule.
    """
    going: list[str] = []
    told: list[str] = []
    for kind, code in events:
        if kind == "POINT":
            told.append(TOGETHER.join([*going, code]))
            continue
        going = sorted([*going, code]) if kind == "START" else [one for one in going if one != code]
        if going:
            told.append(TOGETHER.join(going))
    return SEPARATOR.join(told)


def plain(name: str) -> str:
    """A behaviour's name without the signs that part sequences and without that of a comment."""
    return one_line(name).translate(str.maketrans("|+&#", "____"))


def write_sequences(path: Path, observed: Sequence[Observed]) -> None:
    """Write the sequences of all videos, those of a subject under its name."""
    lines: list[str] = []
    for one in observed:
        lines += ["", f"# observation id: {one_line(one.name)}", "# observation description: ", ""]
        lines += ["# Observation type: Media file", f"# Media file path: player #1: {one_line(one.media)}; ", "", ""]
        for subject, sequences in one.sequences.items():
            lines += [f"# {one_line(subject)}:", *sequences, ""]
    write_text(path, "\n".join(lines))
