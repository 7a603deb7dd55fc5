"""What a run found as Darwin Core (TDWG, https://dwc.tdwg.org/terms): the events, and who occurred in each.

A session is an event, and each of its videos an event in it. Dates and places are those that the observer wrote into
observations.csv: its ``site``, and any column that has the name of a Darwin Core term below. A video that is given no
latitude and longitude has the middle of its animals' places on the ground, where these are known. What nobody knows
stays empty.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.artifacts import read_table, write_csv
from pipeline.ethology.ethogram import NOT_VISIBLE, RESERVED
from pipeline.export.held import Held
from pipeline.export.noted import only
from pipeline.export.video import HeldVideo
from pipeline.geodesy import Origin, metres
from pipeline.report.words import plural
from pipeline.tables import INDIVIDUALS

WHERE_WHEN = (
    "eventDate", "eventTime", "habitat", "country", "countryCode", "stateProvince", "locality", "locationID",
    "decimalLatitude", "decimalLongitude", "geodeticDatum", "coordinateUncertaintyInMeters", "minimumElevationInMeters",
    "maximumElevationInMeters", "footprintWKT", "recordedBy", "fieldNotes",
)  # fmt: skip
EVENTS = (
    "eventID", "parentEventID", "eventType", *WHERE_WHEN, "samplingProtocol", "sampleSizeValue", "sampleSizeUnit",
    "associatedMedia",
)  # fmt: skip
OCCURRENCES = (
    "occurrenceID", "eventID", "basisOfRecord", "occurrenceStatus", "scientificName", "vernacularName", "organismID",
    "individualCount", "sex", "lifeStage", "behavior", "associatedMedia",
)  # fmt: skip
_BINOMIAL = re.compile(r"[A-Z][a-z]+( [a-z-]+)+")
_PROTOCOL = "video; animals detected, followed and their behaviours recognized by a program (ethopipe)"


def write_darwin_core(folder: Path, held: Held) -> list[str]:
    """``event.csv`` and ``occurrence.csv``: an animal in a video is an occurrence, with all that it was seen to do.

    An animal that was never in sight is none. What is sampled of an event is the time of the video that counts in it.
    """
    bouts, rows = held.bouts, held.noted.located([one.key for one in held.videos])
    pairs = bouts[["session", "video"]].drop_duplicates().sort_values(["session", "video"], kind="stable")
    videos, occurrences = _videos(held, pairs, rows), _occurrences(held)
    write_csv(folder / "event.csv", pd.concat([_sessions(held, pairs, rows), videos]))
    write_csv(folder / "occurrence.csv", occurrences)
    unseen = bouts[["session", "video", "subject"]].drop_duplicates()
    return [*held.noted.warnings, *_empty(videos), *_left_out(len(unseen) - len(occurrences))]


def _empty(videos: pd.DataFrame) -> Iterator[str]:
    """A line where the observer did not say when or where videos were filmed."""
    for what in (["eventDate"], ["decimalLatitude", "decimalLongitude"]):
        if count := int((videos[what] == "").any(axis=1).sum()):
            yield f"observations.csv gives no {', '.join(what)} of {plural(count, 'video')}: left empty"


def _left_out(count: int) -> list[str]:
    return [f"{plural(count, 'animal')} never in sight left out"] if count else []


def _told(rows: pd.DataFrame, **of: str) -> dict[str, str]:
    """What the observer says of a session, or of a video in it: where rows disagree, nothing."""
    for name, value in of.items():
        rows = rows[rows[name] == value]
    return {name: only(rows, name) for name in WHERE_WHEN}


def _sessions(held: Held, pairs: pd.DataFrame, noted: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {"eventID": f"{held.name}:{session}", "eventType": "Session", **_told(noted, session=session)}
        for session in pairs["session"].unique()
    ]
    return pd.DataFrame(rows, columns=list(EVENTS)).fillna("")


def _videos(held: Held, pairs: pd.DataFrame, noted: pd.DataFrame) -> pd.DataFrame:
    of = {one.key: one for one in held.videos}
    counted_s = {key: held.noted.counted_s(key, one.frames) for key, one in of.items()}
    rows = [
        {
            "eventID": f"{held.name}:{session}:{video}", "parentEventID": f"{held.name}:{session}",
            "eventType": "Video", **_with_place(_told(noted, session=session, video=video), of[video]),
            "samplingProtocol": _PROTOCOL,
            "sampleSizeValue": round(counted_s[video].get(session, 0.0), 3), "sampleSizeUnit": "second",
            "associatedMedia": of[video].file,
        }
        for session, video in pairs.itertuples(index=False, name=None)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(EVENTS)).fillna("")


def _with_place(told: dict[str, str], one: HeldVideo) -> dict[str, str]:
    """The same with where the animals stood, unless the observer says where that was."""
    return told if told["decimalLatitude"] or told["decimalLongitude"] else told | _where(one)


def _where(one: HeldVideo) -> dict[str, str]:
    """The middle of all places of a video's animals; its uncertainty holds them all, with their errors."""
    known = one.ground.dropna(subset=["lat"])
    if known.empty:
        return {}
    lat, lon = (known[name].to_numpy(dtype=np.float64) for name in ("lat", "lon"))
    middle = Origin(float(np.median(lat)), float(np.median(lon)))
    reach_m = np.hypot(*metres(lat, lon, middle)) + known["error_m"].fillna(0.0).to_numpy(dtype=np.float64)
    return {
        "decimalLatitude": f"{middle.lat:.6f}",
        "decimalLongitude": f"{middle.lon:.6f}",
        "geodeticDatum": "EPSG:4326",
        "coordinateUncertaintyInMeters": f"{max(np.ceil(reach_m.max()), 1):.0f}",
    }


def _occurrences(held: Held) -> pd.DataFrame:
    """A row for each subject that was in sight in each video of each session."""
    animals = _animals(held)
    media = {one.key: one.file for one in held.videos}
    rows = []
    for key, own in held.bouts.groupby(["session", "video", "subject"], sort=True):
        if (own["behaviour"] == NOT_VISIBLE).all():
            continue
        session, video, subject = map(str, key)
        event, species = f"{held.name}:{session}:{video}", str(own["species"].iloc[0])
        known = animals.get((video, int(own["track"].iloc[0])), {})
        seen = dict.fromkeys(name for name in own["behaviour"] if name not in RESERVED)
        named = "scientificName" if _BINOMIAL.fullmatch(species) else "vernacularName"
        rows.append({
            "occurrenceID": f"{event}:{subject.removeprefix(f'{video}#')}", "eventID": event,
            "basisOfRecord": "MachineObservation", "occurrenceStatus": "present", named: species,
            "organismID": "" if subject.startswith(f"{video}#") else subject, "individualCount": 1,
            "sex": known.get("sex", ""), "lifeStage": known.get("lifeStage", known.get("age_class", "")),
            "behavior": " | ".join(seen), "associatedMedia": media[video],
        })  # fmt: skip
    return pd.DataFrame(rows, columns=list(OCCURRENCES)).fillna("")


def _animals(held: Held) -> dict[tuple[str, int], dict[Any, Any]]:
    """What individuals.csv says of each track."""
    path = held.run / "tables" / "individuals.csv"
    rows = read_table(path, INDIVIDUALS) if path.is_file() else INDIVIDUALS.empty()
    return {(row["video"], row["track"]): row for row in rows.to_dict("records")}
