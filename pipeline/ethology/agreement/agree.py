"""Everything at once: from coded intervals to the tables of an agreement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.columns import Table
from pipeline.ethology.agreement import figures
from pipeline.ethology.agreement import tables as t
from pipeline.ethology.agreement.budgets import budget_agreement
from pipeline.ethology.agreement.pairs import Beside, beside
from pipeline.ethology.agreement.records import Words, animal_of, checked, records, vocabulary
from pipeline.ethology.agreement.settings import AgreementSettings
from pipeline.ethology.agreement.together import Together, together
from pipeline.ethology.agreement.unitising import end_to_end, unitising_alpha
from pipeline.ethology.agreement.visibility import visibility

ALL = "all"  # instead of two coders
OF_ALL = "all coders"  # the basis of their figures


@dataclass(frozen=True)
class _Place:
    """Where a record's sums belong."""

    video: str
    subject: str
    unit: str


Row = dict[str, Any]


def agree(coded: pd.DataFrame, settings: AgreementSettings, coders: Sequence[str] = ()) -> dict[str, pd.DataFrame]:
    """The tables ``agreement``, ``confusion``, ``budgets``, ``budget_agreement``, ``disagreements``, ``compared`` and
    ``visibility``.

    ``coded`` is ``tables.CODED``; ``TableError`` names all that is wrong with it. ``coders`` gives their order, by
    which every pair has its first and its second; without it they go by alphabet. Every pair is put beside each other,
    and with three coders or more all together by alpha and u-alpha.
    """
    held = checked(coded)
    order = list(coders) or sorted(set(held["coder"]))
    words = vocabulary(held, settings.nothing_coded)
    pairs = list(combinations(range(len(order)), 2))
    places: list[_Place] = []
    found: dict[tuple[int, int], list[Beside]] = {pair: [] for pair in pairs}
    all_coders: list[Together] = []
    for record in records(held, order, words, settings):
        places.append(_Place(record.video, record.subject, record.unit))
        for pair in pairs:
            found[pair].append(beside(record, *pair, words, settings))
        if len(order) > 2:
            all_coders.append(together(record.codes, words))
    made: dict[str, list[Row]] = {table.name: [] for table in _TABLES}
    for (a, b), parts in found.items():
        names = {"coder_a": order[a], "coder_b": order[b]}
        for table, rows in _of_pair(places, parts, words, settings).items():
            made[table] += [names | row for row in rows]
    if all_coders and words.states:
        rows = _of_all(places, all_coders, settings)
        made[t.AGREEMENT.name] += [{"coder_a": ALL, "coder_b": ALL} | row for row in rows]
    tables = {table.name: _table(table, made[table.name]) for table in _TABLES}
    tables[t.BUDGET_AGREEMENT.name] = budget_agreement(tables[t.BUDGETS.name], settings)
    tables[t.DISAGREEMENTS.name] = _longest_first(tables[t.DISAGREEMENTS.name])
    return tables


_TABLES = (t.AGREEMENT, t.CONFUSION, t.BUDGETS, t.DISAGREEMENTS, t.COMPARED, t.VISIBILITY)


def _table(table: Table, rows: list[Row]) -> pd.DataFrame:
    return table.cast(pd.DataFrame(rows).reindex(columns=table.names)) if rows else table.empty()


def _longest_first(rows: pd.DataFrame) -> pd.DataFrame:
    order = ["duration_s", "video", "subject", "start_s"]
    return rows.sort_values(order, ascending=[False, True, True, True], kind="stable").reset_index(drop=True)


def _of_pair(
    places: Sequence[_Place], parts: Sequence[Beside], words: Words, settings: AgreementSettings
) -> dict[str, list[Row]]:
    """The rows of every table for two coders."""
    time, near_a, near_b, bouts, events = (
        _by_unit(places, [getattr(part, name) for part in parts])
        for name in ("time", "near_a", "near_b", "bouts", "events")
    )
    rows: list[Row] = []
    if words.states:
        tallies = figures.Tallies(time, near_a, near_b)
        rows += _limited("time", figures.of_time, tallies, time * settings.unit_s, words.states, settings)
        rows += _unitising(parts, rows, words)
        rows += _limited("bouts", figures.of_links, bouts, bouts, words.states[: words.real], settings)
    if words.events:
        rows += _limited("events", figures.of_links, events, events, words.events, settings)
    cells = _cells("time", time.sum(axis=0) * settings.unit_s, words.states)
    cells += _cells("bouts", bouts.sum(axis=0), (*words.states[: words.real], t.UNLINKED)) if words.states else []
    cells += _cells("events", events.sum(axis=0), (*words.events, t.UNLINKED)) if words.events else []
    return {
        t.AGREEMENT.name: rows,
        t.CONFUSION.name: cells,
        t.BUDGETS.name: _budgets(places, parts, words, settings),
        t.DISAGREEMENTS.name: _disagreements(places, parts),
        t.COMPARED.name: _compared(places, parts),
        t.VISIBILITY.name: _visibility(places, parts),
    }


