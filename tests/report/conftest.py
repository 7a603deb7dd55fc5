from pathlib import Path

import pytest

from pipeline.report.figures import FigureEntry
from tests.report import made


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[FigureEntry]]:
    """The folder of a page, and the figures of the small run, drawn below it once for all."""
    folder = tmp_path_factory.mktemp("page")
    return folder, made.draw(folder / "figures")
