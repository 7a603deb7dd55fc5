"""All videos of a run together: bouts, time budgets, transitions, individuals, and what was left out."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.columns import Table
from pipeline.ethology.bouts import bouts
from pipeline.ethology.budgets import time_budgets
from pipeline.ethology.covariates import bin_numbers, columns, with_covariates
from pipeline.ethology.ethogram import NOT_VISIBLE, RESERVED, Ethogram
from pipeline.ethology.followed import Followed, followed
from pipeline.ethology.individuals import named, subjects
from pipeline.ethology.lost import LOST, lost
from pipeline.ethology.observations import placed
from pipeline.ethology.record import unions
from pipeline.ethology.runs import PLACE, spans
from pipeline.ethology.smoothing import smooth
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.tally import Tally, joined, one_set, tally
from pipeline.ethology.transitions import transitions
from pipeline.tables import BOUTS, EXCLUDED, INDIVIDUALS, TIME_BUDGETS, TRANSITIONS

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class VideoTables:
    """One video's tables as stored: FRAMES, TRACKS and BEHAVIOURS (not smoothed) of tables.py."""

    video: str
    frames: pd.DataFrame
    tracks: pd.DataFrame
    behaviours: pd.DataFrame


@dataclass(frozen=True)
class Rules:
    """What the tables of a study rest on.

    ``observations`` (tables.OBSERVATIONS) says what counts and in which session, ``names`` (tables.NAMES) joins tracks
    into animals, ``sessions`` (tables.SESSIONS) tells more of them.
    """

    ethogram: Ethogram
    statistics: StatisticsSettings
    min_bout_s: float
    observations: pd.DataFrame | None = None
    names: pd.DataFrame | None = None
    sessions: pd.DataFrame | None = None


@dataclass(frozen=True)
class Part:
    """What is kept of one video: sums, and tables without a row a frame."""

    video: str
    tally: Tally | None
    tables: dict[str, pd.DataFrame]


