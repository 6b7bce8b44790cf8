"""Writes that are refused have no effect, and one Idempotency-Key stands for one request: whichever process is asked, and after
restarts, and while the database is away."""
import concurrent.futures

from client import Client
from relay import Relay, before_postgres
from support import case
from support.stack import Stack, free_port, wait_for
from support.wire import topic_names

stack = Stack("keys", partitions=3)
stack.prepare("q")
postgres, database = before_postgres(stack)
scheduler, consumer = stack.start_scheduler(), stack.start_consumer()
LIMITS = {"CRONOBS_QUEUES_MAX": "6", "CRONOBS_QUEUES_PER_MINUTE": "4"}


def start(name):
    port = free_port()
    process = stack.start(name, "api", CRONOBS_API_LISTEN=f"127.0.0.1:{port}", CRONOBS_DATABASE=database, **LIMITS)
    client = Client(f"http://127.0.0.1:{port}")

    def is_ready():
        try:
            return client.call("GET", "/readyz").status == 200
        except OSError:
            return False

    wait_for(f"{name} is ready", is_ready, 30)
    return process, client, is_ready


process_a, a, a_ready = start("api-a")
process_b, b, b_ready = start("api-b")


def topics():
    return {name.removeprefix(stack.prefix + "executions.") for name in topic_names(stack.brokers, stack.prefix) if ".executions." in name}


# --- queues ---


def a_refused_write_makes_no_topic():
    before = topics()
    assert a.put("taken").status == 201
    for headers, status in (({"If-Match": '"99"'}, 412), ({"If-None-Match": "*"}, 412)):
        answer = a.put("taken", {"queue": "side-effect"}, **headers)
        assert answer.status == status, answer
    answer = a.put("taken", {"queue": "side-effect"}, If_Match='"99"', Prefer="")
    assert answer.status == 202, answer
    assert a.put("fresh", {"queue": "side-effect"}, If_Match='"1"', Idempotency_Key="k").status == 412
    assert topics() == before, topics()


def the_first_task_of_a_queue_is_one_request():
    made = a.put("one", {"queue": "made-by-waiting"})
    assert made.status == 201 and made["code"] == "CREATED", made
    sent = a.put("two", {"queue": "made-without"}, Prefer="")
    assert sent.status == 202, sent
    assert a.get(sent.headers["Location"], Prefer="wait=20")["code"] == "CREATED"
    assert {"made-by-waiting", "made-without"} <= topics()
    keyed = [one.put("three", {"queue": "made-by-key"}, Idempotency_Key="once") for one in (a, b, a)]
    assert [answer.status for answer in keyed] == [201, 201, 201] and len({answer["command_id"] for answer in keyed}) == 1, keyed
    reused = b.put("three", {"queue": "made-by-key", "title": "other"}, Idempotency_Key="once")
    assert reused.status == 422, reused


def queues_are_limited():
    """Six of them, of which one was there before; four a minute and process."""
    assert b.put("four", {"queue": "fourth"}).status == 201
    assert a.put("five", {"queue": "fifth"}).status == 201
    before = topics()
    assert len(before) == 6, before
    refused = b.put("six", {"queue": "sixth"})
    assert refused.status == 409 and "queues.max" in refused["detail"], refused
    assert topics() == before
    return f"{sorted(before)}"


def too_many_new_queues_a_minute_are_for_later():
    _, other, _ = start_with(CRONOBS_QUEUES_MAX="1000", CRONOBS_QUEUES_PER_MINUTE="2")
    answers = [other.put(f"rate{n}", {"queue": f"rate-{n}"}) for n in range(4)]
    statuses = [answer.status for answer in answers]
    assert statuses == [201, 201, 503, 503], answers
    assert answers[2].headers["Retry-After"] and "queues.per_minute" in answers[2]["detail"], answers[2]
    assert "rate-2" not in topics()


def start_with(**environment):
    LIMITS.update(environment)
    return start(f"api-{len(stack.processes)}")


# --- outcomes ---


def an_outcome_is_found_among_thousands_of_its_id():
    """Anybody may write commands and outcomes under an id that somebody else waits for, each about another task."""
    scheduler.hold()
    scheduler.kill()
    with concurrent.futures.ThreadPoolExecutor(1) as pool, stack.connect() as connection:
        waiting = pool.submit(a.put, "crowd", Prefer="wait=30")
        command, = wait_for("the command is stored", lambda: connection.execute("SELECT command_id FROM command WHERE result IS NULL").fetchone(), 20)
        connection.execute("INSERT INTO command (command_id, task_id, kind, kafka_partition, kafka_offset, misplaced, actor, body, received_at, result, code)"
                           " SELECT %s, gen_random_uuid(), 0, -1, n, false, '', '{}', now(), 1, 0 FROM generate_series(1, 5000) n", (command,))
        scheduler.release()
        answer = waiting.result()
        connection.execute("DELETE FROM command WHERE kafka_partition = -1")
    assert answer.status == 201 and answer["command_id"] == str(command), answer


