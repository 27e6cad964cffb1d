"""NumPy's npz layout, written so that the same content gives the same bytes, and read strictly.

What lies in a store may be damaged, or made to fill the memory: sizes are bounded before anything is unpacked, and an
array's header is matched with the one form that NumPy writes, so that nothing is evaluated.
"""

import io
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping

import numpy as np

# text shrinks to a tenth, numbers hardly: beyond so many times the archive's size (and a first so many bytes) nothing
# that gradflow writes unpacks
_UNPACKED, _FIRST = 20, 2**24
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
# float64, int64, and words
_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00(..)"
    rb"\{'descr': '([<>][fi]8|[<>]U\d{1,6})', 'fortran_order': False, 'shape': \(([0-9, ]{0,99})\), \} *\n",
    re.DOTALL,
)
_BEFORE_HEADER = 10
# of one axis: beyond it NumPy refuses even an empty array, in more ways than one
_LARGEST_SIZE = 2**31
_LARGEST_CHARACTER = 0x10FFFF


def packed(members: Mapping[str, bytes]) -> bytes:
    """An archive of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            # the digits of arrays hardly shrink, and cost more time than all else
            how = zipfile.ZIP_STORED if name.endswith(".npy") else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=how)
    return buffer.getvalue()


class Archive:
    """The members of an archive by name, each unpacked when it is asked for. Raises `ValueError` for one that is
    damaged, has a member twice, or unpacks to more than gradflow writes; so do the methods.
    """

    def __init__(self, content: bytes):
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except _DAMAGES as error:
            raise ValueError(_said(error)) from error
        infos = self._archive.infolist()
        self._infos = {info.filename: info for info in infos}
        if len(self._infos) < len(infos):
            raise ValueError("two of its members have one name")
        if sum(info.file_size for info in infos) > _FIRST + _UNPACKED * len(content):
            raise ValueError("it unpacks to more than a file of its size can hold")
        if any(info.compress_type not in _PACKINGS or info.flag_bits & _ENCRYPTED for info in infos):
            raise ValueError("it is packed in another way than gradflow's files are")

    @property
    def arrays(self) -> tuple[str, ...]:
        """The names of the arrays."""
        return tuple(name.removesuffix(".npy") for name in self._infos if name.endswith(".npy"))

    def member(self, name: str) -> bytes:
        """What one member holds."""
        if name not in self._infos:
            raise ValueError(f"it has no {name}")
        info = self._infos[name]
        try:
            with self._archive.open(info) as member:
                # one byte more, so that the checksum is compared; no more is unpacked, whatever the archive says
                return member.read(info.file_size + 1)
        except _DAMAGES as error:
            raise ValueError(f"{name}: {_said(error)}") from error

    def array(self, name: str) -> np.ndarray:
        """One of the arrays."""
        return array_of(f"{name}.npy", self.member(f"{name}.npy"))


def bytes_of(array: np.ndarray) -> bytes:
    """An array as NumPy's file of one."""
    part = io.BytesIO()
    np.lib.format.write_array(part, np.ascontiguousarray(array).reshape(array.shape), allow_pickle=False)
    return part.getvalue()


def array_of(name: str, content: bytes) -> np.ndarray:
    """Back from `bytes_of`: an array of float64, int64 or words. Raises `ValueError`."""
    matched = _HEADER.match(content)
    if matched is None or int.from_bytes(matched[1], "little") != matched.end() - _BEFORE_HEADER:
        raise ValueError(f"{name} is no array of numbers or words")
    kind = np.dtype(matched[2].decode())
    shape = tuple(int(size) for size in matched[3].decode().split(",") if size.strip())
    if max(shape, default=0) > _LARGEST_SIZE:
        raise ValueError(f"{name} is larger than an array can be")
    if not kind.itemsize or math.prod(shape) * kind.itemsize != len(content) - matched.end():
        raise ValueError(f"{name} has not as many bytes as an array of shape {shape}")
    # a copy, which may be written to
    array = np.frombuffer(content, kind, offset=matched.end()).reshape(shape).copy()
    if kind.kind == "U" and np.any(_characters(array) > _LARGEST_CHARACTER):
        raise ValueError(f"{name} has characters that are none")
    return array


def _characters(words: np.ndarray) -> np.ndarray:
    return np.frombuffer(words.tobytes(), np.dtype(np.uint32).newbyteorder(words.dtype.byteorder))


# all that zipfile and zlib raise for damaged files
_DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    RuntimeError,
    AttributeError,
    ArithmeticError,
)


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__
