"""The scenarios, with the rules that they hold an SDK to."""
from dataclasses import dataclass
from typing import Callable

import beyond
import claiming
import living
import publishing
import working


@dataclass(frozen=True)
class Scenario:
    number: int
    name: str
    rules: str
    run: Callable
    needs: frozenset = frozenset()  # what a language may lack: then it is left out

    @property
    def is_mixed(self):
        """One run for all languages that are asked for."""
        return self.run is living.beside_others


def table(*rows):
    return {number: Scenario(number, name, rules, run, frozenset(needs)) for number, name, rules, run, *needs in rows}


SCENARIOS = table(
    (1, "plain, with lines", "R1 R6 R16 R22 R28", claiming.plain_with_lines),
    (2, "aborted transactions never seen", "R1 R3", claiming.aborted_transactions_are_never_seen),
    (3, "start_by", "R5", claiming.what_is_past_its_start_deadline),
    (4, "second delivery, second attempt", "R5", claiming.second_delivery_and_second_attempt),
    (5, "garbage, tombstone", "R11 R33", claiming.garbage_and_tombstones),
    (6, "newer schema id, unknown symbol", "R12", claiming.newer_records),
    (7, "heartbeats, progress", "R19 R20 R21", working.heartbeats_and_progress),
    (8, "beats while user code blocks", "R14 R19", working.beats_while_user_code_blocks),
    (9, "cancel running", "R17 R18", working.cancel_a_running_one),
    (10, "cancelled before", "R3 R5", claiming.cancelled_before_it_began),
    (11, "run timeout", "R17", working.run_timeout),
    (12, "50,000 lines in order", "R23 R26", publishing.fifty_thousand_lines),
    (13, "16 KiB, NUL, bad UTF-8, a character at the cut", "R26", publishing.odd_bytes),
    (14, "full buffer", "R23 R27", publishing.full_buffer),
    (15, "exception, panic, large result", "R16", working.how_handlers_end),
    (16, "no handler", "R15", claiming.no_handler, "handlers"),
    (17, "drain", "R19 R30 R31", living.drain),
    (18, "drain over", "R17 R30", living.drain_is_over),
    (19, "second, third signal", "R30 R31", living.more_signals),
    (20, "two, three, one process: all once", "R6 R8 R9", living.two_three_one),
    (21, "kill -9: at most `concurrency` left RUNNING", "R6 R7", living.kill_9),
    (22, "beside all others in one group", "R1 R2", living.beside_others),
    (23, "broker restart", "R23 R24", living.broker_restart),
    (24, "broker kill -9: none announced and never run", "R8 R21 R23", living.broker_kill_9),
    (25, "brokers away at the start", "R32", living.brokers_away_at_the_start),
    (26, "queue made later", "R1 R32", claiming.a_queue_that_is_made_later),
    (27, "no position, backlog", "R4 R9", claiming.no_position),
    (28, "SIGSTOP past the session", "R8 R9", living.stopped_past_its_session),
    (29, "static twin", "R13 R31", living.static_twin, "static"),
    (30, "10,000 waiting at concurrency 1", "R10", living.ten_thousand_waiting),
    (31, "job longer than the poll interval", "R10 R14", working.a_job_longer_than_the_poll_interval),
    (32, "P = 1, 50", "R24", claiming.one_partition_and_fifty),
    (33, "observe, also without brokers", "docs/workers.md", beyond.observe, "observe"),
    (34, "client: pages, 412, repeats", "docs/http-api.md", beyond.client, "client"),
    (35, "testing helper = real run", "R16 R20 R26", beyond.testing_helper, "testing"),
)
