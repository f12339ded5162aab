"""`dgram`: UDP sockets (spec/io-and-net.md §6)."""

from __future__ import annotations

import collections
import os
import socket
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FibError
from fibshim.core.ops import op
from fibshim.fibers import Wait
from fibshim.modules.net.connecting import is_own

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

LONGEST = 2048
"""Longer datagrams are cut."""
AT_ONCE = 64
"""Datagrams taken in one turn of the loop."""
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


class Datagrams:
    """A UDP socket.

    :ivar number: the handle; what the entries `dgram.message` and `dgram.error` are called with.
    :ivar arrived: data and sender, for jobs that have been queued.
    :ivar referenced: whether it keeps the process alive once it is bound.
    """

    def __init__(self, rt: Runtime, kind: int, reuse: bool) -> None:
        self.rt = rt
        self.family = FAMILIES[kind]
        self.socket = socket.socket(self.family, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        if reuse:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.number = rt.hold(self)
        self.arrived: collections.deque[tuple[bytes, Any]] = collections.deque()
        self.sender: Any = None
        self.referenced = True
        self.bound = False
        self.reading = False
        self._sending: collections.deque[tuple[bytes, Any, Wait]] = collections.deque()

    def bind(self, port: int, address: str) -> None:
        """Bind and begin to receive.

        :raises FibError: 100004 if the address is no literal of the family.
        """
        try:
            if address:
                socket.inet_pton(self.family, address)
        except (OSError, ValueError):
            raise FibError(100004) from None
        port = self.rt.map_ports.get(port, port)
        self.socket.bind((address, port & 0xFFFF))
        self.bound = self.reading = True
        sched = self.rt.sched
        sched.operations += 1
        sched.refs += self.referenced
        sched.loop.add_reader(self.socket, self._readable)

    def reference(self, on: bool) -> None:
        """Whether it is to keep the process alive."""
        if self.reading and on != self.referenced:
            self.rt.sched.refs += 1 if on else -1
        self.referenced = on

    def _readable(self) -> None:
        rt = self.rt
        for _ in range(AT_ONCE):
            try:
                data, sender = self.socket.recvfrom(LONGEST)
            except BlockingIOError:
                return
            except OSError as error:
                self._stop_reading()
                rt.sched.add((rt.entries["dgram.error"], self.number, error.errno or 0))
                return
            if data:
                self.arrived.append((data, sender))
                rt.sched.add((rt.entries["dgram.message"], self.number))

    def _stop_reading(self) -> None:
        if self.reading:
            self.reading = False
            sched = self.rt.sched
            sched.operations -= 1
            sched.refs -= self.referenced
            sched.loop.remove_reader(self.socket)

    def send(self, data: bytes, address: Any) -> Any:
        """Send at once, or wait until there is room; the number of bytes."""
        if not self._sending:
            try:
                return self.socket.sendto(data, address)
            except BlockingIOError:
                self.rt.sched.operations += 1
                self.rt.sched.loop.add_writer(self.socket, self._writable)
        wait = Wait()
        self._sending.append((data, address, wait))
        return wait

    def _writable(self) -> None:
        while self._sending:
            data, address, wait = self._sending[0]
            try:
                wait.result = self.socket.sendto(data, address)
            except BlockingIOError:
                return
            except OSError as error:
                wait.result = error
            self._sending.popleft()
            self.rt.sched.wake(wait)
        self._stop_sending()

    def _stop_sending(self) -> None:
        self.rt.sched.operations -= 1
        self.rt.sched.loop.remove_writer(self.socket)

    def close(self) -> None:
        """Close, once; whoever sends gets an error."""
        if not self.rt.sched.closing:
            self._stop_reading()
            if self._sending:
                self._stop_sending()
                for _, _, wait in self._sending:
                    wait.result = FibError(9)
                    self.rt.sched.wake(wait)
        self._sending.clear()
        self.socket.close()


@op()
def create(rt: Runtime, kind: int, reuse: bool) -> int:
    """Make a socket of a family (4 or 6); its handle."""
    return Datagrams(rt, kind, reuse).number


@op()
def bind(rt: Runtime, handle: int, port: int, address: str) -> None:
    """Bind and begin to receive."""
    rt.handles[handle].bind(int(port), address)


@op()
async def resolve(rt: Runtime, handle: int, name: str) -> str:
    """The address to send to: the first one of a name in the socket's family."""
    family = rt.handles[handle].family
    try:
        found = await rt.sched.loop.getaddrinfo(name, None, family=family, type=socket.SOCK_DGRAM)
    except (UnicodeError, ValueError):  # no name that could be asked for
        raise FibError(100023, "Name or service not known") from None
    return str(found[0][4][0])


@op()
def send(rt: Runtime, handle: int, data: bytes, port: int, address: str) -> Wait:
    """Send a datagram to an address literal; the number of bytes."""
    item = rt.handles[handle]
    port = int(port)
    if port in rt.map_ports and is_own((address, port), item.family):
        port = rt.map_ports[port]
    return item.send(data, (address, port & 0xFFFF))  # type: ignore[no-any-return]


@op()
def take(rt: Runtime, handle: int) -> bytes | None:
    """The data of the first datagram that arrived; `sender` tells where it came from."""
    item = rt.handles.get(handle)
    if item is None or not item.arrived:
        return None
    data, item.sender = item.arrived.popleft()
    return bytes(data)


@op()
def sender(rt: Runtime, handle: int) -> list[Any]:
    """Address and port that the datagram last taken came from."""
    return list(rt.handles[handle].sender[:2])


@op()
def address(rt: Runtime, handle: int) -> list[Any]:
    """The socket's own address and port."""
    return list(rt.handles[handle].socket.getsockname()[:2])


@op()
def buffer_size(rt: Runtime, handle: int, receive: bool) -> int:
    """The size of a kernel buffer."""
    what = socket.SO_RCVBUF if receive else socket.SO_SNDBUF
    return int(rt.handles[handle].socket.getsockopt(socket.SOL_SOCKET, what))


@op()
def set_buffer_size(rt: Runtime, handle: int, receive: bool, size: int) -> None:
    """Set the size of a kernel buffer."""
    what = socket.SO_RCVBUF if receive else socket.SO_SNDBUF
    rt.handles[handle].socket.setsockopt(socket.SOL_SOCKET, what, int(size))


@op()
def set_broadcast(rt: Runtime, handle: int, on: bool) -> None:
    """Allow sending to broadcast addresses."""
    rt.handles[handle].socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, int(on))


@op()
def reference(rt: Runtime, handle: int, on: bool) -> None:
    """Whether the bound socket keeps the process alive."""
    rt.handles[handle].reference(on)


@op()
def error_text(rt: Runtime, number: int) -> str:
    """The system's text of an error."""
    return os.strerror(int(number))
