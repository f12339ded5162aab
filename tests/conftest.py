"""Fixtures of the tests; what they import is in `harness.py`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness import Session


@pytest.fixture
def session() -> Iterator[Session]:
    """A runtime that is closed after the test."""
    made = Session()
    yield made
    made.close()
