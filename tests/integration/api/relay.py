"""A way to a server that a test can cut or freeze, so that other tests keep theirs."""
import selectors
import socket
import threading
import time

import psycopg

from support.stack import free_port


class Relay:
    """A port of our own in front of another; `cut` closes all connections and refuses new ones, `freeze` lets nothing pass."""

    def __init__(self, host, port):
        self.target, self.port = (host, port), free_port()
        self.is_cut, self.is_frozen, self.pairs = False, False, {}
        self.selector, self.lock = selectors.DefaultSelector(), threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.selector.register(self.listener, selectors.EVENT_READ)
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            for key, _ in self.selector.select(0.05):
                with self.lock:
                    self.accept() if key.fileobj is self.listener else self.pass_on(key.fileobj)

    def accept(self):
        client = self.listener.accept()[0]
        try:
            server = None if self.is_cut else socket.create_connection(self.target, 5)
        except OSError:
            server = None
        if server is None:
            client.close()
            return
        for one, other in ((client, server), (server, client)):
            one.settimeout(5)
            self.pairs[one] = other
            self.selector.register(one, selectors.EVENT_READ)

    def pass_on(self, one):
        if one not in self.pairs or self.is_frozen:
            time.sleep(0.01 if self.is_frozen else 0)  # nothing passes
            return
        try:
            data = one.recv(65536)
            self.pairs[one].sendall(data)
        except OSError:
            data = b""
        if not data:
            self.close(one)

    def close(self, one):
        for end in (one, self.pairs.pop(one)):
            self.pairs.pop(end, None)
            self.selector.unregister(end)
            end.close()

    def cut(self):
        with self.lock:
            self.is_cut = True
            for one in list(self.pairs):
                if one in self.pairs:
                    self.close(one)

    def mend(self):
        self.is_cut = self.is_frozen = False


def before_postgres(stack):
    """A relay to the stack's database, and the connection string that leads through it."""
    info = psycopg.conninfo.conninfo_to_dict(stack.database)
    relay = Relay(info.get("host", "127.0.0.1"), int(info.get("port", 5432)))
    return relay, psycopg.conninfo.make_conninfo(stack.database, host="127.0.0.1", port=relay.port)
