"""How the chain does on simulated scenes: every preset, several seeds, with its own boxes and with the true ones.

    python scripts/evaluate_scenes.py OUT [recognizer=kinematic ...] [--presets hover orbit] [--seeds 1000 1001]

The words after OUT are settings of ``ethopipe demo``. Each scene is filmed, run and compared (``comparison.json`` in
its folder); then it is run again with the true boxes, which shows what the recognizer alone can do. ``OUT/scenes.csv``
has a row a scene, and the pooled figures are printed: of all scenes the mean, of behaviours recall over all frames, of
budgets, bouts and transitions what all scenes together come to, each beside what is asked of it, and what the scenes of
one preset together miss: fewer transitions, so a row of twenty of them rests on little. The last lines are for the
models' READMEs, those before for the card of the recognizer: with them a report says which bouts are not to be trusted.

With ``--figures FILE`` what a scene came to is a line of FILE, and is not made again while the embedded weights are the
same; told of is all that FILE holds then.
"""

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import pandas as pd

from pipeline import cli
from pipeline.artifacts import file_hash, read_json, read_object, write_json
from pipeline.chain.progress import Progress
from pipeline.chain.run import run
from pipeline.comparison.budgets import FORMS
from pipeline.comparison.compare import compare, read_run
from pipeline.comparison.pooled import pooled
from pipeline.comparison.table import told as of_animals
from pipeline.config import compose
from pipeline.demo import COMPARISON
from pipeline.errors import EthopipeError, UsageError
from pipeline.ethology.ethogram import NOT_VISIBLE
from pipeline.model_folder import models_folder
from pipeline.overrides import quoted
from pipeline.plan import plan
from pipeline.simulate.truth import OCCLUDED
from pipeline.simulate.truth_files import read_truth

PRESETS = ["hover", "orbit", "herd70", "crossing", "occlusion", "troop"]
ASKED = "asked.json"
BOXES = {"its own boxes": 0, "the true boxes": 1}
EMBEDDED = ("savanna_yolo", "savanna_videomae")
Key = tuple[str, int, str]  # preset, seed, settings
Compared = tuple[dict[str, Any], dict[str, Any]]  # comparisons of a scene with its own and with the true boxes
HEAD = ["detection_map50", "hota", "idf1", "behaviour_macro_top1", "time_budget_mae", "transition_mae"]


def main() -> int:
    """Evaluate, print, and write the table; exit code 1 where a scene failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--presets", nargs="+", default=PRESETS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1000, 1001, 1002])
    parser.add_argument("--figures", type=Path, help="what scenes came to, a line each")
    given, settings = parser.parse_known_args()
    known = _known(given.figures) if given.figures else {}
    failed = 0
    for preset in given.presets:
        for seed in given.seeds:
            key = (preset, seed, " ".join(settings))
            if key in known:
                continue
            if one := _scene(given.out, preset, seed, settings):
                known[key] = one
                if given.figures:
                    _keep(given.figures, key, one)
            failed += one is None
    told = list(known.values())
    rows = pd.DataFrame([_row(figures, true_boxes) for figures, true_boxes in told])
    given.out.mkdir(parents=True, exist_ok=True)
    rows.to_csv(given.out / "scenes.csv", index=False)
    print(rows.round(3).to_string(index=False))
    if told:
        means = rows.drop(columns="seed").set_index("scene").astype("float64").groupby("scene", sort=False).mean()
        print("\nmeans by preset\n", means.round(3).to_string())
        together = _of_presets(told)
        print("\nall scenes of a preset together\n", together.round(3).to_string())
        for name, number in BOXES.items():
            print(f"\nbehaviours with {name}, all scenes\n" + "\n".join(_behaviours([pair[number] for pair in told])))
        own = [figures for figures, _ in told]
        print("\nspecies with its own boxes, all scenes\n" + "\n".join(_species(own)))
        for name, number in BOXES.items():
            whole = pooled([pair[number] for pair in told])
            lines = [line for line, _ in of_animals(whole)]
            print(f"\nwhat is told with {name}, all scenes\n" + "\n".join([*lines, *_transitions(whole)]))
        print("\nwhat a preset by itself misses, with its own boxes\n" + "\n".join(_missed(told)))
        print("\nmetrics of the card\n" + "\n".join(_for_the_card(pooled(own))))
        print("\nrows of the models' READMEs\n" + "\n".join(_for_the_readmes(told, together)))
    return int(failed > 0)


def _known(path: Path) -> dict[Key, Compared]:
    """What the lines of a file say that were made with the embedded weights as they are; of two the later."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []
    weights = _weights()
    mine = [line for line in lines if line["weights"] == weights]
    return {(line["scene"], line["seed"], line["settings"]): (line["own_boxes"], line["true_boxes"]) for line in mine}


