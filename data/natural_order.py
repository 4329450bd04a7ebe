"""A text whose plain order is the order people expect of names: ``raccoon-2`` before ``raccoon-10``."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"([0-9]+)")
#: Longest key kept; an index entry has a limit of its own, and ties are broken by id anyway.
KEY_LENGTH = 500


def natural_key(name: str) -> str:
    """Give the sort key of a name: case ignored, digits by value, folders before what follows them."""
    parts = _NUMBER.split(name.casefold())
    key = "".join(_number_key(part) if odd % 2 else part for odd, part in enumerate(parts))
    return key.replace("/", "\x01")[:KEY_LENGTH]


def _number_key(digits: str) -> str:
    # The count of digits goes first, so a longer number is a larger one.
    value = digits.lstrip("0") or "0"
    return f"{len(value):03d}{value}"
