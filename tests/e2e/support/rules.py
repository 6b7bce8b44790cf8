"""Judges a run by the policies of its tasks: each rule of docs/scheduling.md and of decisions 150 to 152, on lives that we fold ourselves (life.py).

Times are the broker's, in whole milliseconds. What the scheduler does follows what it has read, so an order of two records holds
by their times as well; how long it may take depends on who was killed meanwhile, and is bounded by SLACK.
"""
import uuid
from collections import defaultdict
from datetime import datetime

from . import judge, oracle, place
from .wire import micros

MILLI, SECOND = 1000, 1_000_000
SLACK = 20 * SECOND
SCHEDULE = ("SCHEDULED", "CATCH_UP")


class Run:
    """What the log says, put in order for the rules."""

    def __init__(self, history, lives, grace, paused):
        """grace: of a cancellation, in microseconds. paused: (task, revision) -> the instants that passed until then (judge.expected_instants)."""
        self.history, self.lives, self.grace, self.paused = history, lives, grace, paused
        self.of_task, self.revisions, self.gaps = defaultdict(list), defaultdict(dict), defaultdict(set)
        for life in lives.values():
            self.of_task[life.task].append(life)
        for m in history.of("TaskRevision"):
            self.revisions[m.value["task_id"]].setdefault(m.value["revision"], m)
        self.orders = {(m.value["command_id"], m.value["task_id"]): m for m in reversed(history.commands) if m.name == "Command"}
        self.outcomes = defaultdict(list)
        for m in history.of("CommandOutcome"):
            self.outcomes[m.value["command_id"], m.value["task_id"]].append(m)
        for m in history.of("ScheduleGap"):
            self.gaps[m.value["task_id"]].add((micros(m.value["from"]), micros(m.value["to"])))
        self.deleted = {t for t, r in self.revisions.items() if any(m.value["state"] == "DELETED" for m in r.values())}

    def spec(self, life):
        return self.revisions[life.task][life.revision].value["spec"]

    def specs_about(self, life):
        """Those in force when it was sent, by the broker's clock: a transaction's records lie in several topics, its own revision's as well."""
        at = life.created[0].at
        known = (m for m in self.revisions[life.task].values() if m.at <= at + SECOND or m.value["revision"] <= life.revision)
        newest = sorted(known, key=lambda m: m.value["revision"], reverse=True)
        return [m.value["spec"] for n, m in enumerate(newest) if n == 0 or newest[n - 1].at > at - SECOND]

    def is_remembered(self, life):
        """Whether the scheduler has anything to do about it once it is sent."""
        spec = self.spec(life)
        return life.trigger == "BACKFILL" or spec["overlap"] != "ALLOW" or spec["retry"]["max_attempts"] > 1 or any(
            spec[name] for name in ("start_deadline_ms", "run_timeout_ms", "finish_by_ms", "pause_after_failures"))

    def was_deleted(self, task, at):
        """Before what was said at that time was read: a deleted task sets nothing off."""
        return any(m.value["state"] == "DELETED" and m.at < at + SLACK for m in self.revisions[task].values())

    def accepted(self, kind):
        """(order, its outcome) of each command of that kind that was carried out, once."""
        for key, outcomes in self.outcomes.items():
            order = self.orders.get(key)
            if order and kind_of(order) == kind and outcomes[0].value["result"] == "ACCEPTED":
                yield order, outcomes[0]


def kind_of(order):
    return order.value["body"][0].rpartition(".")[2]


def body_of(order):
    return order.value["body"][1]


def judge_rules(run):
    verdict = judge.Verdict("policies")
    verdict.expected = len(run.lives)
    for rule in RULES:
        rule(run, verdict)
    return verdict


# --- every execution ---

def everything_ends(run, verdict):
    for life in run.lives.values():
        if not life.is_over():
            verdict.find("unfinished", life.told())


