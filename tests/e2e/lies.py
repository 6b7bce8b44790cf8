"""A liar writes whatever Kafka takes into every topic while the world is busy and parts are killed; then the history is judged.

    lies.py [--minutes N | --seconds N] [--seed N] [--tasks N] [--only KIND,...] [--plant BUG]

What is written depends on the seed and on the second in which the lies began, both printed: --seed S --began B writes the same again.
Exit 0: the verdict was as wanted (clean; with --plant: red). README.md says what is promised, what is not, and which planted bugs are found.
"""
import argparse
import random
import re
import sys
import time

import kills
from support import account, judge, pen, place, wire
from support.driver import Driver
from support.liar import KINDS, MICRO, STEP, Liar
from support.memory import Memory
from support.stack import Stack, wait_for

PACE = MICRO // 4  # between two chapters
HELD = 8
BATCHES = (97, 1777, 20000)
PLANTED = {  # bug -> the lies that bring it to light (README.md)
    "nobody-speaks": ("without worker",), "workers-say-all": ("loud report",), "any-attempt": ("loud report",),
    "any-time": ("early report",), "any-task": ("anothers execution",), "placed-anywhere": ("forged revision", "forged gap", "misplaced report", "log in two places"),
    "orders-anywhere": ("misplaced order",), "letters-lost": ("random bytes",), "letters-whole": ("giant", "gzip bomb"),
    "reads-aborted": ("loud report", "strange report"), "unreadable-again": ("zstd bomb",), "strays-stop": ("random bytes", "stray state"),
    "early-200ms": ("heartbeat",), "leak": ("random bytes", "strange report")}


def spec_of(i):
    every = (f"@every {STEP}s", "@every 10s", f"@every {STEP}s", "* * * * *", f"@every {STEP}s")[i % 5]
    spec = {"title": f"honest {i}", "queue": f"q{i % 2}", "payload": "", "run_timeout_ms": 8000, "schedules": [{"expression": every}],
            "misfire": {"policy": ("last", "all", "none")[i % 3], "limit": 100}, "overlap": "skip" if i % 7 == 0 else "allow"}
    if i % 3 == 0:
        spec["start_deadline_ms"] = 45_000
    if i % 4 == 1:
        spec["jitter_ms"] = 900
    return spec


def held_spec():
    """Nobody works on them: what becomes of them is what liars say."""
    return {"queue": "held", "payload": "", "run_timeout_ms": 3_600_000, "start_deadline_ms": 3_600_000,
            "schedules": [{"expression": f"@every {STEP}s"}]}


