"""Where a request ends: heads and bodies of HTTP/1, free of I/O (RFC 9110, RFC 9112).

Rules

1. Whatever two parsers could read differently is refused (request smuggling): repeated or conflicting lengths,
   bare LF, folded lines, blanks before a colon, transfer codings other than exactly `chunked`.
2. Work and memory are linear in the bytes received; nothing is allocated before the data is there.
3. Nothing here knows of sockets or scripts.

Theory of operation

A head is passed to llhttp (`httptools`) when it is there as a whole, and only the head: llhttp says whether it is well
formed, whether the connection persists, and (by "message complete") that there is no body.  One parser serves all
connections of a runtime, since it is never left inside a message.  Methods that llhttp does not know (fibjs allows any
token) and minor versions above 1 are replaced in what llhttp gets to see, not in what scripts get.

Bodies are cut out by `Fixed` and `Chunked`: `feed(data)` takes what belongs to the body and returns how many bytes that
was; `done` says that the body is complete.  They raise `BadRequest`.
"""

from __future__ import annotations

import re

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

LINE = 4096
"""Longest line of a head or of a chunk header, in bytes."""

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)
_CODING = re.compile(rb"\r\ntransfer-encoding:[ \t]*([^\r]*?)[ \t]*\r\n", re.IGNORECASE)
_EXPECT = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)
_UNCOUNTED = re.compile(rb"\r\n(?:content-length|transfer-encoding):", re.IGNORECASE)
_START = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([^ ]+) HTTP/1\.([0-9])\r\n")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})(?:;[\t\x20-\x7e\x80-\xff]*)?\Z")
_TRAILER = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\Z")


class BadRequest(Exception):
    """The input is no request that could be answered; the text says why, for whoever debugs."""


class HeadParser:
    """Checks heads, one after the other.

    After `feed` the results are in attributes:

    :ivar keep: whether the connection persists after the answer.
    :ivar body: what cuts out the body; None: there is none.
    :ivar expects: the client waits for `100 Continue` before it sends the body.
    :ivar is_old: it is HTTP/1.0.
    """

    __slots__ = ("_complete", "_parser", "body", "expects", "is_old", "keep")

    def __init__(self) -> None:
        self.keep = True
        self.body: Fixed | Chunked | None = None
        self.expects = False
        self.is_old = False
        self._complete = False
        self._parser = HttpRequestParser(self)

    def on_message_complete(self) -> None:
        """Called by llhttp."""
        self._complete = True
        self.keep = self._parser.should_keep_alive()

    def feed(self, head: bytes, most_lines: int, most_body: int) -> None:
        """Check a head, which ends with its empty line.

        :param most_lines: header lines allowed, without those that describe the body.
        :param most_body: bytes of body allowed; negative: any number.
        :raises BadRequest: if it is malformed.
        """
        usable = False
        try:
            usable = self._feed(head, most_lines, most_body)
        finally:
            if not usable:
                self._parser = HttpRequestParser(self)

    def _feed(self, head: bytes, most_lines: int, most_body: int) -> bool:
        """As `feed`; returns whether the parser would take another request."""
        self._complete = False
        self.body = None
        try:
            self._parser.feed_data(head)
            plain = self._complete
        except HttpParserUpgrade:
            plain = False
        except HttpParserError as error:
            self._retry(head, error)
            plain = False
        end = head.find(b"\r\n")
        self.is_old = False
        if head[end - 8 : end] != b"HTTP/1.1":
            if head[end - 8 : end - 1] != b"HTTP/1.":
                raise BadRequest("bad protocol version")
            self.is_old = head[end - 1] == 48  # "0"
        if len(head) > LINE or head.count(b"\n") > most_lines + 2:
            check_lines(head, most_lines)
        if not plain:
            self._look(head, most_body)
        return plain and self.keep

    def _retry(self, head: bytes, error: Exception) -> None:
        """Hide from llhttp what it does not know and fibjs allows."""
        found = _START.match(head)
        if found is None:
            raise BadRequest(str(error)) from None
        start = b"POST %b HTTP/1.%d\r\n" % (found[2], min(1, int(found[3])))
        self._complete = False
        self._parser = HttpRequestParser(self)
        try:
            self._parser.feed_data(start + head[found.end() :])
        except HttpParserUpgrade:
            pass
        except HttpParserError as second:
            raise BadRequest(str(second)) from None

    def _look(self, head: bytes, most_body: int) -> None:
        """Find out about the body.  llhttp has made sure that at most one header describes it, and that once."""
        if not self._complete:
            self.keep = self._parser.should_keep_alive()
        length = _LENGTH.search(head)
        coding = _CODING.search(head)
        if coding is not None:
            if length is not None or coding[1].lower() != b"chunked":
                raise BadRequest("unknown transfer-encoding")
            self.body = Chunked(most_body)
        elif length is not None:
            size = int(length[1])
            if 0 <= most_body < size:
                raise BadRequest("body is too huge")
            if size:
                self.body = Fixed(size)
        elif not self._complete:
            raise BadRequest("no length")
        self.expects = self.body is not None and _EXPECT.search(head) is not None


