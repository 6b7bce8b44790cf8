"""The engine: claims, records, causes, the end."""

from __future__ import annotations

from cronobs.cause import Cause
from cronobs.codec import decode, encode
from cronobs.commands import Message
from cronobs.placement import partition_of
from cronobs.run import Outcome, Phase
from cronobs.text import Line
from made import Begin, Leave, Locate, Place, Read, Store, World, message


def signal(execution: dict[str, object], **given: object) -> Message:
    about = {name: execution[name] for name in ("execution_id", "task_id", "attempt")}
    return Message(0, 0, 0, encode("ExecutionSignal", about | {"signal": "CANCEL", "requested_at": 0} | given), None)


# --- claims ---


def test_an_execution_is_announced_then_committed_then_handed_out() -> None:
    world = World()
    world.reads()
    world.fetched(message(0))
    assert [s["status"] for s in world.answers()] == ["RUNNING"] and not world.begun
    assert world.stores() == {0: 1}
    assert len(world.begun) == 1


def test_nothing_is_claimed_before_control_was_read_to_its_end() -> None:
    world = World()
    world.engine.started(3, 3)
    world.engine.step()
    world.assigned({0: 0})
    world.engine.began(None, world.asked(Begin).offsets)
    world.engine.step()
    world.fetched(message(0))
    assert not world.sent
    world.engine.control_is_read()
    world.engine.step()
    assert len(world.sent) == 1


def test_no_more_are_claimed_than_have_places_and_the_next_when_one_is_free() -> None:
    world = World(concurrency=2)
    world.reads()
    first, _ = world.runs(message(0), message(1), message(2))
    assert not world.sent
    world.ends(first)
    assert [s["status"] for s in world.answers()] == ["SUCCEEDED", "RUNNING"]


def test_a_second_delivery_is_passed_over() -> None:
    world = World()
    world.reads()
    once = message(0)
    (run,) = world.runs(once)
    world.ends(run)
    world.answers()
    world.read_until(Read)
    world.engine.fetched([once._replace(offset=1)], {})
    world.engine.step()
    assert not world.sent


def test_a_refused_claim_is_forgotten_with_its_assignment_and_may_be_claimed_again() -> None:
    world = World()
    world.reads()
    again = message(0)
    world.fetched(again)
    world.answers()
    world.stores("refused")
    world.read_until(Read)
    world.engine.revoked()
    world.engine.fetched([], {})
    world.engine.step()
    assert not world.begun and not world.engine.runs
    world.assigned({0: 0})
    world.engine.began(None, world.asked(Begin).offsets)
    world.engine.step()
    assert len(world.runs(again)) == 1


def test_a_claim_whose_commit_had_no_answer_is_handed_out_when_the_assignment_goes() -> None:
    world = World()
    world.reads()
    world.fetched(message(0))
    world.answers()
    world.stores("unanswered")
    assert not world.begun
    world.read_until(Read)
    world.engine.revoked()
    world.engine.step()
    assert len(world.begun) == 1


def test_a_commit_that_hangs_counts_as_unanswered() -> None:
    world = World()
    world.reads()
    world.fetched(message(0))
    world.answers()
    world.read_until(Store)
    world.later(3.0)
    world.engine.stored("refused", "the group does not know us any more")
    world.engine.revoked()
    world.engine.step()
    assert len(world.begun) == 1


def test_what_cannot_be_read_is_told_with_its_place_and_reading_goes_on() -> None:
    world = World()
    world.reads()
    wrong = [Message(0, 0, 0, None, None), Message(0, 1, 0, b"x", None), message(2, status_partition=7), message(3)]
    world.fetched(*wrong)
    assert "executions.q[0] at 0" in world.words[-1] and "ERROR" in world.words[-1]
    assert len(world.sent) == 1
    world.answers()
    assert world.stores() == {0: 4}


def test_a_full_inbox_is_only_polled() -> None:
    world = World(concurrency=1)
    world.reads()
    world.fetched(*[message(n) for n in range(501)])
    world.answers()
    world.stores()
    command = world.read_until(Read)
    assert command.room == 0


def test_while_executions_wait_for_places_the_reader_does_not_wait_for_messages() -> None:
    world = World(concurrency=1)
    world.reads()
    world.runs(message(0), message(1))
    assert world.read_until(Read).wait == 0


# --- where the group has no position ---


