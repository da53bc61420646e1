"""Fixtures of the array tests."""

from tests.array.clear import clear

__all__ = ["clear"]
