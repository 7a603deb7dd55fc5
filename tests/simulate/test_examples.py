"""Examples to learn from: deterministic, framed on their animal, landmarks and boxes where the pixels are."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.boxes import FloatArray
from pipeline.formats.scores import KABR
from pipeline.simulate import example_clips, example_tiles
from pipeline.simulate.edge import Edge
from pipeline.simulate.example_clips import BY_LEAVES, Clip, clips
from pipeline.simulate.example_tiles import Tile, tiles
from pipeline.simulate.examples import RATE, SPECIES, camera_at, scene
from pipeline.simulate.habits import busy
from pipeline.simulate.pinhole import View
from pipeline.simulate.render import Animal, Stage, frame
from pipeline.simulate.scene import Take, prepare
from pipeline.simulate.schedule import LIE
from pipeline.simulate.settings import Scene
from pipeline.simulate.skeleton import middle_of_head
from pipeline.simulate.truth import OCCLUDED, TOLD_BY_HEAD, Shown
from pipeline.types import Image
from pipeline.video.encode import encoder

SEED, FRAMES, SIZE = 11, 6, (96, 72)


@pytest.fixture(scope="module")
def made() -> list[Clip]:
    return list(clips(SEED, 8, FRAMES, 0.4, *SIZE))


takes: dict[str, Take] = {}


@pytest.fixture(autouse=True)
def prepared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scene is prepared for the first test that asks for it; its plants keep their looks."""

    def known(setting: Scene, seed: int) -> Take:
        key = f"{seed} {setting}"
        takes[key] = takes.get(key) or prepare(setting, seed)
        return takes[key]

    for module in (example_clips, example_tiles):
        monkeypatch.setattr(module, "prepare", known)


def test_a_clip_is_what_it_says(made: list[Clip]) -> None:
    assert len(made) == 8
    for clip in made:
        assert (clip.images.shape, clip.images.dtype) == ((FRAMES, SIZE[1], SIZE[0], 3), np.uint8)
        assert clip.behaviour in KABR
        assert clip.species in SPECIES
        assert clip.landmarks.shape == (FRAMES, 8, 2)
        assert clip.images.std() > 5  # it shows something
    assert len({clip.behaviour for clip in made}) >= 3


def test_what_the_embedded_models_learn_from_has_neither_sheep_nor_lying() -> None:
    drawn = {name for seed in range(60) for name in scene(np.random.default_rng(seed)).animals}
    assert drawn == set(SPECIES) == {"plains_zebra", "grevys_zebra", "giraffe", "impala", "baboon"}
    assert all(len(busy(name).behaviours) == LIE for name in SPECIES)  # the seven before it


def test_the_animal_is_in_the_middle(made: list[Clip]) -> None:
    for clip in made:
        inside = ((clip.landmarks >= 0) & (clip.landmarks < SIZE)).all(axis=2)
        assert inside.mean() > 0.7  # a large one may reach out
        away = np.abs(clip.landmarks.mean(axis=(0, 1)) - np.array(SIZE) / 2)
        assert (away < 0.35 * np.array(SIZE)).all()


