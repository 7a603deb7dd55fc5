"""Which names of videos mean the same video, though coders have them in other folders or as another kind of file."""

import logging
import re
import unicodedata
from collections.abc import Collection, Sequence

from pipeline.errors import UsageError
from pipeline.label_videos import folder_told, some

log = logging.getLogger(__name__)

_ENDING = re.compile(r"\.[A-Za-z]\w{1,4}$")  # .MP4, .mov; not the 2 of 3.2


def common_names(named: Sequence[Collection[str]]) -> list[dict[str, str]]:
    """For each coder, by the names of the videos that the coder uses: the name that all coders then have.

    Paths match by their ends, as far as they go: two ``DJI_0001`` in two folders are told apart where both coders name
    the folders. Upper and lower case and the ending do not matter. No name means the only video that there is.
    ``UsageError`` where a name may mean several, or two names of one coder mean the same; a warning where two relative
    paths are taken for one video though their folders differ.
    """
    known: list[str] = []
    found: list[dict[str, str]] = []
    for names in named:
        meant = {name: _meant(name, known) for name in sorted(names)}
        for common in sorted(other for other in set(meant.values()) if other is not None):
            rivals = [name for name, other in meant.items() if other == common]
            nearest = max(alike(name, common) for name in rivals)
            if len(best := [name for name in rivals if alike(name, common) == nearest]) > 1:
                what = common or "the video of a coder who names none"
                raise UsageError(f"{some(best)} may all mean {what}; name the videos by their folders too")
            meant |= dict.fromkeys(set(rivals) - set(best))  # the others are videos of their own
            if folder_told(best[0]) and folder_told(common) and nearest[0] == 1:
                log.warning("%s is taken for %s, though the folders differ", best[0], common)
        found.append({name: name if common is None else common for name, common in meant.items()})
        known += [name for name, common in meant.items() if common is None]
    return _with_names(found)


def _meant(name: str, known: Sequence[str]) -> str | None:
    """The known name that means the same video; None: none does."""
    if not name or list(known) == [""]:
        if len(known) > 1:
            raise UsageError(f"one coder names no video, others {some(known)}; name it in all files")
        return known[0] if known else None
    score = {other: alike(name, other) for other in known}
    best = max(score.values(), default=(0, False))
    if best[0] == 0:
        return None
    if len(nearest := [other for other, value in score.items() if value == best]) > 1:
        raise UsageError(f"video '{name}' may mean {some(nearest)}; name it by its folders too")
    return nearest[0]


def alike(one: str, other: str) -> tuple[int, bool]:
    """How many parts of two paths are alike, from their ends; and are the last parts alike with their ending?"""
    mine, yours = _parts(one), _parts(other)
    if _ENDING.sub("", mine[0]) != _ENDING.sub("", yours[0]):
        return 0, False
    same = 1
    while same < min(len(mine), len(yours)) and mine[same] == yours[same]:
        same += 1
    return same, mine[0] == yours[0]


def _parts(name: str) -> list[str]:
    """The parts of a path, the last first, as a careless file system compares them."""
    plain = unicodedata.normalize("NFC", name).casefold().replace("\\", "/")
    return [part for part in plain.split("/") if part][::-1] or [""]


def _with_names(found: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """The same; where the first coder named no video, the name that another has for it."""
    told = [name for meant in found for name, common in meant.items() if not common and name]
    return [{name: common or (told[0] if told else "") for name, common in meant.items()} for meant in found]
