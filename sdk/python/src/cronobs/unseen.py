"""Writes that a reader has yet to wait for, so that a client reads its own: the tables follow the log by some milliseconds."""
import collections
import threading

MOST = 256  # tasks; what was written longer ago has been seen by then


class Unseen:
    """The last command of each task that was written to and not been read since. Safe to be used by many threads."""

    def __init__(self) -> None:
        self._commands: collections.OrderedDict[str, str] = collections.OrderedDict()  # by task id, the latest at the end
        self._lock = threading.Lock()

    def wrote(self, task: str, command: str) -> None:
        """Commands of one task are carried out in their order: the last one stands for all."""
        with self._lock:
            self._commands[task] = command
            self._commands.move_to_end(task)
            if len(self._commands) > MOST:
                self._commands.popitem(last=False)

    def of(self, task: str) -> str | None:
        with self._lock:
            return self._commands.get(task)

    def all(self) -> list[str]:
        """The latest last."""
        with self._lock:
            return list(self._commands.values())

    def saw(self, command: str) -> None:
        with self._lock:
            for task in [task for task, last in self._commands.items() if last == command]:
                del self._commands[task]
