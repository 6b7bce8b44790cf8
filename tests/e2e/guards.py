"""Wrong input and wrong installations: a clear refusal, and the stream goes on."""
import struct
import subprocess
import time
import uuid

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from kills import NAMESPACE, blank_status, murmur2_partition
from support import case, judge, oracle, wire
from support.driver import Driver
from support.executions import Queue
from support.stack import Stack, wait_for

stack = Stack("guards", partitions=3)
stack.prepare("q", "gone")
driver = Driver(stack)
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
worker = stack.start_worker("q", "true")
admin = AdminClient({"bootstrap.servers": stack.brokers})


def rows(query, *values):
    with stack.connect() as connection:
        return connection.execute(query, values).fetchall()


def put(key, queue):
    spec = {"queue": queue, "payload": "", "schedules": [{"expression": "@every 1s"}]}
    driver.must("PUT", f"/v1/tasks/default~{key}", spec, {"Prefer": "wait=20"})


def executions_of(key, status=None):
    return rows("SELECT count(*) FROM execution e JOIN task t USING (task_id) WHERE t.key = %s AND (%s::int IS NULL OR e.status = %s)",
                key, status, status)[0][0]


def send(topic, key, value, partition):
    producer = Producer({"bootstrap.servers": stack.brokers})
    producer.produce(stack.prefix + topic, value, key, partition)
    assert producer.flush(20) == 0


def a_queue_deleted_under_way_skips_its_instants_and_others_go_on():
    put("steady", "q")
    put("orphan", "gone")
    wait_for("both fire", lambda: executions_of("steady") and executions_of("orphan"), 30)
    for future in admin.delete_topics([stack.prefix + "executions.gone"]).values():
        future.result(20)
    wait_for("its instants are skipped", lambda: executions_of("orphan", 11) > 2, 60)
    before = executions_of("steady")
    wait_for("the other goes on", lambda: executions_of("steady") > before + 2, 30)
    reasons = rows("SELECT DISTINCT reason FROM execution e JOIN task t USING (task_id) WHERE t.key = 'orphan' AND status = 11")
    assert len(reasons) == 1, reasons


def calendars_a_window_and_jitter_shape_what_fires():
    task = str(uuid.uuid5(uuid.uuid5(NAMESPACE, "project/default"), "task/shaped"))
    start = int(time.time()) + 4
    minutes = [time.strftime("%H:%M", time.gmtime(start + 60 * n)) for n in (-3, 5)]
    spec = {"queue": "q", "payload": "", "jitter_ms": 800, "schedules": [{"expression": "@every 1s"}],
            "window": {"from": iso(start), "until": iso(start + 6), "daily_from": minutes[0], "daily_to": minutes[1]}}
    naps = [{"name": "nap", "mode": "EXCLUDE", "rules": [{"kind": "hours", "value": "-".join(minutes)}]}]
    for key, asked in (("shaped", spec), ("closed", {"queue": "q", "payload": "", "schedules": spec["schedules"], "calendars": naps})):
        answer, _ = driver.must("PUT", f"/v1/tasks/default~{key}", asked, {"Prefer": "wait=20"})
        assert answer["code"] == "CREATED" and answer["lints"] == [] and answer["clock_changes"] == [], answer
    instants = dict(spec, window={"from": start * 1_000_000, "until": (start + 6) * 1_000_000})
    expected = oracle.timeline(instants, task, (start - 5) * 1_000_000, (start + 20) * 1_000_000)
    assert len(expected) == 6, expected
    wait_for("the window closes", lambda: executions_of("shaped", 5) >= 6 and time.time() > start + 8, 30)
    made = rows("SELECT (extract(epoch FROM scheduled_at) * 1000000)::bigint, (extract(epoch FROM due_at) * 1000000)::bigint "
                "FROM execution WHERE task_id = %s ORDER BY 1", task)
    assert made == expected, (made, expected)
    assert executions_of("closed") == 0 and rows("SELECT count(*) FROM schedule_gap WHERE task_id = %s", task)[0][0] == 0
    assert driver.must("GET", "/v1/tasks/default~shaped/upcoming")[0]["items"] == []
    return f"delays {[due - at for at, due in made]} us"


def iso(second):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))


