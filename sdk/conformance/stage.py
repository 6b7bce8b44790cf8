"""One scenario of one language: a queue of its own, the programs that work on it, their journal, and what is always to be so."""
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import time

import records
from installation import PATIENCE, never, payload, wait_for  # noqa: F401 - for scenarios
from proxy import Proxy
from records import FINAL

SESSION = 6  # seconds: the shortest that a broker takes
OF_A_SDK = ("CRONOBS_", "CONFORMANCE_")
MARKER = re.compile(r"cronobs (DEBUG|INFO|WARN|ERROR) ")


class Subject:
    """A program of the language under test."""
    is_foreign, is_worker = False, False

    def __init__(self, name, command, folder, environment, output):
        self.name, self.output, self.errors = name, output / f"{name}.out", output / f"{name}.err"
        with open(self.output, "ab") as out, open(self.errors, "ab") as err:
            self.child = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)

    @property
    def pid(self):
        return self.child.pid

    def signal(self, number=signal.SIGTERM):
        self.child.send_signal(number)

    def is_running(self):
        return self.child.poll() is None

    def wait(self, deadline=PATIENCE):
        try:
            return self.child.wait(deadline)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} has not ended within {deadline} s: {self.tail()}") from None

    def ends(self, code=0, deadline=PATIENCE):
        found = self.wait(deadline)
        assert found == code, f"{self.name} ended with {found}, not {code}: {self.tail()}"

    def stop(self, code=0, deadline=PATIENCE):
        """In order, as whoever deploys it does."""
        self.signal()
        self.ends(code, deadline)

    def kill(self):
        if self.is_running():
            os.killpg(self.pid, signal.SIGKILL)
        self.child.wait()

    def words(self):
        """What it told whoever runs it, one text a line."""
        return self.errors.read_text(errors="replace").splitlines()

    def tail(self):
        return " / ".join(self.words()[-5:]) or "it said nothing"


