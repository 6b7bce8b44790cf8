#!/usr/bin/env python3
"""Fails where a way out speaks of HTTP or JSON and does not say so: hints.py, in the source folder.

What the API finds wrong is shown by the command line as well, whose users see options. A hint that only who writes HTTP can take
goes by error_hint_http, problem_answer_http or hint_of_http; then the command line leaves it out.
"""
import pathlib
import re
import sys

FOLDERS = ("api", "lib/http", "lib/model", "lib/cron", "lib/payload", "lib/bus")
CLIENT = {"client.c", "reply.c", "url.c", "host.c"}  # of lib/http: who asks, and what an operator sets
WORDS = re.compile(r"URL|/v1/|\b(?:PUT|GET|POST|PATCH|DELETE|JSON|ETag|HTTP)\b|If-|Content-|Prefer|Idempotency|http-api|\bbody\b|member|cursor|after_command"
                   r"|`next`|new key|milliseconds|_ms\b|daily_from|\bparameter")
CALL = re.compile(r"\b(error_hint|problem_answer_text|refuse)\(")
HINT = {"error_hint": 1, "problem_answer_text": 2, "refuse": 2}


def arguments(text, at):
    """Of the call whose bracket opens at `at`: its arguments, as they stand there."""
    found, begin, depth = [], at + 1, 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[(),]', text[at:]):
        depth += {"(": 1, ")": -1}.get(token.group(), 0)
        if depth == 0 or (token.group() == "," and depth == 1):
            found.append(text[begin:at + token.start()])
            begin = at + token.end()
        if depth == 0:
            return found
    return found


def hints(text):
    for call in CALL.finditer(text):
        if re.search(r"hint_of_http\(\s*err,\s*$", text[:call.start()]):
            continue
        given, first = arguments(text, call.end() - 1), HINT[call.group(1)]
        for one in given[first:first + (2 if call.group(1) == "error_hint" else 1)]:
            hint = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', one))
            if hint:
                yield text.count("\n", 0, call.start()) + 1, hint


def main():
    seen, wrong = 0, 0
    for folder in FOLDERS:
        for path in sorted(pathlib.Path(folder).rglob("*.c")):
            if folder == "lib/http" and path.name in CLIENT:
                continue
            for line, hint in hints(path.read_text()):
                seen += 1
                if WORDS.search(hint):
                    wrong += 1
                    print(f"{path}:{line}: speaks of the request, and is not marked: {hint}")
    if seen < 20:
        print(f"only {seen} hints were found: the check does not see them any more")
    return 1 if wrong or seen < 20 else 0


sys.exit(main())
