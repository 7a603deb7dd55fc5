"""What a run found as sequences, for GSEQ, Behatrix and JWatcher: a file, or folder, for each set of exclusive states.

No sequence goes over a hole in an animal's record, nor over time that was not recognized or out of sight.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from urllib.parse import unquote

import pandas as pd

from pipeline.artifacts import write_csv
from pipeline.ethology.ethogram import RESERVED, Behaviour, Kind
from pipeline.export.held import Held
from pipeline.export.stretches import Stretch, lost_events, sets_of_states, stretches
from pipeline.formats.behatrix_write import Observed, plain, sequence, write_sequences
from pipeline.formats.jwatcher import AWAY, FILES
from pipeline.formats.jwatcher_write import keys, write_focal, write_master
from pipeline.formats.safe_names import distinct, word
from pipeline.formats.sdis import CODES
from pipeline.formats.sdis_write import LONGEST, Session, write_sdis

_AWAY_MEANS = "not visible, not recognized or not followed: choose this key as the out of sight code"


def write_sds(folder: Path, held: Held) -> list[str]:
    """``<set>.sds`` for GSEQ: an animal is a unit, an unbroken stretch a session; ``codes.csv`` has the names.

    Of an animal without a name the unit has the video's name as it is on disk: a label of GSEQ takes no ``%``.
    """
    warnings: list[str] = []
    every = _names(held)
    codes = distinct(every, map(word, every), LONGEST, fold=True)
    _write_codes(folder, codes)
    events = [codes[one.name] for one in held.behaviours if one.visible and one.kind is Kind.event]
    for of_set, file in _files(held).items():
        found = stretches(held.bouts, of_set)
        units = {_label(own[0]): [_session(one, codes) for one in own] for _, own in _by_subject(found)}
        states = [codes[one.name] for one in held.behaviours if one.visible and one.set == of_set]
        write_sdis(folder / f"{file}.sds", f"behaviours of {held.name}, set {of_set}", states, events, units)
        warnings += lost_events(held.bouts, found)
    return warnings


def write_behatrix(folder: Path, held: Held) -> list[str]:
    """``<set>.txt`` for Behatrix: strings of behaviours, a line an unbroken stretch; ``codes.csv`` has the names."""
    warnings: list[str] = []
    every = _names(held)
    codes = distinct(every, map(plain, every))
    _write_codes(folder, codes)
    for of_set, file in _files(held).items():
        found = stretches(held.bouts, of_set)
        strings: dict[str, dict[str, list[str]]] = {one.key: {} for one in held.videos}
        for stretch in found:
            strings[stretch.video].setdefault(stretch.subject, []).append(_string(stretch, codes))
        observed = [Observed(one.key, one.media, strings[one.key]) for one in held.videos]
        write_sequences(folder / f"{file}.txt", observed)
        warnings += lost_events(held.bouts, found)
    return warnings


def write_jwatcher(folder: Path, held: Held) -> list[str]:
    """``<set>/<video>_<subject>.dat`` for JWatcher, and the ``<set>.fmf`` that says what its keys mean.

    What is not visible, not recognized or not followed is one key, ``out of sight``. Events have keys too. Whose each
    data file is, JWatcher has no place for: ``files.csv`` says so.
    """
    for of_set, file in _files(held).items():
        of, key = _keys(held, of_set)
        meanings = [(key[one.name], one.name, one.kind.value) for one in of] + [(key[AWAY], AWAY, _AWAY_MEANS)]
        longest = max(one.info["duration_s"] for one in held.videos)
        filmed = {one.key: held.noted.filmed(one.key) for one in held.videos}
        write_master(folder / file / f"{file}.fmf", held.date, meanings, longest)
        rows = held.bouts
        rows = rows[(rows["set"] == of_set) | (rows["kind"] == Kind.event.value)]
        pairs = list(rows.groupby(["video", "subject"], sort=True))
        wanted = [word(f"_{video}_{_short(str(subject), str(video))}").lstrip("_") for (video, subject), _ in pairs]
        names = distinct([f"{pair}" for pair, _ in pairs], wanted, longest=100, fold=True)
        data = [f"{names[f'{pair}']}.dat" for pair, _ in pairs]
        whose = [(name, *pair) for name, (pair, _) in zip(data, pairs, strict=True)]
        write_csv(folder / file / FILES, pd.DataFrame(whose, columns=["file", "video", "subject"]))
        for name, (pair, own) in zip(data, pairs, strict=True):
            states = own[own["kind"] == Kind.state.value].sort_values("start_s", kind="stable")
            points = own[own["kind"] == Kind.event.value]
            pressed = [*_presses(states, key), *((time, key[point]) for point, time in _times(points))]
            path = folder / file / name
            dates, pressed = (held.date, filmed[str(pair[0])]), sorted(pressed, key=lambda one: one[0])
            write_focal(path, f"{file}.fmf", *dates, pressed, own["stop_s"].max())
    return [*held.noted.warnings, *held.noted.undated([one.key for one in held.videos])]


def check_sequences(held: Held) -> object:
    """``UsageError`` where no animal was followed, or the ethogram has no states."""
    return held.bouts, sets_of_states(held)


def check_jwatcher(held: Held) -> object:
    """The same, and where JWatcher has too few keys."""
    return check_sequences(held), [_keys(held, of_set) for of_set in sets_of_states(held)]


def _keys(held: Held, of_set: str) -> tuple[list[Behaviour], dict[str, str]]:
    """The behaviours of a set and all events, and their keys."""
    of = [one for one in held.behaviours if one.visible and (one.set == of_set or one.kind is Kind.event)]
    return of, keys([AWAY, *(one.name for one in of)])


def _names(held: Held) -> list[str]:
    return [one.name for one in held.behaviours if one.visible]


def _files(held: Held) -> dict[str, str]:
    """A file's name for each set of states."""
    sets = sets_of_states(held)
    return distinct(sets, map(word, sets), longest=100, fold=True)


