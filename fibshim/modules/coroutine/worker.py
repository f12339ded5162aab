"""Workers: further runtimes in this process, each with an engine and threads of its own.

JavaScript runs with the GIL released, so they compute in parallel.  Nothing is shared but the process: two runtimes talk
by `Scheduler.post` alone, and a message waits in a table of its receiver until a job there fetches it.

*Who keeps the program alive.*  A worker counts as pending in its creator from its start, and again from each message to
it, until it says that it has nothing to do and has taken all messages there were (`Link.settle`).  What a worker posts
before it says so stands before it in the creator's queue, so nothing is lost.
"""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING, Any

from fibshim.core.ops import op

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

STILL = 0.1
"""Seconds between looks at whether a worker is idle while something is under way that does not keep it alive."""


class Link:
    """The connection of a worker with its creator.

    :ivar worker: its runtime; None before it can take messages.
    :ivar sent: messages to it so far; `taken`: those that it has fetched.
    :ivar held: it counts as pending in the creator.
    """

    def __init__(self, creator: Runtime, number: int, path: str, files: bool, safe: bool) -> None:
        self.creator = creator
        self.number = number
        self.path = path
        self.files = files
        self.safe = safe
        self.reason = ""
        self.worker: Runtime | None = None
        self.sent = self.taken = 0
        self.held = True
        self._closing = False
        self._lock = threading.Lock()  # between `close` and the start
        main = creator.main or creator
        self.vmid = next(main.state.setdefault("worker.vmids", itertools.count(2)))
        creator.sched.refs += 1
        self._thread = threading.Thread(
            target=self._run, name=f"fibshim-vm-{self.vmid}", daemon=True
        )
        self._thread.start()

    # -- for the creator -------------------------------------------------------------------------

    def send(self, text: str, data: bytes) -> None:
        """Send a message to the worker; it is lost if there is no VM yet."""
        worker = self.worker
        if worker is None:
            return
        self.sent += 1
        if not self.held:
            self.held = True
            self.creator.sched.refs += 1
        deliver(worker, 0, text, data)

    def settle(self, taken: int) -> None:
        """A job of the creator: the worker had nothing left to do after this many messages."""
        if self.held and taken == self.sent:
            self.held = False
            self.creator.sched.refs -= 1

    def close(self) -> None:
        """End the worker and wait for it: the creator is being closed."""
        with self._lock:
            self._closing = True
            if self.worker is not None:
                self.worker.sched.stop()
        self._thread.join()

    # -- the worker's root thread ------------------------------------------------------------------

    def _run(self) -> None:
        from fibshim.core.runtime import Runtime

        creator = self.creator
        creator.sched.unpin()  # inherited from the thread that made this one
        rt = Runtime(creator.argv, creator.exec_argv, creator.sched.stack, creator.map_ports)
        rt.main = creator.main or creator
        rt.vmid = self.vmid
        rt.file_system = self.files
        rt.state["worker.link"] = self
        rt.boot_worker(self.path)
        with self._lock:
            if not self._closing:
                self.worker = rt
        try:
            if self.worker is not None:
                self._serve(rt)
        finally:
            for function in rt.ending:
                function()
            rt.close()

    def _serve(self, rt: Runtime) -> None:
        """Run the worker until it is closed or ends the program."""
        sched, main = rt.sched, rt.main
        assert main is not None
        while True:
            state = sched.run()
            if state == "stop":
                return
            if state == "exit":
                rt.flush()
                main.quit(rt.exit_code or 0)
                sched.wait_for_post()  # for `close`, if the program goes on without us
                return
            if state == "idle":
                self.creator.sched.post((self.settle, self.taken))
                if sched.operations and not (sched.inbox or sched.stopping):
                    self._keep_running(rt)
                    continue
            sched.wait_for_post()

    @staticmethod
    def _keep_running(rt: Runtime) -> None:
        """Have the loop run for a while: what is under way would not keep the program alive, but somebody else does."""
        sched = rt.sched

        def over() -> None:
            sched.operations -= 1
            sched.refs -= 1
            sched.loop.stop()

        sched.operations += 1
        sched.refs += 1
        sched.loop.call_later(STILL, over)


def deliver(receiver: Runtime, number: int, text: str, data: bytes) -> None:
    """Have a message emitted in another runtime.

    :param number: by which the receiver knows the sender.
    """
    main = receiver.main or receiver
    message = next(main.state.setdefault("worker.messages", itertools.count(1))) & 0x7FFFFFFF
    inbox: dict[int, tuple[int, str, bytes]] = receiver.state.setdefault("worker.inbox", {})
    inbox[message] = number, text, data
    receiver.sched.post((receiver.entries["worker.message"], number, message))


def _link(rt: Runtime) -> Link:
    """The link of a runtime that is a worker."""
    found: Link = rt.state["worker.link"]
    return found


@op()
def begin(rt: Runtime, number: int, path: str, files: bool, safe: bool) -> None:
    """Start a worker; its events arrive under this number."""
    from fibshim.modules.console import console_of

    console_of(rt)  # made by the main VM's thread, not by two workers at once
    links = rt.state.setdefault("worker.links", {})
    links[number] = link = Link(rt, number, path, files, safe)
    rt.hold(link)


@op()
def post(rt: Runtime, number: int, text: str, data: bytes) -> None:
    """Send a message to a worker, or with 0 to the creator."""
    if number:
        rt.state["worker.links"][number].send(text, data)
    else:
        link = _link(rt)
        deliver(link.creator, link.number, text, data)


@op()
def message_bytes(rt: Runtime, message: int) -> bytes:
    """The bytes of a message; `message_text` takes it out of the table."""
    data: bytes = rt.state["worker.inbox"][message][2]
    return data


@op()
def message_text(rt: Runtime, message: int) -> str:
    """The text of a message, which is forgotten."""
    number, text, _ = rt.state["worker.inbox"].pop(message)
    if number == 0:
        _link(rt).taken += 1
    return str(text)


@op()
def options(rt: Runtime) -> dict[str, Any]:
    """What the creator asked for."""
    link = _link(rt)
    return {"fileSystem": link.files, "safeBuffer": link.safe}


@op()
def ended(rt: Runtime, code: int, reason: str) -> None:
    """The worker script has ended.

    :param code: 0, or the negative code of its failure, with the report as the reason.
    """
    link = _link(rt)
    link.reason = reason
    link.creator.sched.post((link.creator.entries["worker.ended"], link.number, code))


@op()
def reason(rt: Runtime, number: int) -> str:
    """Why the script of a worker failed."""
    link: Link = rt.state["worker.links"][number]
    return link.reason
