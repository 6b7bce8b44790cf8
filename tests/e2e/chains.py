"""A chain of five tasks over five partitions while its schedulers are killed: each end sets off what follows once, and nothing else does.

`a` is due every second and tries twice, `b` to `e` follow, on whatever end; `alarm` follows each of them when it fails. Commands fail by the number
of their execution, so a judge knows each outcome from the topic `status` alone: it reads topics with stock clients and shares no code with the program.

    --kills N     of schedulers, each at a point of a turn (16)
    --plant BUG   the verdict must be red
"""
import argparse
import collections
import signal
import sys

from support import judge
from support.driver import Driver
from support.place import partition, task_id
from support.stack import Stack, wait_for
from support.wire import micros

POINTS = ("turn.begin", "turn.watermark", "turn.produced", "turn.offsets", "turn.committed")
PARTITIONS = 12
FAILS = 'case "$CRONOBS_EXECUTION_ID" in *[0-4]) exit 1;; esac'
ATTEMPTS = {"a": 2}
RETRY = {"retry": {"max_attempts": ATTEMPTS["a"], "first_delay_ms": 300, "multiplier": 1, "max_delay_ms": 300}}


def five_keys():
    """Names of a, b, c, d, e, each in a partition of its own, in turn of one half of the partitions and of the other: two schedulers have them."""
    keys, taken, n = {}, set(), 0
    while len(keys) < 5:
        key, n = f"link-{n}", n + 1
        place = partition(task_id(key), PARTITIONS)
        if place not in taken and (place < PARTITIONS // 2) == (len(keys) % 2 == 0):
            taken.add(place)
            keys["abcde"[len(keys)]] = key
    return keys


class World:
    def __init__(self, plant):
        self.stack = Stack("chains", faults=True, plant=plant, partitions=PARTITIONS)
        self.stack.environment["CRONOBS_KAFKA_SESSION_TIMEOUT"] = "6s"
        self.stack.prepare("q")
        self.driver = Driver(self.stack)
        self.api = self.stack.start_api()
        self.schedulers = [self.stack.start_scheduler(n) for n in (1, 2)]
        self.consumer = self.stack.start_consumer()
        self.worker = self.stack.start_worker("q", "sh", "-c", FAILS, concurrency=16)
        self.keys = dict(five_keys(), alarm="alarm")
        self.names = {task_id(key): name for name, key in self.keys.items()}

    def put(self, name, next_name, **more):
        then = [{"task": self.keys["alarm"], "on": "FAILED"}] + ([{"task": self.keys[next_name], "on": "ENDED"}] if next_name else [])
        status, answer, _ = self.driver.call("PUT", f"/v1/tasks/default~{self.keys[name]}", {"queue": "q", "then": then, **more})
        assert status in (200, 201, 202), answer

    def create(self):
        status, answer, _ = self.driver.call("PUT", "/v1/tasks/default~alarm", {"queue": "q"})
        assert status in (200, 201, 202), answer
        for name in "edcb":
            self.put(name, {"b": "c", "c": "d", "d": "e", "e": None}[name])
        self.put("a", "b", schedules=[{"expression": "* * * * * *"}], **RETRY)

    def count(self, condition):
        with self.stack.connect() as connection:
            return connection.execute(f"SELECT count(*) FROM execution WHERE {condition}").fetchone()[0]

    def kill(self, n):
        """At a point of a turn; every fourth one is held back until the other one has taken over."""
        part, point = self.schedulers[n % 2], POINTS[n % len(POINTS)]
        before, starts = self.count("trigger = 6"), part.starts
        if n % 4 == 3:
            part.hold()
        part.order_fault("kill", point)
        wait_for(f"{part.name} dies at {point}", part.fault_done, 60)
        wait_for("links are made again", lambda: self.count("trigger = 6") > before, 60)
        part.release()
        wait_for(f"{part.name} is started again", lambda: part.starts > starts, 30)

    def end(self):
        self.put("a", "b", **RETRY)  # without a schedule
        quiet = "SELECT NOT EXISTS (SELECT FROM execution WHERE status < 5) AND NOT EXISTS (SELECT FROM command WHERE outcome_at IS NULL)"
        seen = []

        def is_quiet():
            with self.stack.connect() as connection:
                seen.append((connection.execute(quiet).fetchone()[0], self.count("true")))
            return len(seen) > 40 and all(q and count == seen[-1][1] for q, count in seen[-40:])
        wait_for("the last links have come to their end", is_quiet, 120)


def ends(history, names):
    """execution -> (how it ended, when): its last attempt's first report by a worker."""
    found = {}
    for m in history.statuses:
        v = m.value
        last = ATTEMPTS.get(names.get(v["task_id"]), 1)
        if v["status"] == "SUCCEEDED" or (v["status"] == "FAILED" and v["attempt"] == last):
            found.setdefault(v["execution_id"], (v["status"], m.at))
    return found


SET_OFF_MAX = 10000  # by one execution, over all links


def wrong_shares(history):
    """How many links do not say what is left to the execution that comes of them: an equal share, less itself, of what its parent had left."""
    links = {m.value["command_id"]: m.value["body"][1]["chain"] for m in history.commands if m.value["body"][0].endswith("TriggerTask") and m.value["body"][1]["chain"]}
    came_of = {m.value["execution_id"]: m.value["command_id"] for m in history.of("CommandOutcome") if m.value["command_id"] in links and m.value["execution_id"]}
    together = collections.Counter(link["parent_execution_id"] for link in links.values())

    def left(link):
        return SET_OFF_MAX - link["spent"]

    def had(parent):
        return left(links[came_of[parent]]) if parent in came_of else SET_OFF_MAX
    return sum(left(link) != had(link["parent_execution_id"]) // together[link["parent_execution_id"]] - 1 for link in links.values())


def judge_links(history, world):
    """What the topics say against what must follow from their ends."""
    found, wrong = collections.Counter(), collections.Counter()
    ended = ends(history, world.names)
    created = {}
    for m in history.created:
        created.setdefault((m.value["execution_id"], m.value["attempt"]), []).append(m.value)
    wrong["duplicate"] = sum(len(copies) - 1 for copies in created.values())
    children, first = collections.Counter(), {x: copies[0] for (x, attempt), copies in created.items() if attempt == 1}
    following = dict(zip("abcd", "bcde"))
    for x, v in first.items():
        if v["trigger"] == "CHAIN":
            parent = v["parent_execution_id"]
            children[parent, world.names[v["task_id"]]] += 1
            wrong["early"] += parent not in ended or micros(v["scheduled_at"]) != ended[parent][1]
    for x, v in first.items():
        name = world.names[v["task_id"]]
        expected = set() if x not in ended else ({following[name]} if name in following else set()) | ({"alarm"} if ended[x][0] == "FAILED" and name != "alarm" else set())
        wrong["unended"] += x not in ended
        for child in "abcde", ("alarm",):
            for c in child:
                count = children[x, c]
                wrong["missing"] += c in expected and count == 0
                wrong["extra"] += count > 1 or (c not in expected and count > 0)
        found[name] += 1
    wrong["share"] = wrong_shares(history)
    print("judge: " + " ".join(f"{kind} {wrong[kind]}" for kind in ("missing", "duplicate", "extra", "early", "unended", "share")) + f"; executions {dict(found)}")
    return not any(wrong.values()) and all(found[name] > 0 for name in "abcde") and found["alarm"] > 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=16)
    parser.add_argument("--plant", choices=("chain-each-attempt",))
    options = parser.parse_args()
    world = World(options.plant)
    world.create()
    wait_for("the chain runs", lambda: world.count("trigger = 6") > 5, 60)
    for n in range(options.kills):
        world.kill(n)
    # there is something to be judged: ends that are not the last attempt's
    wait_for("three were tried again", lambda: world.count(f"task_id = '{task_id(world.keys['a'])}' AND attempt > 1") >= 3, 120)
    world.schedulers[0].kill(signal.SIGTERM)
    world.end()
    history = judge.History(world.stack)
    clean = judge_links(history, world)
    rejected = [m.value for m in history.of("CommandOutcome") if m.value["result"] != "ACCEPTED"]
    if rejected:
        print(f"  rejected: {rejected[:3]}")
    world.stack.down()
    if options.plant:
        print(f"planted {options.plant}: {'NOT FOUND' if clean else 'found'}")
        return 1 if clean else 0
    return 0 if clean and not rejected else 1


if __name__ == "__main__":
    sys.exit(main())
