"""Install the wheel in DIST elsewhere and run it there: ``python scripts/check_wheel.py dist``.

The wheel goes into a folder of its own and the commands run outside the checkout, so that nothing of the checkout can
help; the dependencies are those of the Python that runs this script.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import ZipFile


def main(dist: Path) -> None:
    """Install the newest wheel of ``dist`` into a folder of its own, and run the command from there."""
    wheel = max(dist.glob("*.whl"), key=lambda path: path.stat().st_mtime).resolve()
    held = set(ZipFile(wheel).namelist())
    source = Path(__file__).resolve().parent.parent
    lost = [path for path in source.glob("pipeline/**/*.py") if path.relative_to(source).as_posix() not in held]
    assert not lost, f"{wheel.name} lacks {', '.join(map(str, lost[:5]))}: name its package in pyproject.toml"
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)]
        subprocess.run(install, check=True)
        command = [sys.executable, "-c", f"import pipeline; assert pipeline.__file__.startswith({str(site)!r})"]
        _run(command, site, folder)
        ethopipe = [sys.executable, "-m", "pipeline.cli"]
        _run([*ethopipe, "doctor"], site, folder)
        _run([*ethopipe, "demo", "out=demo", "scene.duration_s=6"], site, folder)
        _run([*ethopipe, "run", "demo/demo.mp4", "detector=motion", "out=again"], site, folder)
        assert (Path(folder) / "again" / "report.html").is_file(), "the wheel's run left no report"
    print(f"{wheel.name}: installed elsewhere, doctor, demo and run work")


def _run(command: list[str], site: Path, folder: str) -> None:
    subprocess.run(command, check=True, cwd=folder, env={**os.environ, "PYTHONPATH": str(site)})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
