"""Read the tensors of a PyTorch checkpoint without PyTorch and without running anything that stands in it.

A ``.pth`` file is a pickle plus raw bytes, and a pickle may call any function. The unpickler here knows four
names (an ordered dictionary, two ways to describe a tensor, and storage types) and refuses every other. Both
layouts are read: the zip archive of PyTorch ≥ 1.6 and the older sequence of pickles.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ssd_core.errors import WeightsUnavailable

_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_LEGACY_PROTOCOL = 1001
_DTYPES: dict[str, np.dtype[Any]] = {
    "FloatStorage": np.dtype("<f4"),
    "DoubleStorage": np.dtype("<f8"),
    "HalfStorage": np.dtype("<f2"),
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
    "ByteStorage": np.dtype("<u1"),
}


def read_torch_tensors(path: Path) -> dict[str, NDArray[Any]]:
    """Read a flat dictionary of named tensors.

    Args:
        path: a ``.pth`` file written by ``torch.save`` of a state dictionary, in either layout.

    Returns:
        The arrays by name, in the file's order, each owning its memory.

    Raises:
        WeightsUnavailable: the file is missing, damaged, or holds anything other than named tensors.
    """
    try:
        named = _read_zip(path) if zipfile.is_zipfile(path) else _read_legacy(path)
    except OSError as error:
        raise WeightsUnavailable(f"The weights file {path} cannot be read: {error}.") from error
    except (
        pickle.UnpicklingError,
        EOFError,
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
    ) as error:
        raise WeightsUnavailable(
            f"The weights file {path} is damaged or not a plain PyTorch state dictionary ({error}); "
            "install its package again."
        ) from error
    if not isinstance(named, Mapping) or not all(isinstance(value, _Tensor) for value in named.values()):
        raise WeightsUnavailable(f"The weights file {path} holds something other than named tensors.")
    return {str(name): value.array() for name, value in named.items()}


@dataclass(frozen=True)
class _StorageType:
    dtype: np.dtype[Any]


class _Storage:
    """A run of numbers whose bytes may arrive after the tensors that look into it."""

    def __init__(self, dtype: np.dtype[Any], size: int) -> None:
        self.dtype = dtype
        self.size = size
        self.values: NDArray[Any] | None = None

    def fill(self, raw: bytes) -> None:
        if len(raw) != self.size * self.dtype.itemsize:
            raise ValueError("a tensor's bytes are cut short")
        self.values = np.frombuffer(raw, self.dtype)


@dataclass(frozen=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def array(self) -> NDArray[Any]:
        values = self.storage.values
        if values is None:
            raise WeightsUnavailable("A tensor of the weights file has no bytes.")
        last = self.offset + sum((n - 1) * s for n, s in zip(self.shape, self.strides, strict=True))
        if min((self.offset, *self.strides, *self.shape), default=0) < 0 or last >= max(values.size, 1):
            raise WeightsUnavailable("A tensor of the weights file points outside its bytes.")
        step = values.dtype.itemsize
        view = np.lib.stride_tricks.as_strided(
            values[self.offset :], self.shape, [s * step for s in self.strides], writeable=False
        )
        return np.array(view)


def _rebuild_tensor(storage: _Storage, offset: int, shape: Any, strides: Any, *_: Any) -> _Tensor:
    if not isinstance(storage, _Storage):
        raise pickle.UnpicklingError("a tensor without a storage")
    return _Tensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


def _rebuild_parameter(tensor: _Tensor, *_: Any) -> _Tensor:
    return tensor


class _Unpickler(pickle.Unpickler):
    _ALLOWED: ClassVar[dict[tuple[str, str], Any]] = {
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
        ("torch._utils", "_rebuild_parameter"): _rebuild_parameter,
        **{("torch", name): _StorageType(dtype) for name, dtype in _DTYPES.items()},
    }

    def __init__(
        self, stream: IO[bytes], find_storage: Callable[[str, np.dtype[Any], int], _Storage]
    ) -> None:
        super().__init__(stream)
        self._find_storage = find_storage

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed in a weights file")
        return self._ALLOWED[module, name]

    def persistent_load(self, pid: Any) -> _Storage:
        kind, storage_type, key, _, size = pid[:5]
        if kind != "storage" or not isinstance(storage_type, _StorageType):
            raise pickle.UnpicklingError("an unknown reference")
        return self._find_storage(str(key), storage_type.dtype, int(size))


def _read_zip(path: Path) -> Any:
    try:
        with zipfile.ZipFile(path) as archive:
            pickle_name = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
            folder = pickle_name.removesuffix("data.pkl")
            known: dict[str, _Storage] = {}

            def find(key: str, dtype: np.dtype[Any], size: int) -> _Storage:
                if key not in known:
                    known[key] = _Storage(dtype, size)
                    known[key].fill(archive.read(f"{folder}data/{key}"))
                return known[key]

            return _Unpickler(io.BytesIO(archive.read(pickle_name)), find).load()
    except (zipfile.BadZipFile, StopIteration) as error:
        raise ValueError("the archive is damaged") from error


def _read_legacy(path: Path) -> Any:
    known: dict[str, _Storage] = {}

    def find(key: str, dtype: np.dtype[Any], size: int) -> _Storage:
        return known.setdefault(key, _Storage(dtype, size))

    with path.open("rb") as stream:
        magic, protocol = (_Unpickler(stream, find).load() for _ in range(2))
        if magic != _LEGACY_MAGIC or protocol != _LEGACY_PROTOCOL:
            raise ValueError("it does not start as a PyTorch file")
        system = _Unpickler(stream, find).load()
        if not system["little_endian"]:
            raise ValueError("its numbers are big-endian")
        named = _Unpickler(stream, find).load()
        for key in _Unpickler(stream, find).load():
            storage = known[key]
            if int.from_bytes(stream.read(8), "little") != storage.size:
                raise ValueError(f"storage {key} has another length than its tensor expects")
            storage.fill(stream.read(storage.size * storage.dtype.itemsize))
    return named