def _keep(path: Path, key: Key, one: Compared) -> None:
    """Add a line to a file, which others may add to as well."""
    told = dict(zip(("scene", "seed", "settings"), key, strict=True)) | {"weights": _weights()}
    line = json.dumps(told | dict(zip(("own_boxes", "true_boxes"), map(_short, one), strict=True)))
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def _weights() -> dict[str, str]:
    """The beginnings of the hashes of the embedded models' weights."""
    return {name: file_hash(models_folder() / name / "model.safetensors")[:12] for name in EMBEDDED}


def _short(value: Any) -> Any:
    """Figures with four digits after the point."""
    if isinstance(value, dict):
        return {key: _short(inner) for key, inner in value.items()}
    return round(value, 4) if isinstance(value, float) else value


def _scene(out: Path, preset: str, seed: int, settings: list[str]) -> Compared | None:
    """Comparisons of one scene with its own and with the true boxes; those that are there are not made again.

    ``UsageError`` where they are of other settings.
    """
    folder = out / f"{preset}_{seed}"
    true_boxes = folder / "true_boxes"
    if (folder / COMPARISON).is_file() and (before := read_json(folder / ASKED)) != settings:
        told = "unknown" if before is None else " ".join(before) or "none"
        raise UsageError(f"{folder} holds figures of other settings ({told}); choose another OUT")
    if not (folder / COMPARISON).is_file():
        words = [f"scene={preset}", f"seed={seed}", f"out={folder}", "overlay=false", *settings]
        if cli.main(["demo", *words]) != 0:
            return None
        write_json(folder / ASKED, settings)
    if not (true_boxes / COMPARISON).is_file():
        kept = [word for word in settings if word.split("=")[0].split(".")[0] not in ("detector", "tracker")]
        labels = ["detector=replay", f"detector.path={quoted(str(folder / 'truth' / 'tracks.parquet'))}"]
        config = compose("demo", [f"scene={preset}", *labels, "tracker=replay", "overlay=false", *kept])
        config.source, config.out = [str(folder / f"{config.scene.name}.mp4")], str(true_boxes)
        if run(plan(config, " ".join(sys.argv)), Progress()) != 0:
            return None
        write_json(true_boxes / COMPARISON, compare(read_run(true_boxes), read_truth(folder)))
    return read_object(folder / COMPARISON), read_object(true_boxes / COMPARISON)


def _row(figures: dict[str, Any], true_boxes: dict[str, Any]) -> dict[str, Any]:
    return {
        "scene": figures["scene"],
        "seed": figures["seed"],
        **{name: figures[name] for name in HEAD},
        **_told_in(figures),
        "macro_top1_true_boxes": true_boxes["behaviour_macro_top1"],
    }


def _told_in(figures: dict[str, Any]) -> dict[str, Any]:
    """What is asked of budgets, bouts and transitions, in a comparison or several as one."""
    animals, budget = figures["budgets_of_animals"], figures["time_budget"]
    return {
        "animals": animals["animals"],
        "animals_median": animals["median"],
        "animals_p90": animals["p90"],
        "worst_relative_error": budget["worst_relative_error"],
        "bout_ratio": budget["bout_ratio"],
        "transitions_worst": figures["transitions"]["worst_total_variation"],
    }


def _behaviours(told: list[dict[str, Any]]) -> Iterator[str]:
    """Recall of each behaviour over all frames of all scenes, what it is taken for, and their mean."""
    confused = _confused(told)
    for true, words in confused.items():
        others = ", ".join(f"{w} {n / words.total():.1%}" for w, n in words.most_common(4) if w != true and n)
        right = words[NOT_VISIBLE if true == OCCLUDED else true] / words.total()
        yield f"  {true:12s}{words.total():9d} frames   {right:6.1%}   taken for {others or 'nothing else'}"
    yield f"  macro top-1 {_macro(confused):.3f}"


def _of_presets(told: list[Compared]) -> pd.DataFrame:
    """What ``_row`` says of a scene, of all scenes of a preset as one, and of all: so a short behaviour counts less."""
    rows = {}
    for preset, pairs in [*_by_preset(told), ("all", told)]:
        own, true = zip(*pairs, strict=True)
        whole = pooled(own)
        rows[preset] = {
            "films": len(pairs),
            "macro_top1": _macro(_confused(own)),
            "macro_top1_true_boxes": _macro(_confused(true)),
            "frames_right": _right(_confused(own)),
            "time_budget_mae": whole["time_budget"]["mae"],
            **_told_in(whole),
            "sampled_transitions_worst": whole["transitions_per_interval"]["worst_total_variation"],
        }
    return pd.DataFrame.from_dict(rows, orient="index").astype("float64")


