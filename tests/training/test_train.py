"""``ethopipe train`` from the command to the saved model, with networks of a few tens of thousands of weights."""

import runpy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.special import softmax

from pipeline.artifacts import read_object, write_text
from pipeline.chain.progress import Silent
from pipeline.checksums import read_sums
from pipeline.cli import main
from pipeline.config import compose
from pipeline.errors import MissingPart, UsageError
from pipeline.plan import training_plan
from pipeline.recognizers.folder import read_card
from pipeline.training import train as training
from pipeline.training.fit import BEST, LAST
from pipeline.training.labels import read_labels
from pipeline.training.pixels import Pixels
from pipeline.training.plan import TrainingPlan
from pipeline.training.split import SplitSettings, split
from pipeline.training.train import train
from pipeline.training.units import By
from pipeline.types import Image, Window
from tests.training.clips import write_squares
from tests.training.stopping import Stopping

TINY = [
    *("device=cpu", "threads=1", "augmentation=none", "network.frames=4", "network.interval_s=0.1"),
    *("network.height_px=32", "network.width_px=32", "network.width=32", "network.depth=2", "network.heads=2"),
    *("fit.batch=6", "fit.steps=6", "fit.round_steps=3", "split.held_out=0.25", "fit.learning_rate=0.003"),
]


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_squares(tmp_path_factory.mktemp("squares"))


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def planned(data: Path, out: Path, *words: str) -> TrainingPlan:
    return training_plan(compose("train", [f"data={data}", f"out={out}", *TINY, *words]))


def weights(folder: Path) -> dict[str, Any]:
    checkpoint: dict[str, Any] = torch.load(folder / "training" / LAST, weights_only=True)
    state: dict[str, Any] = checkpoint["state_dict"]
    return state


def differ(a: dict[str, Any], b: dict[str, Any]) -> float:
    assert a.keys() == b.keys()
    return max(float((a[name].double() - b[name].double()).abs().max()) for name in a)


def test_the_verb_from_clips_to_a_model_that_a_recognizer_reads(
    squares: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], configured: Any, pictures: None
) -> None:
    out = tmp_path / "mine"
    words = ["about.licence=CC0-1.0", "about.trained_on=squares", "about.not_good_for=animals", "about.close=true"]
    words.append("about.definitions={left: goes to the left}")
    assert main(["train", f"data={squares}", f"out={out}", *TINY, *words]) == 0
    said = capsys.readouterr().err
    assert "24 clips of 3 behaviours; 18 of 3 groups to learn from, 6 of 1 other group to judge by" in said
    assert "step 6 of 6" in said
    assert "macro top-1" in said
    assert not [word for word in ("Lightning", "GPU", "ckpt") if word in said]
    card = read_card(out)
    assert card.behaviours == ("left", "right", "still")
    assert (card.name, card.licence, card.clip.frames, card.clip.interval_s) == ("mine", "CC0-1.0", 4, 0.1)
    assert card.close
    assert card.definitions == {"left": "goes to the left"}
    assert card.trained_on.startswith("squares; 18 clips of 3 groups; figures from 6 clips of 1 other group")
    assert card.held_out_chose_checkpoint is True
    assert "so flatter it)" in (out / "reliability.svg").read_text(encoding="utf-8")
    assert {"macro_top1", "top1", "recall left", "clips still"} <= set(card.metrics)
    files = {"config.json", "model.safetensors", "preprocessor_config.json", "prototypes.safetensors"}
    assert set(card.sha256) == files
    kept = {"card.yaml", "confusion.csv", "confusion.png", "curves.csv", "held_out.csv", "reliability.png"}
    kept |= {"confusion.svg", "reliability.svg"}
    assert set(read_sums(out)) == {*card.sha256, *kept}
    assert pd.read_csv(out / "curves.csv")["step"].tolist() == [3, 6]
    counts = pd.read_csv(out / "confusion.csv")
    assert counts.columns.tolist() == ["true", "left", "right", "still"]
    assert int(counts.iloc[:, 1:].to_numpy().sum()) == 6
    for name in ("transformers", "embedded"):
        recognizer = configured("recognizer", name, model=str(out))
        assert recognizer.score([window(np.zeros((4, 32, 32, 3), np.uint8))]).shape == (1, 3)


def window(images: Image) -> Window:
    n = len(images)
    boxes = np.tile([0.0, 0.0, 8.0, 8.0], (n, 1))
    return Window(1, np.arange(n), np.arange(n) / 10, boxes, boxes, 8.0, 0, n, images=images)


