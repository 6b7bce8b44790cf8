"""Hundreds due in one second, and nobody there in that second: all are made up for, the oldest first, each once, and nobody beside them starves."""
import collections
import concurrent.futures
import time

from client import Client
from support import case, wire
from support.stack import Stack, wait_for

CROWD, BESIDE, EVERY = 300, 10, 15
MICRO = 1_000_000

stack = Stack("crowd", partitions=3)
stack.prepare("idle")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client = Client(stack.url)


def put_all(keys, expression):
    spec = {"queue": "idle", "schedules": [{"expression": expression}]}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = collections.Counter(pool.map(lambda key: client.put(key, spec, Prefer="").status, keys))
    assert set(statuses) == {202}, statuses
    wait_for("all are there", lambda: len([t for t in client.pages("/v1/tasks", 500)[0] if t["key"] in keys]) == len(keys), 60)


def fired():
    """What the queue holds, in the order of each partition."""
    created = [m for m in wire.read_topic(stack.brokers, wire.Registry(stack.url), f"{stack.prefix}executions.idle") if m.name == "ExecutionCreated"]
    return [(m.partition, m.at, m.value["task_key"], wire.micros(m.value["due_at"])) for m in created]


def nobody_is_there_when_hundreds_are_due():
    global away, back
    put_all({f"crowd{n:03d}" for n in range(CROWD)}, f"*/{EVERY} * * * * *")
    put_all({f"beside{n}" for n in range(BESIDE)}, "* * * * * *")
    wait_for("they fire", lambda: client.get("/v1/executions?queue=idle")["items"], 60)
    while time.time() % EVERY > EVERY - 3:  # not so late that the instant is decided already
        wait_for("another instant", lambda: time.time() % EVERY < 1, EVERY)
    scheduler.hold()
    scheduler.kill()
    away = int(time.time())
    instant = away // EVERY * EVERY + EVERY
    wait_for("the instant is past", lambda: time.time() > instant + 3, 2 * EVERY)
    scheduler.release()
    back = time.time()
    wait_for("all have it", lambda: sum(key.startswith("crowd") and due == instant * MICRO for _, _, key, due in fired()) >= CROWD, 60, 1)
    return f"{CROWD} made up for {(max(at for _, at, key, due in fired() if due == instant * MICRO) / MICRO - back):.1f} s after a scheduler was there again"


def the_oldest_came_first():
    found, last = fired(), collections.defaultdict(int)
    for partition, _, key, due in found:
        assert due >= last[partition], f"{key} of {due} behind {last[partition]} in partition {partition}"
        last[partition] = due


def each_instant_came_once_also_of_those_beside():
    found = fired()
    assert len(found) == len({(key, due) for _, _, key, due in found}), "one came twice"
    for n in range(BESIDE):
        dues = sorted(due // MICRO for _, _, key, due in found if key == f"beside{n}")
        assert dues == list(range(dues[0], dues[-1] + 1)) and dues[0] <= away and dues[-1] > back - 3, (n, dues)


def all_goes_down_in_order():
    stack.down()


case.run(nobody_is_there_when_hundreds_are_due, the_oldest_came_first, each_instant_came_once_also_of_those_beside, all_goes_down_in_order)
