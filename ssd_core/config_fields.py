"""Checks and JSON of the validated configurations."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, asdict, fields
from numbers import Real
from typing import Any

from ssd_core.errors import InvalidConfig


def is_int(value: object) -> bool:
    """Whether a value is a whole number and not a truth value."""
    return isinstance(value, int) and not isinstance(value, bool)


def require(condition: bool, field: str, value: object, allowed: str) -> None:
    """Check a setting.

    Raises:
        InvalidConfig: the condition does not hold; the message names the setting.
    """
    if not condition:
        raise InvalidConfig(f"The setting {field} is {value!r}, but must be {allowed}.")


def require_number(config: object, name: str, above: float | None = None, most: float = math.inf) -> None:
    """Check that a setting is a finite number: of at least 0, or above a bound, and at most another.

    Raises:
        InvalidConfig: it is not; the message names the setting.
    """
    value = getattr(config, name)
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    low = number and (value > above if above is not None else value >= 0)
    floor = f"above {above:g}" if above is not None else "of at least 0"
    ceiling = "" if most == math.inf else f" and at most {most:g}"
    require(bool(low and value <= most), name, value, f"a number {floor}{ceiling}")


def sequence(field: str, value: Any, allowed: str) -> tuple[Any, ...]:
    """The elements of a setting that holds several.

    Raises:
        InvalidConfig: it is a single value, or a text or mapping; the message names the setting.
    """
    several = isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))
    require(several, field, value, allowed)
    return tuple(value)


def numbers(field: str, value: Any, allowed: str) -> tuple[float, ...]:
    """The elements of a setting that holds several numbers, as floats.

    Raises:
        InvalidConfig: it holds something else; the message names the setting.
    """
    elements = sequence(field, value, allowed)
    good = all(isinstance(number, Real) and not isinstance(number, bool) for number in elements)
    require(good, field, value, allowed)
    return tuple(float(number) for number in elements)


def json_values(config: Any) -> dict[str, Any]:
    """A config as a dictionary that JSON can hold."""
    decoded: dict[str, Any] = json.loads(json.dumps(asdict(config)))
    return decoded


def known_fields(cls: Any, values: Mapping[str, Any] | str) -> dict[str, Any]:
    """The arguments of a config class from a mapping or JSON text.

    Raises:
        InvalidConfig: the text is no JSON, or a field is unknown or missing.
    """
    try:
        mapping = json.loads(values) if isinstance(values, str) else values
    except json.JSONDecodeError as fault:
        raise InvalidConfig(f"The text of a {cls.__name__} is not valid JSON: {fault}.") from fault
    if not isinstance(mapping, Mapping):
        raise InvalidConfig(f"{cls.__name__} needs named fields, not {type(mapping).__name__}.")
    known = {field.name: field for field in fields(cls)}
    unknown = sorted(set(mapping) - set(known))
    if unknown:
        raise InvalidConfig(f"{cls.__name__} has no setting {unknown[0]!r}; it has {', '.join(known)}.")
    needed = [name for name, field in known.items() if field.default is MISSING and name not in mapping]
    if needed:
        raise InvalidConfig(f"{cls.__name__} needs the setting {needed[0]!r}.")
    return {name: _tuples(value) for name, value in mapping.items()}


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, (list, tuple)) else value
