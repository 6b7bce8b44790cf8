"""Three brokers, each killed (or hung) in each of its roles while tasks are due every second; then the history is judged.

    brokers.py [--scale small|full]

Nothing is missing, doubled or extra; no part is ended by its watchdog; a queue's partition that lives on one broker stops only the tasks
that share its partition while that broker is away; all else is at most 15 s late, and so is everything once a broker is back.
"""
import argparse
import atexit
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections import namedtuple

BEGAN = time.monotonic()
LATE = 15.0
TASKS, LONELY = 36, 2
Outage = namedtuple("Outage", "what began healed")


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", choices=("small", "full"), default="full")
    return parser.parse_args()


OPTIONS = options()

from support.cluster import Cluster  # noqa: E402

CLUSTER = Cluster(os.path.join(os.environ["CRONOBS_TEST_RUN"], "cluster"))
atexit.register(CLUSTER.order, "stop")
os.environ["CRONOBS_TEST_BROKERS"] = CLUSTER.brokers

from kills import murmur2_partition  # noqa: E402
from support import judge  # noqa: E402
from support.driver import Driver  # noqa: E402
from support.stack import Stack, wait_for  # noqa: E402


class World:
    def __init__(self):
        self.stack = Stack("brokers")
        self.stack.prepare("q")
        CLUSTER.make_alone(self.stack.prefix + "executions.lonely", self.stack.partitions, self.lonely_broker())
        self.driver, self.outages = Driver(self.stack), []
        self.api, self.consumer = self.stack.start_api(), self.stack.start_consumer()
        self.scheduler = self.stack.start_scheduler()
        self.worker = self.stack.start_worker("q", "seq", "1", "3")
        self.keys = [f"t{i}" for i in range(TASKS)] + [f"lonely{i}" for i in range(LONELY)]

    def lonely_broker(self):
        """Not the one that coordinates: else nothing at all could be written for a moment, which is another test."""
        group = self.stack.prefix.rstrip(".") + "-scheduler"
        busy = {CLUSTER.coordinator("__transaction_state", f"{self.stack.name}-s1") if self.has_topic("__transaction_state") else 0,
                CLUSTER.coordinator("__consumer_offsets", group) if self.has_topic("__consumer_offsets") else 0}
        self.lonely_at = next(b for b in (3, 2, 1) if b not in busy)
        return self.lonely_at

    @staticmethod
    def has_topic(name):
        return name in CLUSTER.admin.list_topics(timeout=20).topics

    def create(self):
        for key in self.keys:
            spec = {"queue": "lonely" if key.startswith("lonely") else "q", "payload": "", "run_timeout_ms": 60000,
                    "schedules": [{"expression": "@every 1s"}], "misfire": {"policy": "all", "limit": 100}}
            status, answer, _ = self.driver.call("PUT", f"/v1/tasks/default~{key}", spec, {"Prefer": "wait=30"}, timeout=60)
            assert status in (200, 201, 202), (status, answer)
        self.settle("tasks")

    def task_of(self, key):
        return str(judge.uuid.uuid5(judge.uuid.uuid5(judge.uuid.UUID("4b5a1f0e-8f5c-5d1b-9a43-c20b0b5e7a11"), "project/default"), f"task/{key}"))

    def partition_of(self, key):
        return murmur2_partition(self.task_of(key), self.stack.partitions)

    def newest(self, key):
        with self.stack.connect() as connection:
            return connection.execute("SELECT coalesce(extract(epoch FROM max(scheduled_at)), 0) FROM execution e JOIN task t USING (task_id) "
                                      "WHERE t.key = %s", (key,)).fetchone()[0]

    def settle(self, what):
        """Until every task fires again."""
        mark = time.time()
        for key in self.keys:
            wait_for(f"{key} fires ({what})", lambda: self.newest(key) > mark, 90)

    # --- what happens to brokers ---

    def roles(self):
        stack, group = self.stack, self.stack.prefix.rstrip(".") + "-scheduler"
        p = self.partition_of("t0")
        found = {
            "transaction coordinator": lambda: CLUSTER.coordinator("__transaction_state", f"{stack.name}-s1"),
            "group coordinator": lambda: CLUSTER.coordinator("__consumer_offsets", group),
            "controller": CLUSTER.controller,
        }
        for topic in ("commands", "status", "state", "executions.q"):
            found[f"leader of {topic}[{p}]"] = lambda topic=topic: CLUSTER.leader(stack.prefix + topic, p)
        return found

    def away(self, what, broker, verb="kill", seconds=12.0):
        began = time.time()
        CLUSTER.order(verb, broker)
        self.while_away(broker, seconds, is_known=verb == "kill")
        CLUSTER.order("resume" if verb == "pause" else "start", broker)
        self.outages.append(Outage(f"{verb} {what} (broker {broker})", began, time.time()))
        CLUSTER.wait_until_healthy(wait_for)
        self.settle(what)
        print(f"# {verb} {what}, broker {broker}: away {self.outages[-1].healed - began:.0f} s", flush=True)

    def while_away(self, broker, seconds, is_known):
        if is_known and broker == self.lonely_at:  # one that hangs still leads, until its session ends
            wait_for("/readyz names the lonely queue", self.is_named, 60)
            named = f"topic={self.stack.prefix}executions.lonely"
            wait_for("the scheduler's log names it", lambda: named in self.scheduler.log_text(), 60)
        until = time.monotonic() + seconds
        wait_for("it is away for some time", lambda: time.monotonic() > until, seconds + 5)

    def is_named(self):
        try:
            with urllib.request.urlopen(self.stack.url + "/readyz", timeout=10):
                return False
        except urllib.error.HTTPError as error:
            return self.stack.prefix + "executions.lonely" in {p["topic"] for p in json.load(error).get("unreachable", [])}

    def all_roles(self):
        for what, find in self.roles().items():
            self.away(what, find())
        self.away("home of the lonely queue", self.lonely_at)
        for what in ("transaction coordinator", "controller"):
            self.away(what, self.roles()[what](), "pause")

    # --- the end ---

    def heal(self):
        for key in self.keys:
            wait_for(f"{key} is deleted", lambda: self.driver.call("DELETE", f"/v1/tasks/default~{key}", timeout=60)[0] in (200, 202, 204, 404), 60)
        with self.stack.connect() as connection:
            for what, query in (("every deletion is decided", "SELECT count(*) FROM command WHERE outcome_at IS NULL"),
                                ("everything has come to its end", "SELECT count(*) FROM execution e JOIN task t USING (task_id) "
                                 "WHERE status < 5 AND t.key NOT LIKE 'lonely%'")):
                wait_for(what, lambda: connection.execute(query).fetchone()[0] == 0, 120)
        self.worker.stop(60)

    def judge_lateness(self, history):
        """Late by 15 s more than before: never for partitions without a lonely task; for those never after their broker was back."""
        verdict = judge.Verdict("lateness")
        waiting = {self.partition_of(k) for k in self.keys if k.startswith("lonely")}
        began = min(o.began for o in self.outages)
        before = max(m.at / 1e6 - judge.micros(m.value["due_at"]) / 1e6 for m in history.created if m.at / 1e6 < began)
        verdict.worst = {"before": before, "others": 0.0, "waiting, after the heal": 0.0}
        for m in history.created:
            due, at = judge.micros(m.value["due_at"]) / 1e6, m.at / 1e6
            verdict.expected += 1
            if m.partition in waiting:  # what was due while a broker was away, or not yet late by then, is late since the heal
                due = max([due, *(o.healed for o in self.outages if o.began - LATE <= due <= o.healed)])
            kind = "waiting, after the heal" if m.partition in waiting else "others"
            verdict.worst[kind] = max(verdict.worst[kind], at - due)
            if at - due > LATE + before:
                verdict.find("late", f"{kind}: {m.value['task_key']} due {judge.micros(m.value['due_at']) / 1e6:.3f}: {at - due:.1f} s")
        return verdict

    def verdicts(self):
        history = judge.History(self.stack)
        expected = judge.expected_instants(history)
        topic = judge.judge_topic(history, expected)
        topic.counts.pop("late", None)  # judged below, by where and when
        with self.stack.connect() as connection:
            judge.wait_until_level(connection, history, wait_for)
            return [topic, judge.judge_table(connection, expected), judge.judge_fold(history, connection), judge.judge_logs(history, connection),
                    judge.judge_commands(history, self.driver.entries), self.judge_lateness(history)]


