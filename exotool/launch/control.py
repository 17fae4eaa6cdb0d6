"""Another thread's hold on a boot that runs: input for the guest, QMP commands, and the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final, Protocol

from exotool.diagnostics import Diagnostic, ToolError

if TYPE_CHECKING:
    import asyncio

ANSWER_SECONDS: Final = 10.0


class Running(Protocol):
    """What a session lets others do to it, from its own event loop."""

    def give_input(self, data: bytes) -> None:
        """Write to the guest's serial line, as soon as it takes it."""

    async def execute(self, command: str, arguments: dict[str, Any] | None = None) -> Any:
        """Return the answer to a QMP command."""

    def leave(self, why: str) -> None:
        """End the boot as interrupted."""


class Control:
    """Handed to `boot`; every method may be called from any thread, before, during and after the boot."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: Running | None = None
        self._stopped = ""
        self.attached = threading.Event()

    def attach(self, session: Running) -> None:
        """Take hold of a session, from its event loop; a stop that was asked for before takes effect now."""
        import asyncio

        with self._lock:
            self._loop, self._session = asyncio.get_running_loop(), session
            if self._stopped:
                session.leave(self._stopped)
        self.attached.set()

    def detach(self) -> None:
        """Let go of the session: its event loop is about to end."""
        with self._lock:
            self._loop = self._session = None

    def send(self, data: bytes) -> bool:
        """Write to the guest's serial line; returns False when there is no boot that could take it."""
        return self._call(lambda session: session.give_input(data))

    def stop(self, why: str = "the caller") -> None:
        """End the boot; its outcome is `interrupted`. A boot that has not begun ends when it does."""
        with self._lock:
            self._stopped = self._stopped or why
        self._call(lambda session: session.leave(why))

    def qmp(self, command: str, arguments: dict[str, Any] | None = None) -> Any:
        """Return QEMU's answer to a QMP command.

        Raises `ToolError` R0218 when there is no guest, when QEMU refuses the command, and when it does not answer.
        """
        import asyncio

        from qemu.qmp import QMPError

        with self._lock:
            session, loop = self._session, self._loop
            if session is None or loop is None:
                raise ToolError(Diagnostic("R0218", f"there is no running guest for the QMP command `{command}`"))
            answer = asyncio.run_coroutine_threadsafe(_answer(session.execute(command, arguments)), loop)
        try:
            return answer.result(ANSWER_SECONDS + 5)
        except (QMPError, OSError, EOFError) as error:
            reason = str(error) or "the connection was closed"
        except TimeoutError:
            reason = "QEMU did not answer"
        except asyncio.CancelledError:
            reason = "the guest ended"
        raise ToolError(Diagnostic("R0218", f"the QMP command `{command}` failed: {reason}"))

    def _call(self, action: Callable[[Running], object]) -> bool:
        with self._lock:
            session, loop = self._session, self._loop
            if session is None or loop is None:
                return False
            loop.call_soon_threadsafe(action, session)
            return True


async def _answer(command: Coroutine[Any, Any, Any]) -> Any:
    import asyncio

    async with asyncio.timeout(ANSWER_SECONDS):
        return await command
