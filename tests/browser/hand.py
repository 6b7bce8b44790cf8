"""What tests in the browser ask of the world outside it: verbs over HTTP, each a method, its arguments and its answer JSON."""
import concurrent.futures
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time
import traceback

from relay import before_postgres
from support.stack import Process, Stack, free_port, wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Hand:
    def __init__(self, stack, topics):
        self.stack, self.topics, self.others, self.floods = stack, topics, {}, {}

    # --- as workers and schedulers ---

    def run(self, key, at=None, nonce=None, **fields):
        number = self.topics.run(key, at or int(time.time() * 1e6), nonce=nonce or str(time.time_ns()), **fields)
        self.topics.flush()
        return number

    def id_of(self, key, at, nonce):
        """Of a run that may not be there yet."""
        return self.topics.id_of(key, at, nonce)

    def report(self, key, execution, status, **fields):
        self.topics.report(key, execution, status, **fields)
        self.topics.flush()

    def beat(self, key, execution, progress, message, **fields):
        self.topics.beat(key, execution, progress, message, **fields)
        self.topics.flush()

    def log(self, key, execution, first, lines, **fields):
        self.topics.log(key, execution, first, lines, **fields)
        self.topics.flush()

    def flood(self, key, execution, rate, seconds):
        """Lines at a pace, from now on; `flooded` tells how many it has written, and whether that is all."""
        state = self.floods[execution] = {"lines": 0, "done": False}

        def write():
            began, total = time.monotonic(), rate * seconds
            while state["lines"] < total:
                due = min(total, int((time.monotonic() - began) * rate) + rate // 10)
                first = state["lines"] + 1
                self.topics.log(key, execution, first, [("INFO", "STDOUT", f"flood {n}") for n in range(first, due + 1)])
                self.topics.flush()
                state["lines"] = due
                time.sleep(0.1)  # the pace
            state["done"] = True
        threading.Thread(target=write, daemon=True).start()

    def flooded(self, execution):
        return self.floods[execution]

    # --- the tables, to read; the command line ---

    def sql(self, statement):
        with self.stack.connect() as connection:
            connection.read_only = True
            return [[cell if isinstance(cell, (int, float, type(None))) else str(cell) for cell in row] for row in connection.execute(statement).fetchall()]

    def explain(self, expressions, zone):
        """What `cronobs explain` says of each: its words, or what is wrong."""
        def one(expression):
            done = self.stack.run("explain", "--json", "--zone", zone, "--", expression, check=False)
            return {"text": json.loads(done.stdout)["description"] if done.returncode == 0 else done.stderr.partition(": ")[2].splitlines()[0]}
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            return list(pool.map(one, expressions))

    def cli(self, arguments, check=True, **options):
        done = self.stack.run(*arguments, check=check, **options)
        return {"code": done.returncode, "out": done.stdout, "err": done.stderr}

    def without_npm(self):
        """An API of the program as it is where CMake finds no npm; but for the page it is what is tested, linked anew."""
        build = pathlib.Path(self.stack.folder, "without-npm")
        said = subprocess.run(["cmake", "-S", str(ROOT), "-B", str(build), "-G", "Ninja", "-DCOBS_UI=AUTO", "-DCOBS_NPM_PROGRAM="], capture_output=True, text=True, timeout=120)
        assert said.returncode == 0 and "the web page is left out" in said.stderr, said.stderr
        subprocess.run(["ninja", "-C", str(build), "--quiet", "page/index.html"], check=True, timeout=60)
        return self.api("without-npm", binary=self.program_with(build / "page", "without-npm"))

    def program_with(self, page, name):
        """The tested program with this page in it: embedded, compiled and linked as the build does it."""
        tested, made = pathlib.Path(self.stack.binary).parent, os.path.join(self.stack.folder, f"program-{name}")
        run = lambda command: subprocess.run(command, shell=True, cwd=tested, check=True, timeout=120)
        run(f"{sys.executable} {ROOT}/cmake/embed_page.py {page} {made}.c && cc -I{ROOT} -I{ROOT}/lib -c {made}.c -o {made}.o")
        link = subprocess.run(["ninja", "-t", "commands", "cronobs"], cwd=tested, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
        assert " -o cronobs " in link, link
        run(link.replace(" -o cronobs ", f" {made}.o -o {made} ", 1))
        return made

    # --- parts that come and go ---

    def api(self, name, away=False, binary=None):
        """An API of its own for a test that takes it away; with `away` PostgreSQL lies behind a relay that can be cut."""
        port, environment = free_port(), {}
        other = self.others[name] = {"port": port}
        if away:
            other["relay"], environment["CRONOBS_DATABASE"] = before_postgres(self.stack)
        environment["CRONOBS_API_LISTEN"] = f"127.0.0.1:{port}"
        other["process"] = Process(self.stack, name, [binary or self.stack.binary, "api"], dict(self.stack.environment, **environment))
        self.stack.processes.append(other["process"])
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{name} answers", lambda: self.answers(url), 30)
        return url

    @staticmethod
    def answers(url):
        import urllib.error
        import urllib.request
        try:
            with urllib.request.urlopen(url + "/healthz", timeout=5) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def withhold(self, seconds):
        """No scheduler for so long."""
        scheduler = next(p for p in self.stack.processes if p.name.startswith("scheduler"))
        until = time.monotonic() + seconds
        scheduler.hold()
        scheduler.kill()
        wait_for("it was away", lambda: time.monotonic() > until)
        scheduler.release()

    def kill(self, name):
        self.others[name]["process"].hold()
        self.others[name]["process"].kill()

    def back(self, name):
        self.others[name]["process"].release()

    def upgrade(self, name):
        """The API `name` ends, and one with another build of the page takes its address. Answers that build's hash."""
        page, build = pathlib.Path(self.stack.folder, f"page-{name}"), pathlib.Path(self.stack.binary).parent / "page"
        shutil.copytree(build, page)
        index = (page / "index.html").read_text()
        was = re.search(r'name="cronobs-page" content="(\w+)"', index).group(1)
        (page / "index.html").write_text(index.replace(was, was[::-1]))
        (page / "index.html.gz").unlink()  # which is of the one before
        process = self.others[name]["process"]
        process.arguments[0] = self.program_with(page, name)
        process.kill()
        return was[::-1]

    def cut(self, name):
        self.others[name]["relay"].cut()

    def mend(self, name):
        self.others[name]["relay"].mend()

    def runs_at(self, key, instants):
        """A run that went well at each of these (microseconds), however long ago."""
        with self.topics.in_the_past("status", "executions.history"):
            numbers = [self.topics.run(key, at) for at in instants]
            for number, at in zip(numbers, instants):
                self.topics.report(key, number, "RUNNING", at + 1_000_000)
                self.topics.report(key, number, "SUCCEEDED", at + 2_000_000, exit_code=0)
        return numbers

    def forget(self, month):
        """What retention does with a month ("200301"): its partitions are detached and dropped."""
        with self.stack.connect() as connection:
            leaves = connection.execute("SELECT p.relname, c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent"
                                        " WHERE c.relkind = 'r' AND c.relname ~ %s", [f"^(execution|log).*_{month}"]).fetchall()
            for parent, leaf in leaves:
                connection.execute(f"ALTER TABLE {parent} DETACH PARTITION {leaf}")
                connection.execute(f"DROP TABLE {leaf}")
        return [leaf for _, leaf in leaves]

    def empty(self):
        """An installation where nothing is."""
        if "empty" not in self.others:
            stack = Stack("empty", partitions=3)
            stack.prepare("q")
            stack.start_api(), stack.start_scheduler(), stack.start_consumer()
            self.others["empty"] = {"stack": stack}
        return self.others["empty"]["stack"].url

    # --- being asked ---

    def serve(self):
        """In a thread; answers where."""
        hand = self

        class Asked(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                try:
                    arguments = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                    status, answer = 200, getattr(hand, self.path[1:])(**arguments)
                except Exception:
                    status, answer = 500, traceback.format_exc()
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Asked)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"
