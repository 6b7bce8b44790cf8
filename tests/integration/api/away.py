"""PostgreSQL, Kafka or the scheduler away: every request gets an answer, writes are kept, and all is well again afterwards.

The API reaches both servers through relays of this test, which can be cut, so that other tests keep theirs.
"""
import collections
import concurrent.futures
import socket
import subprocess
import time

from client import Client
from relay import before_postgres
from support import case
from support.stack import Stack, free_port, wait_for


stack = Stack("away", partitions=3)
stack.prepare("q")
postgres, database = before_postgres(stack)
scheduler, consumer = stack.start_scheduler(), stack.start_consumer()
api = stack.start("api", "api", CRONOBS_API_LISTEN=f"127.0.0.1:{stack.port}", CRONOBS_DATABASE=database)
wait_for("the API answers", stack.api_answers, 30)
client = Client(stack.url)


EXECUTION = "0192b1a4-7c1e-8000-9c5e-7a1b2c3d4e5f"


def is_ready():
    return client.call("GET", "/readyz").status == 200


wait_for("ready", is_ready, 30)


def waiting(number):
    began = time.monotonic()
    answer = client.put(f"w{number % 50}", {"title": str(number)}, Prefer="wait=3", timeout=60)
    return answer.status, time.monotonic() - began, answer


def with_postgres_away_500_waiting_requests_are_answered():
    client.put("w0")
    with concurrent.futures.ThreadPoolExecutor(500) as pool:
        futures = [pool.submit(waiting, n) for n in range(500)]
        wait_for("they wait", lambda: "cronobs_waiting_requests 0\n" not in client.call("GET", "/metrics").body, 20)
        postgres.cut()
        answers = [future.result() for future in futures]
    statuses = collections.Counter(status for status, _, _ in answers)
    assert set(statuses) <= {200, 201, 202, 503}, statuses
    assert all(answer.headers["Retry-After"] for status, _, answer in answers if status == 503)
    assert all(answer.headers["Location"] for status, _, answer in answers if status == 202)
    longest = max(took for _, took, _ in answers)
    assert longest < 30, longest
    return f"{dict(statuses)}, longest {longest:.1f} s"


def reads_say_that_it_is_away():
    for path in ("/v1/tasks", "/v1/executions", "/v1/tasks/default~w0", "/v1/days", "/v1/upcoming", "/v1/queues/q/workers"):
        answer = client.call("GET", path)
        assert answer.status == 503 and answer.headers["Retry-After"] and "database" in answer["detail"], answer
    past = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"}
    for path, body in ((f"/v1/executions/{EXECUTION}:cancel", None), (f"/v1/executions/{EXECUTION}:retry", None), ("/v1/tasks/default~w0:backfill?dry_run=true", past)):
        answer = client.call("POST", path, body)
        assert answer.status == 503 and answer.headers["Retry-After"] and "database" in answer["detail"], answer
    for path, body in (("/v1/tasks/default~w0:skip-next", None), ("/v1/tasks/default~w0:backfill", past)):
        assert client.call("POST", path, body).status == 202, path  # these know their task, and the scheduler what is wrong with it
    ready = client.call("GET", "/readyz")
    assert ready.status == 503 and not ready["database"]["reachable"] and ready["broker"]["reachable"], ready
    assert client.get("/healthz")["status"] == "ok"
    system, queues = client.get("/v1/system"), client.get("/v1/queues")
    assert not system["database"]["reachable"] and "lateness" not in system.body and len(system["partitions"]) == 3, system
    assert [q["name"] for q in queues["items"]] == ["q"] and "open" not in queues["items"][0], queues
    assert "cronobs_database_up 0\n" in client.get("/metrics").body
    assert client.get("/registry/schemas/ids/1")["schema"]


def writes_are_taken_all_the_same():
    sent = client.put("kept", Prefer="wait=1")
    assert sent.status == 202, sent
    key = client.put("kept2", Idempotency_Key="once", Prefer="")
    assert key.status == 202, key
    postgres.mend()
    assert client.get(sent.headers["Location"], Prefer="wait=30")["code"] == "CREATED"
    wait_for("ready again", is_ready, 30)
    assert len(client.get("/v1/tasks?limit=500")["items"]) == 52


