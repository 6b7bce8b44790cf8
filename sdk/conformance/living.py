"""Scenarios of life and death: drains, kills, groups, brokers that go and come."""
import signal
import time

import proxy as kafka
import records
from installation import Installation
from stage import never, wait_for

TERM, STOP, CONT = signal.SIGTERM, signal.SIGSTOP, signal.SIGCONT


def some(s, count, *steps):
    executions = [s.make(*steps) for _ in range(count)]
    s.publish(executions)
    return executions


def begun_of(s, executions):
    ids = {line["execution_id"] for line in s.journal("begin")}
    return [e for e in executions if e["execution_id"] in ids]


# --- ending ---

def drain(s):
    """The group is left at once; what runs goes on, with its signs of life, and is told when it is cancelled; others do the rest."""
    worker = s.worker(concurrency=3)
    runs, obeys = s.put(["gate", "x"], ["log", 2], heartbeat_ms=1000), s.put(["sleep", 60_000])
    for execution in (runs, obeys):
        s.begun(execution)
    worker.signal(TERM)
    s.members(0)
    waits = s.put()
    count = len(s.heard(runs).beats)
    s.beats(runs, count + 2)
    s.cancel(obeys)
    s.final(obeys, "CANCELLED")
    never("claimed while it drains", lambda: s.statuses(waits), 0.5)
    other = s.worker()
    s.final(waits, "SUCCEEDED")
    assert worker.is_running()
    s.open_gate("x")
    worker.ends(0)
    s.final(runs, "SUCCEEDED")
    assert s.texts(runs) == ["line 1", "line 2"]
    other.stop()


def drain_is_over(s):
    """Cause SHUTDOWN; who ignores it is reported three seconds later all the same."""
    worker = s.worker(drain="1s")
    obeys, ignores = s.put(["sleep", 60_000]), s.put(["stubborn", 60_000])
    ends_well = s.put(["stubborn", 500], ["return", "done"])
    for execution in (obeys, ignores, ends_well):
        s.begun(execution)
    worker.signal(TERM)
    for execution in (obeys, ignores, ends_well):
        s.caused(execution, "SHUTDOWN")
    s.final(ends_well, "SUCCEEDED")
    for execution in (obeys, ignores):
        end = s.final(execution, "FAILED")
        assert end["reason"] == "WORKER_SHUTDOWN", end
    worker.ends(0, deadline=40)
    late = s.reports(ignores)[-1].at - s.journal("cause", ignores)[0]["at"] / 1000
    assert late > 2500, f"said {late:.0f} ms after its cause"


def more_signals(s):
    """The second skips the wait, the third ends at once."""
    worker = s.worker()
    obeys = s.put(["sleep", 60_000])
    s.begun(obeys)
    worker.signal(TERM)
    s.members(0)
    assert not s.journal("cause")
    worker.signal(signal.SIGINT)
    assert s.final(obeys, "FAILED")["reason"] == "WORKER_SHUTDOWN"
    worker.ends(0)
    worker = s.worker()
    ignores = s.put(["stubborn", 60_000])
    s.begun(ignores)
    worker.signal(TERM)
    s.members(0)
    worker.signal(TERM)
    s.caused(ignores, "SHUTDOWN")
    worker.signal(TERM)
    worker.ends(1, deadline=30)


# --- several processes ---

def two_three_one(s):
    first = s.worker(concurrency=4)
    executions = some(s, 100, ["sleep", 20])
    wait_for("some have begun", lambda: len(begun_of(s, executions)) > 20)
    second = s.worker(concurrency=4)
    s.members(2)
    executions += some(s, 100, ["sleep", 20])
    third = s.worker(concurrency=4)
    s.members(3)
    executions += some(s, 100, ["sleep", 20])
    second.stop()
    first.stop()
    executions += some(s, 20)
    s.finals(executions)
    third.stop()
    return f"{len(executions)} executions, all once"


