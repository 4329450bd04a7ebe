"""The rules of the house: small files, named for what they hold, each with a docstring."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "data", "ssd_core")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
SOURCES = MODULES + sorted(
    path for pattern in ("*.js", "*.css") for path in (ROOT / "app/static").rglob(pattern)
)
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "tools"}
MOST_LINES = 400
#: A style sheet is one list of rules; splitting it by length would only scatter the variables.
MOST_LINES_OF_CSS = 1200


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_source_file_is_short_enough_to_be_one_concept(path: Path) -> None:
    limit = MOST_LINES_OF_CSS if path.suffix == ".css" else MOST_LINES
    assert len(path.read_text(encoding="utf-8").splitlines()) <= limit


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_source_file_is_named_for_what_it_holds(path: Path) -> None:
    assert path.stem not in NAMES_THAT_SAY_NOTHING


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring
    assert docstring.splitlines()[0].endswith((".", ":"))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_package_folder_is_a_package(path: Path) -> None:
    assert (path.parent / "__init__.py").exists()


def test_a_newcomer_finds_every_package_in_the_wheel() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == list(PACKAGES)


def test_no_script_builds_html_from_data() -> None:
    """Text of users reaches the page by textContent only."""
    forbidden = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write")
    found = [
        f"{name_of(path)}: {word}"
        for path in SOURCES
        if path.suffix == ".js"
        for word in forbidden
        if word in path.read_text(encoding="utf-8")
    ]
    assert found == []