class Stage:
    def __init__(self, number, language, installation, folder, plant=None, tools=None):
        self.number, self.language, self.installation, self.plant, self.tools = number, language, installation, plant, tools
        self.queue = f"s{number}"
        self.folder = pathlib.Path(folder)
        (self.folder / "gates").mkdir(parents=True)
        self.journal_path = self.folder / "journal"
        self.journal_path.touch()
        self.subjects, self.proxies, self.published, self.own = [], [], [], None
        self.journal_at, self.lines_read, self.lines_of = 0, [], {}
        self.company = None  # of those who go through the same scenario (broker.py)
        self.is_calm = True  # the brokers stay: one worker announces nothing a second time

    def has(self, what):
        return what not in self.language.lacks

    def move_to(self, installation):
        """A scenario that spoils an installation for others has one of its own, with its queue."""
        self.installation = self.own = installation
        installation.add_queue(self.queue)

    # --- programs ---

    def proxy(self, brokers=None):
        self.proxies.append(Proxy(brokers or self.installation.brokers))
        return self.proxies[-1]

    def environment(self, **settings):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(OF_A_SDK)}
        ours = {
            "CRONOBS_BROKERS": self.installation.brokers, "CRONOBS_TOPIC_PREFIX": self.installation.prefix, "CRONOBS_QUEUE": self.queue,
            "CRONOBS_WORKER_CONCURRENCY": 4, "CRONOBS_KAFKA_SESSION_TIMEOUT": f"{SESSION}s",
            "CONFORMANCE_JOURNAL": self.journal_path, "CONFORMANCE_GATES": self.folder / "gates",
            "CONFORMANCE_HANDLER": self.language.handler, "CONFORMANCE_PLANT": self.plant, **settings}
        return kept | {k: str(v) for k, v in ours.items() if v is not None}

    def start(self, *arguments, name=None, language=None, **settings):
        language = language or self.language
        subject = Subject(name or f"{language.name}-{len(self.subjects) + 1}", [*language.command(self.plant), *arguments], language.folder,
                          self.environment(**settings), self.folder)
        self.subjects.append(subject)
        return subject

    def worker(self, **settings):
        """settings: of the environment; `brokers`, `concurrency` and `drain` for short."""
        for short, long in (("brokers", "CRONOBS_BROKERS"), ("concurrency", "CRONOBS_WORKER_CONCURRENCY"), ("drain", "CRONOBS_WORKER_DRAIN")):
            if short in settings:
                settings[long] = settings.pop(short)
        worker = self.start("worker", **settings)
        worker.is_worker = True
        return worker

    def command(self, name):
        """`cronobs work`, whose words are its own."""
        subject = Subject(name, [self.tools.binary, "work", "--queue", self.queue, "--concurrency", "4", "--", "true"], self.folder,
                          self.environment(), self.folder)
        subject.is_foreign = True
        self.subjects.append(subject)
        return subject

    def open_gate(self, name):
        (self.folder / "gates" / name).touch()

    # --- work ---

    def make(self, *steps, **fields):
        """An execution of the script, not published yet."""
        return records.execution(self.installation.partitions, payload(steps), **fields)

    def publish(self, executions, **options):
        self.published += executions
        self.installation.publish(self.queue, executions, **options)

    def put(self, *steps, traceparent=None, **fields):
        execution = self.make(*steps, **fields)
        self.publish([execution], traceparent=traceparent)
        return execution

    def cancel(self, execution, **fields):
        self.installation.send_signal(execution, **fields)

    # --- what was said ---

    def journal(self, what=None, execution=None, attempt=None):
        with open(self.journal_path, "rb") as f:
            f.seek(self.journal_at)
            whole = f.read()
        whole = whole[:whole.rfind(b"\n") + 1]
        self.journal_at += len(whole)
        for line in map(json.loads, whole.splitlines()):
            self.lines_read.append(line)
            self.lines_of.setdefault(line.get("execution_id"), []).append(line)
        lines = self.lines_read if execution is None else self.lines_of.get(execution["execution_id"], ())
        return [line for line in lines if what in (None, line["what"]) and attempt in (None, line.get("attempt"))]

    def heard(self, execution):
        return self.installation.of(execution)

    def reports(self, execution, attempt=1):
        """Each once: a report that was sent again has the same event_id."""
        seen = {}
        for said in list(self.heard(execution).status):
            if said.record["attempt"] == attempt:
                seen.setdefault(said.record["event_id"], said)
        return list(seen.values())

    def statuses(self, execution, attempt=1):
        return [said.record["status"] for said in self.reports(execution, attempt)]

    def lines(self, execution, attempt=1):
        """(level, message) in the order of their numbers, each once; a line that came in pieces is one."""
        found, writers = {}, set()
        for said in list(self.heard(execution).batches):
            batch = said.record
            if batch["attempt"] != attempt:
                continue
            writers.add(batch["writer"])
            marks = {m["line"]: m for m in batch["marks"]}
            assert 0 < len(batch["lines"]) <= 1000, f"a batch of {len(batch['lines'])} lines"
            for n, line in enumerate(batch["lines"]):
                as_heard = (line["level"], line["message"], marks.get(n + 1, {}).get("unfinished", False))
                assert found.setdefault(batch["first_seq"] + n, as_heard) == as_heard, f"line {batch['first_seq'] + n} is two lines"
        assert len(writers) <= 1, f"lines of one attempt by {len(writers)} writers"
        assert sorted(found) == list(range(1, len(found) + 1)), f"numbers of lines: {sorted(found)[:10]} ... of {len(found)}"
        return joined([found[n] for n in sorted(found)])

    def texts(self, execution, attempt=1):
        return [text for _, text in self.lines(execution, attempt)]

    # --- waiting ---

    def begun(self, execution, attempt=1, deadline=PATIENCE):
        return wait_for(lambda: f"{execution['execution_id']} has begun: {self.state(execution)}; {self.installation.standing(self.queue)}",
                        lambda: self.journal("begin", execution, attempt), deadline)[0]

    def final(self, execution, status=None, attempt=1, deadline=PATIENCE):
        """The record of its end; all that was said before it has been heard."""
        def look():
            return next((r.record for r in self.reports(execution, attempt) if r.record["status"] in FINAL), None)
        found = wait_for(lambda: f"{execution['execution_id']} has ended: {self.state(execution)}", look, deadline)
        self.installation.has_heard_all()
        assert status in (None, found["status"]), f"{found['status']} ({found['reason']}, {found['message']}), not {status}"
        return found

    def finals(self, executions, status="SUCCEEDED", deadline=PATIENCE):
        """deadline: of the next one; however many there are, it is only long when nothing happens."""
        left = list(executions)

        def some_have():
            count = len(left)
            left[:] = [e for e in left if not any(s in FINAL for s in self.statuses(e, e["attempt"]))]
            return not left or len(left) < count
        while left:
            wait_for(lambda: f"one more has ended: {len(left)} of {len(executions)} not, such as {self.state(left[0])}", some_have, deadline)
        self.installation.has_heard_all()
        for e in executions:
            assert self.statuses(e, e["attempt"])[-1] == status, f"{e['execution_id']}: {self.statuses(e, e['attempt'])}"

    def beats(self, execution, count, deadline=PATIENCE):
        return wait_for(f"{count} signs of life", lambda: len(self.heard(execution).beats) >= count and list(self.heard(execution).beats), deadline)

    def word(self, subject, pattern, deadline=PATIENCE):
        """A word of the worker's own that matches."""
        wait_for(lambda: f"{subject.name} says {pattern!r}: {subject.tail()}", lambda: any(re.search(pattern, w) for w in subject.words()), deadline)

    def caused(self, execution, cause, deadline=PATIENCE):
        found = wait_for(lambda: f"a cause: {self.state(execution)}", lambda: self.journal("cause", execution), deadline)
        assert [line["cause"] for line in found] == [cause], f"{found}, not {cause}"
        return found[0]

    def members(self, count, deadline=PATIENCE):
        wait_for(lambda: f"{count} members of the group: {self.installation.members(self.queue)}",
                 lambda: self.installation.members(self.queue) == count, deadline)

    def state(self, execution):
        told = [line["what"] for line in self.journal(execution=execution)]
        return f"journal {told}, status {self.statuses(execution)}" + "".join(f"; {s.name}: {s.tail()}" for s in self.subjects[-2:])

    # --- what is always to be so ---

    def check(self):
        self.installation.has_heard_all()
        assert not self.installation.faults, self.installation.faults[:3]
        for execution in self.published:
            self.check_execution(execution)
        strangers = {line["execution_id"] for line in self.journal("begin")} & self.installation.aborted
        assert not strangers, f"begun from an aborted transaction: {sorted(strangers)[:3]}"
        for subject in self.subjects:
            self.check_words(subject)

    def check_execution(self, execution):
        attempt = execution["attempt"]
        begun, reports = self.journal("begin", execution, attempt), self.reports(execution, attempt)
        name = f"{execution['execution_id']}/{attempt}"
        if begun:
            assert reports and reports[0].record["status"] == "RUNNING", f"{name}: begun and not announced: {self.statuses(execution, attempt)}"
            assert begun[0]["at"] // 1000 >= reports[0].at, f"{name}: begun {reports[0].at - begun[0]['at'] / 1000:.1f} ms before it was announced"
        assert len(begun) <= 1, f"{name}: begun {len(begun)} times"
        statuses = self.statuses(execution, attempt)
        assert sum(s in FINAL for s in statuses) <= 1, f"{name}: {statuses}"
        assert statuses.count("RUNNING") <= 1 or len(self.subjects) > 1 or not self.is_calm, f"{name}: {statuses}"
        batches = [b.at for b in self.heard(execution).batches if b.record["attempt"] == attempt]
        if batches and statuses[-1] in FINAL:
            assert max(batches) <= reports[-1].at, f"{name}: its end was said before its last lines"

    def check_words(self, subject):
        raw = [word for word in subject.words() if not MARKER.match(word) and not subject.is_foreign]
        assert not raw, f"{subject.name} wrote on standard error: {raw[:3]}"
        assert not (subject.is_worker and subject.output.stat().st_size), f"{subject.name} wrote on standard output"

    @contextlib.contextmanager
    def apart(self, installation):
        """A part of a scenario in an installation of its own, with its queue."""
        shared, self.installation = self.installation, installation
        installation.add_queue(self.queue)
        yield
        self.check()
        installation.drop()
        self.installation, self.published = shared, []

    def leave(self):
        """When all is well."""
        if self.own:
            self.own.drop()

    def close(self):
        for subject in self.subjects:
            subject.kill()
        for proxy in self.proxies:
            proxy.close()


def joined(pieces):
    lines, rest = [], ""
    for level, text, is_unfinished in pieces:
        assert len(text.encode()) <= 16384, f"a line of {len(text.encode())} bytes"
        rest += text
        if not is_unfinished:
            lines.append((level, rest))
            rest = ""
    return lines + ([(pieces[-1][0], rest)] if rest else [])


def until(instant):
    """Waits for the instant (seconds, as time.time())."""
    wait_for("the instant", lambda: time.time() > instant, 120)
