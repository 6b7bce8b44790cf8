"""requests.jsonl: requests and what must be answered; and lists that are read page by page, triggers all at once, answers that get lost, sizes at the limit."""
import base64
import concurrent.futures
import http.client
import json
import time
import urllib.parse

import data
from client import Client
from support import case
from support.stack import Stack, free_port, wait_for

TASKS, LIMITS = 60, (1, 7, 59, 60, 61, 500)

stack = Stack("requests", partitions=3)
stack.prepare("q", "idle")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
worker = stack.start_worker("q", "true")
client = Client(stack.url)
CASES = data.cases("requests.jsonl")


def executions(query):
    return client.pages(f"/v1/executions?{query}", 500)[0]


def at_once(count, call):
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return [each.result() for each in [pool.submit(call, n) for n in range(count)]]


# --- the table ---


def is_answered(step):
    method, path, headers, body, status, *said = step
    answer = client.call(method, path, body, **{"Prefer": "wait=20", **headers})
    if method == "GET":
        found = " ".join(f"{task['project']}~{task['key']}" for task in answer["items"]) if answer.status == 200 else ""
        return answer, (answer.status, found) == (status, said[0])
    return answer, answer.status == status and (not said or said[0] in json.dumps(answer.body))


def every_request_has_its_answer():
    wrong = []
    for name, one in CASES.items():
        for step in one["steps"]:
            answer, is_right = is_answered(step)
            if not is_right:
                wrong.append(f"{name}: {step}: {answer.status} {answer.body}")
    assert not wrong, "\n".join(wrong)
    return f"{len(CASES)} cases"


def a_label_is_found_by_people_too():
    assert [row.split()[0] for row in stack.run("task", "list", "--label", "stack:a:b,c=d %+").stdout.splitlines()[1:]] == ["label"]


def a_label_is_found_or_refused_when_it_is_saved():
    for n, name in enumerate(("team:core", "team=core", "team core", "té", "a,b", "a%b", "team/core", "team.core_x-1")):
        saved = client.put(f"named{n}", {"labels": {name: "a"}})
        if saved.status == 400:
            assert saved["pointer"].startswith("/labels") and saved["hint"], saved
            continue
        found = client.get(f"/v1/tasks?label={urllib.parse.quote(name)}:a")["items"]
        assert saved.status == 201 and [task["key"] for task in found] == [f"named{n}"], (name, found)


# --- pages ---


def rows_of_one_instant_are_on_one_page_each():
    """Sixty executions have each instant; half of them are never run."""
    for n in range(TASKS):
        client.put(f"p{n:02d}", {"queue": ("q", "idle")[n % 2], "schedules": [{"expression": "*/5 * * * * *"}]}, Prefer="")
    def all_fire():
        found = executions("queue=q") + executions("queue=idle")
        instants = [run["scheduled_at"] for run in found if run["key"].startswith("p")]
        return next((at for at in sorted(set(instants)) if instants.count(at) == TASKS), None)
    first = wait_for("all fire at one instant", all_fire, 60)
    for limit in LIMITS:  # while rows arrive, and their statuses change
        before = {run["execution_id"] for run in executions(f"from={first}")}
        read = [run["execution_id"] for run in client.pages(f"/v1/executions?from={first}", limit)[0]] if limit > 1 else list(before)
        assert len(read) == len(set(read)) and before <= set(read), (limit, len(read), len(before - set(read)))
    for n in range(TASKS):
        client.act(f"p{n:02d}", "pause", Prefer="")
    wait_for("all are paused", lambda: all(task["state"] == "PAUSED" for task in client.pages("/v1/tasks", 500)[0] if task["key"].startswith("p")), 60)
    wait_for("those of q have run", lambda: not executions("queue=q&status=OPEN"), 60)
    return first


def pages_hold_each_row_once_whatever_their_length():
    first = min(run["scheduled_at"] for run in executions("queue=idle"))
    last = max(run["scheduled_at"] for run in executions("queue=idle"))
    everything = f"from={first}&to={last[:-1]}.000001Z"
    compared = 0
    for query in (everything, f"{everything}&status=PENDING", f"{everything}&status=SUCCEEDED,FAILED", f"{everything}&queue=q", f"{everything}&task=default~p07",
                  "status=PENDING", "status=SUCCEEDED,FAILED", "queue=idle", "task=default~p07"):
        whole = [run["execution_id"] for run in executions(query)]
        assert whole and len(whole) == len(set(whole)), query
        for limit in LIMITS:
            if limit > 1 or len(whole) < 100:
                assert [run["execution_id"] for run in client.pages(f"/v1/executions?{query}", limit)[0]] == whole, (query, limit)
                compared += len(whole)
    return f"{compared} rows in pages of {LIMITS}"


# --- triggers ---


def of_twenty_triggers_at_once_each_has_its_execution():
    assert client.put("burst").status == 201
    made = [answer["execution_id"] for answer in at_once(20, lambda _: client.act("burst", "trigger"))]
    assert len(set(made)) == 20, made
    wait_for("all are there", lambda: {run["execution_id"] for run in executions("task=default~burst")} == set(made), 30)


