"""The house stands: imports point one way, heavy parts wait, only the edge knows Hydra, no file is overgrown."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "pipeline"

# from the bottom up; a module may import from its own layer and from those before it
LAYERS = [
    "errors rules boxes timebase stretches memory geodesy processes words",
    "types columns tables",
    "parquet",
    "typed_csv",
    "artifacts device model_folder checksums catalogue",
    "formats video",
    "camera detectors trackers tracks miniscenes windows crops recognizers ground",
    "watch look scenes shelf",
    "ethology",
    "report",
    "chain",
    "simulate",
    "label_videos",
    "labelled stored",
    "comparison",
    "evaluation",
    "analyze observers audit",
    "training export",
    "demo doctor",
    "schemas config help build plan overrides verbs cli",
]
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer.split()}
HEAVY = ("torch", "torchvision", "transformers", "ultralytics", "lightning", "trackers", "supervision", "matplotlib")
EDGE = {"schemas", "config", "build", "plan", "verbs", "cli"}


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts != ("__init__.py",)]


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path, top_level_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level_only else list(ast.walk(tree))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    assert part(path) in RANK, f"{path.name} has no place in the order: give it one in LAYERS"
    ours = {name.split(".")[1] for name in imported(path) if name.startswith("pipeline.")} & set(RANK)
    upward = {name for name in ours if RANK[name] > RANK[part(path)]}
    assert not upward, f"{path.name} is below {', '.join(sorted(upward))} and must not import it"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_parts_wait_and_only_the_edge_knows_hydra(path: Path) -> None:
    heavy = {name for name in imported(path, top_level_only=True) if name.split(".")[0] in HEAVY}
    assert not heavy, f"{path.name} imports {', '.join(sorted(heavy))} before it is needed"
    if part(path) not in EDGE:
        assert not {name for name in imported(path) if name.split(".")[0] in {"hydra", "omegaconf"}}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_file_is_overgrown(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 260


def test_every_name_of_the_order_is_there() -> None:
    assert {part(path) for path in modules()} == set(RANK)


def test_help_loads_no_heavy_part() -> None:
    code = "import sys; from pipeline.cli import main; main(['--help']); print(sorted(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "ethopipe run SOURCE" in answer.stdout
    assert not [name for name in HEAVY if f"'{name}'" in answer.stdout]


def test_every_package_is_named_for_the_wheel() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    there = {".".join(path.parent.relative_to(ROOT).parts) for path in PACKAGE.rglob("__init__.py")}
    assert there <= set(told)
