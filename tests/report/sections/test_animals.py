from pathlib import Path

from pipeline.report.sections import animals
from pipeline.report.sections.animals import per_video
from tests.report import made
from tests.report.sections.read import words

OVERLAY = "videos/mara/DJI%201.MP4/overlay.mp4"


def shown(drawn, bouts=made.BOUTS, files=(OVERLAY,), most=20):
    folder, entries = drawn
    return per_video(entries, bouts, [made.line(files=files)], made.COLOURS, most, folder)


def test_a_bar_leads_to_its_moment_in_the_overlay_video(drawn):
    text = shown(drawn)
    assert text.count("<rect x=") == 5  # bouts, those that are not visible among them
    assert '<a href="videos/mara/DJI%25201.MP4/overlay.mp4#t=4" target="_blank"><rect ' in text
    assert 'x="4" y="0.1" width="4" height="0.8" fill="#009E73">' in text or "#009E73" in text
    assert "<title>track 1 zebra: Graze, 0:04.0 to 0:08.0</title>".replace(" zebra", "  zebra") in text
    assert "click on a bar" in text
    assert "Walk Graze unknown not visible blank: no record" in words(text)


def test_without_an_overlay_nothing_is_linked_and_it_is_said(drawn):
    text = shown(drawn, files=())
    assert "#t=" not in text
    assert "this run has no overlay video" in text
    assert text.count("<rect x=") == 5


def test_it_can_be_made_wider_without_a_script(drawn):
    text = shown(drawn)
    assert "<script" not in text
    assert text.count('type="radio"') == 3
    assert text.count("checked") == 1
    assert [f'class="ticks t{zoom}"' in text for zoom in (1, 4, 16)] == [True] * 3
    css = (Path(animals.__file__).parent.parent / "page.css").read_text(encoding="utf-8")
    assert all(f".z{zoom}:checked ~ .frame .wide" in css for zoom in (4, 16))


def test_unseen_ends_are_told(drawn):
    cut = made.BOUTS.assign(censored_stop=True)
    assert "0:00.0 to 0:04.0 (cut off at its end)" in shown(drawn, cut)


def test_events_are_marks(drawn):
    call = made.bouts([(1, "Walk", 5, 5)])
    call["kind"] = "event"
    assert 'width="0.02"' in shown(drawn, call)


def test_the_picture_of_the_ethogram_is_left_out_where_it_is_charted(drawn, monkeypatch):
    assert shown(drawn).count("<img") == 1  # the trajectories
    monkeypatch.setattr(animals, "MOST_BOUTS", 4)  # too many to chart: the figure
    text = shown(drawn)
    assert text.count("<img") == 2
    assert "<rect" not in text


def test_of_many_videos_the_figures_are_links(drawn):
    text = shown(drawn, most=0)
    assert "<img" not in text and "<svg" not in text
    assert words(text).endswith("Figures: ethogram , trajectories")
