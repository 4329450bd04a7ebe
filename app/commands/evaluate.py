"""``ssd-studio evaluate``: how good a model is on a split of its project, or which of two is better."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.commands.console import ProgressLine, complain, say, say_json, table
from app.commands.opening import open_for

if TYPE_CHECKING:
    from data.records import Split

#: Mistakes of a kind that are listed.
WORST = 3
_KINDS = {
    "false_positives": "false positives",
    "wrong_classes": "wrong classes",
    "poor_fits": "poor fits",
    "misses": "misses",
}
#: What the two classes alone do not tell.
_WORDS = {"dupe": "found a second time", "bkg": "where nothing is", "both": "badly placed too"}


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "evaluate",
        help="measure a model on images it was not trained on",
        description="Measure a model on the images of a split of its project: average precision with its "
        "interval, and for each class precision, recall and the score threshold that suits it. "
        "With --against, say which of two models is better and whether that is more than chance.",
    )
    parser.add_argument("model", metavar="MODEL", help="id or name of a model")
    parser.add_argument("--against", metavar="MODEL", help="another model of the project, to compare with")
    parser.add_argument(
        "--split",
        choices=("train", "val", "test"),
        help="which images (default: test, or val where there are none)",
    )
    parser.add_argument("--json", action="store_true", help="print the full report as JSON")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    with open_for(arguments) as studio, ProgressLine() as line:
        model = studio.models.named(arguments.model)
        other = studio.models.named(arguments.against) if arguments.against else None

        def progress(done: int, total: int) -> None:
            line.count("Looking at image", done + 1, total)

        def measured(split: Split) -> Mapping[str, Any]:
            if other is not None:
                return studio.evaluations.compare(model, other, split, progress)
            return studio.evaluations.measure(model, split, progress)

        values = measured(arguments.split or "test")
        if arguments.split is None and not values["images"]:
            values = measured("val")
    if not values["images"]:
        which = arguments.split or "test or val"
        complain(
            f"the model's project has no labelled {which} images. "
            "Import some with --split, or choose another split."
        )
        return 1
    if arguments.json:
        say_json(values)
    elif arguments.against:
        _say_comparison(values)
    else:
        _say_report(values)
    return 0


def _say_report(values: Mapping[str, Any]) -> None:
    say(f"On {values['images']} {values['split']} images with {values['boxes']} boxes:")
    say("  ".join(f"{name} {_shown(values[name])}" for name in ("AP", "AP50", "AP75", "AR100")))
    interval = values["interval"]
    if interval["AP"] is not None:
        low, high = interval["AP"]
        say(f"AP lies between {low:.3f} and {high:.3f} ({interval['level']:.0%} of resampled image sets)")
    say()
    rows = [["class", "AP", "AP50", "boxes", "threshold", "precision", "recall", "F1"]]
    rows += [
        [
            name,
            *(_shown(of[key]) for key in ("AP", "AP50")),
            str(of["boxes"]),
            f"{of['threshold']:.2f}",
            *(_shown(of[key]) for key in ("precision", "recall", "F1")),
        ]
        for name, of in values["per_class"].items()
    ]
    say(table(rows))
    say()
    rows = [["size", "AP", "AR", "boxes"]]
    rows += [
        [size, _shown(of["AP"]), _shown(of["AR"]), str(of["boxes"])] for size, of in values["sizes"].items()
    ]
    say(table(rows))
    say()
    labels = values["confusion"]["labels"]
    rows = [["labelled as ↓ found as →", *labels]]
    rows += [
        [label, *map(str, counts)]
        for label, counts in zip(labels, values["confusion"]["matrix"], strict=True)
    ]
    say(table(rows))
    _say_mistakes(values)


def _say_mistakes(values: Mapping[str, Any]) -> None:
    for kind, title in _KINDS.items():
        entries = values["gallery"][kind]
        if entries:
            say()
            say(f"{values['gallery_totals'][kind]} {title} from score {values['score_threshold']:.2f} on:")
        for entry in entries[:WORST]:
            found = "" if entry["predicted"] is None else f"{entry['predicted']} {entry['score']:.2f}"
            truth = "" if entry["true"] is None else f"labelled {entry['true']}"
            words = filter(None, (found, truth, _WORDS.get(entry["type"])))
            say(f"  {entry['name']}: {', '.join(words)}")


def _say_comparison(values: Mapping[str, Any]) -> None:
    models = values["models"]
    rows = [["", f"A: {models['a']['name']}", f"B: {models['b']['name']}"]]
    rows += [
        [name, _shown(values["a"][name]), _shown(values["b"][name])]
        for name in ("AP", "AP50", "AP75", "AR100")
    ]
    rows += [
        [f"AP of {name}", *(_shown(values[side]["per_class"][name]["AP"]) for side in ("a", "b"))]
        for name in values["classes"]
    ]
    say(table(rows))
    say()
    say(values["verdict"]["sentence"])


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
