"""``ethopipe train species=true``: which species a clip shows, told by a second head beside the behaviours."""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from pipeline.artifacts import file_hash
from pipeline.chain.progress import Silent
from pipeline.checksums import read_sums
from pipeline.cli import main
from pipeline.errors import ModelError, UsageError
from pipeline.evaluation.confusion import confusion
from pipeline.model_folder import PROTOTYPES, SPECIES_HEAD
from pipeline.recognizers.folder import read_card, write_card
from pipeline.training.labels import Labels
from pipeline.training.losses import species_loss
from pipeline.training.packed import ClipWriter
from pipeline.training.species import species_of, species_truth
from pipeline.training.train import train
from tests.training.clips import DIRECTION, INTERVAL_S, square
from tests.training.stopping import Stopping
from tests.training.test_fits import COMMON, fitted
from tests.training.test_start import mc3
from tests.training.test_train import planned, weights, window

UNSURE = ["augmentation=default", "fit.dropout=0.1", "fit.patches=0.5", "fit.average=0.5", "species=true"]
STEPS = ["fit.steps=40", "fit.round_steps=20", "fit.average=0.5", "species=true"]
PROBE = [*COMMON, "fit=probe", "fit.views=1", "split.held_out=0.25", "species=true"]
CROSSED = [word for word in COMMON if not word.startswith("split.")] + [
    "split.folds=4",
    "check_leaks=false",
]  # drawn pictures are few
CARD_FILES = {"config.json", "model.safetensors", "preprocessor_config.json"}


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def herd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Red and blue squares that move; every sixth clip's species nobody said."""
    folder, rng = tmp_path_factory.mktemp("herd"), np.random.default_rng(0)
    with ClipWriter(folder, INTERVAL_S, shard_clips=10) as writer:
        for number in range(48):
            behaviour, colour = [*DIRECTION][number % 3], number // 3 % 2
            clip = square(behaviour, rng)
            clip[..., 0 if colour else 2] //= 4
            said = ["red", "blue"][colour] if number % 6 else "animal"
            writer.add(clip, behaviour, said, f"scene {number // 12}")
    return folder


