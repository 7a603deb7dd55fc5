"""Memory that is freed serves again: the system is not asked for it twice."""

import platform
import subprocess
import sys

import pytest

PAGES_TOUCHED = """
import resource
import numpy as np
from pipeline.memory import steady

steady()
np.ones(8_000_000, dtype=np.uint8)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    np.ones(8_000_000, dtype=np.uint8)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc's allocator is told anything")
def test_what_a_frame_has_freed_serves_the_next() -> None:
    told = subprocess.run([sys.executable, "-c", PAGES_TOUCHED], check=True, capture_output=True, text=True)
    assert int(told.stdout) < 1000  # asked anew, 20 times 8 MB are 39,000 pages of 4 KiB