def scanned(world: World, *reports: dict[str, object]) -> None:
    scan = world.scans[-1][0]
    world.engine.reported(scan, [(report, 1, 100, 0) for report in reports])
    world.engine.scanned(scan)
    world.engine.step()


def begins_without_a_position(world: World) -> None:
    world.engine.started(3, 3)
    world.engine.control_is_read()
    world.engine.step()
    world.assigned({0: None}, oldest=0)


def test_without_a_position_what_was_reported_on_is_left_out() -> None:
    world = World()
    begins_without_a_position(world)
    assert world.scans[-1][1] == [0]
    task = next(t for t in (f"00000000-0000-4000-8000-{n:012d}" for n in range(99)) if partition_of(t, 3) == 1)
    done, fresh = message(0, at=world.engine.now, task_id=task), message(1, at=world.engine.now, task_id=task)
    about = decode(done.value or b"", "ExecutionCreated")
    scanned(world, {"execution_id": about["execution_id"], "task_id": task, "attempt": 1, "status": "RUNNING",
                    "worker": {"name": "w", "incarnation": "i"}, "message": None, "result": None})  # fmt: skip
    world.engine.began(None, world.asked(Begin).offsets)
    world.engine.step()
    world.fetched(done, fresh)
    assert len(world.sent) == 1


def test_what_came_during_a_turn_is_claimed_when_it_is_over() -> None:
    world = World(concurrency=2)
    world.reads()
    world.fetched(message(0))
    world.read_until(Read)
    world.engine.fetched([message(1)], {})
    world.engine.step()
    world.answers()
    world.stores()
    assert len(world.begun) == 1
    assert len(world.sent) == 1, "the second is being announced"


def test_a_scan_that_fails_is_begun_anew_without_a_position_whatever_the_group_has() -> None:
    world = World()
    begins_without_a_position(world)
    world.engine.not_scanned(world.scans[-1][0], "away")
    assert world.read_until(Locate).partitions == {0: True}


def test_without_a_position_nothing_is_committed_before_all_that_lay_there_is_settled() -> None:
    world = World(concurrency=1)
    begins_without_a_position(world)
    scanned(world)
    world.engine.began(None, world.asked(Begin).offsets)
    world.engine.step()
    now = world.engine.now
    world.fetched(message(0, at=now), message(1, at=now))
    world.answers()
    assert len(world.begun) == 1, "handed out without a commit"
    world.ends(world.begun[0])
    world.answers()
    world.answers()
    assert len(world.begun) == 2 and not any(isinstance(c, Store) for c in world.commands)
    world.read_until(Read)
    world.engine.fetched([], {0: 2})
    world.engine.step()
    assert world.stores() == {0: 2}


def test_without_a_position_an_announced_claim_is_handed_out_though_the_assignment_has_gone() -> None:
    world = World()
    begins_without_a_position(world)
    scanned(world)
    world.engine.began(None, world.asked(Begin).offsets)
    world.engine.step()
    world.fetched(message(0, at=world.engine.now))
    world.read_until(Read)
    world.engine.revoked()
    world.engine.step()
    assert not world.begun
    world.answers()
    assert len(world.begun) == 1


def test_without_a_position_a_partition_is_let_go_when_what_is_announced_has_arrived() -> None:
    world = World(concurrency=1)
    begins_without_a_position(world)
    scanned(world)
    world.engine.began(None, world.asked(Begin).offsets)
    world.engine.step()
    world.fetched(*[message(n, at=world.engine.now) for n in range(2)])
    world.read_until(Read)
    let_go: list[bool] = []
    world.engine.leaving(lambda: let_go.append(True))
    world.engine.step()
    assert not let_go, "who looks through status now does not find it"
    world.answers()
    assert let_go == [True] and len(world.begun) == 1
    world.ends(world.begun[0])
    world.answers()
    assert not world.sent and let_go == [True], "claims what others will read"
    world.engine.revoked()
    world.engine.fetched([], {})
    world.engine.step()
    world.assigned({0: 1})
    world.engine.began(None, world.asked(Begin).offsets)
    world.engine.step()
    world.fetched(message(1))
    assert len(world.sent) == 1, "claims again"


def test_with_a_position_nothing_that_is_announced_holds_a_partition_back() -> None:
    world = World()
    world.reads()
    world.fetched(message(0))
    let_go: list[bool] = []
    world.engine.leaving(lambda: let_go.append(True))
    world.engine.step()
    assert let_go


