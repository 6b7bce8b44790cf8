"""Commands as people and programs send them, straight into the topic `commands`, at random moments and now and then twice."""
import time
import uuid

from confluent_kafka import Producer

from . import place

MICRO = 1_000_000
COMMAND_SCHEMA = 1


class Orders:
    def __init__(self, stack, registry, random, tasks, crew):
        self.prefix, self.partitions, self.registry = stack.prefix, stack.partitions, registry
        self.random, self.tasks, self.crew, self.last = random, tasks, crew, []
        self.producer = Producer({"bootstrap.servers": stack.brokers, "acks": "all", "linger.ms": 2, "log_level": 0})
        self.counts = {}

    def send(self, kind, task, **body):
        record = {"command_id": str(uuid.uuid4()), "task_id": task, "actor": "orders", "expected_revision": None, "reason": None,
                  "body": (f"io.cronobs.{kind}", body)}
        self.publish(record)
        self.last = [*self.last[-20:], record]
        self.counts[kind] = self.counts.get(kind, 0) + 1

    def publish(self, record):
        task = record["task_id"]
        self.producer.produce(f"{self.prefix}commands", self.registry.encode(COMMAND_SCHEMA, record), task, place.partition(task, self.partitions))
        self.producer.flush(30)

    def again(self):
        """The same bytes: they must have no second effect."""
        if self.last:
            self.publish(self.random.choice(self.last))
            self.counts["again"] = self.counts.get("again", 0) + 1

    def one(self):
        r, task = self.random, self.random.choice(self.tasks)
        execution, of_task, scheduled_at = r.choice(self.crew.recent) if self.crew.recent else (None, None, None)
        kind = r.choice(("cancel",) * 6 + ("retry",) * 3 + ("skip", "skip", "backfill", "backfill", "pause", "until", "resume", "resume", "resume",
                                                            "trigger", "trigger", "beside", "again", "again"))
        now = int(time.time() * MICRO)
        if kind in ("cancel", "retry") and execution is None:
            return
        if kind == "cancel":
            self.send("CancelExecution", of_task, execution_id=execution)
        elif kind == "retry":
            self.send("RetryExecution", of_task, execution_id=execution, scheduled_at=scheduled_at, payload=None)
        elif kind == "skip":
            self.send("SkipNext", task)
        elif kind == "backfill":
            end = now - r.randrange(60, 600) * MICRO
            self.send("Backfill", task, **{"from": end - r.randrange(1, 6) * MICRO, "to": end})
        elif kind == "pause":
            self.send("PauseTask", task, until=None)
        elif kind == "until":
            self.send("PauseTask", task, until=now + r.randrange(1, 5) * MICRO)
        elif kind == "resume":
            self.send("ResumeTask", task, gap=r.choice(("NONE", "LAST", "ALL", "ALL")))
        elif kind in ("trigger", "beside"):
            self.send("TriggerTask", task, payload=None, ignore_overlap=kind == "beside")
        else:
            self.again()