def bytes_that_are_no_record_go_to_dead_letter():
    for topic in ("status", "logs", "commands"):
        for value in (b"hello", struct.pack(">bI", 0, 6) + b"\xff" * 20, struct.pack(">bI", 0, 9999), b""):
            send(topic, str(uuid.uuid4()), value, 0)
    wait_for("twelve dead letters", lambda: rows("SELECT count(*) FROM dead_letter")[0][0] >= 12, 30)
    kept = rows("SELECT count(*) FROM dead_letter WHERE value = %s", b"hello")[0][0]
    assert kept == 3, kept
    before = executions_of("steady", 5)
    wait_for("the stream goes on", lambda: executions_of("steady", 5) > before, 30)


def an_id_of_the_wrong_version_makes_no_partition():
    registry = wire.Registry(stack.url)
    task = str(uuid.uuid5(uuid.uuid5(NAMESPACE, "project/default"), "task/steady"))
    leaves = rows("SELECT count(*) FROM pg_inherits")[0][0]
    before = rows("SELECT count(*) FROM dead_letter")[0][0]
    far = judge.execution_id(task, 4_102_444_800_000_000)  # in 2100
    for execution in (str(uuid.uuid4()), far):
        record = blank_status(execution, task, "RUNNING", 1)
        record["worker"] = {"name": "odd", "incarnation": str(uuid.uuid4())}
        send("status", task, registry.encode(6, record), murmur2_partition(task, 3))
    wait_for("two more dead letters", lambda: rows("SELECT count(*) FROM dead_letter")[0][0] >= before + 2, 30)
    assert rows("SELECT count(*) FROM pg_inherits")[0][0] == leaves


def strays(execution):
    assert not rows("SELECT 1 FROM execution WHERE execution_id = %s", execution), "what nobody made stands among executions"
    return rows("SELECT 1 FROM stray_execution WHERE execution_id = %s AND status = 2", execution)


def a_status_for_an_unknown_execution_is_kept_apart():
    registry = wire.Registry(stack.url)
    task = str(uuid.uuid5(uuid.uuid5(NAMESPACE, "project/default"), "task/never-heard-of"))
    execution = judge.execution_id(task, int(time.time()) * 1_000_000, "external", "x")
    record = blank_status(execution, task, "RUNNING", 1)
    record["worker"] = {"name": "early", "incarnation": str(uuid.uuid4())}
    send("status", task, registry.encode(6, record), murmur2_partition(task, 3))
    wait_for("its row", lambda: strays(execution), 30)


def a_misplaced_status_is_copied_to_its_partition():
    registry = wire.Registry(stack.url)
    task = str(uuid.uuid5(uuid.uuid5(NAMESPACE, "project/default"), "task/misplaced"))
    execution = judge.execution_id(task, int(time.time()) * 1_000_000, "external", "y")
    record = blank_status(execution, task, "RUNNING", 1)
    record["worker"] = {"name": "lost", "incarnation": str(uuid.uuid4())}
    right = murmur2_partition(task, 3)
    send("status", task, registry.encode(6, record), (right + 1) % 3)
    wait_for("its row", lambda: strays(execution), 30)
    found = rows("SELECT kafka_partition FROM execution_event WHERE execution_id = %s", execution)
    assert found == [(right,)], found


def what_a_task_may_carry_is_run_and_no_more_is_saved():
    labels = {f"{i:02d}" + "l" * 62: "v" * 64 for i in range(32)}
    largest = {"queue": "q", "payload": "p" * 65536, "labels": labels, "content_type": "t" * 200}
    path = "/v1/tasks/default~" + "k" * 200
    driver.must("PUT", path, largest, {"Prefer": "wait=20"})
    driver.must("POST", path + ":trigger", {}, {"Prefer": "wait=20"})
    driver.must("POST", path + ":trigger", {"payload": "q" * 65536}, {"Prefer": "wait=20"})
    wait_for("both have run", lambda: executions_of("k" * 200, 5) == 2, 30)
    for field, value in (("payload", "p" * 65537), ("labels", dict(labels, more="")), ("content_type", "t" * 201)):
        status, answer, _ = driver.call("PUT", path, dict(largest, **{field: value}), {"Prefer": "wait=20"})
        assert status == 400, (field, status, answer)
    status, answer, _ = driver.call("POST", path + ":trigger", {"payload": "q" * 65537}, {"Prefer": "wait=20"})
    assert status == 400, (status, answer)


