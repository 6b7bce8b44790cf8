"""Every policy at once, while everything is killed: then each rule is judged, and `cronobs why` is asked.

    policies.py [--plant BUG] [--kills N] [--seed N]

Exit 0: the verdict was as wanted (clean; with --plant: red). README.md says what is judged and which planted bugs are found.
"""
import argparse
import random
import sys
import time

import kills
from support import judge, life, place, rules, why, wire
from support.crew import Crew
from support.driver import Driver
from support.orders import Orders
from support.stack import Stack, wait_for

GRACE_S = 2
PLANTED = {  # bug -> what the judge says of it, in one word at least (README.md)
    "verdict-unread": ("policies", "overlap", "unfinished"), "slot-at-cancelling": ("policies", "overlap"), "gap-twice": ("topic", "miscounted"),
    "command-ids-forgotten": ("commands", "duplicate"), "any-attempt": ("rows", "wrong status"), "retry-late": ("policies", "past finish_by")}
RETRY = {"max_attempts": 3, "first_delay_ms": 400, "max_delay_ms": 3000, "multiplier": 1.5, "jitter_ms": 300}
POLICIES = (
    {"every": 1},  # nobody remembers its executions
    {"every": 2, "retry": RETRY, "run_timeout_ms": 2000, "finish_by_ms": 3000},
    {"every": 1, "overlap": "skip", "retry": {**RETRY, "on": "FAILED"}, "start_deadline_ms": 1500, "run_timeout_ms": 3000},
    {"every": 1, "overlap": "queue_one", "start_deadline_ms": 4000, "run_timeout_ms": 2000, "max_concurrency": 2},
    {"every": 3, "overlap": "queue_all", "start_deadline_ms": 9000, "run_timeout_ms": 2000},
    {"every": 2, "overlap": "cancel_other", "run_timeout_ms": 6000},
    {"every": 1, "overlap": "cancel_other", "max_concurrency": 2, "run_timeout_ms": 6000, "retry": {**RETRY, "on": "FAILED"}},
    {"every": 2, "pause_after_failures": 3, "run_timeout_ms": 2000},
    {"every": 1, "overlap": "skip", "misfire": {"policy": "all", "after_ms": 1500}, "run_timeout_ms": 2000, "start_deadline_ms": 20000},
    {"every": 2, "overlap": "queue_one", "misfire": {"policy": "last", "after_ms": 1000}, "run_timeout_ms": 2000},
    {"every": 3, "overlap": "queue_all", "jitter_ms": 2000, "retry": {**RETRY, "multiplier": 3}, "finish_by_ms": 8000, "run_timeout_ms": 2000},
    {"every": 1, "start_deadline_ms": 1200, "run_timeout_ms": 1500, "retry": {**RETRY, "max_attempts": 2, "on": "TIMED_OUT"}, "misfire": {"policy": "none", "after_ms": 2000}},
    {"every": 3, "heartbeat_ms": 1000, "run_timeout_ms": 9000, "retry": {**RETRY, "on": "LOST"}, "overlap": "skip"},
    {"every": 4, "run_timeout_ms": 2000, "then": [{"task": "after-a"}, {"task": "after-b", "on": "failed"}], "retry": {**RETRY, "max_attempts": 2}},
    {"every": 2, "overlap": "skip", "run_timeout_ms": 6000, "queue": "q0"},
    {"every": 2, "retry": RETRY, "run_timeout_ms": 6000, "queue": "q1"},
)
FOLLOWERS = {"after-a": {"overlap": "queue_all", "run_timeout_ms": 2000, "then": [{"task": "after-b", "on": "ended"}]},
             "after-b": {"overlap": "skip", "run_timeout_ms": 2000, "start_deadline_ms": 5000}}


def spec_of(i):
    spec = {"title": f"policy {i}", "queue": "odd", "payload": f"{i}", **POLICIES[i % len(POLICIES)]}
    spec["schedules"] = [{"expression": f"@every {spec.pop('every')}s"}]
    return spec


