"""Timed sequences for GSEQ, in its language SDIS (Bakeman and Quera 2011, "Sequential Analysis and Observational
Methods for the Behavioral Sciences", Cambridge University Press). BORIS's own are of one observation a file.

::

    % a comment %
    Timed (Walk Graze) (snort);        codes that exclude each other in one pair of brackets; the head ends in ;
    <Tumaini>                          a unit: one animal
    % video: DJI_0068.MP4 %            where the sessions that follow were filmed
    Walk,0.000-4.000 snort,3.000 Graze,4.000-9.500;        a session: an unbroken stretch, onset-offset in seconds
    Walk,12.000-14.000/                                    the last session of a unit ends in /
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.artifacts import write_text
from pipeline.formats.safe_names import one_line
from pipeline.formats.sdis import VIDEO

LONGEST = 16  # characters of a code


@dataclass(frozen=True)
class Session:
    """Codes with onset and offset, the offset exclusive, and momentary codes with their onset; seconds of ``video``."""

    video: str
    states: Sequence[tuple[str, float, float]]
    events: Sequence[tuple[str, float]]


def write_sdis(
    path: Path, comment: str, states: Iterable[str], events: Iterable[str], units: Mapping[str, Sequence[Session]]
) -> None:
    """Write the sessions of each unit; codes are single words of at most ``LONGEST`` characters."""
    head = " ".join(f"({' '.join(codes)})" for codes in (list(states), list(events)) if codes)
    lines = [f"% {_plain(comment)} %", f"Timed {head};"]
    for unit, sessions in units.items():
        lines += ["", f"<{_plain(unit)}>"]
        for before, session in zip([None, *sessions], sessions, strict=False):
            lines += [] if before and before.video == session.video else [f"% {VIDEO}{_plain(session.video)} %"]
            lines.append(" ".join(_codes(session)) + ("/" if session is sessions[-1] else ";"))
    write_text(path, "\n".join(lines) + "\n")


def _codes(session: Session) -> list[str]:
    """Every code with its times, by onset."""
    timed = [(start, f"{code},{start:.3f}-{stop:.3f}") for code, start, stop in session.states]
    timed += [(time, f"{code},{time:.3f}") for code, time in session.events]
    return [text for _, text in sorted(timed, key=lambda one: one[0])]


def _plain(text: str) -> str:
    """Text without the signs that end a label or a comment."""
    return one_line(text).translate(str.maketrans("<>%", "()_"))
