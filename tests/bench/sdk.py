"""B17, B18: a worker of each SDK, beside the C library's of the same run: how many executions it takes through, what each costs, how soon one begins.

    ./ops/bench sdk [LANGUAGE...]

Takes arguments: languages of sdk/conformance/languages.py; none: all whose tool chains are there. The worker is the subject of the conformance suite, without a
journal, on a queue of its own in which BENCH_EXECUTIONS (20,000) executions wait; their payload is the script `[]`, or `[["log", 1]]` for a line each.
"""
import os
import pathlib
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "sdk" / "conformance"))

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

import records
from installation import payload, wait_for
from languages import BIN, LANGUAGES
from stage import OF_A_SDK, Subject

EXECUTIONS, IDLE = int(os.environ.get("BENCH_EXECUTIONS", "20000")), int(os.environ.get("BENCH_IDLE", "150"))
ROUNDS, PARTITIONS, PATIENCE = 2, 12, 300
REFERENCE = "c"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Load:
    name: str
    places: int
    steps: tuple = ()


MANY, FEW, LINES = Load("1,000 places", 1000), Load("64 places", 64), Load("1,000 places, a line each", 1000, (("log", 1),))


@dataclass(frozen=True)
class Figure:
    rate: float    # executions a second
    cpu: float     # microseconds each
    memory: float  # MiB, the peak
    cores: float   # that it kept busy
    thread: str    # its busiest one, and its share of a core


class Field:
    """Topics of its own, with a queue `q`, and what is in them."""

    def __init__(self, brokers, config=None):
        """config: of each topic, beside what all have."""
        self.brokers, self.prefix = brokers, f"bench{secrets.token_hex(3)}."
        self.queue, self.status = f"{self.prefix}executions.q", f"{self.prefix}status"
        self.admin = AdminClient({"bootstrap.servers": brokers})
        counts = {"control": 1, **dict.fromkeys(("status", "logs", "heartbeats", "executions.q"), PARTITIONS)}
        done(self.admin.create_topics([NewTopic(self.prefix + name, num_partitions=count, replication_factor=1,
                                                config={"message.timestamp.type": "LogAppendTime"} | (config or {})) for name, count in counts.items()]))
        self.producer = Producer({"bootstrap.servers": brokers, "linger.ms": 0, "queue.buffering.max.messages": 1_000_000})
        self.consumer = Consumer({"bootstrap.servers": brokers, "group.id": f"{self.prefix[:-1]}-work-q", "enable.auto.commit": False})  # it never joins
        wait_for("leaders of the topics, and a group with a position", self.is_ready, 60)

    def is_ready(self):
        """The group has positions: without them a worker looks through status first."""
        try:
            self.ends(self.status)
            self.consumer.commit(offsets=[TopicPartition(self.queue, p, 0) for p in range(PARTITIONS)], asynchronous=False)
            return True
        except KafkaException:  # not yet
            return False

    def put(self, steps=(), count=1):
        for _ in range(count):
            execution = records.execution(PARTITIONS, payload(steps))
            self.producer.produce(self.queue, records.frame("ExecutionCreated", execution), execution["task_id"], execution["status_partition"])
        assert self.producer.flush(60) == 0, "executions could not be published"

    def ends(self, topic):
        """Of each partition, how many messages it has."""
        return [self.consumer.get_watermark_offsets(TopicPartition(topic, p), 20)[1] for p in range(PARTITIONS)]

    def wait(self, count):
        """Until so many executions are over: each makes two reports."""
        wait_for(lambda: f"{count} executions are over: {sum(self.ends(self.status))} reports",
                 lambda: sum(self.ends(self.status)) >= 2 * count or time.sleep(0.05), PATIENCE)

    def read(self, topic):
        """(the broker's milliseconds, record) of all messages."""
        count = sum(self.ends(topic))
        self.consumer.assign([TopicPartition(topic, p, 0) for p in range(PARTITIONS)])
        found = []
        while len(found) < count:
            messages = self.consumer.consume(min(count - len(found), 5000), 20)  # it waits for as many
            assert messages, f"{topic}: {len(found)} of {count} messages could be read"
            found += [(m.timestamp()[1], records.decoded(m.value())[1]) for m in messages]
        return found

    def times(self, status):
        """Of each execution, when the broker had that report of it first."""
        found = {}
        for at, record in self.read(self.status):
            if record["status"] == status:
                found[record["execution_id"]] = min(at, found.get(record["execution_id"], at))
        return found

    def close(self):
        self.consumer.close()
        done(self.admin.delete_topics([t for t in self.admin.list_topics(timeout=20).topics if t.startswith(self.prefix)]))


