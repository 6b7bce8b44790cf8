"""Three brokers of its own for a test, through the same script that ops/ has; who of them has which role."""
import os
import subprocess
import time

from confluent_kafka.admin import AdminClient, NewTopic

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "ops", "cluster")


def java_hash(text):
    value = 0
    for c in text:
        value = (31 * value + ord(c)) & 0xFFFFFFFF
    return value & 0x7FFFFFFF


class Cluster:
    def __init__(self, run):
        self.run = run
        self.order("start")
        self.brokers = self.order("brokers").strip()
        self.admin = AdminClient({"bootstrap.servers": self.brokers, "log_level": 0})

    def order(self, verb, which="all", timeout=600):
        done = subprocess.run([SCRIPT, "--run", self.run, verb, str(which)], text=True, capture_output=True, timeout=timeout)
        assert done.returncode == 0, f"ops/cluster {verb} {which}: {done.stdout}{done.stderr}"
        return done.stdout

    def leader(self, topic, partition):
        return self.admin.list_topics(topic, timeout=20).topics[topic].partitions[partition].leader

    def coordinator(self, topic, name):
        """Of a group (__consumer_offsets) or a transactional.id (__transaction_state)."""
        partitions = self.admin.list_topics(topic, timeout=20).topics[topic].partitions
        return partitions[java_hash(name) % len(partitions)].leader

    def controller(self):
        return int(self.order("controller"))

    def settings(self, topic):
        from confluent_kafka.admin import ConfigResource, ResourceType
        resource = ConfigResource(ResourceType.TOPIC, topic)
        return {k: e.value for k, e in self.admin.describe_configs([resource])[resource].result(20).items()}

    def replicas(self, prefix):
        topics = self.admin.list_topics(timeout=20).topics
        return {t: {len(p.replicas) for p in topics[t].partitions.values()} for t in topics if t.startswith(prefix)}

    def make_alone(self, topic, partitions, broker):
        """A topic that lives on one broker and nowhere else."""
        wanted = NewTopic(topic, num_partitions=partitions, replica_assignment=[[broker]] * partitions,
                          config={"message.timestamp.type": "LogAppendTime", "retention.ms": "-1", "min.insync.replicas": "1"})
        self.admin.create_topics([wanted])[topic].result(30)

    def is_healthy(self):
        """All replicas of all partitions are in sync: the next broker may go."""
        topics = self.admin.list_topics(timeout=20).topics.values()
        return all(p.leader >= 0 and len(p.isrs) == len(p.replicas) for t in topics for p in t.partitions.values())

    def wait_until_healthy(self, wait_for):
        def healthy():
            try:
                return self.is_healthy()
            except Exception:  # it is away, which is what this is about
                time.sleep(0.2)
                return False
        wait_for("all replicas are in sync", healthy, 120)
