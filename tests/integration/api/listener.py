"""A client of /v1/stream that shares no code with the page: events as they come, with when."""
import json
import socket
import threading
import time
from dataclasses import dataclass
from urllib.parse import quote

from support.stack import wait_for


@dataclass
class Event:
    name: str  # "" for a comment
    data: object
    at: float


class Listener(threading.Thread):
    def __init__(self, port, topics, greeted=True):
        super().__init__(daemon=True)
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.socket.sendall(f"GET /v1/stream{'?topics=' + quote(','.join(topics)) if topics else ''} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        self.file = self.socket.makefile("rb")
        self.head = self.read_head()
        assert self.head[0].startswith("HTTP/1.1 200 "), self.head
        self.events, self.is_over, self.is_whole = [], False, False
        self.start()
        if greeted:
            wait_for("hello", lambda: self.named("hello"), 20)

    def read_head(self):
        lines = []
        while (line := self.file.readline()) not in (b"\r\n", b""):
            lines.append(line.decode().rstrip())
        return lines

    def chunks(self):
        while (size := int(self.file.readline(), 16)) > 0:
            yield self.file.read(size).decode()
            assert self.file.readline() == b"\r\n"
        self.is_whole = self.file.readline() == b"\r\n"  # the last chunk was there

    def run(self):
        rest = ""
        try:
            for chunk in self.chunks():
                *whole, rest = (rest + chunk).split("\n\n")
                self.events += [self.event(text) for text in whole]
        except (OSError, ValueError, AssertionError):
            pass  # the connection broke
        self.is_over = True

    @staticmethod
    def event(text):
        if text.startswith(":"):
            return Event("", text, time.monotonic())
        name, data = text.split("\n")
        assert name.startswith("event: ") and data.startswith("data: "), text
        return Event(name[7:], json.loads(data[6:]), time.monotonic())

    def named(self, name):
        return [event for event in list(self.events) if event.name == name]

    def changes(self, topic, since=0.0):
        return [event.at for event in self.named("changed") if topic in event.data["topics"] and event.at >= since]

    def hears(self, topic, since, within=2.0):
        """When the topic was told, which it was at most `within` seconds after since."""
        at = wait_for(f"{topic} is told", lambda: self.changes(topic, since), 20)[0]
        assert at - since <= within, f"{topic} came after {at - since:.2f} s"
        return at - since

    def lines(self):
        """Of all logs together: (number, message), as they came."""
        return [(piece.data["from"] + i, line["message"]) for piece in self.named("log") for i, line in enumerate(piece.data["lines"])]

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it is over
        self.join(10)
        self.file.close()
        self.socket.close()
