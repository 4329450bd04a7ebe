"""A model folder is complete or not there, and nothing damaged in it is believed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ssd_core.artifacts import load_network, read_card, read_config, read_file, save_model
from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidArtifact

LITERT = {"float32": b"not checked when it is written"}


@pytest.fixture
def copied(saved_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved_model, tmp_path / "copied"))


def rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")


def rewrite_config(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the configuration and vouch for it in the card, as a forger would."""
    rewrite(folder / "config.json", change)
    digest = hashlib.sha256((folder / "config.json").read_bytes()).hexdigest()
    rewrite(folder / "card.json", lambda card: card["files"].update({"config.json": digest}))


def test_the_folder_holds_exactly_the_documented_files(saved_model: Path) -> None:
    assert sorted(path.name for path in saved_model.iterdir()) == [
        "card.json",
        "config.json",
        "model.float32.tflite",
        "model.int8.tflite",
        "model.weights.h5",
    ]
    assert list(saved_model.parent.iterdir()) == [saved_model]


def test_the_card_says_what_was_given_and_hashes_every_other_file(saved_model: Path) -> None:
    card = read_card(saved_model)
    assert (card["format"], card["name"], card["classes"], card["runtime"]) == (
        1,
        "tiny",
        ["nut", "bolt"],
        "float32",
    )
    assert card["thresholds"] == {"score": 0.6, "iou": 0.45, "class_scores": {"nut": 0.6}}
    assert card["metrics"] == {"AP": None}
    assert card["created"].endswith("+00:00")
    for path in saved_model.iterdir():
        if path.name != "card.json":
            assert card["files"].pop(path.name) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert card["files"] == {}


def test_the_configuration_comes_back_equal(saved_model: Path, tiny_config: SSDConfig) -> None:
    assert read_config(saved_model) == tiny_config


def test_the_configuration_records_how_images_are_prepared(saved_model: Path) -> None:
    preprocessing = json.loads((saved_model / "config.json").read_text(encoding="utf-8"))["preprocessing"]
    assert preprocessing["resize"] == "pillow bilinear"
    assert preprocessing["normalisation"] == "inside the network"


def test_what_the_caller_passes_is_kept_and_not_changed(
    tiny_network: Any, tiny_config: SSDConfig, tmp_path: Path
) -> None:
    card = {"name": "m", "created": "2026-01-02T03:04:05+00:00", "runtime": "int8", "classes": ["wrong"]}
    written = save_model(tmp_path / "m", tiny_network, tiny_config, card, litert=LITERT)
    assert card["classes"] == ["wrong"]
    assert (written["created"], written["runtime"]) == ("2026-01-02T03:04:05+00:00", "int8")
    assert written["classes"] == ["nut", "bolt"]
    assert read_card(tmp_path / "m") == written


def test_saving_again_replaces_the_model_and_sweeps_leftovers(
    tiny_network: Any, tiny_config: SSDConfig, tmp_path: Path
) -> None:
    (tmp_path / ".m.abc.making").mkdir()
    (tmp_path / ".mine.abc.making").mkdir()
    for name in ("first", "second"):
        save_model(tmp_path / "m", tiny_network, tiny_config, {"name": name}, litert=LITERT)
    assert read_card(tmp_path / "m")["name"] == "second"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".mine.abc.making", "m"]


