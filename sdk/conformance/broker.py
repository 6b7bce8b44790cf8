"""A Kafka of a scenario's own, which it may restart and kill: ops/service in a folder of its own."""
import contextlib
import subprocess

from confluent_kafka.admin import AdminClient

from installation import wait_for
from records import ROOT

SERVICE = ROOT / "ops" / "service"


class Broker:
    def __init__(self, run):
        self.run = run
        self.order("start")
        ports = dict(line.split("=", 1) for line in (run / "ports").read_text().split())
        self.brokers = f"127.0.0.1:{ports['KAFKA_PORT']}"

    def order(self, verb):
        done = subprocess.run([SERVICE, "--run", self.run, verb, "kafka"], text=True, capture_output=True, timeout=300)
        assert done.returncode == 0, f"ops/service {verb} kafka: {done.stdout}{done.stderr}"

    def restart(self):
        self.order("restart")

    def kill(self):
        """The supervisor starts it again."""
        self.order("kill")


@contextlib.contextmanager
def own_broker(tools):
    """The one of all scenarios of a run, each in its turn, in order again at the end."""
    with tools.broker_lock:
        tools.broker = tools.broker or Broker(tools.folder / "broker")
        wait_for("the broker serves", lambda: answers(tools.broker), 120)
        yield tools.broker


def answers(broker):
    try:
        return bool(AdminClient({"bootstrap.servers": broker.brokers, "log_level": 0}).list_topics(timeout=2).brokers)
    except Exception:  # it is away: that is what is asked
        return False