def check_replicas(world):
    """Made as the brokers' default says, by `topics apply` and by the API alike."""
    wait_for("the API has made its queue", lambda: world.driver.call(
        "PUT", "/v1/tasks/default~auto", {"queue": "auto", "payload": "", "schedules": []})[0] in (200, 201, 202), 30)
    world.keys.append("auto")
    auto = world.stack.prefix + "executions.auto"
    replicas = wait_for("all brokers know it", lambda: (found := CLUSTER.replicas(world.stack.prefix)) and len(found.get(auto, ())) == 1 and found, 60)
    few = {t: r for t, r in replicas.items() if r != {3} and not t.endswith("executions.lonely")}
    assert not few, few
    settings = CLUSTER.settings(auto)
    assert settings["min.insync.replicas"] == "2", settings
    world.keys.remove("auto")
    world.driver.must("DELETE", "/v1/tasks/default~auto", None)


def main():
    world = World()
    world.create()
    check_replicas(world)
    print(f"# ready after {time.monotonic() - BEGAN:.0f} s", flush=True)
    if OPTIONS.scale == "full":
        world.all_roles()
    else:
        world.away("home of the lonely queue", world.lonely_at, seconds=8.0)
    world.heal()
    verdicts = world.verdicts()
    for verdict in verdicts:
        verdict.show()
    print(f"worst lateness in seconds: { {k: round(v, 1) for k, v in verdicts[-1].worst.items()} }")
    watchdog = world.stack.count_in_logs("a call has blocked for too long")
    ended = {p.name: p.log_text().count(f"{p.name} ended with") for p in world.stack.processes if p is not world.worker}
    seen = {phrase: world.stack.count_in_logs(phrase) for phrase in ("transaction aborted", "cannot be written to", "can be written to again")}
    print(f"# {len(world.outages)} outages, ended by the watchdog {watchdog}, ends {ended}, {seen}, {time.monotonic() - BEGAN:.0f} s", flush=True)
    world.stack.down()
    return 0 if all(v.is_clean() for v in verdicts) and watchdog == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
