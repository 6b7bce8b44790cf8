"""A projection that cannot store, and partitions that nobody has: /readyz and /metrics say so, and when it is over.

What nobody has is told after a minute: that is an installation of its own, which is asked while the others are looked at.
"""
import concurrent.futures

from client import Client
from support import case
from support.stack import Stack, wait_for

stack = Stack("unwell", partitions=2)
stack.prepare("q")
stack.start_api()
stack.start_scheduler()
consumer = stack.start_consumer()
client = Client(stack.url)
orphaned = Stack("unowned", partitions=2)
orphaned.prepare("q")
TOPICS = {"commands", "tasks", "status", "heartbeats", "logs", "executions.q"}
FULL = """CREATE OR REPLACE FUNCTION public.disk_is_full() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END $$"""


def unstored():
    return client.call("GET", "/readyz").body.get("unstored", [])


def metric(name, client=client):
    return [line for line in client.get("/metrics").body.splitlines() if line.startswith(f"cronobs_partition_{name}_seconds{{")]


def all_is_well():
    assert client.put("first").status == 201  # the consumer has its partitions
    ready = wait_for("ready", lambda: (a := client.call("GET", "/readyz")).status == 200 and a.body, 30)
    assert ready["unstored"] == [] and ready["unowned"] == [], ready
    assert metric("unstored") == [] and metric("unowned") == []


def silent_for(connection, seconds):
    connection.execute(f"UPDATE kafka_offset SET well_at = now() - interval '{seconds} s'")


def who_stores_says_so():
    with stack.connect() as connection:
        silent_for(connection, 100)
    ready = wait_for("it is told", lambda: (a := client.call("GET", "/readyz")).status == 503 and a.body["unstored"] and a.body, 10)
    assert all("cronobs consumer" in x["cure"] and x["why"] for x in ready["unstored"]), ready
    assert ready["ready"] is False and {x["topic"] for x in ready["unstored"]} <= TOPICS, ready
    wait_for("the consumer says that all is well", lambda: client.call("GET", "/readyz").status == 200, 40)


def who_cannot_store_is_silent():
    with stack.connect() as connection:
        connection.execute(FULL)
        connection.execute("CREATE TRIGGER full_disk BEFORE INSERT ON cronobs.command FOR EACH ROW EXECUTE FUNCTION public.disk_is_full()")
        assert client.put("x", Prefer="wait=0").status == 202
        wait_for("it cannot store", lambda: "could not store" in consumer.log_text(), 30)
        silent_for(connection, 61)
        # Long enough for two words of a consumer that is well.
        wait_for("it stays silent", lambda: all(x["seconds"] >= 95 for x in unstored()) and len(unstored()) == 2 * len(TOPICS), 60)
        lines = metric("unstored")
        assert len(lines) == 2 * len(TOPICS) and any('topic="commands",partition="1"' in line for line in lines), lines
        connection.execute("DROP TRIGGER full_disk ON cronobs.command")
    wait_for("all is well again", lambda: client.call("GET", "/readyz").status == 200, 60)
    assert client.get("/v1/tasks/default~x")["key"] == "x"


def who_ends_again_and_again_is_silent():
    """What it cannot go on from ends it; started anew it has its partitions, and has stored nothing yet."""
    with stack.connect() as connection:
        connection.execute(FULL.replace("'disk_full'", "'insufficient_privilege'"))
        connection.execute("CREATE TRIGGER full_disk BEFORE INSERT ON cronobs.command FOR EACH ROW EXECUTE FUNCTION public.disk_is_full()")
        assert client.put("y", Prefer="wait=0").status == 202
        starts = consumer.starts
        wait_for("it ends", lambda: consumer.starts > starts, 60)
        silent_for(connection, 61)
        starts = consumer.starts
        wait_for("it has ended twice more", lambda: consumer.starts >= starts + 3, 60)
        assert {x["topic"] for x in unstored()} == TOPICS, unstored()
        connection.execute("DROP TRIGGER full_disk ON cronobs.command")
    wait_for("all is well again", lambda: client.call("GET", "/readyz").status == 200, 60)


def nobody_has():
    """From its first day to the end of its trouble; what the API said is judged where it is seen, whatever else takes long."""
    orphaned.start_api()
    orphaned.start_consumer()
    scheduler, client = orphaned.start_scheduler(), Client(orphaned.url)
    assert client.put("first").status == 201
    wait_for("ready", lambda: client.call("GET", "/readyz").status == 200, 30)
    scheduler.stop()

    def told():
        answer = client.call("GET", "/readyz")
        return answer.status == 503 and answer.body.get("unowned")
    unowned = wait_for("nobody has the scheduler's partitions", told, 150)
    assert {(x["by"], x["topic"], x["partition"]) for x in unowned} == {("scheduler", "commands", 0), ("scheduler", "commands", 1)}, unowned
    assert all(60 <= x["seconds"] < 150 for x in unowned), unowned
    assert all("does not fire" in x["why"] and "cronobs scheduler" in x["cure"] for x in unowned), unowned
    assert len(metric("unowned", client)) == 2
    orphaned.start_scheduler()
    wait_for("somebody has", lambda: client.call("GET", "/readyz").status == 200, 60)


def what_nobody_has_is_told_after_a_minute():
    asked.result()


asked = concurrent.futures.ThreadPoolExecutor(1).submit(nobody_has)
case.run(all_is_well, who_stores_says_so, who_cannot_store_is_silent, who_ends_again_and_again_is_silent, what_nobody_has_is_told_after_a_minute)
