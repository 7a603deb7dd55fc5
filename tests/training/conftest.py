"""What the tests of trainings share."""

import pytest

from tests.conftest import empty_figure


@pytest.fixture
def pictures() -> None:
    """For tests of the figures beside a model: they are drawn."""


@pytest.fixture(autouse=True)
def no_pictures_else(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred trainings draw what nobody looks at: a tenth of their time."""
    if "pictures" not in request.fixturenames:
        monkeypatch.setattr("pipeline.training.save.save", empty_figure)
