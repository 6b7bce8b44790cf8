"""One task after another: what may be saved, what is shown of it, what comes of an end, and why, with a scheduler and a projection."""
import concurrent.futures
import subprocess

from client import Client, Worker
from support import case
from support.stack import Stack, wait_for

stack = Stack("chains", partitions=5)
stack.prepare("q", "default")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client, worker = Client(stack.url), Worker(stack)
MERGE = {"Content-Type": "application/merge-patch+json", "Prefer": "wait=20"}


def then(*keys, on="SUCCEEDED"):
    return {"then": [{"task": key, "on": on} for key in keys]}


def refused(answer, pointer, words):
    assert answer.status == 400 and answer["pointer"] == pointer and words in answer["detail"], (pointer, words, answer)


def executions(key):
    return client.get(f"/v1/executions?task=default~{key}&order=asc&limit=500")["items"]


def made(key, count=1):
    return wait_for(f"{count} executions of {key}", lambda: (lambda e: e if len(e) >= count else None)(executions(key)), 40)


def cronobs(*arguments, code=0):
    done = subprocess.run([stack.binary, *arguments], text=True, capture_output=True, timeout=60, env=stack.environment)
    assert done.returncode == code, (arguments, done)
    return done.stdout if code == 0 else done.stdout + done.stderr


def a_circle_is_refused_when_it_is_saved():
    refused(client.put("c1", then("c1")), "/then/0/task", "set itself off")
    assert client.put("c1", then("c2")).status == 201  # c2 is not there yet
    refused(client.put("c2", then("x", "c1")), "/then/1/task", "leads back to this task")
    assert client.put("c2", then("c3")).status == 201
    assert client.put("c3").status == 201
    refused(client.put("c3", then("c1", on="ENDED")), "/then/0/task", "leads back to this task")
    refused(client.call("PUT", "/v1/tasks/default~c3?dry_run=true", {"queue": "q", **then("c1")}), "/then/0/task", "leads back to this task")
    refused(client.call("PATCH", "/v1/tasks/default~c3", then("c2"), **MERGE), "/then/0/task", "leads back to this task")
    assert client.get("/v1/tasks/default~c3")["revision"] == 1
    assert client.call("PATCH", "/v1/tasks/default~c1", {"then": None}, **MERGE).status == 200
    assert client.put("c3", then("c1")).status == 200  # no circle any more
    assert client.call("DELETE", "/v1/tasks/default~c2", Prefer="wait=20").status == 200
    assert client.put("c1", then("c2")).status == 200  # what is deleted leads nowhere
    refused(client.put("c2", then("c3")), "/then/0/task", "leads back to this task")


def a_chain_has_32_links_and_a_task_100_parents():
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        put = list(pool.map(lambda i: client.put(f"l{i:02}", then(f"l{i + 1:02}")).status, range(31)))
        assert put == [201] * 31, put
        put = list(pool.map(lambda i: client.put(f"p{i:03}", then("crowded")).status, range(100)))
        assert put == [201] * 100, put
    assert client.put("l31", then("l32")).status == 201
    refused(client.put("l32", then("l33")), "/then", "33 links long, more than 32")
    refused(client.put("first", then("l00")), "/then", "links long, more than 32")
    refused(client.put("p100", then("other", "crowded")), "/then/1/task", "set off by 100 tasks already")
    assert client.put("p050", {"title": "again", **then("crowded")}).status == 200  # it is one of them


def one_execution_sets_off_10000_at_most():
    """A ladder: each task of a rung sets off both of the next, so the n-th rung runs 2^n times."""
    rungs = [[f"r{n:02}{side}" for side in "ab"] for n in range(15)]
    for n in range(12):
        for key in rungs[n]:
            assert client.put(key, then(*rungs[n + 1])).status == 201  # 2 + 4 + ... + 4096 = 8190
    for key in rungs[12]:
        refused(client.put(key, then(*rungs[13])), "/then", "could set off at least 16382 others, counting each that follows as the one that leads on furthest; more than 10000")
    refused(client.put("r12a", then("r13a", "r13b", on="ENDED")), "/then", "at least 16382")
    assert client.put("r12a").status == 201
    refused(client.call("PATCH", "/v1/tasks/default~r12a", then("r13a"), **MERGE), "/then", "at least 12286")  # 8190, and one for each of the 4,096
    refused(client.put("r", then(*rungs[0])), "/then", "at least 16382")
    refused(client.call("PUT", "/v1/tasks/default~r?dry_run=true", {"queue": "q", **then(*rungs[0])}), "/then", "at least 16382")
    refused(client.put("r", {"then": [{"task": "r00a"}, {"task": "r00b", "on": "ENDED"}]}), "/then", "at least 16382")
    assert client.put("r", {"then": [{"task": "r00a"}, {"task": "r00b", "on": "FAILED"}]}).status == 201  # the one or the other
    assert client.put("r-", then("r")).status == 201
    wide = [f"w{n}-" for n in range(3)]
    for n, name in enumerate(wide):
        for i in range(16):
            follow = [f"{wide[n + 1]}{k}" for k in range(16)] if n < 2 else []
            assert client.put(f"{name}{i}", then(*follow) if follow else {}).status == 201  # 16 + 256
    assert client.put("w", then(*[f"w0-{k}" for k in range(16)])).status == 201  # + 4096
    refused(client.put("w2-7", then("more", "and-more")), "/then", "at least 12560")  # one has a share of two: for all of them there is not that much
    assert client.put("w2-7", then("more")).status == 200


