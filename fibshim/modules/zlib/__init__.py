"""`zlib`: compression and decompression in pieces (spec/fs-and-path.md §6).

Decompression never fails on bad data: it gives what could be decoded and ignores the rest.  Python's decompressor, when
it meets an error, loses what the same call had decoded before; so it is copied before each call, and after an error
the copy is led up to the bad place.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FibError
from fibshim.core.ops import op
from fibshim.fibers import Wait

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

WBITS = {"zlib": 15, "raw": -15, "gzip": 31}
PIECE = 256 << 10
"""Bytes of output that one step of decompression may give."""
BLOCK = 64 << 10
"""Bytes of input that one step takes."""
COMPRESS_HERE = 64 << 10
"""Input up to this size is compressed at once, more in a thread."""
DECOMPRESS_HERE = 8 << 10
"""The same for decompression: a thousand times as much may come out."""
_EMPTY = b""


class Deflater:
    """Compresses.  A `level` that does not exist gives nothing, for ever."""

    def __init__(self, form: str, level: int) -> None:
        level = level if form == "zlib" else -1
        self._coder: Any = (
            zlib.compressobj(level, zlib.DEFLATED, WBITS[form]) if -1 <= level <= 9 else None
        )

    def feed(self, data: bytes) -> bytes:
        """What comes out for more data."""
        return self._coder.compress(data) if self._coder else _EMPTY

    def pull(self) -> bytes:
        """There is never more than `feed` gave."""
        return _EMPTY

    def flush(self) -> bytes:
        """Everything that was held back, on a byte boundary."""
        return self._coder.flush(zlib.Z_SYNC_FLUSH) if self._coder else _EMPTY

    def finish(self) -> bytes:
        """The end of the format."""
        return self._coder.flush() if self._coder else _EMPTY


class Inflater:
    """Decompresses one member after the other.

    :param most: bytes of output after which it throws; negative: no limit.
    """

    def __init__(self, form: str, most: int) -> None:
        self._wbits = WBITS[form]
        self._coder = zlib.decompressobj(self._wbits)
        self._most = most
        self._total = 0
        self._data = _EMPTY  # input not yet used
        self._full = False  # the last step gave as much as it may: there can be more without input
        self._dead = False  # bad data was met

    def feed(self, data: bytes) -> bytes:
        """The first piece that comes out for more data; ask with `pull` for more."""
        self._data = self._data + data if self._data else data
        return self.pull()

    def pull(self) -> bytes:
        """The next piece; empty if there is none.

        :raises FibError: 100013 beyond the limit.
        """
        while not self._dead and (self._data or self._full):
            out = self._step()
            self._full = len(out) == PIECE
            self._total += len(out)
            if 0 <= self._most < self._total:
                self._dead = True
                raise FibError(100013)
            if out:
                return out
        return _EMPTY

    def _step(self) -> bytes:
        block, rest = self._data[:BLOCK], self._data[BLOCK:]
        saved = self._coder.copy()
        try:
            out = self._coder.decompress(block, PIECE)
        except zlib.error as error:
            self._dead = True
            if str(error).startswith("Error 2 "):
                raise FibError(100023, "need dictionary") from None
            return _before_error(saved, block)
        if self._coder.eof:
            self._data = self._coder.unused_data + rest
            self._coder = zlib.decompressobj(self._wbits)
        else:
            self._data = self._coder.unconsumed_tail + rest
        return out

    def flush(self) -> bytes:
        """Nothing is held back."""
        return _EMPTY

    finish = flush


def _before_error(coder: Any, data: bytes) -> bytes:
    """What comes out of data up to where it is bad: take the longest beginning that goes through, bit by bit of its size."""
    out = []
    size = 1 << len(data).bit_length()
    while size:
        saved = coder.copy()
        try:
            out.append(coder.decompress(data[:size], PIECE))
            data = data[size:]
        except zlib.error:
            coder = saved
        size //= 2
    return b"".join(out)


def _off(rt: Runtime, function: Callable[..., Any], *args: Any) -> Wait:
    """Run a function in a thread of the executor."""
    wait = Wait()
    sched = rt.sched
    sched.operations += 1

    def over(done: Any) -> None:
        sched.operations -= 1
        wait.result = done.exception() or done.result()
        sched.wake(wait)

    sched.loop.run_in_executor(None, function, *args).add_done_callback(over)
    return wait


def _compress(form: str, level: int, data: bytes) -> bytes | None:
    coder = Deflater(form, level)
    return (coder.feed(data) + coder.finish()) or None


def _decompress(form: str, most: int, data: bytes) -> bytes | None:
    coder = Inflater(form, most)
    pieces = []
    # In blocks: what is left over of the input is copied at every step.
    view = memoryview(data)
    for at in range(0, len(data), BLOCK):
        piece = coder.feed(bytes(view[at : at + BLOCK]))
        while piece:
            pieces.append(piece)
            piece = coder.pull()
    return b"".join(pieces) or None


@op()
def compress(rt: Runtime, form: str, level: int, data: bytes) -> Wait:
    """Compress at once.

    :returns: None for a level that does not exist.
    """
    if len(data) > COMPRESS_HERE:
        return _off(rt, _compress, form, level, data)
    return _compress(form, level, data)  # type: ignore[return-value]


@op()
def decompress(rt: Runtime, form: str, most: int, data: bytes) -> Wait:
    """Decompress at once; None if nothing comes out."""
    if len(data) > DECOMPRESS_HERE:
        return _off(rt, _decompress, form, most, data)
    return _decompress(form, most, data)  # type: ignore[return-value]


@op()
def deflater(rt: Runtime, form: str, level: int) -> int:
    """The handle of a compressor."""
    return rt.hold(Deflater(form, level))


@op()
def inflater(rt: Runtime, form: str, most: int) -> int:
    """The handle of a decompressor."""
    return rt.hold(Inflater(form, most))


@op()
def feed(rt: Runtime, handle: int, data: bytes) -> Wait:
    """The first piece that comes out for more data, or None."""
    coder = rt.handles[handle]
    limit = DECOMPRESS_HERE if isinstance(coder, Inflater) else COMPRESS_HERE
    if len(data) > limit:
        return _off(rt, lambda: coder.feed(data) or None)
    return coder.feed(data) or None  # type: ignore[return-value]


@op()
def pull(rt: Runtime, handle: int) -> bytes | None:
    """The next piece, or None."""
    return rt.handles[handle].pull() or None


@op()
def flush(rt: Runtime, handle: int) -> bytes | None:
    """What was held back, or None."""
    return rt.handles[handle].flush() or None


@op()
def finish(rt: Runtime, handle: int) -> bytes | None:
    """The end of the output, or None; the handle is gone."""
    return rt.handles.pop(handle).finish() or None
