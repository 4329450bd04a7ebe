"""Reading the small YAML of a data set: texts, lists and maps, and nothing that can grow or run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from data.errors import AnnotationRejected
from data.formats.text_file import decode, read_bytes

_MAX_BYTES = 512 * 1024
_MAX_DEPTH = 20


def read_yaml(path: Path) -> Any:
    """Read a document; every value stays a text: to other loaders a class ``no`` is false, ``1`` a number.

    Raises:
        AnnotationRejected: it is no YAML, too large, or has anchors, aliases or too many levels.
    """
    text = decode(read_bytes(path, _MAX_BYTES))
    try:
        _refuse_growth(text)
        return yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise AnnotationRejected(
            f"The YAML is broken: {error.problem}.", "Mend or export it again.", line
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise AnnotationRejected("The YAML cannot be read.", "Mend or export it again.") from error


def _refuse_growth(text: str) -> None:
    """Refuse what could be larger or deeper than it looks, before anything is built from it."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            problem = "The YAML has anchors or aliases, which can hide an endless document."
            raise AnnotationRejected(problem, "Write the values out.", line)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            raise AnnotationRejected("The YAML is nested too deep.", "Write it again.", line)


def dump_yaml(document: dict[str, Any]) -> bytes:
    """Write a document in the order of its keys."""
    text: str = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, default_flow_style=False)
    return text.encode()
