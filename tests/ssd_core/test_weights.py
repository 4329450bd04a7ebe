"""PyTorch files are read without PyTorch, and nothing that stands in them is run."""

from __future__ import annotations

import io
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ssd_core.errors import WeightsUnavailable
from ssd_core.weights import read_torch_tensors

STEM = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
COUNT = np.array(7, np.int64)


class _Reference:
    """Stands for a storage; pickled as PyTorch does, by a persistent id."""

    def __init__(self, kind: type, key: str, values: np.ndarray) -> None:
        self.kind, self.key, self.values = kind, key, values


class _TensorStandIn:
    def __init__(self, reference: _Reference, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
        self.parts = (reference, 0, shape, strides, False, OrderedDict())

    def __reduce__(self) -> Any:
        return sys.modules["torch._utils"]._rebuild_tensor_v2, self.parts


@pytest.fixture
def torch_names() -> Iterator[None]:
    """PyTorch's names for as long as a test file is written; reading must do without them."""
    torch, parts = types.ModuleType("torch"), types.ModuleType("torch._utils")
    for name in ("FloatStorage", "LongStorage"):
        setattr(torch, name, type(name, (), {"__module__": "torch"}))

    def _rebuild_tensor_v2(*_: Any) -> None: ...

    _rebuild_tensor_v2.__module__ = "torch._utils"
    _rebuild_tensor_v2.__qualname__ = "_rebuild_tensor_v2"
    parts._rebuild_tensor_v2 = _rebuild_tensor_v2
    sys.modules.update({"torch": torch, "torch._utils": parts})
    yield
    for name in ("torch", "torch._utils"):
        sys.modules.pop(name, None)


def _state() -> tuple[OrderedDict[str, Any], list[_Reference]]:
    torch = sys.modules["torch"]
    stem = _Reference(torch.FloatStorage, "0", STEM)
    count = _Reference(torch.LongStorage, "1", COUNT)
    # The second tensor looks at the first one's numbers transposed, as a view does.
    state = OrderedDict(
        stem=_TensorStandIn(stem, (2, 3, 4), (12, 4, 1)),
        turned=_TensorStandIn(stem, (4, 6), (1, 4)),
        count=_TensorStandIn(count, (), ()),
    )
    return state, [stem, count]


def _pickled(value: Any, *extra: Any) -> bytes:
    stream = io.BytesIO()
    pickler = pickle.Pickler(stream, protocol=2)

    def persistent_id(obj: Any) -> Any:
        if isinstance(obj, _Reference):
            return ("storage", obj.kind, obj.key, "cpu", obj.values.size, *extra)
        return None

    pickler.persistent_id = persistent_id  # type: ignore[method-assign]
    pickler.dump(value)
    return stream.getvalue()


def _write_zip(path: Path) -> None:
    state, storages = _state()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("weights/data.pkl", _pickled(state))
        for storage in storages:
            archive.writestr(f"weights/data/{storage.key}", storage.values.tobytes())


def _write_legacy(path: Path) -> None:
    state, storages = _state()
    content = b"".join(_pickled(value) for value in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}))
    content += _pickled(state, None) + _pickled([storage.key for storage in storages])
    for storage in storages:
        content += struct.pack("<q", storage.values.size) + storage.values.tobytes()
    path.write_bytes(content)


@pytest.mark.parametrize("write", [_write_zip, _write_legacy])
def test_both_layouts_give_their_tensors(torch_names: None, tmp_path: Path, write: Any) -> None:
    path = tmp_path / "weights.pth"
    write(path)
    for name in ("torch", "torch._utils"):
        del sys.modules[name]
    tensors = read_torch_tensors(path)
    assert list(tensors) == ["stem", "turned", "count"]
    np.testing.assert_array_equal(tensors["stem"], STEM)
    np.testing.assert_array_equal(tensors["turned"], STEM.reshape(6, 4).T)
    assert tensors["count"] == 7


@pytest.mark.parametrize("write", [_write_zip, _write_legacy])
def test_a_file_cut_short_is_reported_by_name(torch_names: None, tmp_path: Path, write: Any) -> None:
    path = tmp_path / "weights.pth"
    write(path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(WeightsUnavailable, match=r"weights\.pth"):
        read_torch_tensors(path)


class _Malicious:
    def __reduce__(self) -> Any:
        return print, ("this must never run",)


def test_a_pickle_that_calls_something_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "weights.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("weights/data.pkl", pickle.dumps({"stem": _Malicious()}, protocol=2))
    with pytest.raises(WeightsUnavailable, match="print is not allowed"):
        read_torch_tensors(path)
    assert capsys.readouterr().out == ""


def test_a_tensor_that_points_beyond_its_bytes_is_refused(torch_names: None, tmp_path: Path) -> None:
    storage = _Reference(sys.modules["torch"].FloatStorage, "0", STEM)
    state = {"stem": _TensorStandIn(storage, (1000, 1000), (1000, 1))}
    with zipfile.ZipFile(tmp_path / "weights.pth", "w") as archive:
        archive.writestr("weights/data.pkl", _pickled(state))
        archive.writestr("weights/data/0", STEM.tobytes())
    with pytest.raises(WeightsUnavailable, match="outside its bytes"):
        read_torch_tensors(tmp_path / "weights.pth")


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.pth").write_text("hello")
    with pytest.raises(WeightsUnavailable, match=r"text\.pth"):
        read_torch_tensors(tmp_path / "text.pth")
    with zipfile.ZipFile(tmp_path / "other.pth", "w") as archive:
        archive.writestr("weights/data.pkl", pickle.dumps([1, 2], protocol=2))
    with pytest.raises(WeightsUnavailable, match="other than named tensors"):
        read_torch_tensors(tmp_path / "other.pth")
    with pytest.raises(WeightsUnavailable, match=r"missing\.pth"):
        read_torch_tensors(tmp_path / "missing.pth")
