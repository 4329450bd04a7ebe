"""Style sheets of the screens: one page loads them all, so a class of one must mean nothing on another."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

STYLES = Path(__file__).parents[2] / "app/static/styles"
#: Made for every screen; any may use their classes, and place them by a class of its own in front.
SHARED = {"base.css", "controls.css", "cropped.css", "dialog.css", "frame.css", "panel.css"}
#: The screens whose rules stand in several files.
SCREENS = {
    "label_overlays": "label",
    "flow": "label",
    "gather": "images",
    "classes": "images",
    "statistics": "images",
    "train_run": "train",
    "train_runs": "train",
}
COMBINATOR = re.compile(r"\s*[\s>+~]\s*(?![^()]*\))")
ARGUMENTS = re.compile(r":(?:is|where|not|has)\((?:[^()]|\([^()]*\))*\)")


def selectors(sheet: str) -> list[str]:
    """Every selector of a style sheet, those of a list each by itself; no at-rule and no keyframe."""
    without_words = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    heads = (head.strip() for head in re.findall(r"([^{};]+)\{", without_words))
    named = (head for head in heads if not re.match(r"@|from\b|to\b|[\d.]+%", head))
    return [each.strip() for head in named for each in re.split(r",(?![^()]*\))", head)]


def subject(selector: str) -> tuple[str | None, bool]:
    """The class that a rule is about, if it is one alone, and whether nothing else says where it applies."""
    *before, last = COMBINATOR.split(selector)
    classes = re.findall(r"\.([\w-]+)", ARGUMENTS.sub("", last))
    return classes[0] if len(classes) == 1 else None, all(each in (".dark", ".studio") for each in before)


def leaks(sheets: dict[str, str]) -> list[str]:
    """The classes that one screen styles wherever they are, and another screen or a shared sheet as well."""
    bare, anyhow = defaultdict(set), defaultdict(set)
    for name, sheet in sheets.items():
        screen = "shared" if name in SHARED else SCREENS.get(Path(name).stem, Path(name).stem)
        for about, everywhere in map(subject, selectors(sheet)):
            if about is not None:
                anyhow[about].add(screen)
                if everywhere and screen != "shared":
                    bare[about].add(screen)
    # A shared class is a screen's to place, but not to restyle wherever it is.
    return sorted(
        f"{about}: {', '.join(sorted(anyhow[about]))}"
        for about in bare
        if len(anyhow[about] | bare[about]) > 1
    )


def test_the_rules_of_a_sheet_are_understood() -> None:
    sheet = "/* .a {} */ .b, .c > :is(.d, .e .f) { x: y; } @media (z) { .studio i.g:hover { x: y } }"
    assert selectors(sheet) == [".b", ".c > :is(.d, .e .f)", ".studio i.g:hover"]
    told = [subject(each) for each in (".b", ".studio .b:not(.c .d):hover", ".a > .b", "i", ".a.b")]
    assert told == [("b", True), ("b", True), ("b", False), (None, True), (None, True)]


def test_a_class_of_two_screens_would_be_noticed() -> None:
    assert leaks({"home.css": ".st-a { }", "live.css": ".st-live .st-a { }"}) == ["st-a: home, live"]
    assert leaks({"home.css": ".st-a { }", "controls.css": ".st-a { }"}) == ["st-a: home, shared"]
    assert leaks({"home.css": ".st-home .st-a { }", "live.css": ".st-live .st-a { }"}) == []
    assert leaks({"label.css": ".st-a { }", "flow.css": ".st-a { }", "home.css": ".st-home .st-b { }"}) == []


def test_a_class_is_styled_wherever_it_is_by_one_screen_only() -> None:
    assert leaks({path.name: path.read_text(encoding="utf-8") for path in STYLES.glob("*.css")}) == []


def colourless(sheet: str) -> list[str]:
    """The rules about Gradio's own tabs that name a colour of ours, which is not defined there."""
    rules = re.findall(r"([^{};]+)\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))
    return [head.strip() for head, body in rules if "#studio-tabs" in head and "var(--st-" in body]


def test_the_tabs_have_colours_that_are_defined_there() -> None:
    lost = "#studio-tabs a { x: y } #studio-tabs button:focus-visible { outline: 2px solid var(--st-accent) }"
    assert colourless(lost) == ["#studio-tabs button:focus-visible"]
    assert colourless((STYLES / "frame.css").read_text(encoding="utf-8")) == []
