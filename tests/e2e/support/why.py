"""Asks `cronobs why` about executions and about instants at which nothing was executed, drawn at random, and compares with what we worked out."""
import json
import random
from collections import defaultdict
from datetime import datetime, timezone

from . import judge as judging
from . import place

DRAWN = 50
SECOND = 1_000_000


def judge(stack, run, expected, keys, seed):
    verdict, r = judging.Verdict("why"), random.Random(f"{seed}/why")
    population = {kind: found for kind, found in populate(run, expected, keys).items() if found}
    verdict.expected = DRAWN
    drawn = defaultdict(int)
    for _ in range(DRAWN):
        kind = r.choice(sorted(population))
        key, at, wanted = r.choice(population[kind])
        drawn[kind] += 1
        ask(stack, verdict, key, at, wanted)
    print(f"# why, seed {seed}: {dict(drawn)}", flush=True)
    return verdict


def populate(run, expected, keys):
    """kind -> [(key, at, what the answer has to say)]."""
    found, by_id = defaultdict(list), {place.task_id(key): key for key in keys}
    for life in run.lives.values():
        kind = ("ran" if has_begun(life) else "did not run") + ("" if life.trigger in ("SCHEDULED", "CATCH_UP") else " by hand")
        if life.is_over() and life.task in by_id:
            found[kind].append((by_id[life.task], life.scheduled_at, of_execution(life)))
    for m in run.history.of("ScheduleGap"):
        v, low, high = m.value, judging.micros(m.value["from"]), judging.micros(m.value["to"])
        for at in expected.get(v["task_id"], []):
            if low < at <= high:
                found["gap " + v["reason"]].append((by_id[v["task_id"]], at, {"answer": "NOT_FIRED", "rule": v["reason"]}))
    for task, key in by_id.items():
        found["nothing"] += [(key, at, {"answer": "NOT_SCHEDULED"}) for at in idle_seconds(run, expected, task)]
    return found


def has_begun(life):
    return any(move.event["worker"] is not None for move in life.moves)


def rule_of(life):
    """Why it ended: a worker that says CANCELLED without a reason has stopped for that of CANCELLING."""
    last = life.moves[-1].event
    stopped = last["status"] == "CANCELLED" and last["worker"] is not None and last["reason"] == "NONE"
    return life.moves[-2].event["reason"] if stopped else last["reason"]


def of_execution(life):
    return {"answer": "RAN" if has_begun(life) else "DID_NOT_RUN", "rule": rule_of(life), "execution": life.execution,
            "revision": life.revision}


def idle_seconds(run, expected, task):
    """Seconds between the first and the last instant in which nothing was due, or done by hand."""
    busy = {at // SECOND for at in expected.get(task, [])} | {life.scheduled_at // SECOND for life in run.of_task[task]}
    return [s * SECOND for s in range(min(busy), max(busy)) if s not in busy] if busy else []


def ask(stack, verdict, key, at, wanted):
    text = datetime.fromtimestamp(at // SECOND, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    done = stack.run("why", f"default~{key}", text, "--json", check=False)
    try:
        items = json.loads(done.stdout)["items"]
    except (ValueError, KeyError):
        return verdict.find("no answer", f"{key} {text}: exit {done.returncode} {done.stdout[:200]}{done.stderr[:200]}")
    said = [plainly(item) for item in items]
    if not any(all(is_right(name, answer.get(name), value) for name, value in wanted.items()) for answer in said):
        verdict.find("different", f"{key} {text}: wanted {wanted}, said {said}")


def is_right(name, said, wanted):
    """Of what was asked for long afterwards the revision may not be at hand; but then none is named."""
    return said == wanted or (name == "revision" and said is None)


def plainly(item):
    return {"answer": item["answer"], "rule": item.get("rule") or "NONE", "execution": (item.get("execution") or {}).get("execution_id"),
            "revision": (item.get("revision") or {}).get("revision")}
