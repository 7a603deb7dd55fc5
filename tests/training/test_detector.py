import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline.detectors.folder import DetectorCard, filled, write_folder
from pipeline.errors import TableError, UsageError
from pipeline.training.detector import CURVES, Trainer
from pipeline.training.detector_fit import DetectorFit
from pipeline.training.detector_loss import batch_of, unignored
from pipeline.training.detector_pixels import Mixing, Picture, mixed, plain, spoilt
from pipeline.training.detector_tiles import Tiles, joined, parted, read_tiles, write_tiles

SPECIES = ("zebra", "giraffe")
FIT = DetectorFit(steps=4, batch=2, image_px=64, check_steps=2, check_images=4, held_out=0.25, learning_rate=1e-3)
TILES = 8
STILL = Mixing(mosaic=0.0, least_scale=1.0, most_scale=1.0, strength=0.0)


def rows_of_boxes(**changes: Any) -> pd.DataFrame:
    """A zebra at 8..40 x 16..32 in every tile, and a hidden giraffe at 44..60 x 40..60."""
    rows = [(k, 8, 16, 40, 32, "zebra", 1.0) for k in range(TILES)]
    rows += [(k, 44, 40, 60, 60, "giraffe", 0.2) for k in range(TILES)]
    return pd.DataFrame(rows, columns=["image", "x1", "y1", "x2", "y2", "species", "visible"]).assign(**changes)


