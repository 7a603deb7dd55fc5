import pandas as pd

from pipeline.ethology.society import tables
from pipeline.ethology.society.association import associations
from pipeline.ethology.society.habitat_tables import HABITAT_BUDGETS
from pipeline.ethology.society.tables import VIGILANCE_CLASSES, VIGILANCE_TREND
from pipeline.report.sections.society import society
from tests.ethology.society.made import settings
from tests.ethology.society.test_association import scans
from tests.report.sections.read import rows, words

SETTINGS = {"min_record_s": 60.0, "vigilance": [], "group": "session", "period_s": 60.0, "near": 5.0, "leave": 7.0}


def space(**means):
    data = pd.DataFrame({"measure": list(means), "mean": list(means.values())})
    data = data.assign(
        level="pooled", unit="all", session="", species="all", measured_in="bl", q25=1.0, median=2.0, q75=3.0,
        ci_low=1.5, ci_high=2.5, method="mean over sessions; t", n_individuals=0, n_sessions=7, n_tracks=9,
        most_at_once=4, n_instants=50,
    )  # fmt: skip
    return tables.GROUP_SPACE.cast(data)


def synchrony(**changes):
    row = {
        "level": "pooled", "unit": "all", "session": "", "species": "all", "set": "behaviour", "behaviour": "any",
        "measure": "pairs", "observed": 0.5, "chance": 0.25, "chance_low": 0.2, "chance_high": 0.3, "excess": 0.25,
        "ci_low": 0.1, "ci_high": 0.4, "p": 0.001, "p_corrected": 0.005, "n_sessions": 7, "n_tracks": 9,
        "n_instants": 50, "n_pairs": 90, "method": "shifts",
    }  # fmt: skip
    return tables.SYNCHRONY.cast(pd.DataFrame([row | changes]))


def test_what_was_not_computed_says_why():
    text = words(society({}, [], SETTINGS))
    for reason in (
        "Space: not computed, because: no animal has a place",
        "Association network of individuals: not computed, because: no animal has a name",
        "no two tracks of a session were recognized for society.min_record_s = 60 s",
        "no behaviour was named as vigilance (society.vigilance); a posture, such as a raised head",
        "no polygons were given (habitats=FILE.geojson)",
    ):
        assert reason in text


def test_a_study_without_this_family_has_no_section():
    assert society({}, [], {}) == ""


def test_the_best_unit_that_is_known_is_shown():
    shown = rows(society({"group_space": space(nearest_px=200.0, nearest_bl=2.0, alignment=0.7)}, [], SETTINGS))
    near = next(row for row in shown if row[0].startswith("distance to the nearest neighbour (leans long"))
    assert near[2:] == ["2.00", "1.50 to 2.50", "1.00 to 3.00", "7 / 9"]
    assert any(row[0].startswith("alignment") for row in shown)


def test_the_table_in_space_says_what_its_figures_are():
    made = space(of_three_bl2=4.0, moving=3.5, alignment=0.7).assign(measured_in=["body lengths2", "", ""])
    text = society({"group_space": made}, [], SETTINGS)
    assert ["area around three animals, over all threes", "body lengths²"] in [row[:2] for row in rows(text)]
    assert ["animals that move, on which the next lines rest", "-", "3.50"] in [row[:3] for row in rows(text)]
    assert "Quartiles: of the sessions' means, each session one value" in words(text)
    assert "Body length: what 90 % of a track's boxes do not exceed" in words(text)
    metres = society({"group_space": space(nearest_m=2.0).assign(measured_in="m")}, [], SETTINGS)
    assert "Body length" not in words(metres)


def test_an_index_says_what_it_rests_on():
    pairs, tests = associations(scans("AB C", "A BC", "C"), "individual", settings(), 0)
    text = words(society({"associations": pairs, "association_tests": tests}, [], SETTINGS))
    assert "(Hoppitt and Farine 2018): no record tells of them; an animal is not seen in 0 % of the looks" in text


def test_names_without_a_whole_period_are_told_from_no_names():
    text = words(society({"group_space": space(nearest_bl=2.0).assign(n_individuals=3)}, [], SETTINGS))
    assert "no two named animals are seen at the beginning of a whole sampling period (society.period_s = 60 s)" in text
    assert "no animal has a name" not in text


