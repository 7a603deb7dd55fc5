"""The ways to fit: all weights, the last layers, a probe, prototypes; parts of a batch, processes, an early stop."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.special import softmax

from pipeline.boxes import FloatArray
from pipeline.chain.progress import Silent
from pipeline.checksums import write_sums
from pipeline.cli import main
from pipeline.config import compose
from pipeline.errors import UsageError
from pipeline.evaluation.calibration import calibration_error, log_loss, reliability
from pipeline.evaluation.held_out import FILE as HELD_OUT
from pipeline.evaluation.outcomes import Outcomes
from pipeline.plan import training_plan
from pipeline.recognizers.folder import read_card, write_card
from pipeline.training import frozen
from pipeline.training.fit import BEST, no_better
from pipeline.training.judge import Judged, judged, logits_of
from pipeline.training.known import read_known
from pipeline.training.labels import read_labels
from pipeline.training.network import new_network
from pipeline.training.packed import ClipWriter
from pipeline.training.samples import Samples
from pipeline.training.train import mirrored, start_of, train
from pipeline.types import IntArray
from tests.training.clips import INTERVAL_S, square, write_squares
from tests.training.test_start import FAMILIES, mc3
from tests.training.test_train import TINY, window

COMMON = [word for word in TINY if not word.startswith(("fit.", "network."))]


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_squares(tmp_path_factory.mktemp("squares"))


@pytest.fixture(scope="module")
def taught(squares: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network that knows something of squares."""
    words = ["fit.steps=30", "fit.round_steps=30", "fit.average=0"]
    return fitted(squares, tmp_path_factory.mktemp("models") / "taught", *TINY, *words)


def fitted(data: Path, out: Path, *words: str) -> Path:
    threads = torch.get_num_threads()
    try:
        return train(training_plan(compose("train", [f"data={data}", f"out={out}", *words])), Silent())
    finally:
        torch.set_num_threads(threads)