def done(asked):
    for answer in asked.values():
        answer.result(60)


def cpu_of(folder):
    """(name, seconds) of a process or a thread."""
    name, _, rest = pathlib.Path(folder, "stat").read_text().partition("(")[2].rpartition(") ")
    return name, sum(int(ticks) for ticks in rest.split()[11:13]) / TICKS


class Worker(Subject):
    def __init__(self, language, field, places, folder):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OF_A_SDK)}
        ours = {"CRONOBS_BROKERS": field.brokers, "CRONOBS_TOPIC_PREFIX": field.prefix, "CRONOBS_QUEUE": "q", "CRONOBS_WORKER_CONCURRENCY": str(places)}
        if language.handler:
            ours["CONFORMANCE_HANDLER"] = language.handler
        super().__init__(language.name, [*language.command(), "worker"], language.folder, kept | ours, folder)

    def cpu(self):
        """Seconds of all its threads."""
        return cpu_of(f"/proc/{self.pid}")[1]

    def busiest(self):
        """(name, seconds) of the thread that has worked most."""
        return max(map(cpu_of, pathlib.Path(f"/proc/{self.pid}/task").iterdir()), key=lambda found: found[1])

    def memory(self):
        """MiB at most until now."""
        return self.status("VmHWM")

    def resident(self):
        """MiB just now."""
        return self.status("VmRSS")

    def status(self, name):
        lines = pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


class Round:
    """Fields and workers come and go with a block."""

    def __init__(self, brokers, language, load):
        self.brokers, self.language, self.load = brokers, language, load

    def __enter__(self):
        self.field, self.worker = Field(self.brokers), None
        self.folder = tempfile.TemporaryDirectory()
        return self

    def start(self):
        self.worker = Worker(self.language, self.field, self.load.places, pathlib.Path(self.folder.name))
        return self.worker

    def __exit__(self, *_):
        if self.worker:
            self.worker.kill()
        self.field.close()
        self.folder.cleanup()


def throughput(brokers, language, load):
    with Round(brokers, language, load) as r:
        r.field.put(load.steps, EXECUTIONS)
        worker, started = r.start(), time.monotonic()
        r.field.wait(EXECUTIONS)
        took, cpu, memory, (thread, most) = time.monotonic() - started, worker.cpu(), worker.memory(), worker.busiest()
        worker.stop()
        began, ended = r.field.times("RUNNING"), r.field.times("SUCCEEDED")
        assert len(began) == len(ended) == EXECUTIONS, f"{language.name}: of {EXECUTIONS} {len(began)} have begun and {len(ended)} ended well"
        seconds = (max(ended.values()) - min(began.values())) / 1000
        return Figure(EXECUTIONS / seconds, cpu / EXECUTIONS * 1e6, memory, cpu / took, f"{thread} {most / took:.2f}")


def latency(brokers, language):
    """Milliseconds from each execution to its RUNNING, in order, in a worker that has nothing else to do."""
    with Round(brokers, language, Load("idle", 16)) as r:
        r.field.put()
        worker = r.start()
        r.field.wait(1)
        for _ in range(IDLE):
            time.sleep(random.uniform(0.04, 0.08))  # it is idle again
            r.field.put()
        r.field.wait(IDLE + 1)
        worker.stop()
        came = {record["execution_id"]: at for at, record in r.field.read(r.field.queue)}
        began = r.field.times("RUNNING")
        waits = [began[name] - at for name, at in sorted(came.items(), key=lambda pair: pair[1])]
        return sorted(waits[1:])  # the first one waited for the worker


# --- what it comes to ---

def span(values, form="{:,.0f}"):
    low, high = form.format(min(values)), form.format(max(values))
    return low if low == high else f"{low}–{high}"


def times(values, of):
    """How many times the reference's, round by round."""
    return sum(a / b for a, b in zip(values, of)) / len(values)


def share(values, part):
    return values[int((len(values) - 1) * part)]


