"""A model from elsewhere is taken only if every file is what it says."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from ssd_core.artifacts import CARD, CONFIG, LITERT, WEIGHTS, save_model
from ssd_core.errors import InvalidArtifact
from ssd_core.model_check import check_model, check_weights_file
from tests.ssd_core.small_training import CONFIG as SMALL

pytestmark = [pytest.mark.usefixtures("tiny_backbone"), pytest.mark.filterwarnings("ignore::UserWarning")]


@pytest.fixture(scope="module")
def sound(tiny_backbone: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from ssd_core.model import build_network

    folder = tmp_path_factory.mktemp("models") / "sound"
    save_model(folder, build_network(SMALL, weights=None), SMALL, {"name": "squares"})
    return folder


@pytest.fixture
def model(sound: Path, tmp_path: Path) -> Path:
    """A sound model that a test may damage."""
    return Path(shutil.copytree(sound, tmp_path / "model"))


def sign(model: Path) -> None:
    """Write the card anew, as somebody would who forges a model."""
    card = json.loads((model / CARD).read_text())
    for name in card["files"]:
        card["files"][name] = hashlib.sha256((model / name).read_bytes()).hexdigest()
    (model / CARD).write_text(json.dumps(card))


def test_a_sound_model_is_taken(sound: Path) -> None:
    assert check_model(sound)["name"] == "squares"


def test_a_file_that_is_not_the_one_saved_is_refused(model: Path) -> None:
    with (model / WEIGHTS).open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(InvalidArtifact, match="damaged"):
        check_model(model)


def test_a_file_that_is_none_of_a_model_is_refused(model: Path) -> None:
    (model / "run.py").write_text("raise SystemExit")
    card = json.loads((model / CARD).read_text())
    card["files"]["run.py"] = hashlib.sha256((model / "run.py").read_bytes()).hexdigest()
    (model / CARD).write_text(json.dumps(card))
    with pytest.raises(InvalidArtifact, match=r"run\.py"):
        check_model(model)


def test_weights_of_another_network_are_refused(model: Path) -> None:
    document = json.loads((model / CONFIG).read_text())
    document["network"]["classes"] = ["nut", "bolt", "washer"]
    (model / CONFIG).write_text(json.dumps(document))
    card = json.loads((model / CARD).read_text())
    (model / CARD).write_text(json.dumps({**card, "classes": ["nut", "bolt", "washer"]}))
    sign(model)
    with pytest.raises(InvalidArtifact, match="do not fit"):
        check_model(model)


def test_a_litert_file_of_other_weights_is_refused(model: Path) -> None:
    from ssd_core.export import to_litert
    from ssd_core.model import build_network

    other = build_network(SMALL, weights=None)
    other.set_weights([values + np.float32(0.3) for values in other.get_weights()])
    (model / LITERT["float32"]).write_bytes(to_litert(other))
    sign(model)
    with pytest.raises(InvalidArtifact, match="not made from the weights"):
        check_model(model)


def test_a_model_without_its_weights_is_refused(model: Path) -> None:
    card = json.loads((model / CARD).read_text())
    del card["files"][WEIGHTS]
    (model / CARD).write_text(json.dumps(card))
    with pytest.raises(InvalidArtifact, match=r"weights\.h5"):
        check_model(model)


def _with_an_external_link(file: Any) -> None:
    file["stolen"] = h5py.ExternalLink("/etc/passwd", "/")


def _with_a_soft_link(file: Any) -> None:
    file["loop"] = h5py.SoftLink("/")


def _that_holds_itself(file: Any) -> None:
    file["layers/again"] = file["layers"]


def _with_data_in_another_file(file: Any) -> None:
    file.create_dataset("out", (4,), "u1", external=[("/etc/passwd", 0, 4)])


def _that_grows(file: Any) -> None:
    file.create_dataset("zeros", (1 << 26,), "f4", chunks=(1 << 20,), compression="gzip")


def _with_text(file: Any) -> None:
    file.create_dataset("words", data=["a"], dtype=h5py.string_dtype())


@pytest.mark.parametrize(
    "spoil",
    [
        _with_an_external_link,
        _with_a_soft_link,
        _that_holds_itself,
        _with_data_in_another_file,
        _that_grows,
        _with_text,
    ],
    ids=lambda spoil: spoil.__name__,
)
def test_a_weights_file_that_is_more_than_numbers_is_refused(
    spoil: Callable[[Any], None], tmp_path: Path
) -> None:
    path = tmp_path / WEIGHTS
    with h5py.File(path, "w") as file:
        file.create_dataset("layers/kernel", data=np.zeros(8, np.float32))
    check_weights_file(path)
    with h5py.File(path, "a") as file:
        spoil(file)
    with pytest.raises(InvalidArtifact, match="Do not trust it"):
        check_weights_file(path)


def test_a_weights_file_that_is_no_hdf5_is_refused(tmp_path: Path) -> None:
    (tmp_path / WEIGHTS).write_bytes(b"no hdf5")
    with pytest.raises(InvalidArtifact, match="damaged"):
        check_weights_file(tmp_path / WEIGHTS)