def study(
    videos: Iterable[VideoTables],
    ethogram: Ethogram,
    settings: StatisticsSettings,
    min_bout_s: float,
    observations: pd.DataFrame | None = None,
    names: pd.DataFrame | None = None,
    sessions: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """The tables ``bouts``, ``time_budgets``, ``transitions``, ``individuals`` and ``excluded`` over all videos.

    ``videos`` may be a generator: each video is reduced to sums before the next is asked for. The others are as in
    ``Rules``. Bouts are of the time that counts. Videos and tracks that are spoken of but not there, and animals that
    are in two places at once, are logged as a warning.
    """
    rules = Rules(ethogram, settings, min_bout_s, observations, names, sessions)
    parts = (part(stored.video, stored.frames, [stored.tracks], [stored.behaviours], rules) for stored in videos)
    return together(parts, rules)


def together(parts: Iterable[Part], rules: Rules) -> dict[str, pd.DataFrame]:
    """The tables of ``study`` from what is kept of each video."""
    parts = list(parts)
    found = {table.name: _stacked(parts, table) for table in (BOUTS, INDIVIDUALS, EXCLUDED)}
    tracks_of = {part.video: set(part.tables[INDIVIDUALS.name]["track"]) for part in parts}
    _warn(tracks_of, rules.observations, rules.names)
    _warn_of_sessions(set(found[BOUTS.name]["session"]), rules.sessions)
    tallies = [part.tally for part in parts if part.tally is not None]
    if not tallies:
        return found | {table.name: table.empty() for table in (TIME_BUDGETS, TRANSITIONS)}
    whole, given = joined(tallies), (rules.ethogram, rules.statistics)
    return found | {TIME_BUDGETS.name: time_budgets(whole, *given), TRANSITIONS.name: transitions(whole, *given)}


def part(
    video: str,
    frames: pd.DataFrame,
    tracks: Iterable[pd.DataFrame],
    behaviours: Iterable[pd.DataFrame],
    rules: Rules,
) -> Part:
    """Everything that a study needs of one video.

    ``frames`` is tables.FRAMES. ``tracks`` and ``behaviours`` are tables.TRACKS and tables.BEHAVIOURS (not smoothed) in
    one block or more; several blocks of behaviours are by track, and part none. Words may come as categories.
    """
    ethogram, settings, names = rules.ethogram, rules.statistics, rules.names
    times = placed(frames["time_s"].to_numpy(), video, rules.observations).set_index(frames["frame"])
    times = times[["session", "species", "reason", *(name for name in settings.by if name in times)]]
    _warn_of_spans(video, float((frames["time_s"] + frames["duration_s"]).max()), rules.observations)
    animals = followed(video, tracks, times["species"], names)
    _warn_of_doubles(video, animals.doubles)
    rows = _rows(video, _ledger(frames, times, settings), behaviours, names)
    rows["species"] = rows["species"].where(rows["species"] != "", rows["track"].map(animals.tracks["species"]))
    rows = with_covariates(rows, video, settings, names, rules.sessions)
    used = rows[rows["left_out"] == ""]
    smoothed = smooth(used[used["reason"] != LOST], ethogram, rules.min_bout_s)
    tables = {
        BOUTS.name: bouts(smoothed, animals.tracks.reset_index(), ethogram, video, names),
        INDIVIDUALS.name: _individuals(video, animals, rows, names),
        EXCLUDED.name: _excluded(video, frames, rows, times),
    }
    track = pd.Series(animals.tracks.index, index=animals.tracks.index)
    individual, by = named(video, track, names), columns(settings)
    sums = tally(video, used, smoothed, ethogram, individual, settings.interval_s, by)
    return Part(video, sums if len(used) else None, tables)


def _ledger(frames: pd.DataFrame, times: pd.DataFrame, settings: StatisticsSettings) -> pd.DataFrame:
    """The frames of a video with what the observer says of each, and ``PLACE``, a number for all that is said."""
    told = times.rename(columns={"reason": "left_out"})
    bins = bin_numbers(frames["time_s"], settings.time_bin_s or np.inf)
    place = told.groupby([*told.columns, bins], sort=False).ngroup()
    lasts = frames.set_index("frame")[["time_s", "duration_s"]]
    return told.assign(**{PLACE: place}, **lasts).rename_axis("frame").reset_index()


def _rows(
    video: str, ledger: pd.DataFrame, behaviours: Iterable[pd.DataFrame], names: pd.DataFrame | None
) -> pd.DataFrame:
    """The spans of a video with what the observer says of each: nothing changes within one. Lost time comes last."""
    lookup = np.full(int(ledger["frame"].max()) + 1 if len(ledger) else 1, -1, dtype=np.int64)
    lookup[ledger["frame"].to_numpy()] = ledger[PLACE]
    once = ledger.drop_duplicates(PLACE).set_index(PLACE).drop(columns=["frame", "time_s", "duration_s"])
    rows = pd.concat([spans(block, lookup[block["frame"]]) for block in behaviours], ignore_index=True)
    rows = rows.join(once, on=PLACE)
    used = rows[rows["left_out"] == ""]
    gone = lost(used, subjects(video, used["track"], names), ledger)
    return pd.concat([rows, gone], ignore_index=True).drop(columns=PLACE)


def _individuals(video: str, animals: Followed, rows: pd.DataFrame, names: pd.DataFrame | None) -> pd.DataFrame:
    """tables.INDIVIDUALS of one video: one row a track, over all of the footage; the user's other columns are kept.

    ``rows`` are its spans, those of lost time among them, of which only time that counts has any. The first species
    that the observer gives a track goes before the detector's.
    """
    boxed, gone = (rows[(rows["reason"] == LOST) == so] for so in (False, True))
    known = boxed[~boxed["behaviour"].isin(RESERVED)].rename(columns={"time_s": "start_s"})
    known = unions(known.assign(place=known["track"], set=""))
    once = one_set(boxed)
    by_track = once.assign(seen_s=once["duration_s"].where(once["behaviour"] != NOT_VISIBLE, 0.0)).groupby("track")
    tracks = animals.tracks
    found = pd.DataFrame(
        {
            "video": video,
            "species": animals.told.reindex(tracks.index).fillna(tracks["species"]),
            "start_s": tracks["start_s"],
            "stop_s": by_track["stop_s"].max(),
            "tracked_s": by_track["duration_s"].sum(),
            "visible_s": by_track["seen_s"].sum(),
            "recognized_s": (known["stop_s"] - known["start_s"]).groupby(known["place"]).sum(),
            "lost_s": one_set(gone).groupby("track")["duration_s"].sum(),
            "observed_share": tracks["observed_share"],
        }
    ).fillna({"recognized_s": 0.0, "lost_s": 0.0})
    found = found.rename_axis("track").reset_index()
    found["individual"] = named(video, found["track"], names)
    if names is not None:
        extra = [str(name) for name in names.columns if name not in INDIVIDUALS.names]
        found = found.merge(names[["video", "track", *extra]], on=["video", "track"], how="left")
        found[extra] = found[extra].fillna("")
    return INDIVIDUALS.cast(found)


def _excluded(video: str, frames: pd.DataFrame, rows: pd.DataFrame, times: pd.DataFrame) -> pd.DataFrame:
    """tables.EXCLUDED of one video: by the observer's word, then by each reason in each set."""
    once = one_set(rows)
    keys = ["session", "left_out"]
    footage = times.rename(columns={"reason": "left_out"}).assign(footage_s=frames["duration_s"].to_numpy())
    left = footage[footage["left_out"] != ""].groupby(keys, as_index=False)["footage_s"].sum()
    animals = once[once["left_out"] != ""].groupby(keys, as_index=False)["duration_s"].sum()
    by_observer = left.merge(animals, on=keys, how="left").fillna({"duration_s": 0.0})
    by_observer = by_observer.rename(columns={"left_out": "reason"}).assign(set="", cause="observations")
    lost = rows[(rows["left_out"] == "") & rows["behaviour"].isin(RESERVED)]
    lost = lost.rename(columns={"behaviour": "cause"})
    by_sight = lost.groupby(["session", "set", "cause", "reason"], as_index=False)["duration_s"].sum()
    whole = pd.concat([by_observer, by_sight], ignore_index=True).rename(columns={"duration_s": "animal_s"})
    return EXCLUDED.cast(whole.assign(video=video).reindex(columns=EXCLUDED.names))


def _stacked(parts: list[Part], table: Table) -> pd.DataFrame:
    """One table over all videos."""
    filled = [part.tables[table.name] for part in parts if len(part.tables[table.name])]
    if not filled:
        return table.empty()
    whole = pd.concat(filled, ignore_index=True)
    extra = [str(name) for name in whole.columns if name not in table.names]
    whole[extra] = whole[extra].fillna("")
    return table.cast(whole)


def _warn(tracks_of: dict[str, set[int]], observations: pd.DataFrame | None, names: pd.DataFrame | None) -> None:
    """Say which rows of the user's tables speak of videos or tracks that are not there."""
    for what, data in (("observations", observations), ("individuals", names)):
        if data is not None and (lost := sorted(set(data["video"]) - set(tracks_of))):
            log.warning("%s.csv speaks of videos that are not in this run: %s", what, ", ".join(lost))
    if names is not None:
        rows = zip(names["video"], names["track"], strict=True)
        if lost := [f"{video}#{track}" for video, track in rows if track not in tracks_of.get(video, {track})]:
            log.warning("individuals.csv names tracks that are not there: %s", ", ".join(lost))


def _warn_of_spans(video: str, lasts_s: float, observations: pd.DataFrame | None) -> None:
    """Say which spans of a video begin when it is over."""
    if observations is not None:
        late = observations.loc[(observations["video"] == video) & (observations["start_s"] >= lasts_s), "start_s"]
        for start_s in late.tolist():
            log.warning("observations.csv: %s lasts %.1f s, and a span begins at %g s", video, lasts_s, start_s)


def _warn_of_sessions(there: set[str], sessions: pd.DataFrame | None) -> None:
    """Say which sessions of the user's table no animal is seen in."""
    if sessions is not None and (lost := sorted(set(sessions["session"]) - there)):
        known = ", ".join(sorted(there))
        log.warning("sessions.csv names sessions that no animal is seen in: %s; there are %s", ", ".join(lost), known)


def _warn_of_doubles(video: str, doubles: dict[str, list[int]]) -> None:
    """Say which animals of a video are given two tracks that are there in the same frames."""
    for individual, tracks in doubles.items():
        listed = ", ".join(map(str, tracks))
        log.warning("individuals.csv: %s: %s is in the same frames as tracks %s", video, individual, listed)
