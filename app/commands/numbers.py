"""Numbers as arguments of commands: what is out of range is a wrong call."""

from __future__ import annotations

import argparse


def fraction(text: str) -> float:
    """A number from 0 to 1."""
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def class_score(text: str) -> tuple[str, float]:
    """A class's name and a score, as in cup:0.4."""
    name, _, score = text.rpartition(":")
    if not name:
        raise argparse.ArgumentTypeError(f"{text} is not a class's name and a score, as in cup:0.4")
    return name, fraction(score)


def count(text: str) -> int:
    """A whole number from 1 on."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return value


def tiles(text: str) -> int:
    """Tiles a side: 1 to 8."""
    value = int(text)
    if not 1 <= value <= 8:
        raise argparse.ArgumentTypeError(f"{text} is not from 1 to 8")
    return value


def duration(text: str) -> float:
    """Seconds above 0."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value
