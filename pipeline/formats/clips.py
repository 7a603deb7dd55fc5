"""Labelled clips that somebody else made: which stretch of which video or folder of pictures shows which behaviour."""

from collections.abc import Iterable, Mapping

from pipeline.columns import Column, Table

SEVERAL = "|"  # between the behaviours of a clip that shows more than one
END = -1  # as stop_frame: to the end of the file

CLIPS = Table(
    "clips",
    (
        Column("path", "str", "", "the video, or the folder of pictures, relative to the data set's folder"),
        Column("behaviour", "str", "", f"the behaviour; several are joined by {SEVERAL}, by alphabet"),
        Column("species", "str", "", "the species; empty where nobody says it"),
        Column("group", "str", "", "the recording that the clip was cut from"),
        Column("split", "str", "", "the authors' own split: train, val or test; empty where there is none"),
        Column("start_frame", "int", "", "first frame in the file, from 0; of pictures, from the first", low=0),
        Column("stop_frame", "int", "", f"frame after the last; {END}: to the end", low=END),
        Column("place", "str", "", "where in the labels it stands, for those who have to mend it"),
    ),
)


def together(behaviours: Iterable[str]) -> str:
    """Several behaviours as one text, each once."""
    return SEVERAL.join(sorted(set(behaviours)))


def apart(behaviour: str) -> list[str]:
    """The behaviours in such a text."""
    return [name for name in behaviour.split(SEVERAL) if name]


def renamed(behaviour: str, old2new: Mapping[str, str]) -> str:
    """The same under new names; a new name that is empty leaves the behaviour out."""
    return together(filter(None, (old2new.get(name, name) for name in apart(behaviour))))