def _of_all(places: Sequence[_Place], parts: Sequence[Together], settings: AgreementSettings) -> list[Row]:
    """The rows of all coders at once, with the seconds that two or more of them told, or all."""
    pairs, shared, whole, within, complete = (
        _by_unit(places, [getattr(part, name) for part in parts])
        for name in ("pairs", "shared", "whole", "within", "complete")
    )
    rows = []
    for of, tallies, units in ((figures.of_all, pairs, shared), (figures.of_wholes, (whole, within), complete)):
        amount = units[:, None, None] * settings.unit_s
        rows += _limited(OF_ALL, of, tallies, amount, ("",), settings)
    return rows


def _by_unit(places: Sequence[_Place], parts: Sequence[FloatArray]) -> FloatArray:
    """The parts added up by unit: ``[U, ...]``."""
    _, unit = np.unique([place.unit for place in places], return_inverse=True)
    sums = np.zeros((int(unit.max()) + 1, *parts[0].shape))
    np.add.at(sums, unit, np.stack(parts))
    return sums


def _limited(
    basis: str, of: Any, tallies: Any, amount: FloatArray, names: Sequence[str], settings: AgreementSettings
) -> list[Row]:
    """Figures with their limits; ``amount [U, K, K]`` is what they rest on."""
    by_one, in_all = figures.amounts(amount)
    held = in_all > 0
    units = int(held.sum())
    behind = {name: (float(by_one[:, j].sum()), int((by_one[:, j] > 0).sum())) for j, name in enumerate(names) if name}
    behind[""] = float(in_all.sum()), units
    given = (names,) if names != ("",) else ()
    point = of(tallies, np.ones((1, len(held))), *given)
    samples = None
    if units >= settings.min_units:
        weights = np.zeros((settings.resamples, len(held)))
        weights[:, held] = figures.drawn(units, settings)
        samples = of(tallies, weights, *given)
    return [{"basis": basis} | row for row in figures.rows(point, samples, behind, units, settings)]


def _unitising(parts: Sequence[Beside], rows: Sequence[Row], words: Words) -> list[Row]:
    """The rows of the unitising alpha, which rest on what the kappas ``rows`` rest on."""
    of_all, by_one = unitising_alpha(end_to_end([part.unitised for part in parts]), range(words.real))
    values = dict(zip(("", *words.states[: words.real]), (of_all, *by_one.tolist()), strict=True))
    behind = {row["behaviour"]: row for row in rows if row["figure"] == "kappa"}
    return [
        {name: behind[behaviour][name] for name in ("basis", "behaviour", "n", "n_units")}
        | {"figure": "alpha_unitising", "value": value}
        | {"method": figures.ADDS_NOT if np.isfinite(value) else figures.NO_TIME}
        for behaviour, value in values.items()
    ]


def _cells(basis: str, cells: FloatArray, names: Sequence[str]) -> list[Row]:
    """Every cell but the corner of what neither saw."""
    return [
        {"basis": basis, "behaviour_a": one, "behaviour_b": other, "amount": float(cells[i, j])}
        for i, one in enumerate(names)
        for j, other in enumerate(names)
        if not one == other == t.UNLINKED
    ]


def _budgets(places: Sequence[_Place], parts: Sequence[Beside], words: Words, settings: AgreementSettings) -> list[Row]:
    """What share of the time that both coded each gives to each behaviour, animal by animal."""
    sums: dict[str, FloatArray] = {}
    for place, part in zip(places, parts, strict=True):
        animal = animal_of(place.video, place.subject)
        sums[animal] = sums.get(animal, np.zeros_like(part.time)) + part.time
    return [
        {
            "animal": animal,
            "behaviour": name,
            "share_a": float(time[j].sum() / time.sum()),
            "share_b": float(time[:, j].sum() / time.sum()),
            "compared_s": float(time.sum()) * settings.unit_s,
        }
        for j, name in enumerate(words.states)
        for animal, time in sorted(sums.items())
        if time.sum() > 0
    ]


def _disagreements(places: Sequence[_Place], parts: Sequence[Beside]) -> list[Row]:
    return [
        {
            "video": place.video,
            "subject": place.subject,
            "start_s": start,
            "stop_s": stop,
            "duration_s": max(stop - start, 0.0),
            "behaviour_a": first,
            "behaviour_b": second,
        }
        for place, part in zip(places, parts, strict=True)
        for start, stop, first, second in part.disagreements
    ]


def _compared(places: Iterable[_Place], parts: Iterable[Beside]) -> list[Row]:
    names = t.COMPARED.names[-5:]
    return [
        {"video": place.video, "subject": place.subject} | dict(zip(names, part.seconds.tolist(), strict=True))
        for place, part in zip(places, parts, strict=True)
    ]


def _visibility(places: Sequence[_Place], parts: Sequence[Beside]) -> list[Row]:
    """Of every record that both watched for a while."""
    columns = visibility([part.sight for part in parts])
    return [
        {"video": place.video, "subject": place.subject} | {name: float(own[k]) for name, own in columns.items()}
        for k, place in enumerate(places)
        if columns["shared_s"][k] > 0
    ]
