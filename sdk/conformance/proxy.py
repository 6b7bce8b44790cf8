"""A Kafka between a worker and the real one, to take it away, or only some answers of it.

It passes frames on and knows of them the api key and the correlation id. In what the broker answers, its own address (metadata, coordinators) is
replaced by the proxy's: the same host, and a port of four bytes behind it, so that no length changes.
"""
import socket
import struct
import threading

PRODUCE, FETCH, OFFSET_COMMIT, HEARTBEAT = 0, 1, 8, 12
REBALANCE_IN_PROGRESS = struct.pack(">h", 27)


class Proxy:
    """brokers: host:port of one broker on 127.0.0.1. It listens from the start; `away` refuses and cuts."""

    def __init__(self, brokers):
        host, _, port = brokers.partition(":")
        self.target = (host, int(port))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.brokers = f"127.0.0.1:{self.port}"
        self.changed = threading.Condition()
        self.is_away, self.held, self.breaking, self.pairs = False, set(), set(), set()
        self.counts = {"broken": 0, "held": 0}
        self.rebalances = threading.Event()  # a member behind it has been told that the group shares out anew
        self.ours, self.theirs = (host.encode() + struct.pack(">i", p) for p in (self.port, self.target[1]))
        threading.Thread(target=self.accept, daemon=True).start()

    # --- what a scenario orders ---

    def away(self, is_away=True):
        with self.changed:
            self.is_away = is_away
            pairs = list(self.pairs) if is_away else []
        for pair in pairs:
            cut(*pair)

    def hold(self, *keys):
        """Requests of these kinds wait here (all behind them on their connection, too) until hold() without any."""
        with self.changed:
            self.held = set(keys)
            self.changed.notify_all()

    def break_at(self, *keys):
        """The broker does what it is asked for; in the place of its answer the connection breaks, as when the broker is killed."""
        self.breaking = set(keys)

    def close(self):
        self.away()
        self.hold()
        self.listener.close()

    # --- what it does ---

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return  # closed
            if self.is_away:
                client.close()
                continue
            try:
                server = socket.create_connection(self.target)
            except OSError:
                client.close()
                continue
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            asked = {}  # correlation id -> api key
            self.pairs.add((client, server))
            threading.Thread(target=self.pump, args=(client, server, lambda f, a=asked: self.request(a, f)), daemon=True).start()
            threading.Thread(target=self.pump, args=(server, client, lambda f, a=asked: self.answer(a, f)), daemon=True).start()

    def pump(self, source, sink, pass_on):
        try:
            while (frame := read_frame(source)) is not None:
                frame = pass_on(frame)
                sink.sendall(struct.pack(">i", len(frame)) + frame)
        except OSError:
            pass  # an end is gone, or is to go
        cut(source, sink)
        self.pairs.discard((source, sink))

    def request(self, asked, frame):
        key, _, number = struct.unpack(">hhi", frame[:8])
        asked[number] = key
        with self.changed:
            if key in self.held:
                self.counts["held"] += 1
            self.changed.wait_for(lambda: key not in self.held)
        return frame

    def answer(self, asked, frame):
        key = asked.pop(struct.unpack(">i", frame[:4])[0], None)
        if key in self.breaking:
            self.counts["broken"] += 1
            raise ConnectionError("ordered")
        if key == HEARTBEAT and REBALANCE_IN_PROGRESS in frame[4:]:
            self.rebalances.set()
        return frame if key == FETCH else frame.replace(self.theirs, self.ours)


def read_frame(source):
    head = read_exactly(source, 4)
    return head and read_exactly(source, struct.unpack(">i", head)[0])


def read_exactly(source, count):
    parts = []
    while count > 0:
        part = source.recv(min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def cut(*ends):
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it is gone already
        end.close()
