"""/v1/system and /v1/queues: who has which partition, how far it is, what is open where and who reads it; as far as it is known."""
import datetime
import json
import time

from client import Client, Worker
from support import case
from support.stack import Stack, wait_for

stack = Stack("system", partitions=3)
stack.prepare("q", "idle")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client, worker = Client(stack.url), Worker(stack)


def system():
    return client.get("/v1/system").body


def queues():
    return {q["name"]: q for q in client.get("/v1/queues")["items"]}


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def each_partition_has_its_owners():
    found = wait_for("owners", lambda: (s := system()) and all("scheduler" in p and "consumer" in p for p in s["partitions"]) and s, 60)
    assert [p["partition"] for p in found["partitions"]] == [0, 1, 2], found
    assert {p["scheduler"] for p in found["partitions"]} == {f"{stack.name}-s1"} and {p["consumer"] for p in found["partitions"]} == {f"{stack.name}-c1"}, found
    assert found["database"] == found["broker"] == {"reachable": True}, found
    assert found["versions"].keys() == {"cronobs", "schema", "postgresql"} and found["lateness"]["fired"] == 0 and "p50_ms" not in found["lateness"], found
    assert found["dead_letters"] == {"count": 0, "more": False}, found


def what_the_schedulers_have_decided_is_told():
    for n in range(9):
        assert client.put(f"t{n}", {"schedules": [{"expression": "* * * * * *"}]}).status == 201

    def advanced():
        marks = [p.get("watermark") for p in system()["partitions"]]
        return all(m and "at" in m and m["age_ms"] < 8000 for m in marks) and marks
    first = wait_for("watermarks", advanced, 60)
    later = wait_for("they move", lambda: (m := advanced()) and all(b["at"] > a["at"] for a, b in zip(first, m)) and m, 30)
    found = system()
    nodes = {n["node"]: n["tzdata"] for n in found["tzdata"]}
    assert nodes.keys() == {"api", f"{stack.name}-s1"} and len(set(nodes.values())) == 1, nodes
    topics = {t["topic"]: t for t in found["retention"]["topics"]}
    assert "ms" not in topics["status"] and topics["state"]["policy"] == "compact" and topics["control"]["ms"] == 604800000, topics
    assert found["retention"]["history_from"] <= later[0]["at"], found
    for n in range(9):
        client.call("DELETE", f"/v1/tasks/default~t{n}", Prefer="wait=20")


def lateness_is_that_of_the_tables():
    def agrees():
        found = system()
        with stack.connect() as connection:
            count, p50, p99 = connection.execute(
                "SELECT count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY late), percentile_disc(0.99) WITHIN GROUP (ORDER BY late) FROM"
                " (SELECT floor(extract(epoch FROM created_at - due_at) * 1000)::int8 AS late FROM execution WHERE trigger = 1 AND created_at IS NOT NULL) x").fetchone()
        return count > 9 and found["lateness"]["fired"] == count and (found["lateness"]["p50_ms"], found["lateness"]["p99_ms"]) == (p50, p99) and found["lateness"]
    return json.dumps(wait_for("they agree", agrees, 30))


def open_ones_are_counted_by_queue():
    assert client.put("manual", {}).status == 201
    made = [client.act("manual", "trigger")["execution_id"] for _ in range(5)]
    task = client.get("/v1/tasks/default~manual")["task_id"]
    with stack.connect() as connection:
        before = dict(connection.execute("SELECT status, count(*) FROM execution WHERE open AND queue = 'q' GROUP BY 1").fetchall())
    worker.report({"execution_id": made[0], "task_id": task}, "RUNNING")
    found = wait_for("it runs", lambda: (q := queues()["q"]) and q["open"].get("RUNNING") == 1 and q, 30)
    assert found["open"]["PENDING"] == before[0] - 1 and not found["more"], (found, before)
    with stack.connect() as connection:
        oldest = connection.execute("SELECT min(due_at) FROM execution WHERE status = 0 AND queue = 'q'").fetchone()[0]
    assert instant(found["oldest_due_at"]) == oldest, (found, oldest)
    idle = queues()["idle"]
    assert idle["open"] == {} and "oldest_due_at" not in idle and idle["topic"] == f"{stack.prefix}executions.idle" and idle["partitions"] == 3, idle


def who_reads_a_queue_is_told():
    found = wait_for("nobody does", lambda: (q := queues()["q"]) and "members" in q.get("group", {}) and q, 30)
    assert found["group"]["members"] == 0 and "lag" not in found["group"] and found["group"]["name"] == f"{stack.name}-work-q", found
    one = stack.start("worker", "work", "--queue", "q", "--shell")
    found = wait_for("one does, and has read all", lambda: (q := queues()["q"]) and q["group"].get("members") == 1 and q["group"].get("lag", 9999) <= 2 * 3 and q, 90)
    wait_for("all is done", lambda: "PENDING" not in queues()["q"]["open"], 60)
    one.stop()
    wait_for("it has left", lambda: queues()["q"]["group"].get("members") == 0, 90)
    client.act("manual", "trigger")
    client.act("manual", "trigger")
    wait_for("what nobody reads is behind", lambda: queues()["q"]["group"].get("lag", 0) >= 2, 30)
    assert queues()["idle"]["group"]["members"] == 0


def what_is_wrong_is_told_with_its_partition():
    with stack.connect() as connection:
        connection.execute("INSERT INTO lost_range VALUES ('status', 0, 3, 10)")
        connection.execute("UPDATE kafka_offset SET stands = 'no such thing' WHERE topic = 'logs' AND part = 1")
        connection.execute("INSERT INTO dead_letter (topic, part, kafka_offset, received_at, reason) VALUES ('status', 1, 7, '2027-01-01', 'undecodable')")
    found = wait_for("they are told", lambda: (s := system()) and s["dead_letters"]["count"] == 1 and s["partitions"][1]["problems"] and s, 30)
    assert found["dead_letters"] == {"count": 1, "more": False, "newest_at": "2027-01-01T00:00:00Z"}, found
    assert found["partitions"][0]["problems"] == [{"kind": "LOST", "topic": "status", "offsets": 7}], found
    standing = found["partitions"][1]["problems"][0]
    assert standing["kind"] == "STANDING" and standing["why"] == "no such thing" and standing["cure"].startswith("cronobs topics skip logs 1 "), standing
    with stack.connect() as connection:
        connection.execute("DELETE FROM lost_range; DELETE FROM dead_letter; UPDATE kafka_offset SET stands = NULL")


def many_at_once_are_answered_from_one_look():
    def asked():
        return int(client.get("/metrics").body.split("\ncronobs_database_queries_total ")[1].split()[0])
    wait_for("the answer is fresh", lambda: system() and True, 5)
    before, began = asked(), time.monotonic()
    for _ in range(50):
        client.get("/v1/system")
        client.get("/v1/queues")
    took = time.monotonic() - began
    assert asked() - before < 50 + 10 * took, (before, asked())
    for path in ("/v1/system?x=1", "/v1/queues?limit=1"):
        assert client.call("GET", path).status == 400, path
    assert client.call("POST", "/v1/system", {}).status == 405


case.run(each_partition_has_its_owners, what_the_schedulers_have_decided_is_told, lateness_is_that_of_the_tables, open_ones_are_counted_by_queue,
         who_reads_a_queue_is_told, what_is_wrong_is_told_with_its_partition, many_at_once_are_answered_from_one_look)
