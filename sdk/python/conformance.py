"""The subject of the conformance suite: sdk/conformance/README.md is its contract."""

import asyncio
import base64
import contextlib
import json
import logging
import os
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "src"))

import cronobs  # noqa: E402
from cronobs import Cancelled, Failed, Job, LogHandler, Worker, inbox, properties, run  # noqa: E402
from cronobs.testing import run_job  # noqa: E402

LEVELS = {"DEBUG": logging.DEBUG, "INFO": logging.INFO, "WARN": logging.WARNING, "ERROR": logging.ERROR}
log = logging.getLogger("subject")


def journal(what: str, job: Job | None = None, **more: object) -> None:
    if "CONFORMANCE_JOURNAL" not in os.environ:
        return
    about = {} if job is None else {"execution_id": job.execution_id, "attempt": job.attempt}
    line = json.dumps({"what": what, "at": time.time_ns() // 1000, "pid": os.getpid(), **about, **more}) + "\n"
    file = os.open(os.environ["CONFORMANCE_JOURNAL"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, line.encode())
    os.close(file)


class Watch:
    """Journals the first call that waits for room, while it waits, and when it goes on."""

    def __init__(self, job: Job) -> None:
        self.job, self.since, self.was_full, self.is_told = job, float("inf"), False, False
        threading.Thread(target=self.look, daemon=True).start()

    def begin(self) -> None:
        self.since = time.monotonic()

    def end(self) -> None:
        self.since = float("inf")
        if self.was_full and not self.is_told and self.job.cause is None:
            self.is_told = True
            journal("room", self.job)

    def look(self) -> None:
        while not self.was_full:
            time.sleep(0.02)
            if time.monotonic() - self.since > 0.5:
                journal("full", self.job)
                self.was_full = True


class Script:
    """Interprets one payload."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.count = 0
        self.caused = False
        self.by_method = int(job.execution_id[-1], 16) % 2 == 1  # every second one logs by the job's own call

    def say(self, level: str, text: str | bytes) -> None:
        if self.by_method or isinstance(text, bytes):
            self.job.log(text, level)
        else:
            log.log(LEVELS[level], "%s", text)

    def cause(self) -> None:
        """Journals it once."""
        if self.job.cause is not None and not self.caused:
            self.caused = True
            journal("cause", self.job, cause=str(self.job.cause))

    # --- steps that wait: for(seconds) is time.sleep, job.wait or asyncio.sleep ---

    def log(self, n: int) -> None:
        for _ in range(n):
            self.count += 1
            self.say("INFO", f"line {self.count}")

    def line(self, level: str, text: str) -> None:
        self.say(level, text)

    def raw(self, level: str, text: str) -> None:
        self.say(level, base64.b64decode(text))

    def fill(self, n: int) -> None:
        watch = Watch(self.job)
        for number in range(n):
            watch.begin()
            self.say("INFO", f"{number:08d}".ljust(1024, "."))
            watch.end()
            self.job.check()

    async def fill_async(self, n: int) -> None:
        watch = Watch(self.job)
        for number in range(n):
            self.say("INFO", f"{number:08d}".ljust(1024, "."))
            watch.begin()
            await self.job.drained()
            watch.end()
            if number % 100 == 0:
                await asyncio.sleep(0)

    def block(self, ms: int) -> None:
        time.sleep(ms / 1000)

    def progress(self, percent: int | None, note: str | None) -> None:
        self.job.progress(percent, note)

    def fail(self, message: str, exit_code: int | None = None, result: object = None) -> None:
        raise Failed(message, exit_code, result)

    def throw(self, text: str) -> None:
        raise RuntimeError(text)

    def late(self, ms: int, text: str) -> None:
        def say() -> None:
            time.sleep(ms / 1000)
            self.job.log(text)
            journal("said", self.job)

        threading.Thread(target=say).start()

    def thread(self, steps: list) -> None:
        def say() -> None:
            for step in steps:
                getattr(self, step[0])(*step[1:])
            journal("said", self.job)

        self.in_thread(self.job.wrap(say))

    def outside(self, steps: list) -> None:
        def say() -> None:
            by_logging = Script(self.job)
            by_logging.by_method = False
            for step in steps:
                getattr(by_logging, step[0])(*step[1:])
            journal("said", self.job)

        self.in_thread(say)

    def in_thread(self, function) -> None:
        thread = threading.Thread(target=function)
        thread.start()
        thread.join()

    # --- steps that wait ---

    def waits(self, name: str, argument: object):
        """Yields the seconds to wait before it looks again; what is sent back does not matter."""
        if name == "sleep":
            yield argument / 1000, True
        elif name == "gate":
            while not os.path.exists(os.path.join(os.environ["CONFORMANCE_GATES"], argument)):
                yield 0.02, True
        elif name == "stubborn":
            while self.job.cause is None:
                yield 0.02, False
            self.cause()
            until = time.monotonic() + argument / 1000
            while (left := until - time.monotonic()) > 0:
                yield left, False
        elif name == "watch_contact":
            until, lost = time.monotonic() + argument / 1000, False
            while time.monotonic() < until:
                if self.job.contact_lost != lost:
                    lost = not lost
                    journal("contact", self.job, lost=lost)
                yield 0.02, True

    def run(self) -> object:
        for step in json.loads(self.job.payload):
            name, arguments = step[0], step[1:]
            if name in ("return", "return_bytes"):
                return arguments[0] if name == "return" else b"x" * arguments[0]
            if name in ("sleep", "gate", "stubborn", "watch_contact"):
                for seconds, may_end in self.waits(name, arguments[0]):
                    self.job.wait(seconds) if may_end else time.sleep(seconds)
            else:
                getattr(self, name)(*arguments)
        return None

    async def run_async(self) -> object:
        for step in json.loads(self.job.payload):
            name, arguments = step[0], step[1:]
            if name in ("return", "return_bytes"):
                return arguments[0] if name == "return" else b"x" * arguments[0]
            if name in ("sleep", "gate", "watch_contact"):
                for seconds, _ in self.waits(name, arguments[0]):
                    await asyncio.sleep(seconds)
            elif name == "fill":
                await self.fill_async(arguments[0])
            elif name == "stubborn":
                for seconds, _ in self.waits(name, arguments[0]):
                    with contextlib.suppress(asyncio.CancelledError):
                        await asyncio.sleep(seconds)
            else:
                getattr(self, name)(*arguments)
        return None


def begin(job: Job) -> Script:
    journal("begin", job, task=job.task, bytes=len(job.payload), traceparent=job.traceparent, content_type=job.content_type, labels=dict(job.labels))
    return Script(job)


@contextlib.contextmanager
def ending(script: Script):
    """Journals how the script ends."""
    how = "returned"
    try:
        yield
    except (Cancelled, asyncio.CancelledError):
        script.cause()
        how = "cause"
        raise
    except Failed:
        how = "failed"
        raise
    except BaseException:
        how = "threw"
        raise
    finally:
        journal("end", script.job, how=how)


def handle(job: Job) -> object:
    script = begin(job)
    with ending(script):
        return script.run()


async def handle_async(job: Job) -> object:
    script = begin(job)
    with ending(script):
        return await script.run_async()


class OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        level = {"WARNING": "WARN", "CRITICAL": "ERROR"}.get(record.levelname, record.levelname)
        return f"cronobs {level} " + " ".join(record.getMessage().splitlines())


def set_up_logging() -> None:
    words = logging.StreamHandler(sys.stderr)
    words.setFormatter(OneLine())
    logging.getLogger("cronobs").addHandler(words)
    logging.getLogger("cronobs").propagate = False
    logging.getLogger("cronobs").setLevel("INFO")
    log.addHandler(LogHandler())
    log.propagate = False
    log.setLevel("DEBUG")


def work() -> int:
    kafka = json.loads(os.environ.get("CONFORMANCE_KAFKA") or "{}")
    session = "6s" if "max.poll.interval.ms" in kafka else None  # librdkafka wants it to be the longer one
    worker = Worker(kafka=kafka, session_timeout=session, stop_when_lost=os.environ.get("CONFORMANCE_HEARTBEAT_LOST") == "1")
    plant(os.environ.get("CONFORMANCE_PLANT"))
    handler = handle_async if os.environ.get("CONFORMANCE_HANDLER") == "async" else handle
    for key in (os.environ.get("CONFORMANCE_TASKS") or "*").split(","):
        worker.task(key)(handler)
    journal("start")
    return worker.run()


def observe(key: str, script: str) -> int:
    try:
        with cronobs.observe(key) as job:
            print(json.dumps({"execution_id": job.execution_id}), flush=True)
            job.payload = script.encode()
            Script(job).run()
    except Exception:
        return 1
    return 0


def test(script: str) -> int:
    out = run_job(handle, payload=script)
    result = None if out.result_bytes is None else base64.b64encode(out.result_bytes).decode()
    print(json.dumps({"status": out.status, "reason": out.reason, "message": out.message, "exit_code": out.exit_code, "result": result,
                      "lines": out.lines, "progress": out.progress}))  # fmt: skip
    return 0


# --- the client ---


def call_api(script: str) -> int:
    from cronobs.client import ApiError, Client

    with Client() as client:
        for name, *arguments in json.loads(script):
            try:
                print(json.dumps({"ok": CALLS[name](client, *arguments)}), flush=True)
            except ApiError as error:
                told = {name: getattr(error, name) for name in ("status", "code", "pointer", "hint")}
                print(json.dumps({"error": told}), flush=True)
    return 0


def put(client, key: str, spec: dict, revision: int | None):
    client.task(key).put(spec, **({} if revision is None else {"if_match": revision}))
    return client.task(key).get()


def trigger(client, key: str, payload: object):
    return client.execution(client.task(key).trigger(payload)["execution_id"]).get()


def listed(items, name: str) -> dict:
    names = [item[name] for item in items]
    return {"count": len(names), "first": names[0] if names else None, "last": names[-1] if names else None}


CALLS = {
    "put": put,
    "get": lambda client, key: client.task(key).get(),
    "delete": lambda client, key: client.task(key).delete(),
    "pause": lambda client, key: client.task(key).pause(),
    "resume": lambda client, key: client.task(key).resume(),
    "trigger": trigger,
    "upcoming": lambda client, key: client.task(key).upcoming(),
    "tasks": lambda client, page: listed(client.tasks(page=page), "key"),
    "executions": lambda client, key, page: listed(client.executions(task=key, page=page), "execution_id"),
    "logs": lambda client, execution, page: listed(client.logs(execution, page=page), "message"),
    "explain": lambda client, expression, zone: client.explain(expression, zone=zone),
}


# --- faults, to see the suite red: around the SDK, never in it ---


def plant(name: str | None) -> None:
    if name:
        PLANTS[name]()


def plant_commit_first() -> None:
    """For the position alone RUNNING is taken for acknowledged: the handler waits for both, as ever."""
    genuine = inbox.Inbox.commit

    def commit(self):
        early = [claim for claim in self._turn if claim.state is inbox.State.CLAIMING]
        for claim in early:
            claim.state = inbox.State.CLAIMED
        found = genuine(self)
        for claim in early:
            claim.state = inbox.State.CLAIMING
        return found

    inbox.Inbox.commit = commit


def plant_uncommitted() -> None:
    genuine = properties.member
    properties.member = lambda settings: {**genuine(settings), "isolation.level": "read_uncommitted"}


def plant_claim_dropped() -> None:
    inbox.Inbox.unanswered = inbox.Inbox.refused


def plant_beats_in_handler() -> None:
    """None is due while the handler holds its thread."""
    due, block = run.Run.beat_due, Script.block
    blocked: set[Job] = set()

    def hold(self, ms: int) -> None:
        blocked.add(self.job)
        block(self, ms)
        blocked.discard(self.job)

    Script.block = hold
    run.Run.beat_due = lambda self: float("inf") if self.job in blocked else due(self)


def plant_line_astray() -> None:
    """A line is one of the job that began last."""
    newest: list[Job] = []
    init, log = Script.__init__, Job.log

    def begin_last(self, job: Job) -> None:
        init(self, job)
        newest[:] = [job]

    Script.__init__ = begin_last
    Job.log = lambda self, text, level="INFO": log(newest[0], text, level)


PLANTS = {
    "commit-first": plant_commit_first,
    "uncommitted": plant_uncommitted,
    "claim-dropped": plant_claim_dropped,
    "beats-in-handler": plant_beats_in_handler,
    "line-astray": plant_line_astray,
}


def main(arguments: list[str]) -> int:
    set_up_logging()
    modes = {"worker": work, "observe": observe, "client": call_api, "testing": test}
    return modes[arguments[0]](*arguments[1:])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
