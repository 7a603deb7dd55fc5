"""The transitions that kabr-tools' notebook prints (MIT, commit 9477f98), and what bridging gaps does to such counts.

Its input, the behaviours sampled every 10 s, is not public: row probabilities are reproduced from its printed counts.
"""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from pipeline.ethology.sequences.cells import transition_tests
from pipeline.tables import BOUTS
from tests.ethology.made import ethogram, statistics
from tests.ethology.sequences.made import bouts_of, settings

NAMES = ["Walk", "Graze", "Run", "Trot"]
COUNTS = np.array([[650, 97, 16, 20], [95, 1004, 0, 2], [8, 0, 26, 4], [15, 3, 4, 6]])  # previous, current
PRINTED = np.array([
    [0.830140, 0.123883, 0.020434, 0.025543],
    [0.086285, 0.911898, 0, 0.001817],
    [0.210526, 0, 0.684211, 0.105263],
    [0.535714, 0.107143, 0.142857, 0.214286],
])  # fmt: skip
LETTERS = "WGRT"


def of_counts(counts, step_s):
    """Bouts with exactly these counts at the step: a stretch of two moments for every transition."""
    rows = []
    for before in range(4):
        for after in range(4):
            for _ in range(counts[before, after]):
                at = 4 * step_s * len(rows) / 2
                rows += [(LETTERS[before], at, at + step_s), (LETTERS[after], at + step_s, at + 2 * step_s)]
    table = pd.DataFrame(rows, columns=["behaviour", "start_s", "stop_s"])
    return BOUTS.cast(table.assign(
        subject="x", session="s", video="v.mp4", track=1, species="zebra", set="behaviour", kind="state",
        duration_s=step_s, start_frame=0, stop_frame=1, censored_start=False, censored_stop=False, confidence=1,
        source="human",
    ))  # fmt: skip


def interval_counts(table):
    rows = table[table["form"] == "interval"]
    return rows.pivot(index="from", columns="to", values="count").loc[list(LETTERS), list(LETTERS)].to_numpy()


def test_the_printed_probabilities_are_the_rows_of_the_printed_counts():
    cells, _ = transition_tests(of_counts(COUNTS, 10.0), ethogram(LETTERS), statistics(10.0), settings())
    assert (interval_counts(cells) == COUNTS).all()
    rows = cells[cells["form"] == "interval"]
    assert rows["p_row"].to_numpy().reshape(4, 4) == pytest.approx(PRINTED, abs=5e-7)
    assert (rows["step_s"].unique().tolist(), rows["total"].unique().tolist()) == ([10.0], [COUNTS.sum()])
    sparse = {(a, b) for a, b in rows[rows["sparse"]][["from", "to"]].to_numpy()}
    assert sparse == {("R", "R"), ("R", "T"), ("T", "R"), ("T", "T")}  # what no printed probability says


def bridged(word, step):
    """Counts as the notebook makes them: other rows are dropped, and what is left is put end to end."""
    kept = [letter for letter in word[::step] if letter in LETTERS]
    counts = np.zeros((4, 4), dtype=int)
    for before, after in pairwise(kept):
        counts[LETTERS.index(before), LETTERS.index(after)] += 1
    return counts


def test_bridging_gaps_changes_these_counts():
    # W walks; H looks up; - out of sight; G grazes; T trots
    word = "WWWHHGGG--WW.TT"
    record = {"v.mp4": {1: word}}
    letters = LETTERS + "H"
    cells, _ = transition_tests(bouts_of(record, letters), ethogram(letters), statistics(1.0), settings())
    ours, theirs = interval_counts(cells), bridged(word, 1)
    more = {(LETTERS[a], LETTERS[b]): int(theirs[a, b] - ours[a, b]) for a, b in np.argwhere(theirs != ours)}
    assert more == {
        ("W", "G"): 1,  # Head Up was dropped: the animal walked, looked up, grazed
        ("G", "W"): 1,  # out of sight was dropped: nobody knows what it did between
        ("W", "T"): 1,  # a hole in the record
    }
    assert ours.sum() == 6
    via = cells[(cells["form"] == "interval") & (cells["count"] > 0)]
    assert {("W", "H"), ("H", "H"), ("H", "G")} <= {(a, b) for a, b in via[["from", "to"]].to_numpy()}


def test_putting_animals_end_to_end_adds_a_step_that_no_animal_made():
    cells, _ = transition_tests(
        bouts_of({"v.mp4": {1: "WW", 2: "GG"}}, LETTERS), ethogram(LETTERS), statistics(1.0), settings()
    )
    assert interval_counts(cells)[0, 1] == 0
    assert bridged("WWGG", 1)[0, 1] == 1


def test_the_step_must_stand_beside_the_counts():
    # the same record at 1 s and at 3 s: staying becomes rarer, and what is short is missed
    record = bouts_of({"v.mp4": {1: "WWWWTWWWWGGGGGGG"}}, LETTERS)
    fine, coarse = (
        interval_counts(transition_tests(record, ethogram(LETTERS), statistics(step), settings())[0])
        for step in (1.0, 3.0)
    )
    assert fine[0].tolist() == [6, 1, 0, 1]
    assert coarse[0].tolist() == [2, 1, 0, 0]
