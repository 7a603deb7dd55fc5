"""What each verb of the command does: its words become settings, its settings a plan, and the plan is carried out."""

import shlex
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.overrides import parse, quoted
from pipeline.processes import load_ahead


def _run(words: list[str]) -> int:
    if (config := _given("run", words, "source")) is None:
        return 0
    from pipeline.chain.progress import Progress
    from pipeline.chain.run import run
    from pipeline.plan import plan

    return run(plan(config, command("run", words)), Progress())


def _demo(words: list[str]) -> int:
    if (config := _filmed("demo", words)) is None:
        return 0
    from pipeline.build import build
    from pipeline.chain.progress import Progress
    from pipeline.config import SCENE
    from pipeline.demo import demo
    from pipeline.plan import plan

    scene, folder = build(config.scene, SCENE["scene"]), Path(config.out)
    config.source, config.out = [str(folder / f"{scene.name}.mp4")], str(folder / "run")
    return demo(plan(config, command("demo", words)), scene, config.seed, folder, Progress())


def _simulate(words: list[str]) -> int:
    if (config := _filmed("simulate", words)) is None:
        return 0
    from pipeline.build import build
    from pipeline.chain.progress import Progress
    from pipeline.config import SCENE
    from pipeline.demo import simulate

    scene = build(config.scene, SCENE["scene"])
    out = Path(config.out or f"simulated/{scene.name}_{config.seed}")
    progress = Progress()
    progress.say(f"video    {simulate(scene, config.seed, out, progress)}")
    progress.say(f"truth    {out / 'truth'}")
    return 0


def _train(words: list[str]) -> int:
    if (config := _composed("train", words, "its labels as data=FOLDER")) is None:
        return 0
    from pipeline.chain.progress import Progress

    if form("train", words) == "train":
        from pipeline.plan import training_plan
        from pipeline.training.train import train

        train(training_plan(config), Progress())
    else:
        from pipeline.plan import detector_plan
        from pipeline.training.train_detector import train_detector

        train_detector(detector_plan(config), Progress())
    return 0


def form(verb: str, words: list[str]) -> str:
    """The config of a verb: ``train`` has one for recognizers and, where ``detector=`` is given, one for detectors."""
    kinds = [word.partition("=")[2] for word in words if word.startswith("detector=")]
    if verb != "train" or not kinds:
        return verb
    if kinds[-1] != "yolo":
        raise UsageError(
            f"detector={kinds[-1]} cannot be trained; detector=yolo can (the embedded one goes on with "
            "detector=yolo init=savanna_yolo)"
        )
    return "train_detector"


def _evaluate(words: list[str]) -> int:
    if (config := _composed("evaluate", words, "its scores as scores=FILE")) is None:
        return 0
    from pipeline.chain.progress import Progress
    from pipeline.evaluation.evaluate import evaluate
    from pipeline.plan import evaluation_plan

    evaluate(evaluation_plan(config), Progress())
    return 0


def _analyze(words: list[str]) -> int:
    load_ahead(map(Path, parse(words)[0]))
    if (config := _given("analyze", words, "runs")) is None:
        return 0
    from pipeline.analyze import analyze
    from pipeline.chain.progress import Progress
    from pipeline.plan import analysis_plan

    return analyze(analysis_plan(config, command("analyze", words)), Progress())


def _agree(words: list[str]) -> int:
    if (config := _given("agree", words, "coders")) is None:
        return 0
    from pipeline.chain.progress import Progress
    from pipeline.observers.agree import agree
    from pipeline.plan import agree_plan

    agree(agree_plan(config), Progress())
    return 0


def _audit(words: list[str]) -> int:
    if (config := _composed("audit", words, "the folder of one run or study", takes_one="run")) is None:
        return 0
    from pipeline.audit.audit import audit
    from pipeline.chain.progress import Progress
    from pipeline.plan import audit_plan

    audit(audit_plan(config), Progress())
    return 0


def _given(verb: str, words: list[str], name: str) -> Any:
    """The settings of a verb, its plain words as the list called ``name``; None where they were printed."""
    from pipeline.config import compose

    sources, overrides, flags = parse(words)
    if sources:
        overrides.append(f"{name}=[{','.join(map(quoted, sources))}]")
    config = compose(verb, overrides)
    return None if _printed(config, flags) else config


def _export(words: list[str]) -> int:
    if (config := _composed("export", words, "one run's folder", takes_one="run")) is None:
        return 0
    from pipeline.chain.progress import Progress
    from pipeline.export.export import export
    from pipeline.plan import export_plan

    export(export_plan(config), Progress())
    return 0


def _composed(verb: str, words: list[str], takes: str, takes_one: str = "") -> Any:
    """The settings of a verb; None where they were asked for, and are printed.

    ``takes_one`` is the setting that a word without a name is for; without it there is no such word.
    """
    from pipeline.config import compose

    sources, overrides, flags = parse(words)
    if takes_one and len(sources) == 1 and not [word for word in overrides if word.startswith(f"{takes_one}=")]:
        overrides.append(f"{takes_one}={quoted(sources.pop())}")
    if sources:
        raise UsageError(f"ethopipe {verb} takes {takes}, got {' and '.join(map(repr, sources))}")
    config = compose(form(verb, words), overrides)
    return None if _printed(config, flags) else config


def _printed(config: Any, flags: set[str]) -> bool:
    """Print all settings where ``--cfg`` asks for them; were they?"""
    if "--cfg" not in flags:
        return False
    from omegaconf import OmegaConf

    print(OmegaConf.to_yaml(config), end="")
    return True


def _filmed(verb: str, words: list[str]) -> Any:
    """The settings of a verb that takes no source; None where they were asked for, and are printed."""
    from pipeline.config import compose

    sources, overrides, flags = parse(words)
    if sources:
        raise UsageError(f"ethopipe {verb} films its own scene, got {sources[0]!r}; for footage: ethopipe run SOURCE")
    config = compose(verb, overrides)
    return None if _printed(config, flags) else config


def command(verb: str, words: list[str]) -> str:
    """The command as it could be typed again."""
    return shlex.join(["ethopipe", verb, *words])


def _doctor(words: list[str]) -> int:
    from pipeline.doctor import report

    for line in report():
        print(line)
    return 0


def _models(words: list[str]) -> int:
    from pipeline.shelf.command import answer

    for line in answer(words):
        print(line)
    return 0


VERBS = {
    "run": _run,
    "demo": _demo,
    "simulate": _simulate,
    "train": _train,
    "evaluate": _evaluate,
    "analyze": _analyze,
    "agree": _agree,
    "audit": _audit,
    "models": _models,
    "export": _export,
    "doctor": _doctor,
}