def kill_9(s):
    """Of what it has announced at most as many as it has places are lost; nothing that it has read besides."""
    unanswered_reports(s)
    places = 4
    worker = s.worker(concurrency=places)
    executions = some(s, 300, ["sleep", 10])
    wait_for("some have begun", lambda: len(begun_of(s, executions)) > 60)
    worker.kill()
    other = s.worker(concurrency=16)

    def left():
        return [e for e in executions if s.statuses(e)[-1:] not in (["SUCCEEDED"], ["RUNNING"])]
    wait_for(lambda: f"all are taken on: {len(left())} not, such as {s.state(left()[0])}", lambda: not left(), 60)
    s.final(s.put(), "SUCCEEDED")
    wait_for("no more than that are RUNNING", lambda: sum(s.statuses(e)[-1] == "RUNNING" for e in executions) <= places)
    other.stop()
    lost = [e for e in executions if s.statuses(e)[-1] == "RUNNING"]
    return f"{len(lost)} of {places} places left RUNNING"


def unanswered_reports(s):
    """While nobody has acknowledged RUNNING the position stays, so that whoever comes next does the work."""
    link, task = s.proxy(), records.task_id()
    first = s.put(task=task)
    before = s.worker(concurrency=1, brokers=link.brokers)
    s.final(first, "SUCCEEDED")

    def position():
        return s.installation.positions(s.queue).get(first["status_partition"])
    committed = wait_for("a position", position)
    link.hold(kafka.PRODUCE)
    waits = s.put(task=task)
    wait_for("RUNNING is on its way", lambda: link.counts["held"] > 0)
    never("the position was committed before RUNNING was acknowledged", lambda: position() != committed or s.journal("begin", waits),
          20 if s.plant else 1)  # a fault is given the time that a busy machine takes
    before.kill()
    link.away()
    after = s.worker()
    s.final(waits, "SUCCEEDED")
    after.stop()


def beside_others(s):
    """All languages, and `cronobs work`, in one group: all have their share, and all is run once while they come and go."""
    s.move_to(Installation(s.installation.brokers, partitions=12))
    coming = some(s, 60, ["log", 1])
    workers = [s.worker()] + [s.start("worker", language=other) for other in s.tools.others(s.language)]
    workers += [s.command(f"command-{n}") for n in range(2)]
    members = len(workers)
    s.members(members)
    shared = some(s, 240, ["log", 1])
    s.finals(coming + shared)
    names = {s.reports(e)[0].record["worker"]["name"] for e in shared}
    assert len(names) == members, f"{len(names)} of {members} members have worked: {names}"
    for one in workers[:-1]:
        some(s, 20, ["log", 1])
        one.stop()
    s.finals(s.published)
    workers[-1].stop()
    return f"{members} members"


def stopped_past_its_session(s):
    """SIGSTOP: others take over what was not announced; when it goes on it knows that, and ends what it has."""
    first = s.worker(concurrency=2)
    knows_its_positions(s)
    holds = [s.put(["gate", "x"], ["return", "mine"]) for _ in range(2)]
    for execution in holds:
        s.begun(execution)
    waits = some(s, 20)
    first.signal(STOP)
    second = s.worker()
    s.finals(waits)
    first.signal(CONT)
    s.open_gate("x")
    s.finals(holds)
    s.members(2)
    s.finals(some(s, 40))
    first.stop()
    second.stop()


def knows_its_positions(s):
    """Before that nothing but `status` says what is taken, and who is frozen there cannot know that it is out: it may run twice what others have run.
    What is behind the group's first position in a partition begins when the worker has heard that it stands."""
    for _ in range(2):
        s.finals([s.put(task=task) for task in records.task_for_each(s.installation.partitions)])
        wait_for("the group has its positions", lambda: len(s.installation.positions(s.queue)) == s.installation.partitions)


def static_twin(s):
    worker = s.worker(CRONOBS_WORKER_INSTANCE="twin")
    s.final(s.put(), "SUCCEEDED")
    other = s.worker(CRONOBS_WORKER_INSTANCE="twin")
    worker.ends(75)
    s.final(s.put(), "SUCCEEDED")
    assert other.is_running()
    other.stop()