def test_synchrony_stands_against_chance():
    shown = rows(society({"synchrony": synchrony()}, [], SETTINGS))
    assert ["any, the same", "50 %", "25 %", "20 % to 30 %", "+25.0", "+10.0 to +40.0", "0.005", "7 / 9"] in shown


def test_fissions_that_are_not_sure_are_told_apart():
    events = pd.DataFrame({"event": ["fission", "fission", "fusion"], "sure": [True, False, True], "size": 4})
    text = words(society({"fission_fusion": events}, [], SETTINGS))
    assert "2 fissions (1 of them with all animals seen before and after) and 1 fusion (1 of them" in text
    rule = "within society.near = 5, links them, and stay in it up to society.leave = 7"
    assert f"{rule}: one animal that crosses that distance is a change." in text


def test_habitats_are_shares_of_each_species_time():
    time = pd.DataFrame(
        {"subject": ["a", "b"], "species": "zebra", "habitat": ["open", "bush"], "seconds": [30.0, 90.0], "share": 1.0}
    )
    shown = rows(society({"habitat_time": time}, [], SETTINGS))
    assert ["zebra", "bush", "90 s", "75 %", "1", "-"] in shown
    fragments = rows(society({"habitat_time": time.assign(subject=["d/v.mp4#1", "d/v.mp4#2"])}, [], SETTINGS))
    assert ["zebra", "bush", "90 s", "75 %", "-", "1"] in fragments


def test_what_is_done_in_a_habitat_stands_in_one_row():
    time = pd.DataFrame(
        {"subject": ["a"], "species": "zebra", "habitat": "bush", "seconds": 40.0, "share": 1.0, "n_instants": 40}
    )
    of_bush = {"habitat": "bush", "species": "zebra", "set": "behaviour", "behaviour": ["Graze", "Walk"]}
    pooled = {"share": [0.7, 0.3], "ci_low": [0.5, None], "ci_high": [0.8, None], "method": "t"}
    mean = dict.fromkeys(("mean_share", "mean_ci_low", "mean_ci_high")) | {"mean_method": ""}
    counts = {"n_individuals": 0, "n_sessions": 7, "n_tracks": 9, "behaviour_s": 1.0, "visible_s": 30.0}
    bounds = {"bound_low": 0.1, "bound_high": 0.9, "excluded_s": 10.0}
    budgets = HABITAT_BUDGETS.cast(pd.DataFrame(of_bush | pooled | mean | counts | bounds))
    text = society({"habitat_time": time, "habitat_budgets": budgets}, [], SETTINGS)
    assert ["zebra", "bush", "7 / - / 9", "30 s", "25 %", "70 % (50 % to 80 %)", "30 %"] in rows(text)
    assert "Share of the recognized time in each habitat. Pooled over animals; t" in words(text)


def test_trends_have_their_interval_and_adjusted_p():
    classes = VIGILANCE_CLASSES.cast(
        pd.DataFrame(
            {"species": ["all"], "size_class": "1", "n_groups": 7, "mean": 0.2, "q25": 0.1, "median": 0.2, "q75": 0.3}
        )
    )
    row = {"species": "zebra", "rho": 0.5, "ci_low": -0.2, "ci_high": 0.8, "p": 0.02, "p_corrected": 0.04}
    row |= {"n_groups": 7, "n_sessions": 7, "method": "Spearman; p_corrected: holm over 2 tests"}
    rows_of = [row, row | {"species": "all", "p_corrected": None, "ci_low": None, "ci_high": None, "method": "m"}]
    made = {"vigilance_classes": classes, "vigilance_trend": VIGILANCE_TREND.cast(pd.DataFrame(rows_of))}
    text = words(society(made, [], SETTINGS | {"vigilance": ["Head Up"]}))
    assert "zebra: rank correlation 0.50 (-0.20 to 0.80), adjusted p = 0.04, Spearman; adjusted p: holm over 2" in text
    assert "all: rank correlation 0.50, p = 0.02, m." in text


def test_settings_of_a_run_have_what_is_read():
    assert set(SETTINGS) <= set(vars(settings()))
