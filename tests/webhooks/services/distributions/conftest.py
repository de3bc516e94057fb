"""A channel that writes postcards."""

from collections.abc import Iterator

import pytest

from tests.factories.distributions import Postcards, postcards


@pytest.fixture
def cards() -> Iterator[type[Postcards]]:
    with postcards() as channel:
        yield channel