def test_without_a_position_what_is_older_than_the_backlog_is_left_out() -> None:
    world = World()
    begins_without_a_position(world)
    scanned(world)
    world.engine.began(None, world.asked(Begin).offsets)
    world.engine.step()
    world.fetched(message(0, at=world.engine.now - 86_401_000_000))
    assert not world.sent


def test_a_position_that_is_gone_is_looked_for_again() -> None:
    world = World()
    world.reads()
    world.asked(Read)
    world.engine.position_lost(0)
    world.engine.fetched([], {})
    world.engine.step()
    assert world.asked(Locate).partitions == {0: True}
    world.engine.located([Place(0, None, None)])
    world.engine.step()
    assert world.asked(Begin).offsets == {0: None}


# --- records ---


def test_one_record_is_on_its_way_at_a_time_and_the_final_comes_last() -> None:
    world = World()
    world.reads()
    (run,) = world.runs(message(0))
    run.lines.add("INFO", [Line("one", False, False)], 1, world.engine.tick)
    world.ends(run, Outcome("SUCCEEDED", result=b"r"))
    (batch,) = world.answers()
    assert batch["first_seq"] == 1 and batch["lines"][0]["message"] == "one"
    (final,) = world.answers()
    assert (final["status"], final["result"]) == ("SUCCEEDED", b"r")
    assert not world.engine.runs


def test_the_same_bytes_go_out_again_until_the_brokers_have_them() -> None:
    world = World()
    world.reads()
    world.fetched(message(0))
    first = world.answers("Broker: away")
    assert not world.sent
    world.later(0.2)
    assert world.answers() == first


def test_what_is_refused_for_good_is_dropped_and_told_and_the_job_goes_on() -> None:
    world = World()
    world.reads()
    (run,) = world.runs(message(0))
    run.lines.add("INFO", [Line("one", False, False)], 1, world.engine.tick)
    world.engine.logged(run)
    world.later(0.2)
    world.answers("too large", is_hopeless=True)
    assert world.words[-1].startswith("ERROR dropped a record") and world.room.unsent == 0
    world.ends(run)
    assert [s["status"] for s in world.answers()] == ["SUCCEEDED"]


def test_a_line_waits_at_most_200_ms_for_company() -> None:
    world = World()
    world.reads()
    (run,) = world.runs(message(0))
    assert run.lines.add("INFO", [Line("one", False, False)], 1, world.engine.tick), "the engine is to be woken"
    world.engine.logged(run)
    world.engine.step()
    assert not world.sent and world.engine.wake() <= world.engine.tick + 0.2
    world.later(0.2)
    assert len(world.sent) == 1


def test_heartbeats_go_twice_as_often_as_they_are_asked_for_until_the_end() -> None:
    world = World()
    world.reads()
    (run,) = world.runs(message(0, heartbeat_ms=2000))
    world.engine.progressed(run, 40, "half")
    world.later(1.0)
    (beat,) = world.answers()
    assert (beat["progress"], beat["message"]) == (40, "half")
    world.later(1.0)
    assert len(world.sent) == 1
    world.ends(run)
    world.answers()
    assert not world.engine.runs


def test_contact_is_lost_after_three_heartbeats_without_an_answer() -> None:
    world = World(stop_when_lost=True)
    world.reads()
    (run,) = world.runs(message(0, heartbeat_ms=1000))
    world.later(0.5)
    world.later(2.0)
    assert not run.beat.is_lost(world.engine.tick) and not world.told
    world.later(0.6)
    assert run.beat.is_lost(world.engine.tick) and world.told == [(run, Cause.LOST)]


def test_a_sign_of_life_that_the_brokers_refuse_is_told() -> None:
    world = World()
    world.reads()
    world.runs(message(0, heartbeat_ms=2000))
    world.later(1.0)
    world.answers("not authorized")
    assert "WARN a sign of life was lost: not authorized" in world.words


def test_what_is_over_is_forgotten_however_far_its_run_timeout_is() -> None:
    world = World()
    world.reads()
    for offset in range(1000):
        (run,) = world.runs(message(offset, run_timeout_ms=86_400_000))
        world.ends(run)
        world.answers()
        world.commands.append(world.read_until(Read))
    assert not world.engine.runs and len(world.engine._later) < 200