def who_sets_a_task_off_is_shown():
    assert client.put("s2").status == 201
    made = client.put("s1", then("s2", "s3"))
    assert made.status == 201 and [(n["pointer"], n["code"]) for n in made["lints"]] == [("/then/1/task", "NO_SUCH_TASK")], made
    draft = client.call("PUT", "/v1/tasks/default~s1?dry_run=true", {"queue": "q", **then("s2", "s3", "s4")})
    assert [n["pointer"] for n in draft["lints"]] == ["/then/1/task", "/then/2/task"] and "default~s3" in draft["lints"][0]["text"], draft
    assert client.get("/v1/tasks/default~s1")["absent"] == [{"project": "default", "key": "s3"}]
    assert "absent" not in client.get("/v1/tasks/default~s2").body
    assert client.put("s0", then("s2", on="FAILED")).status == 201
    assert client.get("/v1/tasks/default~s1")["spec"]["then"] == [{"project": "default", "task": "s2", "on": "SUCCEEDED"}, {"project": "default", "task": "s3", "on": "SUCCEEDED"}]
    after = client.get("/v1/tasks/default~s2")["after"]
    assert [(p["project"], p["key"], p["on"]) for p in after] == [("default", "s0", "FAILED"), ("default", "s1", "SUCCEEDED")], after
    assert "after" not in client.get("/v1/tasks/default~s1").body and "then" not in client.get("/v1/tasks/default~s2")["spec"]
    cronobs("task", "put", "s4", "--then", "s2:ended", "--then", "ops~tidy")
    shown = cronobs("task", "show", "s4")
    assert "default~s2  on ENDED\n" in shown and "ops~tidy  on SUCCEEDED  (there is no such task yet)" in shown, shown
    assert "default~s1  on SUCCEEDED" in cronobs("task", "show", "s2")
    assert "as in load, alarm:failed" in cronobs("task", "put", "s5", "--then", "s2:never", code=64)
    assert "--then 's5'" in cronobs("task", "put", "s5", "--then", "s2", "--then", "s5", code=64)
    cronobs("task", "put", "s4", "--patch", "--then", "s3:failed")
    assert client.get("/v1/tasks/default~s4")["spec"]["then"] == [{"project": "default", "task": "s3", "on": "FAILED"}]


def an_end_sets_off_what_follows_and_why_tells_it():
    assert client.put("e2", then("e3", on="FAILED")).status == 201
    assert client.put("e3").status == 201
    assert client.put("e1", {**then("e2"), "retry": {"max_attempts": 2, "first_delay_ms": 100}}).status == 201
    assert client.act("e1", "trigger").status in (200, 201)
    parent = made("e1")[0]
    worker.report(parent, "FAILED")
    wait_for("the second attempt", lambda: client.get(f"/v1/executions/{parent['execution_id']}")["attempt"] == 2, 30)
    assert executions("e2") == []
    worker.report(parent, "SUCCEEDED", attempt=2)
    child = made("e2")[0]
    ended = wait_for("its end", lambda: client.get(f"/v1/executions/{parent['execution_id']}").body.get("finished_at"), 20)
    child = wait_for("its parent is known", lambda: (lambda e: e if "parent_execution_id" in e else None)(client.get(f"/v1/executions/{child['execution_id']}").body), 20)
    assert (child["trigger"], child["parent_execution_id"]) == ("CHAIN", parent["execution_id"]), child
    assert child["scheduled_at"] == child["due_at"] == ended, (child, ended)
    worker.report(child, "FAILED")
    last = made("e3")[0]
    told = f"by scheduler: execution {child['execution_id']} of default~e2 has ended FAILED"
    wait_for("why tells it", lambda: any(told in line for item in client.get(f"/v1/tasks/default~e3:why?at={last['scheduled_at']}")["items"]
                                         for line in item["details"]), 20)
    assert told.split(": ")[1] in cronobs("why", "e3", last["scheduled_at"])
    worker.report(child, "SUCCEEDED")  # nobody believes it
    assert client.put("quiet").status == 201 and len(executions("e3")) == 1


def what_does_not_run_says_why():
    assert client.put("w1", then("w2", "w3", "w4", on="ENDED")).status == 201
    assert client.put("w2").status == 201 and client.act("w2", "pause").status == 200
    assert client.put("w4").status == 201 and client.call("DELETE", "/v1/tasks/default~w4", Prefer="wait=20").status == 200
    assert client.act("w1", "trigger").status in (200, 201)
    worker.report(made("w1")[0], "SUCCEEDED")
    child = made("w2")[0]
    assert (child["status"], child["reason"], child["trigger"]) == ("SKIPPED", "PAUSED", "CHAIN"), child
    with stack.connect() as connection:
        codes = wait_for("all outcomes", lambda: (lambda rows: rows if len(rows) == 3 and all(c is not None for _, c in rows) else None)(connection.execute(
            "SELECT outcome_code_word(c.code), c.outcome_at FROM command c WHERE c.actor = 'scheduler' AND c.reason LIKE '%of default~w1 has ended SUCCEEDED'").fetchall()), 20)
    assert sorted(code for code, _ in codes) == ["DELETED", "NOT_FOUND", "OK"], codes


def nobody_says_that_he_is_a_scheduler():
    link = {"parent_execution_id": "0192b1a4-7c1e-8000-9c5e-7a1b2c3d4e5f", "ended_at": "2026-11-24T16:10:56Z", "depth": 1}
    refused(client.act("quiet", "trigger", {"chain": link}), "/chain", "only a scheduler")


case.run(a_circle_is_refused_when_it_is_saved, a_chain_has_32_links_and_a_task_100_parents, one_execution_sets_off_10000_at_most, who_sets_a_task_off_is_shown, an_end_sets_off_what_follows_and_why_tells_it,
         what_does_not_run_says_why, nobody_says_that_he_is_a_scheduler)