def test_the_saved_model_scores_as_the_fitted_one(squares: Path, tmp_path: Path, configured: Any) -> None:
    out = train(planned(squares, tmp_path / "m", "fit.average=0"), Silent())
    best = torch.load(out / "training" / BEST, weights_only=True)["state_dict"]
    recognizer = configured("recognizer", "transformers", model=str(out))
    images = np.random.default_rng(0).integers(0, 255, (4, 40, 56, 3), dtype=np.uint8)
    scores = recognizer.score([window(images)])
    network = recognizer._network
    fitted = {k.removeprefix("network."): v for k, v in best.items() if k.startswith("network.")}
    saved = {k: v.clone() for k, v in network.model.state_dict().items()}
    assert max(float((saved[k] - v).abs().max()) for k, v in fitted.items()) > 0  # it is rounded
    network.model.load_state_dict(fitted)  # in full precision, before its temperature
    by = float(fitted["classifier.weight"].norm() / saved["classifier.weight"].norm())
    np.testing.assert_allclose(softmax(np.log(network.score([window(images)])) / by, axis=1), scores, atol=2e-3)
    flipped = replace(network, flip=True)
    both = [flipped.score([window(images)]), flipped.score([window(np.ascontiguousarray(images[:, :, ::-1]))])]
    np.testing.assert_allclose(both[0], both[1], atol=1e-6)  # a mirrored window gives the same
    assert not np.allclose(both[0], network.score([window(images)]), atol=1e-7)