def test_a_run_that_logs_for_long_is_remembered_once_and_told_of_its_run_timeout() -> None:
    world = World()
    world.reads()
    (run,) = world.runs(message(0, run_timeout_ms=86_400_000))
    for _ in range(1000):
        run.lines.add("INFO", [Line("one", False, False)], 1, world.engine.tick)
        world.engine.logged(run)
        world.engine.step()
        world.later(0.25)
        world.answers()
    assert len(world.engine._later) < 200
    world.later(86_400)
    assert world.told == [(run, Cause.TIMEOUT)]


def test_running_of_a_forgotten_claim_is_not_sent_again() -> None:
    world = World()
    world.reads()
    world.fetched(message(0), message(1))
    world.answers("cut")
    world.engine.revoked()
    world.later(0.2)
    world.later(0.2)
    assert not world.sent


# --- causes ---


def test_a_cancelled_run_is_told_and_others_are_not() -> None:
    world = World()
    world.reads()
    one, other = world.runs(message(0), message(1))
    world.engine.signalled([signal(dict(one.execution)), signal(dict(other.execution), attempt=2)])
    world.engine.step()
    assert world.told == [(one, Cause.CANCEL)]


def test_what_is_cancelled_while_it_is_claimed_is_not_begun() -> None:
    world = World()
    world.reads()
    world.fetched(message(0))
    (run,) = world.engine.runs.values()
    world.engine.signalled([signal(dict(run.execution))])
    world.answers()
    world.stores()
    assert not world.begun
    assert [s["status"] for s in world.answers()] == ["CANCELLED"]


def test_a_run_timeout_of_what_was_cancelled_while_it_was_claimed_wakes_nobody() -> None:
    world = World()
    world.reads()
    world.fetched(message(0, run_timeout_ms=1000))
    (run,) = world.engine.runs.values()
    world.engine.signalled([signal(dict(run.execution))])
    world.answers()
    world.later(1.5)
    world.later(1.5)
    assert all(at > world.engine.tick for at, _, _ in world.engine._later)


def test_a_run_timeout_is_told_a_second_late() -> None:
    world = World()
    world.reads()
    (run,) = world.runs(message(0, run_timeout_ms=2000))
    world.later(2.5)
    assert not world.told
    world.later(0.5)
    assert world.told == [(run, Cause.TIMEOUT)]


def test_who_ignores_its_cause_is_named_once_and_keeps_its_place() -> None:
    world = World(concurrency=1)
    world.reads()
    (run,) = world.runs(message(0), message(1))
    world.engine.signalled([signal(dict(run.execution))])
    world.engine.step()
    world.later(30)
    world.later(30)
    named = [w for w in world.words if run.execution["execution_id"] in w]
    assert len(named) == 1 and run.phase is Phase.WORKING and not world.begun


# --- the end ---


def test_draining_leaves_the_group_once_claims_are_through_and_runs_go_on() -> None:
    world = World(concurrency=2)
    world.reads()
    world.fetched(message(0))
    world.engine.drain()
    world.engine.step()
    world.answers()
    world.stores()
    world.read_until(Leave)
    world.engine.left()
    world.engine.step()
    (run,) = world.begun
    assert not world.engine.is_over and not world.told
    world.ends(run)
    world.answers()
    assert world.engine.is_over and world.engine.unreported == 0


def test_after_the_drain_handlers_are_told_and_then_failed_is_said_for_them() -> None:
    world = World(drain=1000)
    world.reads()
    (run,) = world.runs(message(0))
    world.engine.drain()
    world.later(1.0)
    assert world.told == [(run, Cause.SHUTDOWN)]
    world.later(2.9)
    assert not world.sent
    world.later(0.2)
    (final,) = world.answers()
    assert (final["status"], final["reason"]) == ("FAILED", "WORKER_SHUTDOWN")
    world.ends(run)
    assert not world.sent


def test_what_the_brokers_do_not_take_in_time_is_left() -> None:
    world = World(drain=0)
    world.reads()
    world.runs(message(0))
    world.engine.drain()
    world.later(0)
    world.later(3.0)
    world.later(5.0)
    assert world.engine.is_over and world.engine.unreported == 1


def test_hurrying_skips_the_wait() -> None:
    world = World()
    world.reads()
    (run,) = world.runs(message(0))
    world.engine.drain()
    world.engine.hurry()
    world.later(0)
    assert world.told == [(run, Cause.SHUTDOWN)]