def told(name, load, figures, of):
    rate, cpu = [f.rate for f in figures], [f.cpu for f in figures]
    text = f"B17 {name}, {load.name}: {span(rate)}/s, CPU {span(cpu)} us each, {span([f.memory for f in figures])} MiB, {span([f.cores for f in figures], '{:.1f}')} cores (its busiest thread: {figures[-1].thread}) | "
    if name != REFERENCE:
        text += f"c: {span([f.rate for f in of])}/s ({times(rate, [f.rate for f in of]):.2f} ×), CPU {times(cpu, [f.cpu for f in of]):.1f} ×"
    return text


def row(name, found, reference):
    many = found[MANY]
    against = "–" if name == REFERENCE else f"{times([f.rate for f in many], [f.rate for f in reference[MANY]]):.2f} ×"
    waits = found["idle"]
    return (f"| {name} | {span([f.rate for f in many])} | {span([f.rate for f in found[FEW]])} | {span([f.cpu for f in many])} | "
            f"{span([f.cpu for f in found[LINES]])} | {span([f.memory for f in many])} | {against} | {share(waits, 0.5)} / {share(waits, 0.9)} |")


def measure(brokers, languages):
    """Of each language, of each load its rounds; "idle": all waits, in order."""
    found = {language.name: {MANY: [], FEW: [], LINES: [], "idle": []} for language in languages}
    for number in range(ROUNDS):
        for load in (MANY, FEW, LINES):
            for language in languages:
                figure = throughput(brokers, language, load)
                found[language.name][load].append(figure)
                print(f"round {number + 1}, {language.name}, {load.name}: {figure.rate:,.0f}/s, {figure.cpu:.0f} us, {figure.memory:.0f} MiB, {figure.cores:.1f} cores ({figure.thread})", flush=True)
        for language in languages:
            found[language.name]["idle"] = sorted(found[language.name]["idle"] + latency(brokers, language))
    return found


def chosen(names):
    """The reference, and those asked for; who is left out is told."""
    for name in names:
        if name not in LANGUAGES:
            sys.exit(f"sdk: '{name}' is none of: {' '.join(LANGUAGES)}")
    asked = [LANGUAGES[REFERENCE], *(l for l in LANGUAGES.values() if l.name != REFERENCE and (not names or l.name in names))]
    for language in asked:
        if language.missing():
            print(f"> {language.name} is left out: it needs {' '.join(str(m) for m in language.missing())}")
    return [language for language in asked if not language.missing()]


def build_subjects():
    """As the tests of the SDKs do."""
    subprocess.run(["ctest", "--test-dir", BIN.parent, "-R", "^sdk/[a-z]+/build$", "--no-tests=ignore", "--quiet", "--output-on-failure"], check=True)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a worker is ended
    build_subjects()
    languages = chosen(sys.argv[1:])
    found = measure(os.environ["CRONOBS_TEST_BROKERS"], languages)
    reference = found[REFERENCE]
    for name, of in found.items():
        for load in (MANY, FEW, LINES):
            print(told(name, load, of[load], reference[load]))
        waits = of["idle"]
        text = f"B18 {name}, an idle worker, from an execution to its RUNNING: p50 {share(waits, 0.5)} ms, p90 {share(waits, 0.9)} ms (n={len(waits)})"
        print(f"{text} | " + ("" if name == REFERENCE else f"c: p50 {share(reference['idle'], 0.5)} ms, p90 {share(reference['idle'], 0.9)} ms"))
    print("### Workers, language by language")
    print("| | per s at 1,000 places | at 64 | CPU µs each | with a line each | memory, MiB | per s, times C's | idle, p50 / p90 ms |")
    print("|---|---|---|---|---|---|---|---|")
    for name, of in found.items():
        print(row(name, of, reference))
    print(f"> How: {EXECUTIONS:,} executions wait in {PARTITIONS} partitions when the worker starts; times are the broker's, from the first RUNNING to the last SUCCEEDED. CPU time "
          f"and memory (the peak) are the whole process's, with its start: what a virtual machine takes to get warm is in them. {ROUNDS} rounds, one language after the other; "
          "ratios are those of a round. CPU and memory in the table are at 1,000 places. Cores: of the time from the start of the process to the last report. Idle: executions one by one, 40 to 80 ms apart.")


if __name__ == "__main__":
    main()