def deadlines_are_kept(run, verdict):
    """Nothing is over before its time, nothing goes on long after it."""
    for life in run.lives.values():
        running = {}
        for move in life.moves:
            if move.status == "RUNNING":
                running[move.attempt] = move.at
            limit = limit_of(run, life, move, running.get(move.attempt))
            if limit is not None and move.at + MILLI <= limit:
                verdict.find("early", f"{move.status} {(limit - move.at) // MILLI} ms: {life.told()}")
            if limit is not None and move.at > limit + SLACK + run.grace:
                verdict.find("late", f"{move.status} {(move.at - limit) // SECOND} s: {life.told()}")


def limit_of(run, life, move, started):
    """The time that the scheduler has waited for before it said so; None: it has not waited."""
    if move.event["worker"] is not None or not life.created:
        return None
    sent = next((m for m in life.created if m.value["attempt"] == move.attempt), None)
    if move.event["reason"] == "RUN_TIMEOUT" and started and life.created[0].value["run_timeout_ms"]:
        return started + life.created[0].value["run_timeout_ms"] * MILLI
    if move.event["reason"] == "START_DEADLINE" and sent and sent.value["start_by"]:
        return micros(sent.value["start_by"])
    if move.event["reason"] == "FINISH_BY":
        return life.finish_by
    if move.status == "CANCELLED" and (asked := next((x for x in life.moves if x.status == "CANCELLING"), None)):
        return asked.at + run.grace - SECOND // 2  # counted from when it was decided, where nobody remembers the execution
    return None


def the_lost_were_silent(run, verdict):
    """For four times what the task asks for, by the signs of whoever had the claim; a scheduler that has just come hears later."""
    signs = defaultdict(list)
    for m in run.history.signs:
        signs[m.value["execution_id"], m.value["attempt"], m.value["worker"]["incarnation"]].append(m.at)
    for life in run.lives.values():
        for before, move in zip(life.moves, life.moves[1:]):
            if move.status != "LOST" or move.event["worker"] is not None:
                continue
            heard = [at for at in signs[life.execution, move.attempt, life.claimants[move.attempt]] if at < move.at]
            silent_since = max(heard + [x.at for x in life.moves if x.attempt == move.attempt and x.status == "RUNNING"])
            if move.at + MILLI < silent_since + 4 * life.created[0].value["heartbeat_ms"] * MILLI:
                verdict.find("early", f"LOST {(move.at - silent_since) // MILLI} ms after the last sign: {life.told()}")


def ends_set_off_what_follows(run, verdict):
    """Each end that a task names sets the other off once: one command with the computed id, one outcome."""
    ends = {"SUCCEEDED": {"SUCCEEDED"}, "FAILED": {"FAILED", "TIMED_OUT", "LOST", "MISSED"}}
    ends["ENDED"] = ends["SUCCEEDED"] | ends["FAILED"] | {"CANCELLED"}
    for life in run.lives.values():
        for then in (run.spec(life).get("then") or ()) if life.is_over() else ():
            child = place.task_id(then["task"], then["project"] or run.spec(life)["project"])
            key = str(uuid.uuid5(uuid.UUID(child), f"chain/{life.execution}")), child
            is_due = life.status in ends[then["on"]] and not (life.task in run.deleted and life.moves[-1].event["reason"] == "DELETED")
            if is_due and not run.outcomes.get(key) and not run.was_deleted(life.task, life.ended_at()):
                verdict.find("missing", f"{then['task']} did not follow {life.told()}")
            if not is_due and run.outcomes.get(key):
                verdict.find("extra", f"{then['task']} followed {life.told()}")


def runs_end_in_time(run, verdict):
    for life in run.lives.values():
        limit = life.created and life.created[0].value["run_timeout_ms"]
        for move, following in zip(life.moves, life.moves[1:]):
            if limit and move.status == "RUNNING" and following.at > move.at + limit * MILLI + SLACK:
                verdict.find("overrun", life.told())


# --- further attempts ---

