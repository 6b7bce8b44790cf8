"""A database that refuses: read-only, or with no connection to be had, at the start and under way. Nothing is lost, logs are not flooded, all goes on by itself."""
import threading
import time

import psycopg

from client import Client
from support import case
from support.stack import Stack, wait_for

REFUSED_FOR, WHOLE_AFTER = 8, 30  # seconds
stack = Stack("database", partitions=3)
stack.prepare("q")
client = Client(stack.url)
worker = stack.start_worker("q", "true")


def alter(setting):
    """And ends all sessions, so that it holds for everybody at once."""
    with psycopg.connect(stack.server, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{stack.name}" {setting}')
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (stack.name,))


def executions():
    return client.pages("/v1/executions?task=default~tick", 500)[0]


def lines_of(part):
    return len(part.log_text().splitlines())


def newest():
    try:
        return max((run["scheduled_at"] for run in executions()), default="")
    except (AssertionError, OSError):
        return ""  # it is away, which is what this is about


def goes_on(after):
    wait_for("history goes on", lambda: newest() > time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(after)), WHOLE_AFTER + 30)


def at_most_a_line_a_second(parts, before, seconds):
    for part, had in zip(parts, before):
        more = lines_of(part) - had
        assert more <= 2 * seconds + 20, f"{part.name}: {more} lines in {seconds:.0f} s\n{part.log_text()[-2000:]}"


def refuses(setting, back):
    """While it refuses, reads say so, or are answered; what is written is in the log all the same."""
    parts, began = (consumer, api, scheduler, worker), time.time()
    before = [lines_of(part) for part in parts]
    starts = [part.starts for part in parts]
    alter(setting)
    seen = set()
    def look():
        answer = client.call("GET", "/v1/tasks/default~tick")
        seen.add(answer.status)
        assert answer.status == 200 or (answer.status == 503 and answer.headers["Retry-After"]), answer
        return time.time() > began + REFUSED_FOR
    wait_for("it has refused for a while", look, REFUSED_FOR + 20)
    sent = client.put(f"meanwhile-{'-'.join(setting.lower().split()[:1])}-{int(began)}", Prefer="")
    assert sent.status == 202, sent
    at_most_a_line_a_second(parts, before, time.time() - began)
    alter(back)
    restored = time.time()
    goes_on(restored)
    took = time.time() - restored
    assert client.get(sent.headers["Location"], Prefer="wait=20")["code"] == "CREATED"
    assert [part.starts for part in (scheduler, worker)] == starts[2:], "a part that needs no database was started again"
    return f"answers {sorted(seen)}; whole again after {took:.1f} s"


def no_connection_at_the_start():
    """What needs it waits for it, or ends and is started again; neither fast."""
    global scheduler, consumer, api
    alter("ALLOW_CONNECTIONS false")
    scheduler, consumer = stack.start_scheduler(), stack.start_consumer()
    starting = threading.Thread(target=stack.start_api)
    began = time.time()
    starting.start()
    wait_for("it has refused for a while", lambda: time.time() > began + 5)
    alter("ALLOW_CONNECTIONS true")
    starting.join(60)
    api = next(part for part in stack.processes if part.name == "api")
    at_most_a_line_a_second((consumer, api), (0, 0), time.time() - began)
    assert client.put("tick", {"schedules": [{"expression": "* * * * * *"}]}).status == 201
    goes_on(began)


def no_connection_under_way():
    return refuses("ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true")


def read_only():
    return refuses("SET default_transaction_read_only = on", "RESET default_transaction_read_only")


def no_second_was_lost_and_the_tables_are_those_of_the_log():
    assert client.act("tick", "pause").status == 200
    wait_for("nothing is open", lambda: not client.get("/v1/executions?task=default~tick&status=OPEN")["items"], 30)
    found = sorted(int(time.mktime(time.strptime(run["scheduled_at"][:19], "%Y-%m-%dT%H:%M:%S"))) for run in executions())
    assert found == list(range(found[0], found[-1] + 1)), "a second is missing"
    for part in (worker, scheduler, consumer):
        part.stop()
    stack.run("db", "verify")
    rebuilt = stack.run("db", "rebuild", timeout=120)
    assert "digest equal" in rebuilt.stdout, rebuilt.stdout + rebuilt.stderr
    stack.down()
    return f"{len(found)} seconds"


case.run(no_connection_at_the_start, no_connection_under_way, read_only, no_second_was_lost_and_the_tables_are_those_of_the_log)
