"""What a run found as Darwin Core (TDWG, https://dwc.tdwg.org/terms): the events, and who occurred in each.

A session is an event, and each of its videos an event in it. Dates and places are those that the observer wrote into
observations.csv: its ``site``, and any column that has the name of a Darwin Core term below. What nobody knows stays
empty.
"""

import re
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.artifacts import read_table, write_csv
from pipeline.ethology.ethogram import RESERVED
from pipeline.ethology.observations import read_observations
from pipeline.export.held import Held
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
    """``event.csv`` and ``occurrence.csv``: an animal in a video is an occurrence, with all that it was seen to do."""
    noted, warnings = _noted(held)
    pairs = held.bouts[["session", "video"]].drop_duplicates().sort_values(["session", "video"], kind="stable")
    write_csv(folder / "event.csv", pd.concat([_sessions(held, pairs, noted), _videos(held, pairs, noted)]))
    write_csv(folder / "occurrence.csv", _occurrences(held))
    if not any(name in noted for name in ("eventDate", "decimalLatitude")):
        warnings.append("observations.csv gives no eventDate and no decimalLatitude, decimalLongitude: left empty")
    return warnings


def _noted(held: Held) -> tuple[pd.DataFrame, list[str]]:
    """The observer's rows with ``locality``, of the spans that count; and what is wrong with where they are."""
    given = held.settings.get("observations")
    if given and not Path(given).is_file():
        return pd.DataFrame(columns=["video", "session"]), [f"{given} is no longer there: no dates, no places"]
    rows = read_observations(Path(given)) if given else pd.DataFrame(columns=["video", "session", "site", "use"])
    rows = rows[rows["use"] == "yes"]
    return (rows if "locality" in rows else rows.assign(locality=rows["site"])), []


def _told(noted: pd.DataFrame, **of: str) -> dict[str, str]:
    """What the observer says of a session, or of a video in it: where rows disagree, nothing."""
    for name, value in of.items():
        noted = noted[noted[name] == value]
    known = {name: set(noted[name]) - {""} if name in noted else set() for name in WHERE_WHEN}
    return {name: values.pop() if len(values) == 1 else "" for name, values in known.items()}


def _sessions(held: Held, pairs: pd.DataFrame, noted: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {"eventID": f"{held.name}:{session}", "eventType": "Session", **_told(noted, session=session)}
        for session in pairs["session"].unique()
    ]
    return pd.DataFrame(rows, columns=list(EVENTS)).fillna("")


def _videos(held: Held, pairs: pd.DataFrame, noted: pd.DataFrame) -> pd.DataFrame:
    of = {one.key: one for one in held.videos}
    rows = [
        {
            "eventID": f"{held.name}:{session}:{video}", "parentEventID": f"{held.name}:{session}",
            "eventType": "Video", **_told(noted, session=session, video=video), "samplingProtocol": _PROTOCOL,
            "sampleSizeValue": of[video].info["duration_s"], "sampleSizeUnit": "second",
            "associatedMedia": of[video].video.path.name,
        }
        for session, video in pairs.itertuples(index=False, name=None)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(EVENTS)).fillna("")


def _occurrences(held: Held) -> pd.DataFrame:
    """A row for each subject in each video of each session."""
    animals = _animals(held)
    media = {one.key: one.video.path.name for one in held.videos}
    rows = []
    for key, own in held.bouts.groupby(["session", "video", "subject"], sort=True):
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
