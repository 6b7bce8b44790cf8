"""What is to be skipped: told wherever an instant to come is, with whose wish it is, whatever the task goes through meanwhile."""
import datetime

from client import Client
from support import case
from support.stack import Stack, wait_for

stack = Stack("skips", partitions=3)
stack.prepare("q")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client = Client(stack.url)
MONTHLY = {"schedules": [{"expression": "0 0 1 * *"}]}
NIGHTLY = {"schedules": [{"expression": "30 2 * * *"}]}


def task(key):
    return client.get(f"/v1/tasks/default~{key}").body


def coming(key, limit=4):
    return client.get(f"/v1/tasks/default~{key}/upcoming?limit={limit}")["items"]


def reasons(items):
    """Of each instant why it is to be skipped: None: it is not; "": nobody said."""
    return [i["skip"].get("reason", "") if "skip" in i else None for i in items]


def skip(key, reason):
    answer = client.act(key, "skip-next", {"reason": reason})
    assert answer.status == 200, answer
    return answer["message"].split()[0]


def planned(key):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    return sum(i["planned"] for i in client.get(f"/v1/tasks/default~{key}/days?from={today}&to={today + datetime.timedelta(days=300)}")["items"])


def why(key, at):
    (item,) = client.get(f"/v1/tasks/default~{key}:why?at={at}")["items"]
    return item.get("rule"), [d for d in item["details"] if d.startswith("To skip it")]


def it_is_told_wherever_an_instant_is_listed():
    client.put("told", MONTHLY)
    client.put("other", MONTHLY)
    before, due = planned("told"), [i["scheduled_at"] for i in coming("told")]
    commands = [client.act("told", "skip-next", {"reason": reason}) for reason in ("a lorry", "moving house")]
    assert [c["message"].split()[0] for c in commands] == due[:2]
    items = coming("told")
    assert [i["scheduled_at"] for i in items] == due and reasons(items) == ["a lorry", "moving house", None, None], items
    assert [i["skip"]["command_id"] for i in items[:2]] == [c["command_id"] for c in commands] and items[0]["skip"]["by"] == "api", items
    every = client.get("/v1/upcoming?limit=500").body
    assert every["complete"] and [i for i in every["items"] if i["key"] == "told"][:4] == items
    assert set(reasons(i for i in every["items"] if i["key"] == "other")) == {None}
    one, = [t for t in client.get("/v1/tasks")["items"] if t["key"] == "told"]
    for shown in (task("told"), one):
        assert (shown["next_at"], shown["skip_until"], shown["skip"]) == (due[2], due[1], items[1]["skip"]), shown
    assert task("other")["next_at"] == due[0] and "skip" not in task("other") and "skip_until" not in task("other")
    assert planned("told") == before - 2 and planned("other") == before
    for at, rule, said in ((due[0], "SKIP_NEXT", "a lorry."), (due[1], "SKIP_NEXT", "moving house."), (due[2], None, None)):
        assert why("told", at)[0] == rule and [d.endswith(said) for d in why("told", at)[1]] == ([True] if said else []), why("told", at)


def an_edit_moves_it_as_its_dry_run_has_said():
    draft = client.call("PUT", "/v1/tasks/default~told?dry_run=true", {"queue": "q", **NIGHTLY}).body
    assert reasons(draft["next"])[:4] == ["a lorry", "moving house", None, None] and draft["result"] == "UPDATED", draft
    same = client.call("PUT", "/v1/tasks/default~told?dry_run=true", {"queue": "q", **MONTHLY}).body
    assert reasons(same["next"])[:3] == ["a lorry", "moving house", None] and same["result"] == "UNCHANGED", same
    assert client.put("told", NIGHTLY).status == 200
    items = coming("told")
    assert reasons(items) == ["a lorry", "moving house", None, None], items
    assert [i["at"] for i in draft["next"][:4]] == [i["scheduled_at"] for i in items] and task("told")["next_at"] == items[2]["scheduled_at"]
    assert why("told", items[1]["scheduled_at"])[1][0].endswith("moving house.")
    assert client.put("told", {"schedules": []}).status == 200
    assert coming("told") == [] and "skip" not in task("told")
    assert client.put("told", NIGHTLY).status == 200 and reasons(coming("told")) == [None] * 4