def check_lines(head: bytes, most: int) -> None:
    """Refuse long lines and too many of them.

    :raises BadRequest: for either.
    """
    lines = head.split(b"\r\n")[:-2]
    if max(map(len, lines)) > LINE:
        raise BadRequest("line is too long")
    if len(lines) - 1 - len(_UNCOUNTED.findall(head)) > most:
        raise BadRequest("too many headers")


def check_part(data: bytes | bytearray, most: int) -> None:
    """Refuse an incomplete head that can no more become a good one.

    :raises BadRequest: if its last line is too long already, or there are too many.
    """
    if len(data) > LINE and len(data) - (data.rfind(b"\n") + 1) > LINE + 1:
        raise BadRequest("line is too long")
    if len(data) > (most + 3) * (LINE + 2) or data.count(b"\n") > most + 3:
        raise BadRequest("too many headers")


class Fixed:
    """A body of a known length."""

    __slots__ = ("_size", "data")

    def __init__(self, size: int) -> None:
        self._size = size
        self.data = bytearray()

    @property
    def done(self) -> bool:
        """Whether all of it is there."""
        return len(self.data) == self._size

    def feed(self, data: memoryview | bytearray) -> int:
        """Take what belongs to the body; returns how many bytes that was."""
        need = self._size - len(self.data)
        if need >= len(data):
            self.data += data
            return len(data)
        with memoryview(data) as view:
            self.data += view[:need]
        return need


class Chunked:
    """A body in chunks, at most `most` bytes (negative: any number).

    Extensions and trailers are checked and dropped.
    """

    __slots__ = ("_left", "_line", "_most", "_state", "_trailers", "data", "done")

    # What comes next: a chunk header, data, the line break after data, trailers.
    SIZE, DATA, BREAK, TRAILER = range(4)

    def __init__(self, most: int) -> None:
        self.data = bytearray()
        self.done = False
        self._most = most
        self._state = self.SIZE
        self._left = 0
        self._trailers = 0
        self._line = bytearray()  # the start of a line that is not complete

    def feed(self, data: memoryview | bytearray) -> int:
        """Take what belongs to the body; returns how many bytes that was.

        :raises BadRequest: at the first byte that cannot belong to a well-formed body.
        """
        with memoryview(data) as view:
            return self._feed(view)

    def _feed(self, view: memoryview) -> int:
        at, end = 0, len(view)
        while at < end and not self.done:
            if self._state == self.DATA:
                step = min(self._left, end - at)
                self.data += view[at : at + step]
                at += step
                self._left -= step
                if self._left == 0:
                    self._state = self.BREAK
                continue
            # A line: it need not be here as a whole.
            piece = bytes(view[at : at + LINE + 2])
            stop = piece.find(b"\n")
            if stop < 0:
                self._line += piece
                if len(self._line) > LINE + 1:
                    raise BadRequest("line is too long")
                at += len(piece)
                continue
            self._line += piece[: stop + 1]
            at += stop + 1
            if len(self._line) > LINE + 2:
                raise BadRequest("line is too long")
            if self._line[-2:-1] != b"\r":
                raise BadRequest("bare line feed")
            line = bytes(self._line[:-2])
            self._line.clear()
            self._take(line)
        return at

    def _take(self, line: bytes) -> None:
        if self._state == self.BREAK:
            if line:
                raise BadRequest("bad chunk size")
            self._state = self.SIZE
        elif self._state == self.SIZE:
            found = _CHUNK.match(line)
            if found is None:
                raise BadRequest("bad chunk size")
            self._left = int(found[1], 16)
            if 0 <= self._most < len(self.data) + self._left:
                raise BadRequest("body is too huge")
            self._state = self.DATA if self._left else self.TRAILER
        elif line:
            self._trailers += 1
            if self._trailers > 128 or _TRAILER.match(line) is None:
                raise BadRequest("bad trailer")
        else:
            self.done = True