def attempts_follow_failures(run, verdict):
    """One ExecutionCreated for each attempt that was opened, at its time, none past finish_by, none too many."""
    sent = defaultdict(list)
    for m in run.history.created:
        sent[judge.key_of(m.value), m.value["attempt"]].append(m)
    for (key, attempt), records in sent.items():
        life = run.lives[key]
        if len(records) > 1:
            verdict.find("duplicate", f"attempt {attempt} was sent {len(records)} times: {life.told()}")
        if attempt > 1:
            judge_attempt(verdict, life, records[0], attempt)
    for life in run.lives.values():
        judge_unsent(verdict, life, sent)
        for m in life.refused:
            verdict.find("past finish_by" if life.is_too_late(m) else "extra", f"attempt {m.value['attempt']} was opened: {life.told()}")


def judge_attempt(verdict, life, record, attempt):
    failed = next((x for x in life.moves if x.attempt == attempt - 1 and x.status in ("FAILED", "TIMED_OUT", "LOST")), None)
    opened = next((x for x in life.moves if x.attempt == attempt and x.status == "RETRYING"), None)
    if failed is None or opened is None:
        return verdict.find("extra", f"attempt {attempt} follows no failure: {life.told()}")
    begins = life.begins_at[attempt]
    if record.at + MILLI <= begins:
        verdict.find("early", f"attempt {attempt} by {(begins - record.at) // MILLI} ms: {life.told()}")
    if record.value["revision"] != life.revision or record.value["payload"] != life.created[0].value["payload"]:
        verdict.find("changed", f"attempt {attempt} is not as the first one was: {life.told()}")


def judge_unsent(verdict, life, sent):
    """An attempt that was opened was sent, or was over before."""
    for move in life.moves:
        if move.status != "RETRYING" or (life.key(), move.attempt) in sent:
            continue
        ended = next((x for x in life.moves if x.attempt == move.attempt and x.status != "RETRYING"), None)
        if ended is None or ended.status not in ("CANCELLED", "MISSED") and ended.event["worker"] is None:
            verdict.find("missing", f"attempt {move.attempt} was opened and not sent: {life.told()}")


# --- overlap ---

def slots_are_kept(run, verdict):
    """An execution is sent only while fewer than max_concurrency others are unfinished, by the log; a backfill beside what overlaps or cancels has slots of its own."""
    beside = {outcome.value["execution_id"] for order, outcome in run.accepted("TriggerTask") if body_of(order)["ignore_overlap"]}
    for task, lives in run.of_task.items():
        remembered = [x for x in lives if x.created and run.is_remembered(x)]
        for life in remembered:
            specs = run.specs_about(life)
            room = max(max(spec["max_concurrency"], 1) for spec in specs)
            overlaps = any(spec["overlap"] == "ALLOW" for spec in specs)
            if life.execution in beside or (overlaps and life.trigger != "BACKFILL"):
                continue
            others = [y for y in remembered if holds_a_slot(y, life, any(is_backfill_apart(spec) for spec in specs))]
            if len(others) >= room:
                verdict.find("overlap", f"{life.told()} was sent at {life.created[0].at // 1000 % 1000000} beside {others[0].told()}")


def is_backfill_apart(spec):
    return spec["overlap"] in ("ALLOW", "CANCEL_OTHER")


def is_backfill(life):
    return life.trigger == "BACKFILL"


def holds_a_slot(other, life, apart):
    if other is life or (apart and is_backfill(other) != is_backfill(life)):
        return False
    sent, at = other.created[0], life.created[0].at
    is_before = sent.at < at or (sent.at == at and sent.partition == life.created[0].partition and sent.offset < life.created[0].offset)
    return is_before and (other.ended_at() is None or other.ended_at() > at)


