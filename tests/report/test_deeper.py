import pandas as pd
import pytest

from pipeline import tables
from pipeline.chain.families import FAMILIES
from pipeline.ethology.durations.criteria import criteria
from pipeline.ethology.durations.merging import sensitivity
from pipeline.ethology.durations.settings import BoutSettings
from pipeline.ethology.observers.compare import observers
from pipeline.ethology.observers.settings import ObserverSettings
from pipeline.ethology.record import record
from pipeline.ethology.sequences.cells import transition_tests
from pipeline.ethology.society.association import associations
from pipeline.ethology.society.spacing import group_instants
from pipeline.ethology.society.subgroups import groups
from pipeline.report.deeper import draw_deeper, draw_space
from tests.ethology.durations.test_criteria import meals
from tests.ethology.made import ethogram, statistics
from tests.ethology.sequences.made import settings as of_sequences
from tests.ethology.society.made import settings
from tests.ethology.society.test_association import scans
from tests.report import made
from tests.report.test_society_figures import APART

BOUTS = BoutSettings(processes=2, resamples=100, grid_points=5)
NOTHING = {table.name: table.empty() for family in FAMILIES.values() for table in family} | {
    table.name: table.empty() for table in (tables.BOUTS, tables.TIME_BUDGETS)
}


@pytest.fixture(scope="module")
def found():
    rows = meals(sessions=6)
    of = record(rows, ethogram())
    steps, _ = transition_tests(rows, ethogram(), statistics(), of_sequences(permutations=99))
    pairs, _ = associations(scans("AB C", "AB C", "A B C"), "individual", settings(), 0)
    sampled = observers(of, ObserverSettings(intervals_s=[5, 10], focal_s=[10], offsets=4))
    return NOTHING | {
        "bouts": rows, "time_budgets": made.BUDGETS, "transition_tests": steps, "associations": pairs,
        "criteria": criteria(of, BOUTS, statistics()), "sensitivity": sensitivity(of, BOUTS), "observers": sampled,
    }  # fmt: skip


def test_there_is_a_figure_of_each_and_the_same_twice(found, tmp_path):
    first, second = (draw_deeper(found, ethogram(), made.SETTINGS, tmp_path / name) for name in "ab")
    kinds = [entry.kind for entry in first]
    assert set(kinds) == {"graph", "gaps", "sensitivity", "observers", "network"}
    for one, other in zip(first, second, strict=True):
        for a, b in zip(one.files, other.files, strict=True):
            assert a.read_bytes() == b.read_bytes()


def test_nothing_is_drawn_of_nothing(tmp_path):
    assert draw_deeper(NOTHING, ethogram(), made.SETTINGS, tmp_path) == []
    assert draw_space("a.mp4", NOTHING, made.SETTINGS, tmp_path) == []


def test_a_video_has_its_distances_and_groups(tmp_path):
    together = groups(APART, settings())
    space = {
        "group_instants": group_instants(APART),
        "subgroups": together.subgroups,
        "fission_fusion": together.events,
    }
    key = space["group_instants"]["video"].iloc[0]
    others = {name: rows.assign(video="other.mp4") for name, rows in space.items()}
    both = {name: pd.concat([rows, others[name]]) for name, rows in space.items()}
    drawn = draw_space(key, both, made.SETTINGS, tmp_path)
    assert [(entry.kind, entry.video) for entry in drawn] == [("group", key)]
    assert all(path.is_file() for entry in drawn for path in entry.files)
