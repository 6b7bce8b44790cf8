"""The inbox does what every SDK's does: sdk/conformance/inbox.json."""

from typing import Any

import cases
import pytest

from cronobs.inbox import Claim, Commit, Gone, Inbox


def names(claims: list[Claim]) -> list[str]:
    return [f"{claim.key[0]}/{claim.key[1]}" for claim in claims]


class Interpreter:
    """Each step is a method; what it returns is what the step expects."""

    def __init__(self, case: Any) -> None:
        self.inbox = Inbox(case.get("concurrency", 16), case.get("room", 500))
        self.claims: dict[str, Claim] = {}
        self.commit_made: Commit | None = None

    def assign(self, partitions: list[int]) -> Any:
        return self.gone(self.inbox.assign(partitions))

    def revoke(self) -> Any:
        return self.gone(self.inbox.revoke())

    def gone(self, gone: Gone) -> Any:
        return {"handed": names(gone.handed), "forgotten": names(gone.forgotten)}

    def begin(self, partition: int, stored: int | None, oldest: int = 0) -> None:
        self.inbox.begin(partition, stored, oldest)

    def take(self, partition: int, offset: int, what: str | None, start_by: int | None = None, at: int = 0) -> bool:
        if what is None:
            return self.inbox.take(partition, offset, None, at)
        execution_id, attempt = what.split("/")
        execution = {"execution_id": execution_id, "task_id": "task", "attempt": int(attempt), "start_by": start_by}
        return self.inbox.take(partition, offset, execution, at)

    def end(self, partition: int, offset: int) -> None:
        self.inbox.end(partition, offset)

    def cancels_known(self) -> None:
        self.inbox.cancels_are_known()

    def cancel(self, what: str, task: str = "task") -> str | None:
        execution_id, attempt = what.split("/")
        claim = self.inbox.cancel(execution_id, task, int(attempt))
        return names([claim])[0] if claim is not None else None

    def claim(self, now: int = 0) -> list[str]:
        claims = self.inbox.claim(now)
        self.claims |= dict(zip(names(claims), claims, strict=True))
        return names(claims)

    def announced(self, what: str) -> bool:
        return self.inbox.announced(self.claims[what])

    def commit(self) -> Any:
        commit = self.inbox.commit()
        if commit is None:
            return None
        self.commit_made = commit
        return {str(partition): position for partition, position in commit.positions.items()}

    def answer(self, outcome: str) -> None:
        assert self.commit_made is not None
        getattr(self.inbox, outcome)(self.commit_made)

    def hand_out(self) -> list[str]:
        return names(self.inbox.hand_out())

    def done(self, what: str) -> None:
        self.inbox.done(self.claims[what])

    def note(self, what: str, count: int = 0) -> None:
        for number in range(count):
            self.inbox.note(f"{what}-{number}", 1)
        if count == 0:
            execution_id, attempt = what.split("/")
            self.inbox.note(execution_id, int(attempt))

    def look(self) -> Any:
        inbox = self.inbox
        return {
            "waiting": inbox.waiting, "busy": inbox.busy, "claiming": inbox.is_claiming, "alone": inbox.announces_alone,
            "paused": inbox.is_paused,
        }  # fmt: skip


@pytest.mark.parametrize("case", cases.load("inbox.json", "cases"), ids=cases.name_of)
def test_case(case: Any) -> None:
    interpreter = Interpreter(case)
    for number, step in enumerate(case["steps"], 1):
        arguments = {name: value for name, value in step.items() if name not in ("do", "expect")}
        result = getattr(interpreter, step["do"])(**arguments)
        if step["do"] == "look":
            result = {name: result[name] for name in step["expect"]}
        if "expect" in step:
            assert result == step["expect"], f"step {number}, {step}"


def test_the_end_of_a_forgotten_claim_frees_no_place_of_another_one() -> None:
    inbox = Inbox(1)
    inbox.cancels_are_known()
    claims = []
    for _ in range(2):
        inbox.assign([0])
        inbox.begin(0, 0)
        inbox.take(0, 0, {"execution_id": "a", "task_id": "task", "attempt": 1, "start_by": None})
        claims += inbox.claim(0)
    inbox.done(claims[0])
    assert inbox.busy == 1
    inbox.done(claims[1])
    assert inbox.busy == 0


def test_a_generation_says_that_an_assignment_is_another_one() -> None:
    inbox = Inbox(1)
    seen = [inbox.generation]
    for _ in range(2):
        inbox.assign([0])
        seen.append(inbox.generation)
    inbox.revoke()
    assert [*seen, inbox.generation] == [0, 1, 2, 3]


def test_cancellations_that_are_too_many_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cronobs.inbox.CANCELS_MAX", 2)
    inbox = Inbox(1)
    for number in range(3):
        inbox.cancel(f"execution-{number}", "task", 1)
    assert inbox.cancels_lost == 1