def test_a_few_clips_are_learnt_by_heart(tmp_path: Path, configured: Any) -> None:
    data = write_squares(tmp_path / "few", per_group=1, groups=4)
    words = ["fit.steps=80", "fit.round_steps=80", "fit.average=0", "fit.label_smoothing=0", "fit.batch=9"]
    recognizer = configured("recognizer", "embedded", model=str(train(planned(data, tmp_path / "m", *words), Silent())))
    labels = read_labels(data)
    learnt, _ = split(labels.rows, SplitSettings(By.recording, 0.25, 0, 0, None), seed=0)
    clips = [Pixels(labels).read(index, np.array([0.1, 0.2, 0.3, 0.4])) for index in learnt.tolist()]
    found = recognizer.score([window(clip) for clip in clips]).argmax(1)
    assert len(clips) == 9
    assert found.tolist() == labels.truth(recognizer.card.behaviours)[learnt].argmax(1).tolist()


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
@pytest.mark.parametrize("stop_after", [2, 3, 4])  # in the first round; at its end; in the second
def test_a_stopped_training_ends_as_one_that_was_not(
    squares: Path, tmp_path: Path, stop_after: int, optimizer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["augmentation=default", "fit.dropout=0.1", "fit.patches=0.5", f"fit.optimizer={optimizer}"]
    train(planned(squares, tmp_path / "whole", *words), Silent())
    Stopping(monkeypatch, stop_after)
    with pytest.raises(KeyboardInterrupt):
        train(planned(squares, tmp_path / "parts", *words), Silent())
    monkeypatch.undo()
    kept = torch.load(tmp_path / "parts" / "training" / LAST, weights_only=True)
    assert kept["global_step"] == stop_after
    train(planned(squares, tmp_path / "parts", *words), Silent())
    assert differ(weights(tmp_path / "whole"), weights(tmp_path / "parts")) == 0.0
    for name in ("curves.csv", "confusion.csv", "model.safetensors", "config.json"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "parts" / name).read_bytes(), name


@pytest.mark.parametrize(
    ("middle", "looked_at", "said"),
    [
        ("val", [12, 13, 14, 15, 16, 17], "; 6 clips of val chose the best checkpoint; "),
        ("", [], "; the last weights were taken; "),  # and nothing stops it early
    ],
)
def test_official_test_clips_choose_no_weights(
    squares: Path, tmp_path: Path, middle: str, looked_at: list[int], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for path in squares.glob("*.npy"):
        (data / path.name).symlink_to(path)
    rows = pd.read_csv(squares / "clips.csv")
    rows["split"] = ["train"] * 12 + [middle] * 6 + ["test"] * 6
    rows.to_csv(data / "clips.csv", index=False)
    seen: list[Any] = []
    original = training.by_descent
    monkeypatch.setattr(training, "by_descent", lambda *given: [seen.append(given[4].tolist()), original(*given)][1])
    words = ["split.official=test", "fit.patience=1", "fit.round_steps=2", "fit.learning_rate=1e-9"]
    out = train(planned(data, tmp_path / "m", *words), Silent())
    assert seen == [looked_at]
    assert pd.read_csv(out / "held_out.csv")["group"].unique().tolist() == ["scene 3"]
    card = read_card(out)
    assert said in card.trained_on
    assert card.held_out_chose_checkpoint is False  # the test clips
    assert pd.read_csv(out / "curves.csv")["step"].tolist() == ([2, 4] if middle else [2, 4, 6])


def test_when_the_time_is_up_the_best_so_far_is_saved(squares: Path, tmp_path: Path) -> None:
    out = tmp_path / "m"
    with pytest.raises(UsageError, match=r"the time was up before the first look at the held-out groups; allow more"):
        train(planned(squares, out, "max_minutes=0.00001"), Silent())
    train(planned(squares, out, "fit.steps=6", "max_minutes=60"), Silent())
    assert len(pd.read_csv(out / "curves.csv")) == 2


def test_another_training_in_the_same_folder_is_refused(squares: Path, tmp_path: Path) -> None:
    train(planned(squares, tmp_path / "m"), Silent())
    with pytest.raises(UsageError, match=r"holds a training with other settings \(fit.weight_decay\); give out="):
        train(planned(squares, tmp_path / "m", "fit.weight_decay=0.1"), Silent())
    (tmp_path / "m" / "training" / "settings.json").unlink()
    with pytest.raises(UsageError, match=r"holds a model that was not trained there; give out=ANOTHER_FOLDER"):
        train(planned(squares, tmp_path / "m"), Silent())


def test_a_model_goes_on_with_other_behaviours(squares: Path, tmp_path: Path) -> None:
    first = train(planned(squares, tmp_path / "first"), Silent())
    text = (squares / "clips.csv").read_text().replace("still", "stands")
    for path in squares.glob("*.npy"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "clips.csv").write_text(text)
    second = train(planned(tmp_path, tmp_path / "second", f"init={first}"), Silent())
    card = read_card(second)
    assert card.behaviours == ("left", "right", "stands")
    assert card.source == "ethopipe train, seed 0, from first"
    assert read_object(second / "config.json")["num_frames"] == 4


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["fit.steps=0"], r"cannot build .*FitSettings: steps must be >= 1, got 0"),
        (["split.held_out=1"], r"held_out must be in \(0, 1\), got 1"),
        (["fit.optimizer=sgd"], r"optimizer must be one of adamw, muon, got 'sgd'"),
        (["fit.precision=16"], r"precision must be one of 32, bf16, got '16'"),
        (["network.width_px=100"], r"width_px must be a multiple of patch_px, got 100 and 16"),
        (["network.heads=5"], r"width must be a multiple of heads, got 32 and 5"),
        (["augmentation.scale_low=2"], r"0 < scale_low <= scale_high must hold, got 2.0 and 1.0"),
        (["augmentation.flip=1.5"], r"flip must be in \[0, 1\], got 1.5"),
        (["max_minutes=0"], r"max_minutes must be > 0 or null, got 0"),
        (["threads=0"], r"threads must be >= 1 or null, got 0"),
        (
            ["about.definitions={up: rises}"],
            "definitions says what up is, which is not learnt; that is left, right, still",
        ),
    ],
)
def test_a_setting_that_cannot_be_is_one_line(squares: Path, tmp_path: Path, words: list[str], text: str) -> None:
    with pytest.raises(UsageError, match=text) as error:
        train(planned(squares, tmp_path / "m", *words), Silent())
    assert "\n" not in str(error.value)


def test_missing_words_and_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, configured: Any) -> None:
    with pytest.raises(UsageError, match=r"no value for data, out; for example: ethopipe train data=clips"):
        training_plan(compose("train", []))
    monkeypatch.setattr(training, "find_spec", lambda name: None if name == "lightning" else object())
    with pytest.raises(MissingPart, match=r"lightning not installed, and training needs it: pip install lightning"):
        training.check_parts()
    with pytest.raises(MissingPart, match=r"no embedded recognizer nothing in .*recognizer=kinematic"):
        configured("recognizer", "embedded", model="nothing")


def test_the_embedded_model_is_copied_from_where_it_was_trained(tmp_path: Path) -> None:
    run = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "train_recognizer.py"))["run"]
    out = tmp_path / "second, of two"

    def trained(words: list[str]) -> int:
        for name in run.__globals__["FILES"]:
            write_text(out / name, name)
        return 0

    run.__globals__.update(main=trained, models_folder=lambda: tmp_path)
    assert run("clips", ["init=savanna_videomae", f"out={out}"]) == 0
    assert (tmp_path / "savanna_videomae" / "card.yaml").read_text() == "card.yaml"