# --- keys ---


def exchange(client, body, key, **headers):
    return client.put("keyed", {"payload": body}, Idempotency_Key=key, **headers)


def two_bodies_are_told_while_the_database_is_away():
    """The later one in the log loses, and hears of it: as an outcome, and from each process as soon as it is asked again."""
    postgres.is_frozen = True
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(exchange, a, "body-A", "dark", Prefer=""), pool.submit(exchange, b, "body-B", "dark", Prefer="")
        first, second = first.result(), second.result()
    assert (first.status, second.status) == (202, 202), (first, second)
    assert first["command_id"] != second["command_id"]
    postgres.cut()
    postgres.mend()
    wait_for("both are ready again", lambda: a_ready() and b_ready(), 30)
    outcomes = [a.get(answer.headers["Location"], Prefer="wait=20") for answer in (first, second)]
    assert sorted(outcome["result"] for outcome in outcomes) == ["ACCEPTED", "REJECTED"], outcomes
    winner = "body-A" if outcomes[0]["result"] == "ACCEPTED" else "body-B"
    assert a.get("/v1/tasks/default~keyed")["spec"]["payload"] == winner
    for client in (a, b):
        for body in ("body-A", "body-B", "body-C"):
            for wait in ("", "wait=20"):
                answer = exchange(client, body, "dark", Prefer=wait)
                assert (answer.status in (200, 201, 202)) == (body == winner) and (body == winner or answer.status == 422), (body, winner, wait, answer)


def a_restart_forgets_nothing():
    assert exchange(a, "first", "restart").status in (200, 201)
    process_a.kill()
    wait_for("it is back", a_ready, 30)
    for client in (a, b):
        assert exchange(client, "first", "restart").status in (200, 201)
        reused = exchange(client, "second", "restart", Prefer="")
        assert reused.status == 422 and reused["type"].endswith("key-reused"), reused
    assert a.get("/v1/tasks/default~keyed")["spec"]["payload"] == "first"


def of_many_at_once_one_wins():
    """Ten bodies under one key, to two processes at the same time: one is carried out, nine are refused, each hears what came of its own."""
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        futures = [pool.submit(exchange, (a, b)[n % 2], f"race-{n}", "race") for n in range(10)]
        statuses = [future.result().status for future in futures]
    assert sorted(statuses) == [200] + [422] * 9, statuses
    assert a.get("/v1/tasks/default~keyed")["spec"]["payload"] == f"race-{statuses.index(200)}"


def a_refusal_leaves_the_key_free():
    """The brokers cannot be asked yet: nothing reaches the log. The corrected request under the same key is the first."""
    host, port = stack.brokers.split(",")[0].rsplit(":", 1)
    kafka = Relay(host, int(port))
    kafka.is_frozen = True
    port = free_port()
    stack.start("api-early", "api", CRONOBS_API_LISTEN=f"127.0.0.1:{port}", CRONOBS_DATABASE=database, CRONOBS_BROKERS=f"127.0.0.1:{kafka.port}")
    early = Client(f"http://127.0.0.1:{port}")

    def answers():
        try:
            return early.call("GET", "/healthz").status == 200
        except OSError:
            return False

    wait_for("it answers", answers, 30)
    refused = exchange(early, "wrong", "early")
    assert refused.status == 503, refused
    kafka.mend()
    wait_for("it knows the brokers", lambda: early.call("GET", "/readyz").status == 200, 60)
    corrected = exchange(early, "right", "early")
    assert corrected.status == 200, corrected
    assert exchange(early, "wrong", "early").status == 422
    assert a.get("/v1/tasks/default~keyed")["spec"]["payload"] == "right"


def a_key_is_of_one_task():
    for key in ("t1", "t2"):
        assert a.put(key, Idempotency_Key="shared").status == 201


case.run(an_outcome_is_found_among_thousands_of_its_id, a_refused_write_makes_no_topic, the_first_task_of_a_queue_is_one_request, queues_are_limited, two_bodies_are_told_while_the_database_is_away,
         a_restart_forgets_nothing, of_many_at_once_one_wins, a_refusal_leaves_the_key_free, a_key_is_of_one_task, too_many_new_queues_a_minute_are_for_later)