@pytest.fixture(scope="module")
def told(herd: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    before = torch.get_num_threads()
    out = train(planned(herd, tmp_path_factory.mktemp("models") / "told", *STEPS), Silent())
    torch.set_num_threads(before)
    return out


def test_the_folder_says_how_well_species_are_told(told: Path) -> None:
    card = read_card(told)
    assert card.species == ("blue", "red")
    assert set(card.sha256) == {*CARD_FILES, SPECIES_HEAD, PROTOTYPES}
    assert read_sums(told)[SPECIES_HEAD] == file_hash(told / SPECIES_HEAD)
    assert (pd.read_csv(told / "curves.csv")["species_loss"].diff().dropna() < 0).all()
    assert card.species_metrics["macro_top1"] > 0.9  # red and blue are easily told
    check_figures(told, clips=12, known=10)


def check_figures(told: Path, clips: int, known: int) -> None:
    """Those of the card and the confusion are those of the held-out clips whose species is known."""
    card, table = read_card(told), pd.read_csv(told / "held_out.csv", keep_default_na=False)
    of_known = table[table["species"] != "animal"]
    assert (len(table), len(of_known)) == (clips, known)
    assert np.allclose(table[["species_blue", "species_red"]].sum(axis=1), 1)
    found = np.where(of_known["species_red"] > of_known["species_blue"], "red", "blue")
    for name in ("blue", "red"):
        mine = (of_known["species"] == name).to_numpy()
        assert card.species_metrics[f"clips {name}"] == mine.sum()
        assert card.species_metrics[f"recall {name}"] == pytest.approx((found[mine] == name).mean(), abs=1e-4)
    counts = pd.read_csv(told / "species_confusion.csv")
    assert counts.columns.tolist() == ["true", "blue", "red"]
    true, seen = (pd.Categorical(words, ["blue", "red"]).codes.astype(int) for words in (of_known["species"], found))
    assert counts[["blue", "red"]].to_numpy().tolist() == confusion(true, seen, 2).tolist()


def test_the_library_reads_the_network_as_ever(told: Path) -> None:
    from transformers import AutoModelForVideoClassification

    model, info = AutoModelForVideoClassification.from_pretrained(told, output_loading_info=True)
    assert not any(info[kind] for kind in info if kind.endswith("_keys"))
    assert model.config.id2label == {0: "left", 1: "right", 2: "still"}


def test_a_recognizer_tells_what_the_card_says(told: Path, herd: Path, configured: Any) -> None:
    table = pd.read_csv(told / "held_out.csv")
    steps = np.round(0.1 * np.arange(1, 5), 6)  # the middle of six frames
    clips = [
        np.load(herd / path)[row][np.round(steps / 0.1).astype(int)]
        for path, row in zip(table["path"], table["row"], strict=True)
    ]
    for name in ("transformers", "embedded"):
        recognizer = configured("recognizer", name, model=str(told))
        scores = recognizer.score([window(clip) for clip in clips])
        assert recognizer.score([]).shape == (0, 5)
        wanted = [f"p_{b}" for b in recognizer.card.behaviours] + [f"species_{s}" for s in recognizer.card.species]
        np.testing.assert_allclose(scores, table[wanted].to_numpy(), atol=2e-3)
    flipped = configured("recognizer", "transformers", model=str(told), flip=True)
    turned = [flipped.score([window(np.ascontiguousarray(clips[0][:, :, ::way]))]) for way in (1, -1)]
    np.testing.assert_allclose(turned[0], turned[1], atol=1e-6)


@pytest.fixture(scope="module")
def whole(herd: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training that was not stopped."""
    before = torch.get_num_threads()
    out = train(planned(herd, tmp_path_factory.mktemp("models") / "whole", *UNSURE), Silent())
    torch.set_num_threads(before)
    return out


@pytest.mark.parametrize("stop_after", [2, 4])  # in the first round; in the second
def test_a_stopped_training_ends_as_one_that_was_not(
    herd: Path, whole: Path, tmp_path: Path, stop_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    Stopping(monkeypatch, stop_after)
    with pytest.raises(KeyboardInterrupt):
        train(planned(herd, tmp_path / "parts", *UNSURE), Silent())
    monkeypatch.undo()
    train(planned(herd, tmp_path / "parts", *UNSURE), Silent())
    a, b = weights(whole), weights(tmp_path / "parts")
    assert {"network.species.weight", "mean.species.weight"} <= a.keys()
    assert all(torch.equal(a[name], b[name]) for name in a)
    for name in ("curves.csv", "species_confusion.csv", "held_out.csv", "model.safetensors", SPECIES_HEAD):
        assert (whole / name).read_bytes() == (tmp_path / "parts" / name).read_bytes(), name


def test_parts_of_a_batch_teach_as_the_whole(herd: Path, tmp_path: Path) -> None:
    words = ["species=true", "fit.average=0"]
    one = weights(train(planned(herd, tmp_path / "one", *words), Silent()))
    parts = weights(train(planned(herd, tmp_path / "parts", *words, "fit.accumulate=3"), Silent()))
    assert max(float((one[name] - parts[name]).abs().max()) for name in one) < 1e-5


def test_behaviours_are_learnt_as_without_it_where_its_loss_weighs_nothing(herd: Path, tmp_path: Path) -> None:
    plain = train(planned(herd, tmp_path / "plain"), Silent())
    beside = train(planned(herd, tmp_path / "beside", "species=true", "fit.species_weight=0"), Silent())
    a, b = weights(plain), weights(beside)
    assert set(b) - set(a) == {f"{of}.species.{part}" for of in ("network", "mean") for part in ("weight", "bias")}
    assert max(float((a[name] - b[name]).abs().max()) for name in a) < 1e-5
    assert not (plain / SPECIES_HEAD).exists()
    assert "species" not in (plain / "card.yaml").read_text()


@pytest.mark.parametrize("fit", ["probe", "prototypes", "last"])
def test_ways_to_fit(herd: Path, told: Path, tmp_path: Path, fit: str, capsys: pytest.CaptureFixture[str]) -> None:
    of_fit = {
        "probe": PROBE,
        "prototypes": [*PROBE, "fit=prototypes"],
        "last": [
            *COMMON,
            "fit=last",
            "fit.layers=0",
            "fit.steps=2",
            "fit.batch=6",
            "split.held_out=0.25",
            "species=true",
        ],
    }
    words = [*of_fit[fit], f"init={told}"]
    assert main(["train", f"data={herd}", f"out={tmp_path / 'm'}", *words]) == 0
    assert "\nspecies     clips  recall  precision\nblue            6   1.000      1.000\n" in capsys.readouterr().err
    assert read_card(tmp_path / "m").species_metrics["macro_top1"] == 1.0
    assert main(["models", "verify", str(tmp_path / "m")]) == 0
    assert main(["models", "show", str(tmp_path / "m")]) == 0
    shown = capsys.readouterr().out
    assert "  species       blue, red\n" in shown
    assert "  metrics of species\n    macro_top1 1\n" in shown


def test_folds_tell_every_species_by_models_that_never_saw_the_clip(herd: Path, whole: Path, tmp_path: Path) -> None:
    words = [*CROSSED, *PROBE[len(COMMON) :], "fit.strength=1", f"init={whole}"]
    out = fitted(herd, tmp_path / "m", *words)
    check_figures(out, clips=48, known=40)
    together = pd.read_csv(out / "held_out.csv")
    for fold in (0, 3):  # the same as with that fold held out alone, but for the temperature
        alone = pd.read_csv(fitted(herd, tmp_path / str(fold), *words, f"split.fold={fold}") / "held_out.csv")
        own = together[together["fold"] == fold]
        assert own[["path", "row"]].to_numpy().tolist() == alone[["path", "row"]].to_numpy().tolist()
        one, other = (np.log(table["species_red"] / table["species_blue"]).to_numpy() for table in (own, alone))
        np.testing.assert_allclose(one, (one @ other) / (other @ other) * other, atol=0.01 * np.abs(one).max())
    kept = fitted(herd, tmp_path / "again", *words, "split.folds=2")  # learnt from all, whatever the folds
    ratio = head(kept)["weight"] / head(out)["weight"]
    torch.testing.assert_close(ratio, ratio.mean().expand_as(ratio), rtol=0.02, atol=0)


def test_folds_fitted_step_by_step_tell_species(herd: Path, tmp_path: Path, configured: Any) -> None:
    words = ["species=true", "split.folds=2", "fit.average=0", "check_leaks=false"]
    out = train(planned(herd, tmp_path / "m", *words), Silent())
    check_figures(out, clips=48, known=40)
    assert [*pd.read_csv(out / "curves.csv")] == ["step", "learning_rate", "loss", "landmark_loss", "species_loss"]
    assert [np.load(path).shape for path in sorted(out.rglob("logits.npy"))] == [(24, 5)] * 2
    heads = [weights(at)["network.species.weight"] for at in (out, *sorted((out / "training").glob("fold_*")))]
    assert all(not torch.equal(*pair) for pair in combinations(heads, 2))  # each learnt its own
    ratio = head(out)["weight"] / heads[0]
    torch.testing.assert_close(ratio, ratio.mean().expand_as(ratio), rtol=0.01, atol=0)  # the last, but for T
    assert configured("recognizer", "transformers", model=str(out)).card.species == ("blue", "red")


def test_a_head_that_is_gone_on_with_or_left_out(herd: Path, told: Path, tmp_path: Path) -> None:
    out = fitted(herd, tmp_path / "without", *COMMON, "fit=probe", f"init={told}")
    assert read_card(out).species == ()
    assert not (out / SPECIES_HEAD).exists()
    words = ["fit=last", "fit.layers=0", "fit.learning_rate=1e-12", "fit.steps=1", "fit.round_steps=1", "fit.batch=6"]
    again = train(planned(herd, tmp_path / "again", "fit.average=0", *words, "species=true", f"init={told}"), Silent())
    before, after = (head(folder) for folder in (told, again))
    by = before["weight"].norm() / after["weight"].norm()  # the temperature
    torch.testing.assert_close(after["weight"] * by, before["weight"], rtol=0.01, atol=1e-3)


def head(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return {name: value.float() for name, value in load_file(folder / SPECIES_HEAD).items()}


def test_torchvision_networks_tell_species_too(herd: Path, tmp_path: Path, configured: Any) -> None:
    begun = mc3(tmp_path / "start", ["a", "b"])
    out = fitted(herd, tmp_path / "m", *PROBE, "fit.strength=1", f"init={begun}")
    recognizer = configured("recognizer", "torchvision", model=str(out))
    assert recognizer.card.species == ("blue", "red")
    clip = np.zeros((4, 32, 32, 3), np.uint8)
    scores = recognizer.score([window(clip)])
    assert scores.shape == (1, 5)
    assert scores[0, 3:].sum() == pytest.approx(1)


def test_the_loss_counts_all_clips_and_teaches_by_those_that_are_known() -> None:
    logits = torch.tensor([[0.0, 0.0], [5.0, -5.0]], requires_grad=True)
    loss = species_loss(logits, torch.tensor([[0.0, 1.0], [0.0, 0.0]]), 0.0)
    assert float(loss) == pytest.approx(np.log(2) / 2)
    loss.backward()
    assert logits.grad is not None
    assert logits.grad.tolist() == [[0.25, -0.25], [0.0, 0.0]]


@pytest.mark.parametrize(
    ("species", "text"),
    [
        (["", "", "animal", ""], r"^species=true needs clips that say their species, and none of 4 does: fill in the"),
        (["oryx", "", "oryx", ""], r"^species=true tells species apart, and the clips show oryx alone; leave it out$"),
        (["oryx", "", "zebra", ""], r"^species=true: every clip of zebra is held out, so that nothing is learnt of it"),
        (["oryx", "zebra", "", "animal"], r"^species=true: no held-out clip says its species, so that nothing can"),
    ],
)
def test_clips_that_cannot_teach_species(species: list[str], text: str) -> None:
    labels = Labels(Path(), pd.DataFrame({"species": species}))
    with pytest.raises(UsageError, match=text) as error:
        species_of(labels, [(np.array([0, 1]), np.array([2, 3]))])
    assert "\n" not in str(error.value)


def test_a_species_of_one_fold_cannot_be_learnt_there() -> None:
    labels, clips = Labels(Path(), pd.DataFrame({"species": ["oryx", "oryx", "zebra", "zebra", ""]})), np.arange(5)
    folds = [(np.setdiff1d(clips, held), np.array(held)) for held in ([0, 4], [1], [2, 3])]
    with pytest.raises(UsageError, match=r"every clip of zebra is held out in one fold, so that nothing is learnt"):
        species_of(labels, folds)
    folds = [(np.setdiff1d(clips, held), np.array(held)) for held in ([0, 2], [1, 3], [4])]  # one says none: no fault
    assert species_of(labels, folds) == ("oryx", "zebra")


def test_what_is_not_known_is_true_of_nothing() -> None:
    rows = pd.DataFrame({"species": ["zebra", "", "animal", "oryx"]})
    assert species_truth(rows, ("oryx", "zebra")).tolist() == [[False, True], [False] * 2, [False] * 2, [True, False]]
    everyone = Labels(Path(), pd.concat([rows, rows], ignore_index=True))
    assert species_of(everyone, [(np.arange(4), np.arange(4, 8))]) == ("oryx", "zebra")


def test_a_head_that_does_not_fit_is_refused(told: Path, tmp_path: Path, configured: Any) -> None:
    import shutil
    from dataclasses import replace

    from safetensors.torch import save_file

    folder = Path(shutil.copytree(told, tmp_path / "m", ignore=shutil.ignore_patterns("training")))
    card = replace(read_card(folder), sha256={})
    write_card(folder, replace(card, species=("blue", "red", "green")))
    with pytest.raises(
        ModelError, match=r"species.safetensors has bias \[2\], weight \[2, 32\], its card names 3 spec"
    ):
        configured("recognizer", "transformers", model=str(folder))
    write_card(folder, card)
    save_file({"weight": torch.zeros(2, 7), "bias": torch.zeros(2)}, folder / SPECIES_HEAD)
    recognizer = configured("recognizer", "transformers", model=str(folder))
    with pytest.raises(ModelError, match=r"species.safetensors is for 7 features, the network has 32"):
        recognizer.score([window(np.zeros((4, 32, 32, 3), np.uint8))])
    (folder / SPECIES_HEAD).unlink()
    with pytest.raises(ModelError, match=r"its card names 2 species, and species.safetensors is missing"):
        configured("recognizer", "transformers", model=str(folder))
    for species, text in (
        (("a", "a"), "species must differ, twice here: a"),
        (("a",), r"two or more, or none, got \['a'\]"),
    ):
        with pytest.raises(ValueError, match=text):
            replace(card, species=species)