def _write_codes(folder: Path, codes: dict[str, str]) -> None:
    write_csv(folder / CODES, pd.DataFrame({"code": codes.values(), "behaviour": codes.keys()}))


def _by_subject(found: Iterable[Stretch]) -> Iterator[tuple[str, list[Stretch]]]:
    """The stretches of each subject; they come by subject."""
    for name, own in groupby(found, lambda one: one.subject):
        yield name, list(own)


def _label(one: Stretch) -> str:
    return unquote(one.subject) if one.subject.startswith(f"{one.video}#") else one.subject


def _session(one: Stretch, codes: dict[str, str]) -> Session:
    states = [(codes[name], start, stop) for name, start, stop in one.states]
    return Session(unquote(one.video), states, [(codes[name], time) for name, time in one.events])


def _string(one: Stretch, codes: dict[str, str]) -> str:
    """The string of a stretch; at one time what stops comes before what starts, and points come last."""
    timed = [(stop, 0, "STOP", codes[name]) for name, _, stop in one.states]
    timed += [(start, 1, "START", codes[name]) for name, start, _ in one.states]
    timed += [(time, 2, "POINT", codes[name]) for name, time in one.events]
    return sequence([(kind, code) for _, _, kind, code in sorted(timed)])


def _short(subject: str, video: str) -> str:
    """The subject without its video, which the file's name has already."""
    return subject.removeprefix(f"{video}#")


def _times(points: pd.DataFrame) -> Iterator[tuple[str, float]]:
    yield from zip(points["behaviour"].tolist(), points["start_s"].tolist(), strict=True)


def _presses(states: pd.DataFrame, key: dict[str, str]) -> Iterator[tuple[float, str]]:
    """When each state begins; once for time away that has several causes, and from 0 on where it comes first."""
    until, last = 0.0, ""
    columns = zip(states["behaviour"].tolist(), states["start_s"].tolist(), states["stop_s"].tolist(), strict=True)
    for name, start, stop in columns:
        pressed = key[AWAY if name in RESERVED else name]
        if round((start - until) * 1000) > 0 and last != key[AWAY]:
            last = key[AWAY]
            yield until, last
        if pressed != last or pressed != key[AWAY]:
            yield start, pressed
        until, last = stop, pressed
