"""Fixtures of the tests of networks."""

from tests.array.clear import clear

__all__ = ["clear"]