def with_one_key_they_are_one():
    answers = at_once(20, lambda _: client.act("burst", "trigger", Idempotency_Key="one"))
    outcomes = {(answer["command_id"], answer["execution_id"]) for answer in answers}
    assert {answer.status for answer in answers} <= {200, 201} and len(outcomes) == 1, answers
    reused = client.act("burst", "trigger", {"payload": "other"}, Idempotency_Key="one")
    assert reused.status == 422, reused
    wait_for("it is there", lambda: len(executions("task=default~burst")) == 21, 30)


def a_trigger_in_the_second_of_an_instant_takes_nothing_away():
    assert client.put("ticks", {"schedules": [{"expression": "* * * * * *"}]}).status == 201
    wait_for("it fires", lambda: executions("task=default~ticks"), 30)
    by_hand = [answer["execution_id"] for answer in at_once(10, lambda _: client.act("ticks", "trigger"))]
    client.act("ticks", "pause")
    def whole():
        found = executions("task=default~ticks")
        seconds = sorted(int(time.mktime(time.strptime(run["scheduled_at"][:19], "%Y-%m-%dT%H:%M:%S"))) for run in found if run["trigger"] != "MANUAL")
        return {run["execution_id"] for run in found if run["trigger"] == "MANUAL"} == set(by_hand) and seconds == list(range(seconds[0], seconds[-1] + 1))
    wait_for("ten by hand, and each second once", whole, 30)


def an_answer_that_got_lost_is_given_again():
    assert client.put("lost").status == 201
    port = free_port()
    stack.start("other-api", "api", CRONOBS_API_LISTEN=f"127.0.0.1:{port}")
    other = Client(f"http://127.0.0.1:{port}")
    def is_ready():
        try:
            return other.call("GET", "/readyz").status == 200
        except OSError:
            return False
    wait_for("another API is ready", is_ready, 30)
    for n in range(5):
        cut = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=20)
        cut.request("POST", "/v1/tasks/default~lost:trigger", headers={"Idempotency-Key": f"k{n}", "Prefer": "wait=10"})
        cut.close()
        answers = [one.act("lost", "trigger", Idempotency_Key=f"k{n}") for one in (client, other, client, other)]
        assert {answer.status for answer in answers} <= {200, 201} and len({answer["execution_id"] for answer in answers}) == 1, answers
    wait_for("one each", lambda: len(executions("task=default~lost")) == 5, 30)
    return "five keys, each repeated four times by two processes"


# --- sizes ---


LARGEST = 65536
RULES = [{"kind": "date", "value": f"{2030 + n // 300}-{n % 300 // 25 + 1:02d}-{n % 25 + 1:02d}"} for n in range(1000)]
FITS = {
    "text": {"payload": "p" * LARGEST},
    "six-bytes-each": {"payload": "\x01" * LARGEST},
    "base64": {"payload_base64": base64.b64encode(bytes(range(256)) * 256).decode()},
    "with-all": {"payload": "\x01" * LARGEST, "labels": {f"{n:02d}" + "l" * 62: "v" * 64 for n in range(32)},
                 "calendars": [{"name": "many", "mode": "EXCLUDE", "rules": RULES}]},
}
BEYOND = (
    ("/payload", {"payload": "p" * (LARGEST + 1)}),
    ("/payload", {"payload_base64": base64.b64encode(b"p" * (LARGEST + 1)).decode()}),
    ("/labels", {"labels": {f"n{n}": "" for n in range(64)}}),
    ("/calendars", {"calendars": [{"name": "many", "mode": "EXCLUDE", "rules": RULES + [{"kind": "date", "value": "2040-01-01"}]}]}),
)


def what_is_too_large_is_refused_before_the_log():
    for pointer, spec in BEYOND:
        refused = client.put("beyond", spec)
        assert refused.status == 400 and refused["pointer"].startswith(pointer) and any(c.isdigit() for c in refused["detail"]), (pointer, refused)
    assert client.put("small").status == 201
    refused = client.act("small", "trigger", {"payload": "p" * (LARGEST + 1)})
    assert refused.status == 400 and refused["pointer"] == "/payload", refused
    assert client.call("GET", "/v1/tasks/default~beyond").status == 404


def what_is_taken_fires_runs_and_is_in_the_tables():
    for name, spec in FITS.items():
        made = client.put(f"fits-{name}", {**spec, "schedules": [{"expression": f"@at {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + 4))}"}]})
        assert made.status == 201, (name, made)
        assert client.act(f"fits-{name}", "trigger").status == 201
        assert client.act(f"fits-{name}", "trigger", {"payload": "\x01" * LARGEST}).status == 201
    for name in FITS:
        wait_for(f"{name}: three have run", lambda: [run["status"] for run in executions(f"task=default~fits-{name}")] == ["SUCCEEDED"] * 3, 60)
    with stack.connect() as connection:
        assert connection.execute("SELECT count(*) FROM dead_letter").fetchone() == (0,)
    assert client.get("/readyz")["stalled"] == []


def all_goes_down_in_order():
    stack.down()


case.run(every_request_has_its_answer, a_label_is_found_by_people_too, a_label_is_found_or_refused_when_it_is_saved,
         rows_of_one_instant_are_on_one_page_each, pages_hold_each_row_once_whatever_their_length,
         of_twenty_triggers_at_once_each_has_its_execution, with_one_key_they_are_one, a_trigger_in_the_second_of_an_instant_takes_nothing_away,
         an_answer_that_got_lost_is_given_again, what_is_too_large_is_refused_before_the_log, what_is_taken_fires_runs_and_is_in_the_tables,
         all_goes_down_in_order)