def _by_preset(told: list[Compared]) -> Iterator[tuple[str, list[Compared]]]:
    """Each preset with the comparisons of its scenes, in the order they came in."""
    for preset in dict.fromkeys(own["scene"] for own, _ in told):
        yield preset, [pair for pair in told if pair[0]["scene"] == preset]


def _confused(told: Sequence[dict[str, Any]]) -> dict[str, Counter[str]]:
    """What the frames of each behaviour are taken for, over all scenes."""
    counts: dict[str, Counter[str]] = {}
    for figures in told:
        for true, words in figures["confusion"].items():
            counts.setdefault(true, Counter()).update(words)
    return {true: words for true, words in counts.items() if words.total()}


def _macro(confused: dict[str, Counter[str]]) -> float:
    """Mean recall of the behaviours; NaN where there are none."""
    judged = [words[true] / words.total() for true, words in confused.items() if true != OCCLUDED]
    return sum(judged) / len(judged) if judged else math.nan


def _right(confused: dict[str, Counter[str]]) -> float:
    """Share of the frames in sight whose behaviour is right; NaN where there are none."""
    judged = {true: words for true, words in confused.items() if true != OCCLUDED}
    frames = sum(words.total() for words in judged.values())
    return sum(words[true] for true, words in judged.items()) / frames if frames else math.nan


def _species(told: list[dict[str, Any]]) -> Iterator[str]:
    """Recall of the detector, weighted by boxes, and accuracy of the behaviour, weighted by frames."""
    rows = pd.DataFrame([{"species": k} | v for figures in told for k, v in figures["per_species"].items()])
    for name, mine in rows.groupby("species"):
        boxes, frames = mine["detection_boxes"], mine["behaviour_frames"]
        recall = float((mine["detection_recall"] * boxes).sum() / boxes.sum())
        right = float((mine["behaviour_accuracy"] * frames).sum() / frames.sum())
        yield (
            f"  {name:14s}{boxes.sum():7.0f} boxes, {recall:6.1%} found, mean AP50 {mine['detection_ap50'].mean():.3f}"
            f"{frames.sum():8.0f} frames, behaviour right in {right:6.1%}"
        )


def _transitions(whole: dict[str, Any]) -> Iterator[str]:
    """Every row of both forms of transitions, counted over all scenes."""
    for form in FORMS:
        rows = [
            f"{name} {row['total_variation']:.3f} ({row['true']} true, {row['found']} found)"
            for name, row in whole[form]["rows"].items()
        ]
        yield f"  {form}: total variation of {', '.join(rows) or 'no row: too few'}"


def _missed(told: list[Compared]) -> Iterator[str]:
    """Of the scenes of each preset together, what is asked and not met; the rows of transitions where one is."""
    for preset, pairs in _by_preset(told):
        whole = pooled([own for own, _ in pairs])
        lines = [line for line, met in of_animals(whole) if met is False]
        yield f" {preset}" if lines else f" {preset}: nothing"
        yield from [*lines, *_transitions(whole)] if lines else []


def _for_the_card(whole: dict[str, Any]) -> Iterator[str]:
    """Number and mean length of the bouts, found / true, as a card has them."""
    for name, row in whole["per_behaviour"].items():
        for key in ("bout_ratio", "duration_ratio"):
            if row[key] is not None:
                yield f"  {key} {name}: {row[key]:.4f}"


def _for_the_readmes(told: list[Compared], together: pd.DataFrame) -> Iterator[str]:
    """A row a preset, and one of all, of the detector's table (mean and lowest), then of the recognizer's."""
    for name, pairs in [*_by_preset(told), ("all", told)]:
        cells = []
        for key, form in (("detection_map50", ".3f"), ("hota", ".1f"), ("idf1", ".1f")):
            values = [own[key] for own, _ in pairs]
            cells.append(f"{fmean(values):{form}} ({min(values):{form}})")
        yield f"| {name} | {len(pairs)} | {' | '.join(cells)} |"
    for row in together.itertuples():
        tops = f"{row.macro_top1:.3f} | {row.macro_top1_true_boxes:.3f} | {row.frames_right:.3f}"
        budgets = f"{row.time_budget_mae:.4f} | {row.worst_relative_error:.0%}"
        animals = f"{row.animals_median:.3f}, {row.animals_p90:.3f} ({row.animals:.0f})"
        rows = f"{row.transitions_worst:.3f} | {row.sampled_transitions_worst:.3f}"
        yield f"| {row.Index} | {tops} | {budgets} | {animals} | {row.bout_ratio:.2f} | {rows} |"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except EthopipeError as error:
        sys.exit(f"evaluate_scenes: {error}")