class World(kills.World):
    """The honest half: 200 tasks, their users, workers, and what happens to the parts."""

    def __init__(self, options):
        self.options, self.random = options, random.Random(options.seed)
        self.stack = Stack("lies", faults=True, plant=options.plant)
        self.stack.environment["CRONOBS_KAFKA_SESSION_TIMEOUT"] = "6s"
        self.stack.prepare("q0", "q1", "held")
        self.driver, self.done, self.failures = Driver(self.stack), kills.threading.Event(), []
        self.calm = kills.threading.Event()
        self.counts = dict(kills=0, commands=0, chapters=0, bombs=0)
        self.keys = [f"honest-{i:03}" for i in range(options.tasks)]
        self.held = [f"held-{i}" for i in range(HELD)]
        self.fresh = fresh_keys(self.stack.partitions)
        self.api = self.stack.start_api()
        self.schedulers = [self.stack.start_scheduler(n) for n in (1, 2)]
        self.consumer = self.stack.start_consumer()
        self.workers = [self.stack.start_worker(f"q{n}", "seq", "1", str(kills.LINES), name=f"worker{n}", concurrency=8) for n in (0, 1)]
        self.memory = Memory((*self.schedulers, self.consumer, *self.workers))
        self.ledger = pen.Ledger(self.stack.folder)
        self.pen = pen.Pen(self.stack, options.seed, self.ledger)

    # --- honest users ---

    def put(self, i, **changes):
        return self.driver.call("PUT", f"/v1/tasks/default~{self.keys[i]}", dict(spec_of(i), **changes))

    def create(self):
        super().create()
        for key in self.held:
            self.driver.must("PUT", f"/v1/tasks/default~{key}", held_spec())
        self.settle()

    def everybody(self):
        return (*self.keys, *self.held, *self.fresh)

    def honest(self):
        return {place.task_id(key) for key in self.everybody()}

    # --- a bad time ---

    def lie(self):
        """Chapter upon chapter, by the clock of the story or as fast as it can."""
        began = self.options.began or int(time.time()) * MICRO
        print(f"# --seed {self.options.seed} --began {began}, {len(KINDS)} kinds of lies", flush=True)
        kinds = [kind for kind in KINDS if self.is_told(kind)]
        liar = Liar(self.options.seed, began, wire.Registry(self.stack.url), self.keys, self.held, self.stack.partitions, kinds)
        chapters = int(self.options.seconds * MICRO / PACE)
        bombs = self.bombs(chapters)
        for number in range(chapters):
            if self.failures:
                return
            if number * 3 > chapters * 2 and self.options.seconds > 120:
                self.calm.set()
            told = [lie for lie in liar.chapter(number, PACE) if lie.topic not in self.options.without]
            self.pen.write(number, told if kinds else [])
            for bomb in bombs.get(number, ()):
                self.pen.bomb(*bomb)
                self.counts["bombs"] += 1
            self.counts["chapters"] += 1
            ahead = (began + (number + 1) * PACE) / MICRO - time.time()
            self.done.wait(max(0.0, ahead))

    def is_told(self, kind):
        return kind not in self.options.without and (not self.options.only or kind in self.options.only)

    def bombs(self, chapters):
        """In the first half, so that the second shows whether memory stays."""
        r, found = random.Random(f"{self.options.seed}/bombs"), {}
        some = None if self.options.seconds > 120 else 1
        wanted = [(codec, size, topic, r.randrange(self.stack.partitions)) for codec, size, topics in pen.BOMBS for topic in topics[:some]]
        for i, bomb in enumerate(wanted):
            if self.is_told(f"{bomb[0]} bomb"):
                found.setdefault((i + 1) * chapters // (2 * len(wanted) + 2), []).append(bomb)
        return found

    def kill_meanwhile(self):
        """But not in the last third of a long run, where it shows what is never given back."""
        while not self.calm.wait(self.random.uniform(3, 9)):
            part = self.random.choice((*self.schedulers, self.consumer, *self.workers))
            owned = self.times_owned(part)
            self.kill_and_wait(part)
            if part in self.schedulers:  # else kill upon kill would only test starting up
                wait_for(f"{part.name} owns its partitions again", lambda: self.done.is_set() or self.times_owned(part) > owned, 60)
        if not self.done.is_set():
            self.memory.calm()

    def times_owned(self, part):
        return part.log_text().count("partitions owned")

    def bad_time(self):
        background = [self.in_background(work) for work in (self.commands, self.kill_meanwhile)]
        self.lie()
        self.memory.end()
        self.done.set()
        self.calm.set()
        for thread in background:
            thread.join(60)
        self.pen.close()
        for scheduler in self.schedulers:  # what a restart makes of all that
            self.kill_and_wait(scheduler)

    # --- and afterwards ---

    def every_partition_moves(self):
        """A fresh task in each partition is taken, fires and is worked on."""
        began, waiting = time.monotonic(), dict(self.fresh)
        for key in self.fresh:
            self.driver.must("PUT", f"/v1/tasks/default~{key}", dict(spec_of(0), schedules=[{"expression": "@every 1s"}], overlap="allow"))
        with self.stack.connect() as connection:
            def all_move():
                moved = {r[0] for r in connection.execute("SELECT DISTINCT task_id::text FROM execution WHERE status = 5 AND task_id = ANY(%s::uuid[])",
                                                          ([place.task_id(k) for k in waiting],)).fetchall()}
                for key in [k for k in waiting if place.task_id(k) in moved]:
                    del waiting[key]
                return not waiting
            try:
                wait_for("every partition moves", all_move, 30)
            except AssertionError:
                self.failures.append(f"partitions that do not move: {sorted(waiting.values())}")
        print(f"# {self.stack.partitions - len(waiting)} of {self.stack.partitions} partitions move after {time.monotonic() - began:.1f} s", flush=True)

    def end_honest_work(self):
        for key in self.everybody():
            wait_for(f"{key} is deleted", lambda: self.driver.call("DELETE", f"/v1/tasks/default~{key}", timeout=60)[0] in (200, 202, 204, 404), 60)
        ids, held = self.honest(), {place.task_id(k) for k in self.held}
        self.until("every deletion is decided", "SELECT count(*) FROM task WHERE state <> 2 AND task_id = ANY(%s::uuid[])", list(ids))
        self.until("honest work comes to its end", "SELECT count(*) FROM execution WHERE status < 5 AND created_at IS NOT NULL "
                   "AND task_id = ANY(%s::uuid[])", list(ids - held))
        for worker in self.workers:
            worker.stop(60)

    def until(self, what, query, *values):
        with self.stack.connect() as connection:
            try:
                wait_for(what, lambda: connection.execute(query, values).fetchone()[0] == 0, 40)
            except AssertionError as error:  # the verdict will say what is missing
                self.failures.append(str(error))

    def both_folds(self):
        """Waits until scheduler and history agree; where they never do, the verdict says on what."""
        records = account.Opened(self.stack, self.ledger, self.honest())
        with self.stack.connect() as connection:
            def agree():
                self.opened = account.judge_open(records, connection)
                return self.opened.is_clean()
            try:
                wait_for("both folds agree", agree, 30, 1.0)
            except AssertionError:
                pass
        return self.opened

    def judge(self):
        opened = self.both_folds()
        for scheduler in self.schedulers:
            scheduler.stop()
        records = account.Records(self.stack, self.ledger, self.honest())
        with self.stack.connect() as connection:
            account.wait_until_level(connection, records, wait_for)
            truth, tables = account.Truth(records), account.Tables(connection)
            expected = judge.expected_instants(truth)
            folds = account.believed(records, truth, tables)
            rows = account.judge_rows(connection, folds)
            account.explain(records, tables, rows)
            account.explain(records, tables, opened)
            return [judge.judge_topic(truth, expected), judge.judge_table(connection, expected, records.honest), rows,
                    account.judge_lines(records, truth, tables), judge.judge_commands(truth, self.driver.entries), opened,
                    account.judge_lies(records, truth, tables), self.memory.judge()]

    def rebuild(self):
        """Three rebuilds, in steps of different sizes: one digest, which is that of the living tables."""
        self.consumer.stop()
        totals = [self.total(self.stack.run("db", "verify").stdout)]
        for batch in BATCHES:
            done = self.stack.run("db", "rebuild", "--batch", str(batch), timeout=900, check=False)
            if done.returncode != 0 or "digest equal" not in done.stdout:
                self.failures.append(f"rebuild in steps of {batch}: exit {done.returncode}\n{done.stdout[-1500:]}{done.stderr[-1500:]}")
            totals.append(self.total(self.stack.run("db", "verify").stdout))
        print(f"# digests {[t[:12] for t in totals]}", flush=True)
        if len(set(totals)) != 1:
            self.failures.append(f"digests differ: {totals}")

    def total(self, said):
        return re.search(r"^total (\w+)", said, re.M).group(1)


def fresh_keys(partitions):
    """One key for each partition."""
    found = {}
    for n in range(10_000):
        found.setdefault(place.partition(place.task_id(f"fresh-{n}"), partitions), f"fresh-{n}")
        if len(found) == partitions:
            break
    return {key: p for p, key in found.items()}


def names(text):
    return tuple(text.split(","))


def read_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--seconds", type=float, default=25)
    parser.add_argument("--seed", type=int, default=20260329)
    parser.add_argument("--began", type=int, help="microseconds; of a run that is to be repeated")
    parser.add_argument("--tasks", type=int)
    parser.add_argument("--only", type=names, help="kinds of lies, with a comma between them")
    parser.add_argument("--without", type=names, default=(), help="kinds or topics")
    parser.add_argument("--plant", choices=PLANTED)
    options = parser.parse_args()
    if options.minutes:
        options.seconds = options.minutes * 60
    options.only = options.only or PLANTED.get(options.plant)
    options.tasks = options.tasks or (200 if options.seconds > 120 else 40)
    return options


def verdict_of(world):
    """Whether all is well; a partition that stands still is verdict enough."""
    world.create()
    for phase in (world.bad_time, world.every_partition_moves, world.end_honest_work):
        began = time.monotonic()
        phase()
        print(f"# {phase.__name__}: {time.monotonic() - began:.0f} s", flush=True)
        if phase == world.every_partition_moves and world.failures:
            return False
    try:
        verdicts = world.judge()
    except AssertionError as error:  # revisions that cannot be: nothing to judge by
        world.failures.append(str(error))
        return False
    for verdict in verdicts:
        verdict.show()
    print(f"# worst lateness {verdicts[0].worst_lateness / 1e6:.1f} s; statuses {dict(verdicts[2].statuses)}", flush=True)
    clean = all(v.is_clean() for v in verdicts) and not world.failures
    if clean or not world.options.plant:
        world.rebuild()
    return clean and not world.failures


def main():
    options, began = read_options(), time.monotonic()
    world = World(options)
    clean = verdict_of(world)
    for failure in world.failures:
        print(f"  failed: {failure}")
    hit = {where[:2] for where in world.ledger.at}
    print(f"# {world.counts}, {len(world.ledger.at)} lies in {len(hit)} partitions, {world.ledger.refused} not taken, "
          f"in {time.monotonic() - began:.0f} s", flush=True)
    world.stack.down()
    if options.plant:
        print(f"planted {options.plant}: {'found' if not clean else 'NOT FOUND'}")
        return 1 if clean else 0
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