def test_a_failed_save_leaves_the_old_model_and_nothing_else(
    tiny_network: Any, tiny_config: SSDConfig, tmp_path: Path
) -> None:
    save_model(tmp_path / "m", tiny_network, tiny_config, {"name": "good"}, litert=LITERT)
    with pytest.raises(InvalidArtifact, match=r"card\.json cannot be written"):
        save_model(
            tmp_path / "m", tiny_network, tiny_config, {"metrics": {"AP": float("nan")}}, litert=LITERT
        )
    assert read_card(tmp_path / "m")["name"] == "good"
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidArtifact, match=r"is not a model: it has no card\.json"):
        read_card(tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda card: card.update(format=2), r"format 2, while this program reads 1; update"),
        (lambda card: card.pop("format"), "format None"),
        (lambda card: card.update(classes=[]), "does not list its classes"),
        (lambda card: card.update(classes=[1]), "does not list its classes"),
        (lambda card: card.pop("files"), "does not list the model's files"),
        (lambda card: card["files"].pop("config.json"), "does not list the model's files"),
        (lambda card: card["files"].update({"../elsewhere": "0"}), "names files outside the folder"),
    ],
)
def test_a_card_that_makes_no_sense_is_refused(
    copied: Path, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    rewrite(copied / "card.json", change)
    with pytest.raises(InvalidArtifact, match=words):
        read_card(copied)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe\x00", b"[" * 100_000])
def test_a_card_that_is_not_json_is_refused(copied: Path, content: bytes) -> None:
    (copied / "card.json").write_bytes(content)
    with pytest.raises(InvalidArtifact, match=r"card\.json is damaged"):
        read_card(copied)


def test_one_flipped_bit_is_found(copied: Path) -> None:
    content = bytearray((copied / "config.json").read_bytes())
    content[20] ^= 1
    (copied / "config.json").write_bytes(content)
    with pytest.raises(InvalidArtifact, match=r"damaged: config\.json is not the file that was saved"):
        read_config(copied)


def test_a_missing_file_is_named(copied: Path) -> None:
    (copied / "config.json").unlink()
    with pytest.raises(InvalidArtifact, match=r"incomplete: config\.json cannot be read"):
        read_config(copied)
    with pytest.raises(InvalidArtifact, match=r"has no model\.onnx"):
        read_file(copied, "model.onnx", read_card(copied))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda config: config["preprocessing"].update(resize="nearest"),
            "'resize': 'nearest'.* does not do",
        ),
        (lambda config: config["network"].update(classes=["bolt", "nut"]), "contradicts itself"),
        (lambda config: config["network"].update(backbone="alexnet"), "backbone"),
        (lambda config: config["network"].update(input_size_hw=7), r"config\.json .* cannot be used"),
        (lambda config: config.pop("network"), "classes"),
    ],
)
def test_a_configuration_that_does_not_fit_is_refused(
    copied: Path, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    rewrite_config(copied, change)
    with pytest.raises(InvalidArtifact, match=words):
        read_config(copied)


@pytest.mark.filterwarnings("ignore:Skipping nested container")
def test_weights_of_another_network_are_refused(saved_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    def other_network(config: SSDConfig, weights: str | None) -> keras.Model:
        image = keras.Input((*config.input_size_hw, 3))
        return keras.Model(image, keras.layers.Dense(5, name="head")(image))

    monkeypatch.setattr("ssd_core.model.build_network", other_network)
    with pytest.raises(InvalidArtifact, match="do not fit the network"):
        load_network(saved_model)


def test_the_network_comes_back_with_its_weights(tmp_path: Path) -> None:
    from ssd_core.model import build_network

    config = SSDConfig(("nut",), input_size_hw=(32, 32))
    network = build_network(config, None)
    network.set_weights([weight + 0.25 for weight in network.get_weights()])
    save_model(tmp_path / "m", network, config, {}, litert=LITERT)
    loaded = load_network(tmp_path / "m")
    for given, wanted in zip(loaded.get_weights(), network.get_weights(), strict=True):
        assert (given == wanted).all()


def test_a_model_from_before_there_were_necks_has_none(copied: Path) -> None:
    rewrite(copied / "config.json", lambda document: document["network"].pop("neck"))
    digest = hashlib.sha256((copied / "config.json").read_bytes()).hexdigest()
    rewrite(copied / "card.json", lambda card: card["files"].update({"config.json": digest}))
    assert read_config(copied).neck == "none"