def waiting_is_in_order(run, verdict):
    for task, lives in run.of_task.items():
        sent = sorted((x for x in lives if x.waited and x.created and x.birth), key=lambda x: (x.created[0].at, x.created[0].offset))
        for earlier, later in zip(sent, sent[1:]):
            apart = is_backfill(earlier) != is_backfill(later) and any(is_backfill_apart(m.value["spec"]) for m in run.revisions[task].values())
            if rank(later) < rank(earlier) and later.birth.at + SLACK < earlier.created[0].at and not apart:
                verdict.find("out of order", f"{earlier.told()} before {later.told()}")
    for life in run.lives.values():
        if life.waited and run.spec(life)["overlap"] == "ALLOW" and not is_backfill(life):
            verdict.find("waits for nothing", life.told())
        if life.waited and life.birth and run.spec(life)["overlap"] == "SKIP" and life.trigger not in ("CATCH_UP", "BACKFILL"):
            if not any(is_backfill(x) and was_unfinished(x, life.birth.at) for x in run.of_task[life.task]):
                verdict.find("waits for nothing", f"under SKIP, and for no backfill: {life.told()}")
        if life.created and life.birth and life.birth.at > life.created[0].at:
            verdict.find("early", f"sent before it waited: {life.told()}")


def rank(life):
    """A backfill goes last."""
    return is_backfill(life), micros(life.created[0].value["due_at"]), life.scheduled_at


def was_unfinished(life, at):
    """As far as the scheduler can have known."""
    return bool(life.created) and life.created[0].at <= at + SECOND and (life.ended_at() is None or life.ended_at() + SLACK > at)


def what_is_held_back_was_in_the_way(run, verdict):
    """SKIPPED and WAITING name an execution that was unfinished, as far as the scheduler can have known."""
    for life in run.lives.values():
        if not life.birth or life.birth.value["reason"] not in ("OVERLAP", "QUEUE_FULL"):
            continue
        by = run.lives.get((life.birth.value["blocked_by"], life.task))
        if by is None:
            verdict.find("unjustified", f"held back by {life.birth.value['blocked_by']}, which is none: {life.told()}")
        elif by.ended_at() is not None and by.ended_at() + SLACK < life.birth.at:
            verdict.find("unjustified", f"{life.told()} held back by {by.told()}")
        if life.birth.value["status"] == "SKIPPED" and run.spec(life)["overlap"] in ("ALLOW", "QUEUE_ALL", "CANCEL_OTHER"):
            verdict.find("unjustified", f"skipped under {run.spec(life)['overlap']}: {life.told()}")


def one_waits_at_most(run, verdict):
    """Under QUEUE_ONE, and under SKIP while a backfill is in the way, but for what is made up for; what of a backfill waits does not count."""
    for task, lives in run.of_task.items():
        waited = [x for x in lives if x.waited and x.birth and not is_backfill(x)]
        for life in waited:
            if life.trigger == "CATCH_UP" or run.spec(life)["overlap"] not in ("QUEUE_ONE", "SKIP"):
                continue
            others = [y for y in waited if y is not life and y.birth.offset < life.birth.offset
                      and (y.left_waiting_at() is None or y.left_waiting_at() > life.birth.at + 5 * MILLI)]
            if others:
                verdict.find("two wait", f"{life.told()} and {others[0].told()}")


# --- cancel ---

def what_is_cancelled_ends(run, verdict):
    for order, outcome in run.accepted("CancelExecution"):
        life = run.lives.get((body_of(order)["execution_id"], order.value["task_id"]))
        if life is None:
            continue
        ended = life.ended_at()
        if ended is None or ended > outcome.at + run.grace + SLACK:
            verdict.find("not cancelled", f"asked for at {outcome.at // 1000 % 1000000}: {life.told()}")
        later = [m for m in life.created if m.at > outcome.at and m.value["attempt"] > 1]
        if later:
            verdict.find("tried again", f"cancelled at {outcome.at // 1000 % 1000000}: {life.told()}")


