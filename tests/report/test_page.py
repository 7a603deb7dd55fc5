import re
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest

from pipeline import tables
from pipeline.report.citations import citations
from pipeline.report.markup import link, table, tag
from pipeline.report.page import _species, page
from pipeline.report.words import duration, natural, percent, plural
from tests.report import made

EVIL = "<script>alert('ü')</script>\" onload=\"x.mp4"
FOUND = {
    "time_budgets": made.BUDGETS,
    "transitions": made.TRANSITIONS,
    "bouts": made.BOUTS,
    "individuals": made.individuals("", ""),
    "excluded": pd.DataFrame(
        {
            "video": [made.KEY], "session": [""], "set": [""], "cause": ["observations"], "reason": ["take-off"],
            "footage_s": [31.0], "animal_s": [12.0],
        }
    ),
}  # fmt: skip


ONE = {"time_budgets": made.BUDGETS.assign(n_tracks=1, most_at_once=1)}
NONE = {"time_budgets": made.BUDGETS.assign(n_tracks=0, n_sessions=0, most_at_once=0, visible_s=0.0, excluded_s=0.0)}


class Reader(HTMLParser):
    """Collects every element; fails on a wrong nesting."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.text = [], [], ""

    def handle_starttag(self, name, attributes):
        self.seen.append((name, dict(attributes)))
        if name not in {"meta", "img", "br", "input"}:
            self.open.append(name)

    def handle_endtag(self, name):
        assert self.open.pop() == name

    def handle_data(self, data):
        self.text += data


def written(folder, summary, found=FOUND, figures=()):
    page(summary, found, made.COLOURS, figures, made.SETTINGS, folder / "report.html")
    return (folder / "report.html").read_text(encoding="utf-8")


def read(text) -> Reader:
    reader = Reader()
    reader.feed(text)
    assert not reader.open
    return reader


def test_the_page_tells_the_run_and_is_the_same_again(drawn):
    folder, figures = drawn
    video = made.line(files=("videos/mara/DJI%201.MP4/overlay.mp4",))
    first = written(folder, made.summary(video), figures=figures)
    assert first == written(folder, made.summary(video), figures=figures)
    text = " ".join(read(first).text.split())
    for words in (
        "1 video (1 ok), 10 s of footage. 2 tracks of zebra. At most 2 animals with a box in one frame.",
        "mara/DJI 1.MP4",  # the key as its owner knows it
        "Graze71 %",
        "Time left out",
        "take-off",
        "first seen",  # the column dictionary
        "Altmann 1974",
        "GNU Affero General Public License",
    ):
        assert words in text


def test_nothing_is_loaded_from_elsewhere(drawn):
    text = written(drawn[0], made.summary(made.line()), figures=drawn[1])
    reader = read(text)
    assert "default-src 'none'" in text
    for name, attributes in reader.seen:
        assert name not in {"script", "link", "iframe", "object", "embed"}
        assert attributes.get("src", "data:image/").startswith("data:image/")
        assert not re.match("[a-z]+:|//", attributes.get("href", "#"))
    assert "url(" not in text.split("<style>")[1].split("</style>")[0]


def test_every_picture_says_what_it_shows(drawn):
    text = written(drawn[0], made.summary(made.line()), figures=drawn[1])
    pictures = [given for name, given in read(text).seen if name == "img"]
    assert len(pictures) == 4
    assert all(len(given["alt"]) > 30 for given in pictures)
    assert not any({"loading", "decoding"} & set(given) for given in pictures)  # else they may be blank on paper


def test_what_a_user_wrote_is_text_and_nothing_else(tmp_path):
    species = made.budgets({EVIL: 1.0}, level="species", unit=EVIL, species=EVIL, method=EVIL)
    found = FOUND | {
        "time_budgets": pd.concat([made.BUDGETS, species]),
        "transitions": made.transitions({(EVIL, "Walk"): 1, ("Walk", EVIL): 2}),
        "individuals": made.individuals(EVIL, key=EVIL).assign(species=EVIL),
        "excluded": FOUND["excluded"].assign(cause=EVIL, reason=EVIL),
    }
    video = made.line(EVIL, status="partial", reason=EVIL, warnings=(EVIL,), timestamps=EVIL, files=(EVIL,))
    summary = made.summary(
        video, title=EVIL, source=EVIL, command=EVIL, settings=EVIL, model={EVIL: EVIL}, versions={EVIL: EVIL},
        citations=(EVIL,),
    )  # fmt: skip
    figures = made.draw(tmp_path / "figures", key=EVIL)
    text = written(tmp_path, summary, found, figures)
    reader = read(text)
    assert "<script" not in text
    assert all("onload" not in attributes for _, attributes in reader.seen)
    assert reader.text.count(EVIL) > 15


@pytest.mark.parametrize(
    ("path", "href"),
    [
        ("videos/a.mp4/bouts.csv", "videos/a.mp4/bouts.csv"),  # plain
        ("videos/a%20ü.mp4/x", "videos/a%2520%C3%BC.mp4/x"),  # the folder is really called a%20ü.mp4
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),  # no address
    ],
)
def test_a_link_leads_to_a_file(path, href):
    assert link(path, "x") == f'<a href="{href}">x</a>'


def test_markup_escapes_what_is_not_markup():
    assert tag("p", "a < b", tag("b", "&"), title='"') == '<p title="&quot;">a &lt; b<b>&amp;</b></p>'
    assert '<th scope="row">x</th><td class="number">1</td>' in table(("a", "b"), [("x", "1")], "c")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", ""),
        ("12 %", "12 %"),
        ("1 % to 2 %", "<span>1 %</span> <span>to 2 %</span>"),
        ("1 % (0 % to <3 %)", "<span>1 %</span> <span>(0 %</span> <span>to &lt;3 %)</span>"),
    ],
)
def test_numbers_of_a_table_break_where_no_figure_is_torn(cell, expected):
    assert f'<td class="number">{expected}</td>' in table(("a", "b"), [("x", cell)], "c")


@pytest.mark.parametrize(
    ("videos", "found", "words"),
    [
        ((), {}, "No animal was tracked"),  # nothing at all
        ((made.line(),), FOUND, "2 tracks are fragments of animals, not individuals"),  # one
        ((made.line(tracks=1),), ONE, "The 1 track is a fragment of an animal, not an individual: one that left"),
        ((made.line(tracks=1),), ONE, "At most 1 was seen at once"),
        ((made.line(tracks=17),), FOUND, "2 of 17 tracks were ever in sight. At most 2 were seen at once"),
        ((made.line(tracks=17),), ONE, "1 of 17 tracks was ever in sight. At most 1 was seen at once"),
        ((made.line(tracks=0),), NONE, "No animal was tracked"),
        ((made.line(),), FOUND, "How often kinematic is right is not known"),
        ((made.line(),), FOUND, "No interval is given for all animals pooled: the figures rest on 1 session"),
        ((made.line(status="failed", reason="no moov"),), FOUND, "1 video could not be used: mara/DJI 1.MP4."),
        ((made.line(status="partial", reason="cut"),), FOUND, "1 video broke off and is used up to there"),
        ((made.line(status="waiting"),), FOUND, "1 video was not reached before its run was stopped: mara/DJI 1.MP4."),
        (
            (made.line(filled_windows=9, filled_tracks=4, short_tracks=1, window_s=2.5), made.line("b")),
            FOUND,
            "9 windows in 4 tracks were filled by repeating the last frame, because the animal was followed "
            "unbroken for less than a window of 2.5 s; 1 track is recognized from such windows alone.",
        ),
        (
            (made.line(filled_windows=1, filled_tracks=1),),
            FOUND,
            "1 window in 1 track was filled by repeating the last frame, because the animal was followed "
            "unbroken for less than a window; no track rests on such windows alone.",
        ),
        ((made.line(camera_unknown_share=0.25),), FOUND, "motion could not be told in 25 % of the frames"),
        ((made.line(announced=103),), FOUND, "100 of 103"),
        (
            (made.line(),),
            {"time_budgets": made.BUDGETS.assign(excluded_s=56.0)},
            "Out of sight or not recognized for more than 50 % of their tracked time: All animals 80 %. Such shares",
        ),
    ],
)  # fmt: skip
def test_a_reader_is_warned(tmp_path, videos, found, words):
    assert words in read(written(tmp_path, made.summary(*videos), found)).text


@pytest.mark.parametrize("tracks", [0, 2])  # nobody tracked; two, never in sight
def test_nothing_rests_on_no_session(tmp_path, tracks):
    text = read(written(tmp_path, made.summary(made.line(tracks=tracks)), NONE)).text
    assert "rest on 0" not in text
    assert ("not individuals" in text) == (tracks > 0)


def test_a_good_run_is_not_warned(tmp_path):
    named = made.budgets(
        {"Walk": 0.5, "Lie": 0.5}, n_individuals=7, n_sessions=7, ci_low=0.1, ci_high=0.9, excluded_s=0.0
    )
    text = written(tmp_path, made.summary(made.line(), held_out=made.HELD_OUT), {"time_budgets": named})
    assert "Read this first" not in text
    assert "10 % to 90 %" in text


def test_figures_of_many_videos_are_linked(drawn):
    folder, figures = drawn
    settings = made.SETTINGS.__class__(**(vars(made.SETTINGS) | {"videos_in_page": 0}))
    page(made.summary(made.line()), FOUND, made.COLOURS, figures, settings, folder / "report.html")
    seen = read((folder / "report.html").read_text(encoding="utf-8")).seen
    links = [given["href"] for name, given in seen if name == "a" and given["href"].startswith("figures/")]
    assert links == ["figures/ethogram_mara%252FDJI%25201.MP4.svg", "figures/trajectories_mara%252FDJI%25201.MP4.svg"]
    assert sum(name == "img" for name, _ in seen) == 3  # budgets twice, and transitions


def test_the_guide_speaks_only_of_the_forms_that_there_are(drawn):
    folder, figures = drawn
    forms = (
        ({"png": False, "pdf": False}, "as SVG."),
        ({"png": True, "pdf": False}, "as SVG and as PNG."),
        ({"png": True, "pdf": True}, "as SVG and as PNG, and as PDF but for photographs."),
    )
    for asked, words in forms:
        settings = replace(made.SETTINGS, **asked)
        page(made.summary(made.line()), FOUND, made.COLOURS, figures, settings, folder / "report.html")
        assert f"holds every figure {words}" in read((folder / "report.html").read_text(encoding="utf-8")).text


def test_the_words_of_the_page_are_told_before_its_first_section(tmp_path):
    text = read(written(tmp_path, made.summary(made.line()))).text
    for word in ("Box: ", "Track: ", "In sight: ", "Window: ", "Recognized: ", "Session: "):
        assert text.index(word) < text.index("What the animals did")


def test_the_guide_names_only_files_that_there_are(tmp_path):
    for key in ("a", "b"):
        (tmp_path / "videos" / key).mkdir(parents=True)
        (tmp_path / "videos" / key / "bouts.csv").touch()
    lines = [made.line(key, files=(f"videos/{key}/bouts.csv",)) for key in ("a", "b")]
    text = read(written(tmp_path, made.summary(*lines))).text
    assert "bouts.csv: this video's bouts" in text and "run.json holds settings" in text
    assert "overlay.mp4:" not in text and "scores.parquet:" not in text
    (tmp_path / "videos" / "b" / "overlay.mp4").touch()
    text = read(written(tmp_path, made.summary(*lines, told={"runs": ["a"]}))).text
    assert "to check by eye (1 of 2 videos)" in text and "analysis.json holds settings" in text
    assert "In the folder of each video" not in read(written(tmp_path, made.summary(made.line("c")))).text


def test_every_table_of_the_guide_is_declared(tmp_path):
    text = read(written(tmp_path, made.summary(), {})).text
    for declared in (tables.BOUTS, tables.TIME_BUDGETS, tables.TRANSITIONS, tables.INDIVIDUALS, tables.EXCLUDED):
        assert all(column.meaning in text for column in declared.columns)


@pytest.mark.parametrize(
    ("written_as", "expected"),
    [
        (percent(float("nan")), "-"),
        (percent(0.0), "0 %"),
        (percent(0.0001), "<0.1 %"),
        (percent(0.066), "6.6 %"),
        (percent(0.0999), "10 %"),
        (percent(1.0), "100 %"),
        (duration(0.0), "0.0 s"),
        (duration(75.0), "75 s"),
        (duration(600.0), "10.0 min"),
        (duration(9000.0), "2.5 h"),
        (plural(1, "bout"), "1 bout"),
        (plural(1200, "bout"), "1,200 bouts"),
    ],
)
def test_numbers_are_written_as_people_read_them(written_as, expected):
    assert written_as == expected


def test_names_stand_in_the_order_of_their_numbers():
    names = ["S10", "S2", "before/10", "before/2", "a", "B", "7", "2b1", "2b", ""]
    assert sorted(names, key=natural) == ["", "2b", "2b1", "7", "a", "B", "before/2", "before/10", "S2", "S10"]


def test_what_was_used_is_cited_first():
    settings = {
        "tracker": {"_target_": "pipeline.trackers.association.OcSortTracker"},
        "detector": {"_target_": "x.Mine"},
    }
    found = citations(settings, [])
    assert found[0].startswith("Cao, J.")
    assert len(found) == len(set(found)) == 1 + len(citations({}, []))


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ((), "No animal was tracked."),
        (("", ""), "2 tracks of zebra."),
        (("a", "a", "b"), "3 tracks of 2 named zebra."),
        (("a", "a", ""), "3 tracks of zebra (2 of 1 named)."),
    ],
)
def test_tracks_are_no_animals(names, told):
    assert _species(made.individuals(*names)) == told
