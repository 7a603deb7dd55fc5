"""What the tables of an agreement come to: the contents of ``agreement.json``."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd

from pipeline.ethology.agreement import tables as t
from pipeline.ethology.agreement.agree import OF_ALL
from pipeline.ethology.agreement.records import animal_of, units_of
from pipeline.ethology.agreement.visibility import PARTS, out_of_sight
from pipeline.evaluation.results import known
from pipeline.observers.settings import AgreePlan

Made = dict[str, Any]


@dataclass(frozen=True)
class Pair:
    """Two coders, and their rows of every table; ``suffix`` tells their pictures from those of other pairs."""

    coders: tuple[str, str]
    tables: Mapping[str, pd.DataFrame]
    suffix: str


def pairs_of(names: Sequence[str], tables: Mapping[str, pd.DataFrame]) -> list[Pair]:
    """Every pair of coders, in order."""
    found = []
    for a, b in combinations(names, 2):
        own = {
            name: table[(table["coder_a"] == a) & (table["coder_b"] == b)].reset_index(drop=True)
            for name, table in tables.items()
        }
        suffix = "_" + re.sub(r"[^\w.-]+", "-", f"{a}_{b}") if len(names) > 2 else ""
        found.append(Pair((a, b), own, suffix))
    return found


def summary(coded: pd.DataFrame, tables: Mapping[str, pd.DataFrame], pairs: Sequence[Pair], plan: AgreePlan) -> Made:
    """The figures by pair, and of all coders where there are more than two."""
    by_coder = coded.groupby("coder")
    unit = units_of(coded)
    made: Made = {
        "coders": [
            {"name": name, "path": str(path), "videos": own["video"].nunique(), "intervals": len(own)}
            for name, path in zip(plan.names, plan.coders, strict=True)
            for own in [by_coder.get_group(name)]
        ],
        "pairs": [_of_pair(pair, unit) for pair in pairs],
    }
    every = tables[t.AGREEMENT.name]
    every = every[every["basis"] == OF_ALL]  # a coder may be called all
    return made | ({"all_coders": _figures(every, OF_ALL)} if len(every) else {})


def _of_pair(pair: Pair, unit: Mapping[str, str]) -> Made:
    rows, compared = pair.tables[t.AGREEMENT.name], pair.tables[t.COMPARED.name]
    shared = compared[(compared[["compared_s", "one_coded_s", "none_coded_s"]] > 0).any(axis=1)]
    seconds = compared[t.COMPARED.names[-5:]].sum()
    bases = [basis for basis in ("time", "bouts", "events") if (rows["basis"] == basis).any()]
    behaviours = [name for name in dict.fromkeys(rows["behaviour"]) if name]
    return {
        "coder_a": pair.coders[0],
        "coder_b": pair.coders[1],
        "videos": shared["video"].nunique(),
        "animals": _animals(shared),
        "units": int(rows["n_units"].max()) if len(rows) else 0,
        **{str(name): round(float(value), 3) for name, value in seconds.items()},
        "figures": {basis: _figures(rows, basis) for basis in bases},
        "per_behaviour": {
            name: {basis: found for basis in bases if (found := _figures(rows, basis, name))} for name in behaviours
        },
        "disagreements": len(pair.tables[t.DISAGREEMENTS.name]),
        "visibility": _sight(pair.tables[t.VISIBILITY.name], unit),
    }


def _animals(rows: pd.DataFrame) -> int:
    """How many animals the rows' videos and subjects are."""
    return len({animal_of(*names) for names in zip(rows["video"], rows["subject"], strict=True)})


def _sight(rows: pd.DataFrame, unit: Mapping[str, str]) -> Made | None:
    """How much of the time that both watched each had the animals in sight; None: it cannot be told."""
    if rows.empty:
        return None
    names = ["shared_s", *(f"{part}_{coder}_s" for coder in "ab" for part in PARTS)]
    seconds = {name: float(rows[name].sum()) for name in names}
    shares = {
        f"out_of_sight_share_{coder}": known(out_of_sight(seconds["shared_s"], seconds[f"in_sight_{coder}_s"]))
        for coder in "ab"
    }
    number = {"animals": _animals(rows), "units": rows["video"].map(unit).nunique()}
    return number | {name: round(value, 3) for name, value in seconds.items()} | shares


def _figures(rows: pd.DataFrame, basis: str, behaviour: str = "") -> Made:
    """Value and limits by the figure's name, with what it rests on."""
    own = rows[(rows["basis"] == basis) & (rows["behaviour"] == behaviour)]
    return {
        str(row["figure"]): {
            "value": known(row["value"]),
            "low": known(row["ci_low"]),
            "high": known(row["ci_high"]),
            "n": known(row["n"]),
            "n_units": int(row["n_units"]),
            "method": row["method"],
        }
        for _, row in own.iterrows()
    }
