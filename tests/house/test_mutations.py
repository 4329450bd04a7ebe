"""The table of broken rules fits the source and the suite that must notice them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutations import MUTATIONS, SUITE, Mutation

ROOT = Path(__file__).parents[2]


def text_of(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.trap)
def test_a_rule_that_is_to_be_broken_stands_once_in_its_file(mutation: Mutation) -> None:
    source = text_of(mutation.file)
    assert [source.count(old) for old, _ in mutation.changes] == [1] * len(mutation.changes)
    ast.parse(mutation.applied(source))


def test_every_test_of_the_suite_is_seen_to_fail() -> None:
    written = {
        node.name
        for node in ast.parse(text_of(SUITE)).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert written == {mutation.test for mutation in MUTATIONS}


def test_no_rule_is_broken_twice_in_the_same_way() -> None:
    assert len({(mutation.changes, mutation.test) for mutation in MUTATIONS}) == len(MUTATIONS)
    assert len({mutation.trap for mutation in MUTATIONS}) == len(MUTATIONS)