def nobody_is_cancelled_without_a_reason(run, verdict):
    asked = {(body_of(c)["execution_id"], c.value["task_id"]) for c, _ in run.accepted("CancelExecution")}
    signals = {(m.value["execution_id"], m.value["attempt"]) for m in run.history.signals}
    for life in run.lives.values():
        for move in life.moves:
            if move.status not in ("CANCELLING", "CANCELLED") or move.event["worker"] is not None:
                continue
            reason = move.event["reason"]
            is_due = {"CANCEL_REQUESTED": life.key() in asked, "DELETED": life.task in run.deleted,
                      "OVERLAP": not is_backfill(life) and any(m.value["spec"]["overlap"] == "CANCEL_OTHER" for m in run.revisions[life.task].values())}
            if not is_due.get(reason):
                verdict.find("cancelled for nothing", f"{reason}: {life.told()}")
            if move.status == "CANCELLING" and (life.execution, move.attempt) not in signals:
                verdict.find("no signal", life.told())


# --- what was asked for ---

def what_was_asked_for_is_made_once(run, verdict):
    """Triggers, retries and backfills: one execution each (instant), and none that nobody asked for."""
    wanted = set()
    for kind in ("TriggerTask", "RetryExecution"):
        for order, outcome in run.accepted(kind):
            wanted.add((outcome.value["execution_id"], order.value["task_id"]))
    for order, outcome in run.accepted("Backfill"):
        wanted |= backfilled(run, order, outcome)
    made = {life.key() for life in run.lives.values() if life.trigger in ("MANUAL", "RETRY", "BACKFILL", "CHAIN")}
    for key in wanted - made:
        verdict.find("missing", f"asked for, not made: {key}")
    for key in made - wanted:
        verdict.find("extra", f"nobody asked for {run.lives[key].told()}")


def backfilled(run, order, outcome):
    task, body = order.value["task_id"], body_of(order)
    spec = run.revisions[task][outcome.value["revision"]].value["spec"]
    instants = oracle.timeline(spec, task, micros(body["from"]), micros(body["to"]))
    return {(judge.execution_id(task, at, "command", order.value["command_id"]), task) for at, _ in instants}


def resumptions_make_up_for_the_newest(run, verdict):
    """LAST: one, ALL: as many as the limit of misfires, NONE: none of the instants that passed while the task was paused."""
    caught = defaultdict(set)
    for life in run.lives.values():
        if life.trigger == "CATCH_UP":
            caught[life.task].add(life.scheduled_at)
    for order, outcome in run.accepted("ResumeTask"):
        task, number = order.value["task_id"], outcome.value["revision"]
        end, spec = micros(run.revisions[task][number].value["effective_at"]), run.revisions[task][number].value["spec"]
        passed = [at for at in run.paused.get((task, number), []) if due_of(spec, task, at) <= end]
        limit = {"NONE": 0, "LAST": 1, "ALL": spec["misfire"]["limit"] or 100}[body_of(order)["gap"]]
        chosen = passed[-limit:] if limit else []
        for at in passed:
            if (at in caught[task]) != (at in chosen):
                verdict.find("made up for", f"{task} at {at}, resumed {body_of(order)['gap']} by revision {number}: {at in caught[task]}")


def due_of(spec, task, at):
    return oracle.timeline(spec, task, at - 1, at)[0][1]


def misfires_are_made_up_for_by_policy(run, verdict):
    for m in run.history.of("ScheduleGap"):
        spec = run.revisions[m.value["task_id"]][m.value["revision"]].value["spec"]
        if m.value["reason"] == "MISFIRE" and spec["misfire"]["policy"] == "ALL" and spec["misfire"]["limit"] >= 100:
            verdict.find("given up", f"{m.value} though all are made up for")


# --- skip the next ---