def a_pause_leaves_it_and_a_deletion_takes_it_away():
    client.put("rests", MONTHLY)
    at = skip("rests", "stocktaking")
    assert client.act("rests", "pause").status == 200
    paused = task("rests")
    assert paused["skip_until"] == at and paused["skip"]["reason"] == "stocktaking" and "next_at" not in paused, paused
    assert coming("rests") == [] and client.act("rests", "skip-next").status == 409
    assert client.act("rests", "resume").status == 200 and reasons(coming("rests"))[:2] == ["stocktaking", None]
    run = client.act("rests", "trigger")["execution_id"]  # of no schedule
    assert client.get(f"/v1/executions/{run}")["status"] == "PENDING" and reasons(coming("rests"))[:2] == ["stocktaking", None]
    assert client.call("DELETE", "/v1/tasks/default~rests", Prefer="wait=20").status == 200
    assert "skip" not in task("rests")
    assert reasons(client.call("PUT", "/v1/tasks/default~rests?dry_run=true", {"queue": "q", **MONTHLY})["next"])[0] is None
    assert client.put("rests", MONTHLY).status == 201 and reasons(coming("rests")) == [None] * 4 and "skip" not in task("rests")


def jitter_moves_when_it_would_be_due_not_which_one_it_is():
    client.put("jittered", {**MONTHLY, "jitter_ms": 6 * 3_600_000})
    first, second = coming("jittered", 2)
    assert first["due_at"] > first["scheduled_at"]
    assert skip("jittered", "late") == first["scheduled_at"]
    shown = task("jittered")
    assert (shown["next_at"], shown["skip_until"]) == (second["due_at"], first["scheduled_at"]), shown
    assert reasons(coming("jittered", 2)) == ["late", None] and coming("jittered", 2)[0]["due_at"] == first["due_at"]


def what_is_over_is_not_to_be_skipped_any_more():
    client.put("often", {"schedules": [{"expression": "@every 4s"}]})
    at = skip("often", "once")
    made = lambda: client.get("/v1/executions?task=default~often&status=SKIPPED")["items"]
    assert wait_for("it is skipped", made, 30)[0]["scheduled_at"] == at
    past = client.get(f"/v1/tasks/default~often/upcoming?from={datetime.datetime.fromisoformat(at.replace('Z', '+00:00')) - datetime.timedelta(seconds=30):%FT%TZ}")["items"]
    assert at in [i["scheduled_at"] for i in past] and set(reasons(past)) == {None}, past
    assert "skip" not in task("often") and "skip_until" not in task("often")
    client.act("often", "pause")


def of_more_than_are_told_the_last_ones_have_a_name():
    client.put("much", {"schedules": [{"expression": "0 0 * * *"}]})
    for n in range(22):
        skip("much", f"wish {n}")
    assert reasons(coming("much", 23)) == ["", ""] + [f"wish {n}" for n in range(2, 22)] + [None]


def what_was_told_before_the_upgrade_is_shown_from_the_next_command_on():
    client.put("early", MONTHLY)
    skip("early", "long since")
    with stack.connect() as connection:  # as outcomes of before leave it
        connection.execute("DELETE FROM task_skip")
    assert reasons(coming("early"))[:2] == [None, None] and "skip" not in task("early")
    assert client.act("early", "trigger").status == 201
    assert reasons(coming("early"))[:2] == ["long since", None]


def a_rebuild_has_it_too():
    for key in ("told", "much", "jittered"):  # what the test before took away
        client.act(key, "trigger")
    client.act("often", "pause")
    items = client.get("/v1/upcoming?limit=500")["items"]
    stack.run("db", "rebuild")
    assert client.get("/v1/upcoming?limit=500")["items"] == items and any(r is not None for r in reasons(items))


case.run(it_is_told_wherever_an_instant_is_listed, an_edit_moves_it_as_its_dry_run_has_said, a_pause_leaves_it_and_a_deletion_takes_it_away,
         jitter_moves_when_it_would_be_due_not_which_one_it_is, what_is_over_is_not_to_be_skipped_any_more, of_more_than_are_told_the_last_ones_have_a_name,
         what_was_told_before_the_upgrade_is_shown_from_the_next_command_on, a_rebuild_has_it_too)