def saved(folder: Path, weights: Any, trainer: Trainer) -> None:
    """A detector's folder of some weights, to go on from."""
    card = DetectorCard(folder.name, SPECIES, FIT.image_px, trained_on="noise")
    write_folder(folder, weights, trainer.described, card)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eight tiles of four scenes, white zebras on noise."""
    images = np.random.default_rng(0).integers(60, 120, (TILES, 64, 64, 3), dtype=np.uint8)
    images[:, 16:32, 8:40] = 250
    groups = pd.DataFrame({"image": range(TILES), "group": [f"scene {k // 2}" for k in range(TILES)]})
    write_tiles(tmp_path / "tiles", images, groups, rows_of_boxes())
    return tmp_path / "tiles"


@pytest.fixture
def tiles(folder: Path) -> Tiles:
    return read_tiles(folder, SPECIES)


def test_what_is_written_is_read_back(tiles: Tiles) -> None:
    xyxy, label, counts = tiles.of(3)
    assert xyxy.tolist() == [[8, 16, 40, 32], [44, 40, 60, 60]]
    assert (label.tolist(), counts.tolist()) == ([0, 1], [True, False])  # 0.2 of the giraffe shows
    assert tiles.group[:3].tolist() == ["scene 0", "scene 0", "scene 1"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"image": 8}, r"boxes.csv: 16 rows with an image not in 0..7 \(first: line 2\)"),
        ({"x2": 8}, r"16 rows with x2 <= x1 or y2 <= y1"),
        ({"y2": 65}, r"16 rows beyond the image of 64 x 64 px"),
        ({"species": "impala"}, r"16 rows of a species other than zebra, giraffe"),
        ({"visible": 1.5, "x1": -1}, r"16 rows beyond .*; 16 rows with visible not in 0..1"),  # all faults at once
    ],
)
def test_boxes_that_cannot_be(folder: Path, change: dict[str, Any], text: str) -> None:
    rows_of_boxes(**change).to_csv(folder / "boxes.csv", index=False)
    with pytest.raises(TableError, match=text):
        read_tiles(folder, SPECIES)


def test_missing_columns_are_named(folder: Path) -> None:
    rows_of_boxes().drop(columns=["visible", "x1"]).to_csv(folder / "boxes.csv", index=False)
    with pytest.raises(TableError, match=r"boxes.csv: missing columns x1, visible"):
        read_tiles(folder, SPECIES)


def test_an_image_without_a_group(folder: Path) -> None:
    (folder / "images.csv").write_text("image,group\n0,a\n")
    with pytest.raises(TableError, match=r"images.csv: expected one row for each of the images 0 to 7"):
        read_tiles(folder, SPECIES)


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.zeros((2, 8, 8), dtype=np.uint8), r"expected uint8 \[N, H, W, 3\] .* got uint8 \(2, 8, 8\)"),  # grey
        (np.zeros((2, 8, 8, 3)), r"got float64"),
        (np.zeros((0, 8, 8, 3), dtype=np.uint8), r"of one image or more"),
    ],
)
def test_images_of_another_kind(folder: Path, array: Any, text: str) -> None:
    np.save(folder / "images.npy", array)
    with pytest.raises(TableError, match=text):
        read_tiles(folder, SPECIES)


def test_no_tiles(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"cannot read .*images.npy"):
        read_tiles(tmp_path, SPECIES)


def test_several_folders_are_as_one(folder: Path, tiles: Tiles, tmp_path: Path) -> None:
    groups = pd.DataFrame({"image": [0, 1], "group": ["scene 9", "scene 9"]})
    rows = pd.DataFrame([(1, 2, 3, 20, 30, "giraffe", 1.0)], columns=rows_of_boxes().columns)
    write_tiles(tmp_path / "more", np.full((2, 64, 64, 3), 7, dtype=np.uint8), groups, rows)
    both = joined([tiles, read_tiles(tmp_path / "more", SPECIES)])
    assert len(both.images) == len(both.group) == TILES + 2
    for k in range(TILES):
        assert all(np.array_equal(a, b) for a, b in zip(both.of(k), tiles.of(k), strict=True))
    assert [len(both.of(k)[0]) for k in (TILES, TILES + 1)] == [0, 1]
    assert both.of(TILES + 1)[0].tolist() == [[2, 3, 20, 30]]
    assert both.rows["image"].iloc[-1] == TILES + 1
    assert (both.group[-1], int(both.images[-1].max())) == ("scene 9", 7)
    assert joined([tiles]) is tiles


def test_folders_of_other_sizes(tiles: Tiles) -> None:
    smaller = dataclasses.replace(tiles, images=tiles.images[:, :32])
    with pytest.raises(UsageError, match="tiles of 64 x 32 and 64 x 64 px cannot be taken together"):
        joined([tiles, smaller])


@pytest.mark.parametrize(("share", "held"), [(0.001, 1), (0.999, 3)])
def test_whole_groups_are_held_out_one_at_least_and_not_all(tiles: Tiles, share: float, held: int) -> None:
    train, held_out = parted(tiles.group, share, seed=3)
    assert (len(train), len(held_out)) == (8 - 2 * held, 2 * held)
    assert not set(tiles.group[train]) & set(tiles.group[held_out])
    with pytest.raises(UsageError, match=r"all tiles are of one group"):
        parted(tiles.group[:2], 0.25, seed=3)


def test_a_scene_that_is_held_out_stays_so_when_others_are_added() -> None:
    few, more = (np.array([f"scene {k}" for k in range(n)], dtype=object) for n in (200, 1000))
    out = [set(group[parted(group, 0.1, seed=0)[1]]) for group in (few, more)]
    assert out[0] == out[1] & set(few)
    assert 80 < len(out[1]) < 120
    assert out[1] != set(more[parted(more, 0.1, seed=1)[1]])


def test_a_picture_mixed_of_one_tile_is_the_tile_or_its_mirror(tiles: Tiles) -> None:
    seen = set()
    for seed in range(8):
        picture = mixed(tiles, 0, np.arange(TILES), 64, STILL, np.random.default_rng(seed))
        seen.add(tuple(picture.xyxy[0]))
        x1, y1, x2, y2 = picture.xyxy[0].astype(int)
        assert (picture.image[y1:y2, x1:x2] >= 249).all()
    assert seen == {(8, 16, 40, 32), (24, 16, 56, 32)}


def test_the_boxes_of_a_mosaic_lie_on_their_animals(tiles: Tiles) -> None:
    for seed in range(20):
        mixing = dataclasses.replace(STILL, mosaic=1.0, least_scale=0.6, most_scale=1.5)
        picture = mixed(tiles, 0, np.arange(TILES), 96, mixing, np.random.default_rng(seed))
        assert picture.image.shape == (96, 96, 3)
        assert (picture.xyxy >= 0).all() and (picture.xyxy <= 96).all()
        white = (picture.image.min(axis=2) > 200).astype(np.uint8)
        zebra = picture.label == 0
        for (x1, y1, x2, y2), counts in zip(
            np.rint(picture.xyxy[zebra]).astype(int), picture.counts[zebra], strict=True
        ):
            assert white[y1:y2, x1:x2].mean() > 0.7 or not counts
            white[max(0, y1 - 2) : y2 + 2, max(0, x1 - 2) : x2 + 2] = 0
        assert not white.any()  # every zebra is told of


def test_the_same_seed_spoils_alike_and_no_strength_changes_nothing(tiles: Tiles) -> None:
    image = plain(tiles, 0).image
    first, again, other = (spoilt(image, 1.0, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.abs(spoilt(image, 0.0, np.random.default_rng(5)).astype(int) - image).max() <= 1


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"steps": 0}, r"steps must be >= 1, or 0 with init, got 0"),
        ({"steps": -1, "init": ("savanna_yolo",)}, r"or 0 with init, got -1"),
        ({"image_px": 100}, r"image_px must be a multiple of 32, got 100"),
        ({"held_out": 0.0}, r"held_out in \(0, 1\)"),
        ({"keep": 1.0, "init": ("savanna_yolo",)}, r"keep must be in \[0, 1\), and above 0 only with init, got 1.0"),
        ({"keep": 0.5}, r"only with init, got 0.5"),
    ],
)
def test_settings_that_cannot_be(change: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        DetectorFit(**change)


def test_the_rate_rises_and_falls() -> None:
    fit = DetectorFit(steps=100, warmup=0.1, learning_rate=1.0)
    rates = [fit.rate(step) for step in range(100)]
    assert np.argmax(rates) == 10
    assert (rates[0], rates[-1]) == (pytest.approx(1 / 11), pytest.approx(0.01, abs=0.001))


def test_boxes_as_shares_and_ignored_ones_apart() -> None:
    xyxy = np.array([[0, 0, 32, 16], [16, 16, 48, 48]], dtype=np.float64)
    picture = Picture(np.zeros((64, 64, 3), np.uint8), xyxy, np.array([1, 0]), np.array([True, False]))
    batch, ignored = batch_of([picture, picture])
    assert batch["bboxes"].tolist() == [[0.25, 0.125, 0.5, 0.25]] * 2
    assert (batch["batch_idx"].tolist(), batch["cls"].tolist()) == ([0, 1], [[1], [1]])
    assert ignored.tolist() == [[[16, 16, 48, 48]]] * 2


def test_ignore_regions_cost_nothing_unless_an_animal_is_there(tiles: Tiles, tmp_path: Path) -> None:
    import torch

    criterion = Trainer(tiles, FIT, tmp_path / "work").criterion
    anchors = 8 * 8 + 4 * 4 + 2 * 2  # of 64 px at strides 8, 16, 32
    scores, targets = torch.zeros(1, anchors, 2), torch.zeros(1, anchors, 2)
    targets[0, 9, 0] = 1.0  # an animal at 12, 12
    region = torch.tensor([[8.0, 8.0, 24.0, 24.0]])  # middles 12 and 20; 8; 16: four, one and one cells
    loss = unignored(criterion, region[None])(scores, targets)[0].sum(1)
    assert torch.nonzero(loss == 0).flatten().tolist() == [10, 17, 18, 64, 80]
    larger = torch.tensor([[0.0, 0.0, 32.0, 32.0]])
    assert int((unignored(criterion, larger[None])(scores, targets)[0].sum(1) == 0).sum()) == 16 - 1 + 4 + 1


def test_a_dozen_steps_teach_the_classes(tiles: Tiles, tmp_path: Path) -> None:
    fit = dataclasses.replace(FIT, warmup=0.0, steps=50, learning_rate=3e-3, mixing=STILL)
    trainer = Trainer(tiles, fit, tmp_path / "work")
    batch, ignored = batch_of([plain(tiles, k) for k in range(TILES)])
    class_loss = [trainer._step(batch, ignored)[1] for _ in range(12)]
    assert class_loss[-1] < 0.8 * class_loss[0]  # the boxes' loss first rises: it counts what is assigned


def test_a_training_begins_with_a_model_of_the_same_species(tiles: Tiles, tmp_path: Path) -> None:
    before = Trainer(tiles, dataclasses.replace(FIT, seed=5), tmp_path / "before")
    saved(tmp_path / "first", before.network.state_dict(), before)
    fit = dataclasses.replace(FIT, init=(str(tmp_path / "first"),))
    after = Trainer(tiles, fit, tmp_path / "after")
    assert after.origin == "the weights of first (noise)"
    for network in (after.network, after.average):
        pairs = zip(before.network.parameters(), network.parameters(), strict=True)
        assert all(np.allclose(a.detach().numpy(), b.detach().numpy(), atol=2e-3) for a, b in pairs)  # half precision
    with pytest.raises(UsageError, match="tells zebra, giraffe apart, the tiles giraffe, zebra"):
        Trainer(dataclasses.replace(tiles, species=SPECIES[::-1]), fit, tmp_path / "other")


def test_a_training_begins_with_the_mean_of_several_models(tiles: Tiles, tmp_path: Path) -> None:
    folders, states = [tmp_path / name for name in ("one", "two", "three")], list[dict[str, Any]]()
    for seed, folder in enumerate(folders):
        before = Trainer(tiles, dataclasses.replace(FIT, seed=seed), tmp_path / f"before {seed}")
        saved(folder, before.network.state_dict(), before)
        states.append(filled(folder).model.state_dict())
    fit = dataclasses.replace(FIT, init=tuple(map(str, folders)), steps=0)
    after = Trainer(tiles, fit, tmp_path / "after")
    assert (after.run(), after.done) == ([], True)  # no step: it ends with what it begins with
    assert (after.train_on.tolist(), after.held_out.tolist()) == ([], list(range(TILES)))
    assert after.origin == "the mean of " + " and ".join(
        f"the weights of {name} (noise)" for name in ("one", "two", "three")
    )
    for name, value in after.kept.state_dict().items():
        if value.dtype.is_floating_point:
            mean = sum(state[name] for state in states) / len(states)
            assert np.allclose(value, mean, rtol=1e-4, atol=1e-6), name


def test_some_of_the_first_weights_is_kept(tiles: Tiles, tmp_path: Path) -> None:
    before = Trainer(tiles, dataclasses.replace(FIT, seed=5), tmp_path / "before")
    saved(tmp_path / "first", before.network.state_dict(), before)
    fit = dataclasses.replace(FIT, init=(str(tmp_path / "first"),), keep=0.25, learning_rate=0.1)
    after = Trainer(tiles, fit, tmp_path / "after")
    after.run()
    ours, first, last = after.kept.state_dict(), after.first, after.average.state_dict()
    moved = [name for name, value in last.items() if value.dtype.is_floating_point and not value.equal(first[name])]
    assert len(moved) > 100
    for name in moved:
        assert np.allclose(ours[name], 0.25 * first[name] + 0.75 * last[name], rtol=1e-4, atol=1e-6)
    saved(tmp_path / "first", last, before)  # what goes on keeps the weights that it began with
    again = Trainer(tiles, fit, tmp_path / "after").kept.state_dict()
    assert all(again[name].equal(value) for name, value in ours.items())


def test_a_training_on_a_gpu(tiles: Tiles, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no CUDA GPU on this machine")
    trainer = Trainer(tiles, dataclasses.replace(FIT, device="cuda", precision="bf16", workers=2), tmp_path / "work")
    trainer.run()
    assert trainer.done
    assert all(weight.device.type == "cuda" for weight in trainer.average.parameters())


def test_a_training_that_was_stopped_goes_on_as_if_it_had_not_been(tiles: Tiles, tmp_path: Path) -> None:
    whole = Trainer(tiles, FIT, tmp_path / "whole")
    whole.run()
    first = Trainer(tiles, dataclasses.replace(FIT, budget_s=1e-9), tmp_path / "parts")
    first.run()
    assert (first.step, first.done) == (1, False)
    second = Trainer(tiles, dataclasses.replace(FIT, workers=2), tmp_path / "parts")  # who makes them does not matter
    second.run()
    assert second.done
    ours, theirs = whole.average.state_dict(), second.average.state_dict()
    assert all(bool((ours[name] == theirs[name]).all()) for name in ours)
    curves = pd.read_csv(tmp_path / "parts" / CURVES)
    assert curves["step"].tolist() == [1, 2, 4]
    with pytest.raises(UsageError, match=r"is of a training with other seed, steps; take another folder"):
        Trainer(tiles, dataclasses.replace(FIT, seed=1, steps=9), tmp_path / "parts")
