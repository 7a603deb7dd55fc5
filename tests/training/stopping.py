"""A training that is stopped as by Ctrl-C."""

import os
import signal
from typing import Any

import pytest

from pipeline.training.samples import Samples


class Stopping:
    """From now on every batch to learn from is counted, and when the one with number ``stop_after`` is made, SIGINT."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, stop_after: int) -> None:
        self.seen = 0
        made = Samples.training

        def counting(samples: Samples, *arguments: Any) -> Any:
            self.seen += 1
            if self.seen == stop_after:
                os.kill(os.getpid(), signal.SIGINT)
            return made(samples, *arguments)

        monkeypatch.setattr(Samples, "training", counting)