def what_no_scheduler_makes_is_not_run():
    queue, task = Queue(stack, "q"), str(uuid.uuid4())
    refused_ones = [queue.publish(task=task, **fields) for fields in
                    ({"payload": b"p" * 65537}, {"labels": {str(i): "" for i in range(33)}}, {"labels": {"": "v"}}, {"task_key": "k" * 201})]
    last = queue.publish(task=task, payload=b"p" * 65536, labels={str(i): "" for i in range(32)}, task_key="k" * 200)
    assert queue.producer.flush(20) == 0
    wait_for("what lies behind them is run", lambda: rows("SELECT 1 FROM execution WHERE execution_id = %s AND status = 5", last), 30)
    places = [queue.known()[number] for number in refused_ones]
    for partition, offset in places:
        found = rows("SELECT reason FROM dead_letter WHERE topic = 'executions.q' AND part = %s AND kafka_offset = %s", partition, offset)
        assert found == [("over limits",)], found
    for table in ("execution", "stray_execution", "execution_event"):
        assert not rows(f"SELECT 1 FROM {table} WHERE execution_id = ANY(%s::uuid[])", refused_ones), table
    assert f"passed over {queue.topic}[{places[0][0]}] at {places[0][1]}" in worker.log_text()


def two_processes_with_one_name():
    environment = dict(stack.environment, CRONOBS_SCHEDULER_INSTANCE=f"{stack.name}-s1")
    second = subprocess.run([stack.binary, "scheduler"], env=environment, text=True, capture_output=True, timeout=60)
    assert second.returncode in (64, 75), second.returncode
    assert f"{stack.name}-s1" in second.stderr and "instance" in second.stderr, second.stderr
    before = executions_of("steady")
    wait_for("the first goes on", lambda: executions_of("steady") > before + 1, 30)


def refused(other, *arguments):
    done = subprocess.run([stack.binary, *arguments], env=other, text=True, capture_output=True, timeout=60)
    assert done.returncode == 64, (arguments, done.returncode, done.stderr)
    return done.stderr


def a_wrong_partition_count_is_refused():
    other = dict(stack.environment, CRONOBS_PARTITIONS="4", CRONOBS_SCHEDULER_INSTANCE=f"{stack.name}-s9", CRONOBS_CONSUMER_INSTANCE=f"{stack.name}-c9")
    for program in ("scheduler", "consumer", "api"):
        said = refused(dict(other, CRONOBS_API_LISTEN="127.0.0.1:0"), program)
        assert "partitions" in said and "cronobs " in said, said
    plan = subprocess.run([stack.binary, "topics", "plan"], env=other, text=True, capture_output=True, timeout=60)
    assert "partitions is 3, not 4" in plan.stdout + plan.stderr, plan


def a_wrong_timestamp_type_is_refused():
    topic = stack.prefix + "status"

    def set_type(value):
        resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[
            ConfigEntry("message.timestamp.type", value, incremental_operation=AlterConfigOpType.SET)])
        for future in admin.incremental_alter_configs([resource]).values():
            future.result(20)

    def has_type(value):
        answers = admin.describe_configs([ConfigResource(ResourceType.TOPIC, topic)])
        return all(a.result(20)["message.timestamp.type"].value == value for a in answers.values())
    set_type("CreateTime")
    wait_for("the broker shows the change", lambda: has_type("CreateTime"), 20)
    said = refused(dict(stack.environment, CRONOBS_SCHEDULER_INSTANCE=f"{stack.name}-s8"), "scheduler")
    assert "cronobs topics apply" in said and "LogAppendTime" in said, said
    stack.run("topics", "apply")
    assert has_type("LogAppendTime")


def a_second_installation_runs_beside_the_first():
    beside = Stack("beside", partitions=2)
    beside.prepare("q")
    beside.start_api(), beside.start_scheduler(), beside.start_consumer(), beside.start_worker("q", "true")
    other = Driver(beside)
    other.must("PUT", "/v1/tasks/default~steady", {"queue": "q", "payload": "", "schedules": [{"expression": "@every 1s"}]})
    with beside.connect() as connection:
        wait_for("the other one runs its task", lambda: connection.execute("SELECT 1 FROM execution WHERE status = 5").fetchone(), 40)
    beside.down()


def all_goes_down_in_order():
    stack.down()


case.run(a_queue_deleted_under_way_skips_its_instants_and_others_go_on, calendars_a_window_and_jitter_shape_what_fires,
         bytes_that_are_no_record_go_to_dead_letter, an_id_of_the_wrong_version_makes_no_partition, a_status_for_an_unknown_execution_is_kept_apart,
         a_misplaced_status_is_copied_to_its_partition, what_a_task_may_carry_is_run_and_no_more_is_saved, what_no_scheduler_makes_is_not_run, two_processes_with_one_name, a_wrong_partition_count_is_refused,
         a_wrong_timestamp_type_is_refused, a_second_installation_runs_beside_the_first, all_goes_down_in_order)