class World(kills.World):
    stops = ("turn.produced", "turn.offsets", "turn.watermark", "turn.produced")  # people ask all the time: on a slow machine no turn is the clock's alone

    def __init__(self, options):
        self.options, self.random = options, random.Random(options.seed)
        some = options.kills // 40
        self.scale = dict(kills=options.kills, quiet=12 if options.plant else 60, per_point=some + 1, batch_points=3, withheld=some + 1, zombies=min(some + 1, 4))
        self.stack = Stack("policies", faults=True, plant=options.plant)
        self.stack.environment.update(CRONOBS_KAFKA_SESSION_TIMEOUT="6s", CRONOBS_SCHEDULER_CANCEL_GRACE=f"{GRACE_S}s")
        self.stack.prepare("q0", "q1", "odd")
        kills.tiny_segments(self.stack)
        self.driver, self.done, self.failures = Driver(self.stack), kills.threading.Event(), []
        self.counts = dict(kills=0, near_due=0, crash_points={p: 0 for p in kills.POINTS}, withheld=0, commands=0)
        self.api = self.stack.start_api()
        self.schedulers = [self.stack.start_scheduler(n) for n in (1, 2)]
        self.consumer = self.stack.start_consumer()
        self.workers = [self.start_worker(n) for n in (0, 1)]
        self.keys = [f"policy-{i:03}" for i in range(options.tasks)]
        self.keys += list(FOLLOWERS)
        registry = wire.Registry(self.stack.url)
        self.crew = Crew(self.stack, registry, "odd", options.seed)
        self.orders = Orders(self.stack, registry, self.random, [place.task_id(k) for k in self.keys], self.crew)

    def start_worker(self, n):
        """One gives signs of life; every fifth run of the other fails."""
        if n == 0:
            return self.stack.start("worker0", "work", "--queue", "q0", "--concurrency", "8", "--heartbeat", "--", "seq", "1", str(kills.LINES))
        return self.stack.start_worker("q1", "sh", "-c", "seq 1 5; test $(($$ % 5)) -gt 0", name="worker1", concurrency=8)

    # --- what people do ---

    def put(self, i, **changes):
        key = self.keys[i]
        spec = {"queue": "odd", "payload": key, **FOLLOWERS[key]} if key in FOLLOWERS else spec_of(i)
        return self.driver.call("PUT", f"/v1/tasks/default~{key}", dict(spec, **changes))

    def edit(self):
        i = self.random.randrange(len(self.keys) - len(FOLLOWERS))
        kind = self.random.choice(("title", "every", "every", "policy", "policy", "again"))
        if kind == "policy":
            self.driver.call("PUT", f"/v1/tasks/default~{self.keys[i]}", spec_of(self.random.randrange(len(POLICIES))))
        elif kind == "again":
            self.driver.call("DELETE", f"/v1/tasks/default~{self.keys[i]}")
            self.put(i)
        elif kind == "every":
            self.put(i, schedules=[{"expression": f"@every {self.random.randrange(1, 5)}s"}])
        else:
            self.put(i, title=f"edited {time.time():.3f}", payload=f"{time.time():.3f}")

    def people(self):
        while not self.done.wait(0.1):
            self.orders.one()
            if self.random.random() < 0.2:
                self.edit()
            self.counts["commands"] += 1

    def work(self):
        self.crew.run(self.done)

    # --- what happens to the parts ---

    def bad_time(self):
        """Kills of all parts, at all points of a turn and of a batch; schedulers away for longer than their session, and stopped in one."""
        if not self.options.kills:
            self.done.wait(self.options.seconds)
            return
        for phase in kills.PHASES[::-1]:
            started = time.monotonic()
            getattr(self, phase)()
            print(f"# {phase}: {time.monotonic() - started:.0f} s", flush=True)

    def heal(self):
        """The crew says what it has to say; then all tasks end."""
        super().heal()
        self.crew_thread.join(60)

    def wait_until_quiet(self):
        query = ("SELECT count(*) FROM execution WHERE status < 5 OR (next_attempt_at IS NOT NULL AND status IN (6, 7, 8))")
        try:
            with self.stack.connect() as connection:
                wait_for("everything has come to its end", lambda: connection.execute(query).fetchone()[0] == 0, self.scale["quiet"], 0.3)
        except AssertionError as error:  # the verdict says what
            self.failures.append(str(error))
        for worker in self.workers:
            worker.stop(60)

    # --- and afterwards ---

    def read(self):
        history = judge.History(self.stack)
        history.partitions, history.signals = self.stack.partitions, history.read("control")
        history.signs = [m for m in history.read("heartbeats") if m.name == "Heartbeat"]
        paused = {}
        expected = judge.expected_instants(history, paused)
        return history, expected, rules.Run(history, life.lives(history), GRACE_S * 1_000_000, paused)

    def judge(self):
        history, expected, run = self.read()
        with self.stack.connect() as connection:
            judge.wait_until_level(connection, history, wait_for)
            verdicts = [judge.judge_topic(history, expected), judge.judge_table(connection, expected), rules.judge_rows(run, connection),
                        rules.judge_rules(run), judge.judge_logs(history, connection), judge.judge_commands(history, self.driver.entries)]
        if not self.options.plant:
            verdicts.append(why.judge(self.stack, run, expected, self.keys, self.options.seed))
        for verdict in verdicts:
            verdict.show()
        self.tell(run, verdicts[0].worst_lateness)
        return verdicts

    def tell(self, run, worst):
        """What there was to judge."""
        lives = run.lives.values()
        said = judge.Counter(move.status for life in lives for move in life.moves)
        print(f"# worst lateness {worst / 1e6:.1f} s; moves {dict(said)}; made by {dict(judge.Counter(x.trigger for x in lives))}; attempts "
              f"{dict(judge.Counter(x.attempt for x in lives))}; {sum(x.contradicted for x in lives)} contradicted", flush=True)


def read_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--plant", choices=PLANTED)
    parser.add_argument("--kills", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=15, help="how long it lasts where nobody is killed")
    parser.add_argument("--tasks", type=int, default=4 * len(POLICIES))
    parser.add_argument("--seed", type=int, default=20261129)
    options = parser.parse_args()
    if options.plant:
        options.kills = 0
    return options


def is_found(verdicts, plant):
    what, *kinds = PLANTED[plant]
    return any(v.what == what and v.counts[kind] for v in verdicts for kind in kinds)


def main():
    options, began = read_options(), time.monotonic()
    world = World(options)
    world.create()
    world.settle()
    world.crew_thread = world.in_background(world.work)
    world.in_background(world.people)
    for phase in (world.bad_time, world.heal, world.wait_until_quiet):
        started = time.monotonic()
        phase()
        print(f"# {phase.__name__}: {time.monotonic() - started:.0f} s", flush=True)
    verdicts = world.judge()
    print(f"# --seed {options.seed}; {world.counts} {world.crew.counts} {world.orders.counts} in {time.monotonic() - began:.0f} s", flush=True)
    clean = all(v.is_clean() for v in verdicts) and not world.failures
    for failure in world.failures:
        print(f"  failed: {failure}")
    world.stack.down()
    if options.plant:
        found = is_found(verdicts, options.plant)
        print(f"planted {options.plant}: {'found' if found else 'NOT FOUND'}")
        return 0 if found else 1
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
