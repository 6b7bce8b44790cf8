"""One installation for one test: its own topics, database, ports and processes, on the shared test servers.

Processes are restarted when they die, as the supervisor of ops/up does; a test may hold a restart back.
"""
import atexit
import concurrent.futures
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import psycopg


def wait_for(what, condition, deadline=60.0, pause=0.05):
    """Waits for condition() to be true; the truth it returned is the answer."""
    until = time.monotonic() + deadline
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > until:
            raise AssertionError(f"not within {deadline:.0f} s: {what}")
        time.sleep(pause)  # between two looks at the condition


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Process:
    """A part that is started again when it dies (unless held)."""

    def __init__(self, stack, name, arguments, environment, folder=None):
        self.stack, self.name, self.arguments, self.folder = stack, name, arguments, folder
        self.fault_file = os.path.join(stack.folder, f"{name}.fault")
        self.environment = dict(environment, CRONOBS_FAULT_FILE=self.fault_file)
        self.log_path = os.path.join(stack.folder, f"{name}.log")
        self.held, self.stopped, self.starts, self.pids = threading.Event(), False, 0, []
        self.child = None
        self.lock = threading.Lock()
        self.start()
        self.keeper = threading.Thread(target=self.keep, daemon=True)
        self.keeper.start()

    def start(self):
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen(self.arguments, env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=log, start_new_session=True)
        self.starts += 1
        self.pids.append(self.child.pid)

    def keep(self):
        while not self.stopped:
            code = self.child.wait()
            with open(self.log_path, "a") as log:
                log.write(f"-- {time.time():.3f} {self.name} ended with {code}\n")
            if self.stopped:
                return
            while self.held.is_set() and not self.stopped:
                time.sleep(0.02)  # held by the test
            if code not in (-9, 75) and not self.stopped:
                time.sleep(1.0)  # the supervisor's back-off
            with self.lock:
                if not self.stopped:
                    self.start()

    def hold(self):
        self.held.set()

    def release(self):
        self.held.clear()

    def kill(self, sig=signal.SIGKILL):
        with self.lock:
            self.child.send_signal(sig)

    def kill_group(self, sig=signal.SIGKILL):
        """The part and its children, as when a host goes down."""
        with self.lock:
            try:
                os.killpg(self.child.pid, sig)
            except ProcessLookupError:
                pass

    def order_fault(self, action, point):
        with open(self.fault_file + ".new", "w") as f:
            f.write(f"{action} {point}\n")
        os.rename(self.fault_file + ".new", self.fault_file)

    def fault_done(self):
        return not os.path.exists(self.fault_file)

    def cancel_fault(self):
        try:
            os.unlink(self.fault_file)
            return True
        except FileNotFoundError:
            return False

    def stop(self, deadline=20):
        with self.lock:
            self.stopped = True
            if self.child.poll() is None:
                self.child.send_signal(signal.SIGCONT)
                self.child.terminate()
        try:
            self.child.wait(deadline)
        except subprocess.TimeoutExpired:
            self.kill_group()
            self.child.wait(5)

    def log_text(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()


class Stack:
    def __init__(self, name, faults=False, partitions=12, plant=None, keep_logs=True):
        self.name = f"{name}{secrets.token_hex(3)}"
        self.prefix = f"{self.name}."
        self.brokers = os.environ["CRONOBS_TEST_BROKERS"]
        self.server = os.environ["CRONOBS_TEST_DATABASE"]
        self.binary = os.environ["CRONOBS_TEST_BIN_FAULTS" if faults or plant else "CRONOBS_TEST_BIN"]
        base = os.environ.get("CRONOBS_TEST_RUN", tempfile.gettempdir())
        os.makedirs(base, exist_ok=True)
        self.folder = tempfile.mkdtemp(prefix=f"{name}-", dir=base)
        self.partitions, self.keep_logs = partitions, keep_logs
        self.processes = []
        self.database = self.make_database()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = dict(
            os.environ, CRONOBS_BROKERS=self.brokers, CRONOBS_DATABASE=self.database, CRONOBS_URL=self.url,
            CRONOBS_TOPIC_PREFIX=self.prefix, CRONOBS_PARTITIONS=str(partitions),
            CRONOBS_STATE_DIR=os.path.join(self.folder, "state"))
        os.makedirs(self.environment["CRONOBS_STATE_DIR"], exist_ok=True)
        if plant:
            self.environment["CRONOBS_PLANT"] = plant
        atexit.register(self.down)
        print(f"# {self.name}: logs in {self.folder}", flush=True)

    def make_database(self):
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{self.name}" ENCODING \'UTF8\' TEMPLATE template0')
        info = psycopg.conninfo.conninfo_to_dict(self.server)
        return psycopg.conninfo.make_conninfo(**dict(info, dbname=self.name))

    def connect(self):
        return psycopg.connect(self.database, autocommit=True, options="-c search_path=cronobs")

    def run(self, *arguments, check=True, **options):
        done = subprocess.run([self.binary, *arguments], env=self.environment, text=True,
                              capture_output=True, timeout=options.pop("timeout", 120), **options)
        if check and done.returncode != 0:
            raise AssertionError(f"cronobs {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def prepare(self, *queues):
        self.run("topics", "apply", *[x for q in queues for x in ("--queue", q)])
        self.run("db", "migrate")

    def start(self, name, *arguments, **environment):
        return self.start_program(name, [self.binary, *arguments], **environment)

    def start_program(self, name, command, folder=None, **environment):
        process = Process(self, name, command, dict(self.environment, **environment), folder)
        self.processes.append(process)
        return process

    def start_scheduler(self, number=1, **environment):
        return self.start(f"scheduler{number}", "scheduler", CRONOBS_SCHEDULER_INSTANCE=f"{self.name}-s{number}", **environment)

    def start_consumer(self, number=1, **environment):
        return self.start(f"consumer{number}", "consumer", "--no-api", CRONOBS_CONSUMER_INSTANCE=f"{self.name}-c{number}", **environment)

    def start_api(self):
        api = self.start("api", "api", CRONOBS_API_LISTEN=f"127.0.0.1:{self.port}")
        wait_for("the API is ready", self.api_answers, 30)
        return api

    def api_answers(self):
        try:
            with urllib.request.urlopen(self.url + "/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def start_worker(self, queue, *command, name="worker", concurrency=32):
        return self.start(name, "work", "--queue", queue, "--concurrency", str(concurrency), "--", *command)

    def count_in_logs(self, phrase):
        return sum(p.log_text().count(phrase) for p in self.processes)

    def down(self):
        atexit.unregister(self.down)
        for process in reversed(self.processes):
            process.stop()
        self.processes = []
        try:
            with psycopg.connect(self.server, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
        except psycopg.Error as error:
            print(f"# could not drop {self.name}: {error}", file=sys.stderr)
        self.drop_topics()
        if not self.keep_logs:
            shutil.rmtree(self.folder, ignore_errors=True)

    def drop_topics(self):
        """What stays costs all that come after: a killed broker looks through every partition before it serves again."""
        from confluent_kafka.admin import AdminClient

        from . import wire
        names = wire.topic_names(self.brokers, self.prefix)
        if not names:
            return
        client = AdminClient({"bootstrap.servers": self.brokers})  # it has to live until the answer: its end would take the question back
        asked = client.delete_topics(names).values()
        late = concurrent.futures.wait(asked, 30).not_done  # it deletes all the same
        if late:
            print(f"# the broker has not answered for {len(late)} topics to be dropped", file=sys.stderr)
        for failure in {str(each.exception()) for each in asked if each not in late and each.exception()}:
            print(f"# could not drop topics: {failure}", file=sys.stderr)