def weights(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return dict(load_file(folder / "model.safetensors"))


def changed(before: Path, after: Path) -> set[str]:
    a, b = weights(before), weights(after)
    return {name for name in a if a[name].shape != b[name].shape or not torch.equal(a[name], b[name])}


def test_what_goes_on_as_a_new_network_begins_is_said(squares: Path, taught: Path, tmp_path: Path, capsys: Any) -> None:
    for fit, said in {"new": True, "full": False}.items():
        words = [*TINY, "fit.steps=2", "fit.round_steps=2", f"init={taught}", f"fit={fit}"]
        assert main(["train", f"data={squares}", f"out={tmp_path / fit}", *words]) == 0
        line = f"fit=new: {taught} goes on as a new network begins (2 steps, learning rate 0.003); fit=full is made for"
        assert (line in capsys.readouterr().err) == said


def test_last_layers_only(squares: Path, taught: Path, tmp_path: Path) -> None:
    words = ["fit=last", "fit.layers=1", "fit.steps=2", "fit.round_steps=2", "fit.batch=6", "split.held_out=0.25"]
    out = fitted(squares, tmp_path / "m", *COMMON, *words, f"init={taught}")
    moved = changed(taught, out)
    assert any("encoder.layer.1." in name for name in moved)
    assert all(name.startswith(("classifier.", "fc_norm.", "videomae.encoder.layer.1.")) for name in moved)


@pytest.mark.parametrize("family", ["timesformer", "vivit", "vjepa2"])
def test_other_families_are_fitted_and_read_back(squares: Path, tmp_path: Path, family: str, configured: Any) -> None:
    begun = FAMILIES[family](tmp_path / "start", ["left", "right", "up"])
    words = ["fit=last", "fit.layers=1", "fit.steps=2", "fit.round_steps=2", "fit.batch=6", "network.interval_s=0.1"]
    out = fitted(squares, tmp_path / "m", *COMMON, *words, f"init={begun}")
    recognizer = configured("recognizer", "transformers", model=str(out))
    assert recognizer.card.behaviours == ("left", "right", "still")
    assert recognizer.score([window(np.zeros((4, 32, 32, 3), np.uint8))]).shape == (1, 3)


@pytest.mark.parametrize("kind", ["probe", "prototypes"])
def test_a_head_alone(
    squares: Path,
    taught: Path,
    tmp_path: Path,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = [
        f"fit={kind}",
        "fit.views=2",
        "split.held_out=0.25",
        f"fit.cache={tmp_path / 'features'}",
        f"init={taught}",
    ]
    out = fitted(squares, tmp_path / "m", *COMMON, *words)
    assert changed(taught, out) == {"classifier.weight", "classifier.bias"}
    card = read_card(out)
    assert card.source == "ethopipe train, seed 0, from taught"
    assert "which also chose the temperature of the probabilities" in card.trained_on
    assert card.held_out_chose_checkpoint is False
    assert not (out / "curves.csv").exists()
    table = pd.read_csv(out / HELD_OUT)
    assert table.columns.tolist() == ["path", "row", "group", "species", "p_left", "p_right", "p_still", "behaviour"]
    assert len(table) == 6
    (kept,) = (tmp_path / "features").glob("*.npy")
    assert np.load(kept).shape == (18, 2, 32)
    monkeypatch.setattr("pipeline.training.features._computed", lambda *_: pytest.fail("computed a second time"))
    capsys.readouterr()
    again = tmp_path / "again"
    assert main(["train", f"data={squares}", f"out={again}", *COMMON, *words]) == 0
    assert f"features of 18 clips that were looked at before: {kept}\n" in capsys.readouterr().err
    assert (again / "model.safetensors").read_bytes() == (out / "model.safetensors").read_bytes()


def test_features_are_of_these_clips_weights_and_views(squares: Path, taught: Path, tmp_path: Path) -> None:
    other = fitted(squares, tmp_path / "other", *TINY, "seed=1")
    seen: list[str] = []
    original = frozen.features
    with pytest.MonkeyPatch.context() as patch:

        def noted(views: Any, *rest: Any) -> Any:
            seen.append(views.digest)
            return original(views, *rest)

        patch.setattr(frozen, "features", noted)
        for name, words in {
            "a": [f"init={taught}"],
            "b": [f"init={taught}", "fit.views=2"],
            "c": [f"init={taught}", "fit.views=2", "augmentation.flip=0.5"],
            "d": [f"init={other}"],
            "e": [f"init={taught}"],
        }.items():
            fitted(squares, tmp_path / name, *COMMON, "fit=prototypes", "fit.views=1", "split.held_out=0.25", *words)
    assert seen[0] == seen[4]
    assert len(set(seen)) == 4


def test_behaviours_that_no_clip_shows_stay_as_init_knows_them(squares: Path, taught: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for path in squares.glob("*.npy"):
        (data / path.name).write_bytes(path.read_bytes())
    rows = pd.read_csv(squares / "clips.csv")
    rows[rows["behaviour"] != "still"].to_csv(data / "clips.csv", index=False)
    words = ["fit=probe", "fit.views=1", "fit.strength=1", "split.held_out=0.25", "vocabulary=[left,right,still]"]
    out = fitted(data, tmp_path / "m", *COMMON, *words, f"init={taught}")
    before, after = weights(taught)["classifier.weight"].float(), weights(out)["classifier.weight"].float()
    by = before[2].norm() / after[2].norm()  # the temperature
    torch.testing.assert_close(after[2] * by, before[2], rtol=0.01, atol=0.002)
    assert (after[0] * by - before[0]).abs().max() > 0.01


def dim(folder: Path, groups: list[str]) -> Path:
    """Clips that show what no square does: next to nothing."""
    rng = np.random.default_rng(7)
    with ClipWriter(folder, INTERVAL_S) as writer:
        for group in groups:
            writer.add(square("still", rng) // 6, "dim", "square", group)
    return folder


def told_of(squares: Path, model: Path) -> list[str]:
    """What a model says of every square."""
    labels = read_labels(squares)
    plan = training_plan(compose("train", [f"data={squares}", "out=x", "fit=probe", f"init={model}"]))
    start = start_of(plan, read_card(model).behaviours)
    samples = Samples(labels, labels.truth(start.behaviours), start, plan.augmentation, np.arange(start.outputs), 0)
    found = logits_of(samples, np.arange(len(labels)), 8, "cpu", Silent()).argmax(axis=1)
    return [start.behaviours[k] for k in found]


ADDED = ["fit=prototypes", "fit.views=1", "vocabulary=[left,right,still,dim]"]


def test_a_behaviour_is_added_from_examples_of_one_recording(
    squares: Path, taught: Path, tmp_path: Path, configured: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    paced, speeds, sides = tmp_path / "taught", {"left": 0.4, "right": 0.5}, {"left": "right"}
    shutil.copytree(taught, paced)
    own = {"species_speeds": {"wisent": {"left": 0.3}}, "dimensionless_speeds": speeds, "dimensionless_spread": 0.3}
    told = replace(read_card(taught), speeds=speeds, mirror=sides, **own)
    write_card(paced, told)
    write_sums(paced)
    out, words = tmp_path / "m", [*COMMON, *ADDED, f"init={paced}"]
    assert main(["train", f"data={dim(tmp_path / 'few', ['g'] * 3)}", f"out={out}", *words]) == 0
    said = capsys.readouterr().err
    assert "3 clips of 1 behaviour of 1 group, all to learn from; nothing is left to judge by\n" in said
    assert "prototype of dim from 3 clips; 3 of them would be found by the others\n" in said
    assert "dim: not judged; that takes clips of another group\n" in said
    assert "left, right, still: as they were; how often they are now taken for others is not judged\n" in said
    before, after = weights(taught), weights(out)
    for name in ("classifier.weight", "classifier.bias"):
        assert torch.equal(after[name][:3], before[name])
    card = read_card(out)
    assert card.metrics == {}
    assert card.thresholds == read_card(taught).thresholds
    assert (card.speeds, card.mirror) == (speeds, sides)
    assert {name: getattr(card, name) for name in own} == own
    assert configured("recognizer", "embedded", model=str(out)).card.speeds == speeds
    assert "3 clips of 1 group for dim; not judged; left, right, still as in taught; how often" in card.trained_on
    assert not {"held_out.csv", "confusion.csv", "reliability.svg"} & {path.name for path in out.iterdir()}
    assert told_of(squares, out) == told_of(squares, taught)
    assert set(told_of(dim(tmp_path / "others", ["h"] * 4), out)) == {"dim"}
    known = read_known(out, 4, 32)
    assert known is not None
    np.testing.assert_array_equal(known.mean[:3], read_known(taught, 3, 32).mean)  # type: ignore[union-attr]
    assert np.isfinite(known.mean).all()


def test_an_added_behaviour_is_judged_by_another_recording(squares: Path, taught: Path, tmp_path: Path) -> None:
    data, words = dim(tmp_path / "few", ["g"] * 3 + ["h"] * 3), [*COMMON, *ADDED, f"init={taught}"]
    out = fitted(data, tmp_path / "m", *words)
    assert read_card(out).metrics == {"recall dim": 1.0, "clips dim": 3.0}  # nothing says when it is told wrongly
    assert len(pd.read_csv(out / HELD_OUT)) == 3
    assert torch.equal(weights(out)["classifier.weight"][:3], weights(taught)["classifier.weight"])  # no temperature
    crossed = fitted(data, tmp_path / "c", *words, "split.folds=2")
    assert read_card(crossed).metrics == {"recall dim": 1.0, "clips dim": 6.0}


def test_one_behaviour_alone_is_refused_with_those_to_name(squares: Path, taught: Path, tmp_path: Path) -> None:
    words = [*COMMON, *ADDED[:2], f"init={taught}"]
    with pytest.raises(UsageError, match=r"^all clips show dim, .*: 'vocabulary=\[left, right, still, dim\]'$"):
        fitted(dim(tmp_path / "few", ["g"] * 3), tmp_path / "m", *words)


def test_torchvision_networks_are_probed_and_saved_as_they_are_read(
    squares: Path, tmp_path: Path, configured: Any
) -> None:
    words = ["fit=probe", "fit.views=1", "fit.strength=1", f"init={mc3(tmp_path / 'start', ['a', 'b'])}"]
    out = fitted(squares, tmp_path / "m", *COMMON, *words)
    recognizer = configured("recognizer", "torchvision", model=str(out))
    assert recognizer.card.behaviours == ("left", "right", "still")
    assert recognizer.card.architecture == "mc3_18"
    assert not (out / "config.json").exists()


def test_the_library_reads_what_is_saved(taught: Path) -> None:
    from transformers import AutoImageProcessor, AutoModelForVideoClassification

    model = AutoModelForVideoClassification.from_pretrained(taught)
    assert model.config.id2label == {0: "left", 1: "right", 2: "still"}
    processor = AutoImageProcessor.from_pretrained(taught)
    frames = [np.full((40, 56, 3), 90, np.uint8)] * 4
    pixels = processor(frames, return_tensors="pt")["pixel_values"]
    assert pixels.shape == (1, 4, 3, 32, 32)
    assert float(pixels[0, 0, 0, 0, 0]) == pytest.approx((90 / 255 - 0.485) / 0.229, abs=1e-3)


def test_parts_of_a_batch_add_up_to_the_whole(squares: Path, tmp_path: Path) -> None:
    whole = fitted(squares, tmp_path / "whole", *TINY, "fit.average=0")
    parts = fitted(squares, tmp_path / "parts", *TINY, "fit.average=0", "fit.accumulate=3")
    assert difference(whole, parts) < 1e-5


def test_processes_share_a_batch(squares: Path, tmp_path: Path) -> None:
    words = [*TINY, "fit.average=0", "fit.steps=3"]
    alone = fitted(squares, tmp_path / "alone", *words)
    shared = tmp_path / "shared"
    command = [sys.executable, "-m", "pipeline.cli", "train", f"data={squares}", f"out={shared}", *words]
    answer = subprocess.run([*command, "fit.devices=2"], capture_output=True, text=True, timeout=240)
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr.count("step 3 of 3") == 1  # only the first process speaks
    assert difference(alone, shared) < 1e-5


def difference(one: Path, other: Path) -> float:
    a, b = (torch.load(folder / "training" / BEST, weights_only=True)["state_dict"] for folder in (one, other))
    assert a.keys() == b.keys()
    return max(float((a[name].double() - b[name].double()).abs().max()) for name in a)


@pytest.mark.parametrize(
    ("found", "patience", "stops"),
    [
        ([0.5], 1, False),
        ([0.5, 0.5], 1, True),  # as good is not better
        ([0.5, 0.4, 0.6], 1, False),
        ([0.5, 0.6, 0.4, 0.4], 2, True),
        ([0.5, 0.4, 0.3, 0.2], None, False),
    ],
)
def test_when_it_stops_early(found: list[float], patience: int | None, stops: bool) -> None:
    assert no_better([{"held_out_macro_top1": value} for value in found], patience) == stops


def test_an_early_stop_is_kept_when_it_is_asked_again(squares: Path, tmp_path: Path) -> None:
    words = [*TINY, "fit.steps=20", "fit.round_steps=2", "fit.learning_rate=1e-9", "fit.patience=2"]
    out = fitted(squares, tmp_path / "m", *words)
    assert pd.read_csv(out / "curves.csv")["step"].tolist() == [2, 4, 6]
    before = (out / "model.safetensors").read_bytes()
    assert fitted(squares, tmp_path / "m", *words) == out
    assert pd.read_csv(out / "curves.csv")["step"].tolist() == [2, 4, 6]
    assert (out / "model.safetensors").read_bytes() == before


def test_a_mirror_makes_left_of_right(squares: Path, tmp_path: Path) -> None:
    assert mirrored({"left": "right"}, ("left", "right", "still")).tolist() == [1, 0, 2]
    assert mirrored({}, ("left", "right")).tolist() == [0, 1]
    with pytest.raises(UsageError, match=r"^mirror must name each behaviour in one pair, got"):
        mirrored({"left": "right", "right": "still"}, ("left", "right", "still"))
    with pytest.raises(UsageError, match=r"^mirror names up; the behaviours are left, right$"):
        mirrored({"up": "left"}, ("left", "right"))
    plan = training_plan(compose("train", [f"data={squares}", f"out={tmp_path}", *TINY, "augmentation.flip=1"]))
    labels = read_labels(squares)
    truth = labels.truth(labels.behaviours)
    start = new_network(plan.network, labels.behaviours, 0.0, 0)
    samples = Samples(labels, truth, start, plan.augmentation, np.array([1, 0, 2]), 0)
    plain = replace(samples, augmentation=replace(plan.augmentation, flip=0.0))
    clips = np.arange(6)
    shown, found, _ = samples.training(0, 0, clips, clips)
    straight, before, _ = plain.training(0, 0, clips, clips)
    assert torch.equal(shown.flip(3), straight)
    assert before[:, 0].argmax(1).tolist() == truth[:6].argmax(1).tolist() == [0, 1, 2, 0, 1, 2]
    assert found[:, 0].argmax(1).tolist() == [1, 0, 2, 1, 0, 2]


def test_a_probe_sees_no_mirror_where_sides_matter(squares: Path, taught: Path, tmp_path: Path) -> None:
    words = [*COMMON, "fit=probe", "fit.views=2", "split.held_out=0.25", f"init={taught}"]
    kept, flip = {}, "augmentation.flip=1"
    for name, more in {"sides": [flip, "mirror={left: right}"], "none": [flip], "straight": []}.items():
        fitted(squares, tmp_path / name, *words, *more)
        (path,) = (tmp_path / name / "training").glob("features-*.npy")
        kept[name] = np.load(path)
        assert read_card(tmp_path / name).mirror == ({"left": "right"} if name == "sides" else {})
    np.testing.assert_array_equal(kept["sides"], kept["straight"])
    assert np.abs(kept["none"] - kept["straight"]).max() > 0.1


def test_a_folder_can_be_tried_again_after_a_refusal(squares: Path, taught: Path, tmp_path: Path) -> None:
    words = [*COMMON, "fit=prototypes", "fit.views=1", "split.held_out=0.25", f"init={taught}"]
    with pytest.raises(UsageError, match=r"no clip to make a prototype of up from"):
        fitted(squares, tmp_path / "m", *words, "vocabulary=[left,right,still,up]")
    assert read_card(fitted(squares, tmp_path / "m", *words)).behaviours == ("left", "right", "still")


def test_thresholds_are_set_where_they_are_needed() -> None:
    rng = np.random.default_rng(0)
    sure = np.concatenate([rng.uniform(0.5, 0.7, 50), rng.uniform(0.8, 1.0, 50)])
    found = np.repeat([0, 1], [90, 10])
    probabilities = np.where(found[:, None] == [0, 1, 2], sure[:, None], (1 - sure[:, None]) / 2)
    targets = np.where(sure < 0.75, np.arange(100) % 2 * 2, found)  # the doubtful are right half the time
    group = np.array(["g"] * 100, dtype=object)
    outcomes = Outcomes(("a", "b", "c"), probabilities, np.eye(3, dtype=bool)[targets], group)
    made_of = Judged(outcomes, outcomes, pd.DataFrame({"group": group}), exclusive=True)
    made = made_of.thresholds(0.9)
    assert set(made) == {"a"}  # b is right as it is, c is never found
    assert 0.6 < made["a"] <= 0.81
    unsure = ((found == 0) & (sure < made["a"])).sum()
    assert made_of.price(made) == f"{unsure} of 100 clips would be unknown: a {made['a']:.2f} ({unsure} of 90 told so)"
    shown = (targets == 2).sum()
    last = f"never recognized: c ({shown} clips); it will be missing from time budgets"
    assert made_of.words.splitlines()[-1] == last


def test_behaviours_by_themselves_have_thresholds_too() -> None:
    probabilities = np.linspace(0.05, 0.95, 40)[:, None] * [1.0, 0.5, 1.0]
    truth = probabilities > [0.6, 0.2, -1]
    truth[::7, 0] = True  # a is often true where it seems unlikely, and never false above 0.6
    truth[5:, 1] &= np.arange(35) % 2 == 0
    group = np.array(["g"] * 40, dtype=object)
    outcomes = Outcomes(("a", "b", "c"), probabilities, truth, group)
    found = Judged(outcomes, outcomes, pd.DataFrame({"group": group}), exclusive=False)
    made = found.thresholds(0.9)
    assert set(made) == {"a"}  # half of b is false, c is always right
    over = probabilities[:, 0] >= made["a"]
    assert truth[over, 0].mean() >= 0.9
    assert over.sum() > (probabilities[:, 0] > 0.6).sum()
    text = "each is told by itself, where the ethogram gives each a set of its own: "
    text += f"a from {made['a']:.2f} (in {over.sum()} of 40 clips, "
    assert found.price(made) == text + f"{(over & truth[:, 0]).sum()} of the {truth[:, 0].sum()} that show it)"


def logits_of_groups(rng: np.random.Generator, sharp: list[float], n: int) -> tuple[FloatArray, IntArray]:
    """Logits of ``n`` clips a group, which are that much too sure, and what is true."""
    honest = rng.normal(0, 1.5, (n * len(sharp), 3))
    true = np.array([rng.choice(3, p=p) for p in softmax(honest, axis=1)])
    return honest * np.repeat(sharp, n)[:, None], true


def test_what_calibrates_a_clip_is_another_group(squares: Path) -> None:
    labels, rng = read_labels(squares), np.random.default_rng(0)
    logits, true = logits_of_groups(rng, [0.4, 1.6], 500)
    rows = labels.rows.iloc[[0] * 1000].assign(group=np.repeat(["g", "h"], 500))
    plan = training_plan(compose("train", ["data=x", "out=y", *TINY]))
    start = new_network(plan.network, ("a", "b", "c"), 0.0, 0)
    before = start.head_values()[0]
    truth = np.eye(3, dtype=bool)[true]
    samples = Samples(replace(labels, rows=rows), truth, start, plan.augmentation, np.arange(3), 0)
    found = judged(samples, np.arange(1000), logits)
    by = start.head_values()[0] / before  # 1 / T of the head that is saved
    of_all = np.log(found.outcomes.probabilities)
    np.testing.assert_allclose(of_all - of_all[:, :1], (logits - logits[:, :1]) * np.median(by), rtol=0.01, atol=1e-6)
    bins = {
        part: calibration_error(reliability(one)) for part, one in [("all", found.outcomes), ("apart", found.apart)]
    }
    assert bins["apart"] > bins["all"] + 0.05  # each is calibrated by the wrong one
    assert found.figures["log_loss"] == round(log_loss(np.log(found.apart.probabilities), true), 4)
    np.testing.assert_array_equal(found.table[["p_a", "p_b", "p_c"]], found.apart.probabilities)


def several(squares: Path, folder: Path) -> Path:
    """The squares with what they show besides: a bright or a dark clip, which every second one is."""
    folder.mkdir()
    for path in squares.glob("*.npy"):
        clips = np.load(path)
        clips[::2] = clips[::2] // 3
        np.save(folder / path.name, clips)
    rows = pd.read_csv(squares / "clips.csv")
    rows["behaviour"] += np.where(rows["row"] % 2 == 0, "|dark", "")
    rows.to_csv(folder / "clips.csv", index=False)
    return folder


@pytest.mark.parametrize("fit", ["new", "probe"])
def test_several_behaviours_of_a_clip(squares: Path, tmp_path: Path, fit: str, configured: Any, taught: Path) -> None:
    data = several(squares, tmp_path / "data")
    steps = ["fit.steps=60", "fit.round_steps=30", "fit.average=0", "fit.learning_rate=0.01"]
    of_probe = [*COMMON, "fit=probe", "fit.views=1", "split.held_out=0.25", f"init={taught}"]
    out = fitted(data, tmp_path / "m", *([*TINY, *steps] if fit == "new" else of_probe), "exclusive=false")
    card = read_card(out)
    assert card.activation == "sigmoid"
    assert card.behaviours == ("dark", "left", "right", "still")
    assert card.metrics["ap dark"] > 0.9  # it is easily seen
    assert card.metrics["clips dark"] == 3
    table = pd.read_csv(out / HELD_OUT)
    assert table[["y_dark", "y_left", "y_right", "y_still"]].sum().tolist() == [3, 2, 2, 2]
    assert not (out / "confusion.csv").exists()
    assert (out / "reliability.svg").is_file()
    assert configured("recognizer", "transformers", model=str(out)).card.activation == "sigmoid"


def test_clips_of_several_behaviours_are_left_out_where_one_excludes_the_others(
    squares: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = several(squares, tmp_path / "data")
    assert main(["train", f"data={data}", f"out={tmp_path / 'm'}", *TINY, "fit.steps=3"]) == 0
    assert (
        "12 clips show several behaviours and are left out; exclusive=false learns from them" in capsys.readouterr().err
    )
    assert read_card(tmp_path / "m").behaviours == ("left", "right", "still")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (
            ["fit=prototypes", "init=x", "exclusive=false"],
            r"prototypes tell one behaviour of each clip; .* use fit=probe",
        ),
        (["fit=probe"], r"only fit=new begins from nothing; say what to go on from: init=savanna_videomae, or another"),
        (["fit=last", "fit.batch=6"], r"only fit=new begins from nothing; say what to go on from"),
        (["vocabulary=[left,right,left]"], r"vocabulary must name each behaviour once, got left, right, left"),
        (["weights=KINETICS400_V1"], r"weights=KINETICS400_V1 are torchvision's of a network: name it too"),
        (["told_right=2"], r"told_right must be in \(0, 1\] or null, got 2"),
        (["fit.loss=focus"], r"loss must be one of cross_entropy, focal, .*got 'focus'"),
        (["fit.loss=class_balanced"], r"loss=class_balanced makes up for rare behaviours itself: set balance=0, got 1"),
        (["fit.batch=6", "fit.accumulate=4"], r"batch must be a multiple of accumulate x devices x nodes = 4, got 6"),
        (["fit.layers=-1"], r"layers must be >= 0 or null for all, got -1"),
        (["fit.patience=0"], r"patience must be >= 1 or null, got 0"),
    ],
)
def test_a_setting_that_cannot_be_is_one_line(words: list[str], text: str, squares: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=text) as error:
        fitted(squares, tmp_path / "m", *words)
    assert "\n" not in str(error.value)