def test_each_frame_says_what_is_done_in_it(made: list[Clip]) -> None:
    for clip in made:
        assert len(clip.moments) == FRAMES
        assert set(clip.moments) <= set(KABR)
        assert clip.behaviour in clip.moments[FRAMES // 2 - 1 : FRAMES // 2 + 1]  # to either side of the middle
    assert any(len(set(clip.moments)) > 1 for clip in made)  # some change


@pytest.mark.parametrize(("axis", "far"), [(0, True), (0, False), (1, True), (1, False)])
def test_past_the_footages_edge_it_is_black(monkeypatch: pytest.MonkeyPatch, axis: int, far: bool) -> None:
    monkeypatch.setattr(example_clips, "draw", lambda rng: Edge(axis, far, 0.6, still=0.0))
    for clip in clips(SEED, 2, FRAMES, 0.4, *SIZE):
        light = clip.images.max(axis=(3, 1 if axis == 0 else 2))  # [T, columns or rows]
        black = (light == 0) if far else (light == 0)[:, ::-1]
        first = black.argmax(axis=1)  # of the black ones
        assert all(row[at:].all() and not row[:at].any() for row, at in zip(black, first, strict=True))
        assert (0.35 * len(light[0]) < first).all()  # what is left of the animal is in the middle still
        assert (first < 0.98 * len(light[0])).all()


def test_leaves_before_a_head_do_not_tell_browse(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bush stands before the head, out of the mouth's reach, and its clip says what it would without it."""
    monkeypatch.setattr(example_clips, "draw", lambda rng: Edge(0, True, np.inf, still=0.0))
    without, planted, real = {}, [], example_clips.beside_leaves

    def seen(stage: Stage, animal: Animal, moment: int, rng: np.random.Generator) -> Stage:
        leafy = real(stage, animal, moment, rng)
        muzzle, poll = animal.bodies[0].skeleton.landmarks(animal.poses, moment)[:2]
        bush, ahead = leafy.plants[-1].plant, (muzzle - poll)[:2]
        toward = np.array([bush.x_m, bush.y_m]) - muzzle[:2]
        gap = float(np.linalg.norm(toward)) - bush.radius_m
        assert leafy.plants[:-1] == stage.plants and bush.kind == "bush"
        assert gap > (0.19 * animal.length_m if bush.height_m > muzzle[2] else -1e-9)
        assert toward @ ahead > 0  # less than a right angle off
        planted.append(int(moment))
        return leafy

    monkeypatch.setattr(example_clips, "beside_leaves", seen)
    for share in (0.0, 1.0):
        monkeypatch.setattr(example_clips, "BESIDE", share)
        without[share] = list(clips(SEED + 1, 8, FRAMES, 0.4, *SIZE))
        assert bool(planted) == bool(share)
    pairs = list(zip(*without.values(), strict=True))
    changed = [(a, b) for a, b in pairs if not np.array_equal(a.images, b.images)]
    assert 1 <= len(changed) <= len(planted) < len(pairs)
    for plain, leafy in changed:
        assert set(plain.moments) <= {*BY_LEAVES, OCCLUDED}
        assert set(leafy.moments) <= {*plain.moments, OCCLUDED}
        assert np.array_equal(plain.landmarks, leafy.landmarks)


def test_with_its_head_past_the_edge_a_standing_animal_is_occluded(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {}
    for kept in (np.inf, 0.5):
        monkeypatch.setattr(example_clips, "draw", lambda rng, kept=kept: Edge(0, True, kept, still=0.0))
        made[kept] = list(clips(SEED, 8, FRAMES, 0.4, *SIZE))
    told = set()
    for whole, cut in zip(*made.values(), strict=True):
        heads = middle_of_head(cut.landmarks).astype(int)
        for image, (x, y), before, after in zip(cut.images, heads, whole.moments, cut.moments, strict=True):
            assert 2 <= x < SIZE[0] - 2 and 0 <= y < SIZE[1]
            there = set(image[y, x - 2 : x + 3].any(axis=1).tolist())  # both: the edge goes through the head
            told |= {(before in TOLD_BY_HEAD, *there, after == before)} if len(there) == 1 else set()
    assert {says for standing, there, says in told if standing and not there} == {False}
    assert {says for standing, there, says in told if there or not standing} == {True}


def test_animals_far_away_are_enlarged_from_whole_footage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example_clips, "AFAR", 1.0)
    films: list[Image] = []

    def noted(images: Image, crf: int, ahead: bool) -> Image:
        films.append(images)
        return images

    monkeypatch.setattr(example_clips, "through_h264", noted)
    made = list(clips(SEED, 4, FRAMES, 0.4, *SIZE))
    steps = (FRAMES - 1) * round(0.4 * RATE) + 1  # moments from a clip's first frame to its last
    for clip, film in zip(made, films, strict=True):
        assert clip.images.shape == (FRAMES, SIZE[1], SIZE[0], 3)
        assert film.shape[1:3] == (SIZE[1] * 2 // 3, SIZE[0] * 2 // 3)
        assert steps / example_clips.EVERY[1] <= len(film) <= steps + example_clips.LEAD
    assert any(len(film) < steps for film in films) and any(len(film) >= steps for film in films)


def test_a_seed_gives_the_same_clips_and_another_others(made: list[Clip], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example_clips, "prepare", prepare)
    again, other = next(clips(SEED, 1, FRAMES, 0.4, *SIZE)), next(clips(SEED + 1, 1, FRAMES, 0.4, *SIZE))
    assert np.array_equal(again.images, made[0].images)
    assert not np.array_equal(other.images, made[0].images)


@pytest.mark.parametrize("thing", ["bush", "tree", "animal"])
def test_what_stands_before_an_animal_hides_some_of_it(thing: str) -> None:
    take = prepare(replace(scene(np.random.default_rng(3)), duration_s=1.0, animals={"impala": 2}), SEED)
    animal = take.stage.animals[0]

    def shows(stage: Stage, camera: View) -> float:
        shown = frame(stage, camera, 0, 0, 0.0)[1]
        return float(shown.visible[shown.animal == 0].sum())

    lost = []
    for number in range(8):
        rng = np.random.default_rng(number)
        camera = camera_at(animal.poses.trunk[0], rng, 80.0, animal.length_m, 160, 160)
        overhead = replace(camera, position=animal.poses.trunk[0] + [0.0, 1e-3, 30.0])
        example_tiles.hidden(take.stage, 0, 0, overhead, rng, {thing: 1.0})  # from straight above there is room too
        hidden = example_tiles.hidden(take.stage, 0, 0, camera, rng, {thing: 1.0})
        lost.append(shows(take.stage, camera) - shows(hidden, camera))
    assert max(lost) > 0.2
    assert np.mean(lost) > 0.05
    assert min(lost) > -1e-6  # nothing that hid it is taken away


def test_tiles_have_boxes_inside_them() -> None:
    drawn: list[Tile] = list(tiles(SEED, 6, 160))
    assert len(drawn) == 6
    assert sum(len(tile.species) for tile in drawn) > 0
    for tile in drawn:
        assert tile.image.shape == (160, 160, 3)
        assert len(tile.species) == len(tile.shown.boxes)
        assert (tile.shown.boxes >= 0).all()
        assert (tile.shown.boxes <= 160).all()


def test_tiles_about_half_hidden_animals_show_more_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    least, most = example_tiles.SHOWING
    for name, share in (("HERDS", 0.0), ("STILL", 1.0)):
        monkeypatch.setattr(example_tiles, name, share)

    def found(half_hidden: float) -> float:
        monkeypatch.setattr(example_tiles, "HALF_HIDDEN", half_hidden)
        shown = [tile.shown.visible for tile in tiles(SEED, 12, 160)]
        return float(np.mean([((seen >= least) & (seen <= most)).any() for seen in shown]))

    assert found(1.0) > found(0.0) + 0.2


def test_tiles_beside_an_animal_show_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, share in (("HERDS", 0.0), ("AWAY", 1.0), ("HALF_HIDDEN", 0.0), ("STILL", 1.0)):
        monkeypatch.setattr(example_tiles, name, share)
    drawn = list(tiles(SEED, 3, 160))
    assert min(len(tile.species) for tile in drawn) == 0  # mostly ground
    assert all(tile.image.std() > 2 for tile in drawn)


def test_herds_are_seen_from_afar(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HERDS", "STILL"):
        monkeypatch.setattr(example_tiles, name, 1.0)
    lengths_px: list[float] = []

    def noted(
        place: FloatArray, rng: np.random.Generator, length_px: float, length_m: float, width: int, height: int
    ) -> View:
        lengths_px.append(length_px)
        return camera_at(place, rng, length_px, length_m, width, height)

    monkeypatch.setattr(example_tiles, "camera_at", noted)
    assert len(list(tiles(SEED, 5, 160))) == len(lengths_px) == 5
    least, most = example_tiles.AFAR_PX
    assert all(least <= length <= most for length in lengths_px)


@pytest.mark.skipif(encoder() != "libx264", reason="this PyAV has no libx264")
def test_tiles_of_footage_have_been_through_a_codec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example_tiles, "CRF", (38, 39))
    for name in ("HERDS", "HALF_HIDDEN"):
        monkeypatch.setattr(example_tiles, name, 0.0)

    def first(still: float) -> Tile:
        monkeypatch.setattr(example_tiles, "STILL", still)
        return next(tiles(SEED, 1, 160))

    photograph, footage = first(1.0), first(0.0)
    np.testing.assert_array_equal(footage.shown.boxes, photograph.shown.boxes)
    fine = [cv2.Laplacian(tile.image, cv2.CV_64F).std() for tile in (footage, photograph)]
    assert fine[0] < 0.9 * fine[1]
    assert np.abs(footage.image.astype(float) - photograph.image).mean() < 20  # of the same moment, in the same place


def test_animals_go_on_while_a_tile_is_filmed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HERDS", "HALF_HIDDEN", "STILL"):
        monkeypatch.setattr(example_tiles, name, 0.0)
    moments: list[int] = []

    def noted(stage: Stage, view: View, moment: int, number: int, time_s: float) -> tuple[Image, Shown]:
        moments.append(moment)
        return frame(stage, view, moment, number, time_s)

    monkeypatch.setattr(example_tiles, "frame", noted)
    next(tiles(SEED, 1, 160))
    film = sorted(moments)  # that of the tile is rendered first
    assert film == list(range(film[0], film[0] + len(film)))
    assert example_tiles.FRAMES[0] <= len(film) < example_tiles.FRAMES[1]


def asked_of(seed: int, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """The scene that the tiles of a seed are of."""
    asked: list[Scene] = []

    def before_it_is_prepared(setting: Scene, seed: int) -> None:
        asked.append(setting)
        raise InterruptedError

    monkeypatch.setattr(example_tiles, "prepare", before_it_is_prepared)
    with pytest.raises(InterruptedError):
        next(tiles(seed, 1, 160))
    return asked[0]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_both_brown_animals_are_in_a_share_of_the_scenes(monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    monkeypatch.setattr(example_tiles, "TOGETHER", share)
    for seed in range(5):
        alone = set(scene(np.random.default_rng([seed, 2])).animals)
        assert set(asked_of(seed, monkeypatch).animals) == alone | ({*example_tiles.BROWN} if share else set())


def test_a_herd_is_large_and_close(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example_tiles, "HERDS", 1.0)
    for seed in range(5):
        herd = asked_of(seed, monkeypatch)
        assert example_tiles.HEADS[0] - 2 <= sum(herd.animals.values()) <= example_tiles.HEADS[1] + 2  # each is rounded
        assert example_tiles.CLOSE_M[0] <= herd.spacing_m <= example_tiles.CLOSE_M[1]
