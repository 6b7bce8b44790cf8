"""An API that answers what it was told, one answer a request, and remembers what it was asked."""
import http.server
import json
import threading
from dataclasses import dataclass, field


@dataclass
class Reply:
    status: int = 200
    body: object = field(default_factory=dict)
    headers: dict = field(default_factory=dict)


BROKEN = "the connection ends, without an answer"
CUT = "the connection ends in the middle of the answer"
SILENT = "nothing comes"


@dataclass
class Asked:
    method: str
    target: str
    headers: dict
    body: object
    connection: int


class Recorded:
    """Serves `replies` in their order, on 127.0.0.1. Those that are callables are called with what was asked."""

    def __init__(self, *replies):
        self.replies, self.asked, self.connections = list(replies), [], 0
        self.is_over = threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.server.shutdown()
        self.server.server_close()

    def handler(recorded):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self):
                super().setup()
                recorded.connections += 1
                self.number = recorded.connections

            def do(self):
                size = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(size)
                asked = Asked(self.command, self.path, dict(self.headers), json.loads(body) if body else None, self.number)
                recorded.asked.append(asked)
                reply = recorded.replies.pop(0)
                self.send(reply(asked) if callable(reply) else reply)

            do_GET = do_PUT = do_PATCH = do_POST = do_DELETE = do

            def send(self, reply):
                if reply is SILENT:
                    recorded.is_over.wait()
                if reply in (BROKEN, SILENT):
                    self.close_connection = True
                    return
                if reply is CUT:
                    reply, cut = Reply(), 40
                else:
                    cut = 0
                text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
                self.send_response(reply.status)
                kind = "application/problem+json" if reply.status >= 400 else "application/json"
                for name, value in {"Content-Type": kind, "Content-Length": str(len(text) + cut), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())
                if cut:
                    self.close_connection = True

            def log_message(self, *_):
                pass

        return Handler
