"""Calls the API as a client would and keeps a journal: one fsynced JSON line before and after each call."""
import json
import os
import threading
import time
import urllib.error
import urllib.request


class Driver:
    def __init__(self, stack):
        self.url, self.path = stack.url, os.path.join(stack.folder, "journal.jsonl")
        self.lock, self.entries, self.number = threading.Lock(), [], 0

    def write(self, entry):
        with self.lock, open(self.path, "a") as journal:
            journal.write(json.dumps(entry) + "\n")
            journal.flush()
            os.fsync(journal.fileno())
            if entry["kind"] != "invoke":
                self.entries.append(entry)

    def call(self, method, path, body=None, headers=None, timeout=30):
        """Status, parsed body, headers. Status 0: no answer, so nobody knows whether it happened."""
        with self.lock:
            self.number += 1
            number = self.number
        self.write({"kind": "invoke", "n": number, "t": time.time(), "method": method, "path": path, "body": body})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                status, raw, sent = answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            status, raw, sent = error.code, error.read(), error.headers
        except OSError as error:
            self.write({"kind": "info", "n": number, "t": time.time(), "status": 599, "why": str(error)})
            return 0, None, {}
        kind = "ok" if status < 300 else "fail" if status < 500 else "info"
        self.write({"kind": kind, "n": number, "t": time.time(), "status": status, "command": sent.get("Cronobs-Command")})
        try:
            return status, json.loads(raw) if raw else None, sent
        except ValueError:
            return status, raw.decode(errors="replace"), sent

    def must(self, method, path, body=None, headers=None, statuses=(200, 201, 202, 204)):
        status, answer, sent = self.call(method, path, body, headers)
        assert status in statuses, f"{method} {path}: {status} {answer}"
        return answer, sent
