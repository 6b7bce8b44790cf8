"""A Kafka of a run's own, which its scenarios restart and kill: ops/service in a folder of its own.

Such a thing befalls it once for all languages: they come together, and one does it. So the suite does not take a restart longer with each language.
"""
import subprocess
import threading

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


class Company:
    """Those who go through one scenario, a language each. Each one leaves at its end, whatever that is."""

    def __init__(self, count, tools):
        self.count, self.tools = count, tools
        self.come, self.round, self.failure, self.has_broker = 0, 0, None, False
        self.changed = threading.Condition()

    def meet(self, action, deadline=600):
        """Waits until all who have not left have come; then one of them does it, and all go on."""
        with self.changed:
            this = self.round
            self.come += 1
            if not self.changed.wait_for(lambda: self.round != this or self.come == self.count, deadline):
                self.come -= 1
                raise AssertionError(f"not within {deadline} s: all {self.count} languages are there to {action.__name__}")
            if self.round == this:
                self.act(action)
            if self.failure:
                raise AssertionError(self.failure)

    def act(self, action):
        self.come, self.round = 0, self.round + 1
        try:
            action()
        except Exception as error:  # whatever it was: it is everybody's
            self.failure = f"{error}"
        self.changed.notify_all()

    def leave(self):
        with self.changed:
            self.count -= 1
            self.changed.notify_all()
            if self.has_broker and not self.count:
                self.tools.broker_lock.release()

    def broker(self):
        """Theirs until all have left."""
        with self.changed:
            if not self.has_broker:
                self.tools.broker_lock.acquire()
                self.has_broker = True
                self.tools.broker = self.tools.broker or Broker(self.tools.folder / "broker")
                wait_for("the broker serves", lambda: answers(self.tools.broker), 120)
            return self.tools.broker


def answers(broker):
    try:
        return bool(AdminClient({"bootstrap.servers": broker.brokers, "log_level": 0}).list_topics(timeout=2).brokers)
    except Exception:  # it is away: that is what is asked
        return False