def ten_thousand_waiting(s):
    """More than is read ahead, at one place, over a rebalance: it goes on after each pause."""
    task = records.task_id()
    held = s.put(["gate", "x"], task=task)
    worker = s.worker(concurrency=1)
    s.begun(held)
    in_order = [s.make(task=task) for _ in range(600)]
    waits = in_order + [s.make() for _ in range(9400)]
    s.publish(waits)
    other = s.worker(concurrency=1)
    s.members(2)
    other.stop()
    s.members(1)
    s.open_gate("x")
    wait_for("it goes on", lambda: len(begun_of(s, waits)) > 100)
    helper = s.worker(concurrency=64)
    s.finals(waits)
    worker.stop()
    helper.stop()
    begun = [line["execution_id"] for line in s.journal("begin")]
    assert len(begun) == len(set(begun)) == 10_001


# --- brokers ---

def at_work(s, concurrency, count, *steps):
    """On the broker of the company, all at the same time: a worker that has begun one, which stays, and some of those that wait."""
    s.move_to(Installation(s.company.broker().brokers))
    s.is_calm = False
    worker = s.worker(concurrency=concurrency)
    s.final(s.put(), "SUCCEEDED")
    s.company.meet(be_there)
    stays = s.put(*steps, heartbeat_ms=1000)
    s.begun(stays)
    executions = some(s, count, ["sleep", 50])
    wait_for("some have begun", lambda: len(begun_of(s, executions)) > 20)
    return worker, stays, executions


def be_there():
    """Nothing is done: it is enough that all have come."""


def ended(s, executions):
    return sum(s.statuses(e)[-1:] == ["SUCCEEDED"] for e in executions)


def broker_restart(s):
    worker, stays, executions = at_work(s, 4, 400, ["watch_contact", 3000], ["log", 1000], ["gate", "x"], ["log", 1000])
    began, before = time.monotonic(), ended(s, executions)
    s.company.meet(s.company.broker().restart)
    s.open_gate("x")
    s.finals([*executions, stays])
    assert s.texts(stays) == [f"line {n}" for n in range(1, 2001)]
    whole = time.monotonic() - began
    s.finals(some(s, 20))
    worker.stop()
    return f"{before} of {len(executions)} had ended before, all {whole:.0f} s later"


def broker_kill_9(s):
    """What was announced is run, whatever became of the commit: also where its answer is lost and the partition goes to others."""
    lost_answers(s)
    worker, stays, executions = at_work(s, 16, 800, ["watch_contact", 30_000])
    before = ended(s, executions)
    s.company.meet(s.company.broker().kill)
    s.finals([*executions, stays], deadline=120)
    worker.stop()
    seen = [line["lost"] for line in s.journal("contact", stays)]
    assert seen[:1] == [True] and (len(seen) < 2 or seen[1] is False), f"contact lost: {seen}"
    return f"{before} of {len(executions)} had ended before"


def lost_answers(s):
    """All in one partition, which has a position: one turn claims them, and nothing but its commit is waited for."""
    link, task = s.proxy(), records.task_id()
    worker = s.worker(brokers=link.brokers)
    s.final(s.put(task=task), "SUCCEEDED")
    link.break_at(kafka.OFFSET_COMMIT)
    claimed = [s.make(task=task) for _ in range(4)]
    s.publish(claimed)
    wait_for("announced", lambda: all(s.statuses(e)[:1] == ["RUNNING"] for e in claimed))
    wait_for("commits without an answer", lambda: link.counts["broken"] > 0)
    other = s.worker()
    s.members(2)  # the first one has let go; what it reads and announces now waits for answers as long as there are none
    link.break_at()
    wait_for(lambda: f"all are begun: {[s.state(e) for e in claimed if not s.journal('begin', e)][:1]}",
             lambda: all(s.journal("begin", e) for e in claimed), 60)
    s.finals(claimed)
    s.finals(some(s, 20))
    worker.stop()
    other.stop()
    s.check()
    s.published = []


def brokers_away_at_the_start(s):
    link = s.proxy()
    link.away()
    worker = s.worker(brokers=link.brokers)
    began = time.monotonic()
    execution = s.put()
    s.word(worker, f"(?i){link.port}|broker")
    wait_for("a while", lambda: time.monotonic() > began + 6, 60)
    assert worker.is_running(), worker.tail()
    link.away(False)
    s.final(execution, "SUCCEEDED")
    worker.stop()