def a_database_that_says_nothing_is_given_up():
    postgres.is_frozen = True
    began = time.monotonic()
    answer = client.call("GET", "/v1/tasks")
    took = time.monotonic() - began
    assert answer.status == 503 and 5 < took < 12, (answer, took)
    assert client.get("/healthz")["status"] == "ok"
    postgres.cut()
    postgres.mend()
    wait_for("ready again", is_ready, 30)
    assert client.get("/v1/tasks").status == 200
    return f"{took:.1f} s"


def a_restarted_server_is_used_at_once():
    """As in a restart of PostgreSQL: idle connections end, new ones are fine."""
    for _ in range(5):
        postgres.cut()
        postgres.mend()
        wait_for("it answers", lambda: client.call("GET", "/v1/tasks").status == 200, 10)


def all_schedulers_stopped():
    scheduler.hold()
    scheduler.kill()
    sent = client.put("later", {"schedules": [{"expression": "@hourly"}]}, Prefer="wait=1")
    assert sent.status == 202 and sent["result"] == "PENDING", sent
    stale = client.call("GET", f"/v1/tasks?after_command={sent['command_id']}", Prefer="wait=1")
    assert stale.status == 503 and stale.headers["Retry-After"], stale
    scheduler.release()
    assert client.get("/v1/tasks/default~later?after_command=" + sent["command_id"], Prefer="wait=30")["revision"] == 1


def without_kafka_reads_are_answered_and_writes_are_not_lost_silently():
    port = free_port()
    lonely = stack.start("lonely", "api", CRONOBS_API_LISTEN=f"127.0.0.1:{port}", CRONOBS_BROKERS=f"127.0.0.1:{free_port()}")
    other = Client(f"http://127.0.0.1:{port}")
    wait_for("it listens", lambda: listens(port), 30)
    assert len(wait_for("it reads", lambda: (a := other.call("GET", "/v1/tasks")).status == 200 and a, 30)["items"]) > 50
    refused = other.put("w0", {"title": "never"})
    assert refused.status == 503 and refused.headers["Retry-After"] and "Kafka" in refused["detail"], refused
    ready = other.call("GET", "/readyz")
    assert ready.status == 503 and not ready["broker"]["reachable"] and ready["database"]["reachable"], ready
    lonely.stop(30)


def listens(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False


def topics_of_another_size_are_not_written_to():
    """As when the setting `partitions` is wrong: a command would go to a partition that nobody expects."""
    environment = dict(stack.environment, CRONOBS_PARTITIONS="5", CRONOBS_API_LISTEN=f"127.0.0.1:{free_port()}")
    done = subprocess.run([stack.binary, "api"], env=environment, text=True, capture_output=True, timeout=60)
    assert done.returncode == 64 and "partitions" in done.stderr, (done.returncode, done.stderr)


def it_stops_in_order_with_requests_waiting():
    scheduler.hold()
    scheduler.kill()
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        futures = [pool.submit(client.put, f"w{n}", {"title": "stop"}, Prefer="wait=50") for n in range(20)]
        wait_for("they wait", lambda: "cronobs_waiting_requests 20\n" in client.call("GET", "/metrics").body, 20)
        began = time.monotonic()
        api.stop()
        took = time.monotonic() - began
        statuses = collections.Counter(future.result().status for future in futures)
    assert statuses == {202: 20} and took < 15, (statuses, took)
    assert api.child.returncode == 0, api.child.returncode
    return f"{took:.1f} s"


case.run(with_postgres_away_500_waiting_requests_are_answered, reads_say_that_it_is_away, writes_are_taken_all_the_same, a_database_that_says_nothing_is_given_up,
         a_restarted_server_is_used_at_once, all_schedulers_stopped, without_kafka_reads_are_answered_and_writes_are_not_lost_silently,
         topics_of_another_size_are_not_written_to, it_stops_in_order_with_requests_waiting)