def what_is_skipped_was_to_be(run, verdict):
    """No more than asked for; and each that was named, unless the task was changed until then. The outcomes say where the mark is."""
    asked, skipped, told = defaultdict(list), defaultdict(set), defaultdict(int)
    for key, outcomes in run.outcomes.items():
        said = outcomes[0].value
        told[key[1]] = max(told[key[1]], micros(said.get("skip_until")) or 0)
        if said["result"] == "ACCEPTED" and (said["message"] or "").endswith(" is skipped"):
            asked[key[1]].append(outcomes[0])
    for life in run.lives.values():
        if life.birth and life.birth.value["reason"] == "SKIP_NEXT":
            skipped[life.task].add(life.scheduled_at)
    for task in set(asked) | set(skipped):
        if len(skipped[task]) > len(asked[task]):
            verdict.find("skipped for nothing", f"{task}: {len(skipped[task])} instants, asked for {len(asked[task])}")
        for at in skipped[task]:
            if at > told[task]:
                verdict.find("skipped, not told", f"{task} at {at}, told of up to {told[task]}")
        for outcome in asked[task]:
            at = instant(outcome.value["message"].split()[0])
            if micros(outcome.value.get("skip_until")) != at:
                verdict.find("told wrong", f"{task} at {at}: {outcome.value}")
            changed = [m for m in run.revisions[task].values() if m.value["revision"] > outcome.value["revision"]]
            until = min((micros(m.value["effective_at"]) for m in changed), default=None)
            passed = any(low < at <= high for low, high in run.gaps[task])
            if at not in skipped[task] and not passed and (until is None or until > at + 60 * SECOND):
                verdict.find("not skipped", f"{task} at {at}")


def instant(text):
    return micros(datetime.fromisoformat(text.replace("Z", "+00:00")))


# --- pause after failures ---

def failures_in_a_row_pause(run, verdict):
    for task, revisions in run.revisions.items():
        ends = sorted((x for x in run.of_task[task] if x.is_over() and run.is_remembered(x) and x.status in ("SUCCEEDED", "FAILED", "TIMED_OUT", "LOST")),
                      key=lambda x: x.moves[-1].offset)
        for number, m in revisions.items():
            v = m.value
            if v["actor"] == "scheduler" and v["state"] == "PAUSED" and not is_justified(ends, v["spec"]["pause_after_failures"], m.at):
                verdict.find("paused for nothing", f"{task} by revision {number}")
        find_unpaused(verdict, task, [revisions[n] for n in sorted(revisions)], ends)


def is_justified(ends, limit, at):
    """Some place in the log before it has so many failures behind it."""
    read = [x for x in ends if x.ended_at() <= at]
    return bool(limit) and any(all(x.status != "SUCCEEDED" for x in read[n - limit:n]) for n in range(limit, len(read) + 1))


def find_unpaused(verdict, task, revisions, ends):
    for this, following in zip(revisions, revisions[1:]):
        limit = this.value["spec"]["pause_after_failures"]
        if not limit or this.value["state"] != "ACTIVE":
            continue
        within = [x for x in ends if this.at + SECOND < x.ended_at() < following.at - SLACK]
        for n in range(limit, len(within) + 1):
            if all(x.status != "SUCCEEDED" for x in within[n - limit:n]):
                verdict.find("not paused", f"{task} after {within[n - 1].told()}")
                break


RULES = (everything_ends, deadlines_are_kept, runs_end_in_time, the_lost_were_silent, ends_set_off_what_follows, attempts_follow_failures, slots_are_kept, waiting_is_in_order,
         what_is_held_back_was_in_the_way, one_waits_at_most, what_is_cancelled_ends, nobody_is_cancelled_without_a_reason,
         what_was_asked_for_is_made_once, resumptions_make_up_for_the_newest, misfires_are_made_up_for_by_policy,
         what_is_skipped_was_to_be, failures_in_a_row_pause)


def judge_rows(run, connection):
    """Our own fold is every row of the history."""
    verdict = judge.Verdict("rows")
    verdict.expected = len(run.lives)
    rows = {r[:2]: r[2:] for r in connection.execute(
        "SELECT execution_id::text, task_id::text, status, attempt, contradicted, (extract(epoch FROM next_attempt_at) * 1000000)::bigint FROM execution").fetchall()}
    for key, life in run.lives.items():
        folded = judge.CODES.index(life.status), life.attempt, life.contradicted, life.next_at
        if key not in rows:
            verdict.find("missing", life.told())
        elif rows[key] != folded:
            verdict.find("wrong status", f"row {rows[key]}, log {folded}: {life.told()}")
    for key in set(rows) - set(run.lives):
        verdict.find("extra", str(key))
    return verdict
