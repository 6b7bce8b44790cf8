"""POST /v1/crontabs:import: what it answers is what `cronobs import crontab --json` prints, and what it does is what that does."""
import concurrent.futures
import glob
import json
import os
import re
import subprocess
import time

from client import Client
from support import case
from support.stack import Stack, wait_for

stack = Stack("imports", partitions=3)
stack.prepare("other")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client = Client(stack.url)
HERE = os.path.dirname(__file__)
CRONTAB = """MAILTO=joe
# key: nightly
30 2 * * *  /usr/bin/backup --full%all of it%
@hourly     echo "at $(date +\\%H)"
*/5 * * * * echo same
*/6 * * * * echo same
"""
ODD = ["", " \n", "# nothing\n", CRONTAB, CRONTAB.replace("@hourly", "@hourlyy"), "* * * * * root /usr/bin/true\n", "@reboot /usr/bin/x\n", "61 * * * * x\n",
       "* * * * * <script>alert(1)</script> \u202e \x1b[31m\n", "# key: A b\n@daily x\n", "# key: k\n@daily x\n# key: k\n@weekly y\n", "A=1\nA=2\n@daily echo $A\n",
       "CRON_TZ=Nowhere/Land\n@daily x\n", "CRON_TZ=Pacific/Apia\n0 12 * * * x\n", "# cronobs: ignore @reboot x\n@reboot x\n@daily y\n", "@daily " + "x" * 20000 + "\n",
       "0 0 30 2 * never\n", "@daily a\r\n@daily b\r\n", "*/5 * * * * deploy /srv/x\n*/6 * * * * deploy /srv/y\n", "\ufeff@daily x\n", "\n".join(f"V{n}=1" for n in range(1100))]


def by_api(text, source="web1", expect=200, **fields):
    answer = client.call("POST", "/v1/crontabs:import", {"text": text, "source": source, **fields}, timeout=120)
    assert answer.status == expect, answer
    return answer.body


def by_command(text, source="web1", **fields):
    fields = {"zone": "UTC", **fields}
    options = [f"--{name.replace('_', '-')}" if value is True else f"--{name}={value}" for name, value in fields.items()]
    done = subprocess.run([stack.binary, "import", "crontab", "-", "--json", "--source", source, *options], input=text.encode(),
                          capture_output=True, timeout=120, env=dict(stack.environment, CRONOBS_URL=stack.url))
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def in_words_of_the_command(report):
    """Ways out name the fields of the request where the command names its options."""
    text = json.dumps(report)
    for field, option in (('\\"system\\": true', "--system"), ('\\"users\\":', "--user"), ('\\"ignore\\"', "--ignore"), ('\\"source\\":', "--source")):
        text = text.replace(field, option)
    return json.loads(text)


def apart_from_its_project(report):
    return [{name: value for name, value in entry.items() if name != "task_id"} for entry in report["entries"]], report["vanished"], report["counts"]


def results(report):
    return [entry["result"] for entry in report["entries"]]


def commands_sent():
    with stack.connect() as connection:
        return connection.execute("SELECT count(*) FROM command").fetchone()[0]


def a_dry_run_answers_what_the_command_prints():
    texts = ODD + [open(path, encoding="utf-8", errors="ignore").read().replace("\0", "") for path in sorted(glob.glob(f"{HERE}/../../cases/crontabs/*"))]
    texts.append(open(f"{HERE}/../../../ops/demo/crontab", encoding="utf-8").read())
    for text in texts:
        for fields in ({}, {"system": True}, {"project": "two", "queue": "other", "zone": "Europe/Berlin"}):
            here = by_api(text, dry_run=True, **fields)
            there = by_command(text, dry_run=True, **fields)
            assert in_words_of_the_command(here) == there, (text, here, there)
    assert commands_sent() == 0
    return f"{len(texts)} crontabs, three ways each"


def it_does_what_the_command_does():
    steps = [(CRONTAB, {}), (CRONTAB, {}), (CRONTAB.replace("30 2", "40 3").replace("*/6 * * * * echo same\n", ""), {}),
             (CRONTAB.replace("@hourly", "@hourlyy").replace("*/6 * * * * echo same\n", ""), {"prune": True}),
             ("", {"prune": True}), ("".join(CRONTAB.splitlines(True)[:3]), {"prune": True}), (CRONTAB, {}),
             ("# key: nightly\n# key: other\n1 1 * * * x\n", {"prune": True}), ("# empty\n", {"prune": True})]
    for text, fields in steps:
        here, there = by_api(text, project="here", **fields), by_command(text, project="there", **fields)
        assert apart_from_its_project(in_words_of_the_command(here)) == apart_from_its_project(there), (text, here, there)
    specs = [[task["spec"] for task in client.get(f"/v1/tasks?project={project}&state=ALL&limit=500")["items"]] for project in ("here", "there")]
    for spec in specs[0]:
        spec["project"] = "there"
    assert specs[0] == specs[1] and specs[0]


def a_new_queue_is_made_once_and_no_draft_makes_one():
    text = "".join(f"{n} 1 * * * echo {n}\n" for n in range(20))
    by_api(text, "fresh", queue="fresh", dry_run=True)
    assert "fresh" not in [q["name"] for q in client.get("/v1/queues")["items"]]
    report = by_api(text, "fresh", queue="fresh", project="fresh")
    assert results(report) == ["created"] * 20, report
    wait_for("it is listed", lambda: "fresh" in [q["name"] for q in client.get("/v1/queues")["items"]], 30)


def another_sources_task_is_not_taken():
    by_api("# key: mine\n@daily x\n", "one", project="own")
    client.call("PUT", "/v1/tasks/own~hand", {"queue": "other"}, Prefer="wait=20")
    text = "# key: mine\n@daily x\n# key: hand\n@daily y\n# key: good\n@daily z\n"
    report = by_api(text, "two", project="own")
    assert results(report) == ["refused", "refused", "created"], report
    assert "belongs to the source 'one'" in report["entries"][0]["why"] and '"source": one' in report["entries"][0]["hint"], report
    assert "no crontab made it" in report["entries"][1]["why"], report
    there = by_command(text, "two", project="own")
    assert [e.get("why") for e in there["entries"]] == [e.get("why") for e in report["entries"]], (there, report)
    assert by_api("# key: mine\n@daily x\n", "one", project="own", prune=True)["vanished"] == []


def words_that_are_users_and_lines_that_are_known():
    text = "*/5 * * * * zorro /srv/x\n1 1 * * * joe2 /bin/true\n"
    assert by_api(text, system=True, dry_run=True)["refused"] != []
    assert by_api(text, system=True, dry_run=True, users="zorro, joe2")["refused"] == []
    report = by_api("@reboot a\n@reboot b\n", dry_run=True, ignore="@reboot a\n@reboot  b")
    assert report["refused"] == [] and len(report["ignored"]) == 2, report


def what_is_wrong_is_said():
    fine = {"text": "@daily x\n", "source": "s"}
    wrong = {"/text": [{"source": "s"}, {**fine, "text": 1}, {**fine, "text": "\n" * 10001}, {**fine, "text": "".join(f"1 1 * * * x{n}\n" for n in range(5001))}],
             "/source": [{"text": "x"}, {**fine, "source": ""}, {**fine, "source": "x" * 101}],
             "/project": [{**fine, "project": "A"}, {**fine, "project": ""}], "/queue": [{**fine, "queue": "a b"}], "/zone": [{**fine, "zone": "Mars/Base"}],
             "/dry_run": [{**fine, "dry_run": "yes"}], "/dryrun": [{**fine, "dryrun": True}]}
    for pointer, bodies in wrong.items():
        for body in bodies:
            answer = client.call("POST", "/v1/crontabs:import", body, timeout=120)
            assert answer.status == 400 and answer["pointer"] == pointer, (pointer, answer)
    for body in (b"", b"[]", b"{", b'{"text": "\xff"}', b'{"text":"a\\u0000"}'):
        assert client.call("POST", "/v1/crontabs:import", body).status == 400, body
    assert client.call("POST", "/v1/crontabs:import", fine, Content_Type="text/plain").status == 415
    assert client.call("POST", "/v1/crontabs:import", fine, Origin="http://elsewhere.example").status == 403
    assert client.call("POST", "/v1/crontabs:import?x=1", fine).status == 400
    assert client.call("POST", "/v1/crontabs:import", fine, Prefer="wait=61").status == 400
    assert client.call("POST", "/v1/crontabs:import", {**fine, "text": "x" * 1100000}).status == 413


def two_at_once_and_the_rest_may_ask_again():
    text = "".join(f"{n % 60} {n % 24} * * * deploy /srv/{n} --with some more words of a line\n" for n in range(4500))
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        futures = [pool.submit(client.call, "POST", "/v1/crontabs:import", {"text": text, "source": f"busy{n}", "dry_run": True}, 120) for n in range(6)]
        longest = 0.0
        while not all(future.done() for future in futures):
            began = time.monotonic()
            assert client.get("/healthz")["status"] == "ok"
            longest = max(longest, time.monotonic() - began)
    statuses = sorted(future.result().status for future in futures)
    assert set(statuses) <= {200, 503} and statuses.count(200) >= 2, statuses
    assert all(future.result().headers["Retry-After"] for future in futures if future.result().status == 503)
    return f"{statuses}, /healthz at most {longest * 1000:.0f} ms, {slow_callbacks()} callbacks over 50 ms"


def slow_callbacks():
    return re.search(r"cronobs_loop_slow_callbacks_total (\d+)", client.get("/metrics").body)[1]


def thousands_of_tasks_go_in_and_out():
    text = "".join(f"{n % 60} {n % 24} * * * echo {n}\n" for n in range(2000))
    began = time.monotonic()
    assert by_api(text, "many", project="many")["counts"]["created"] == 2000
    took = time.monotonic() - began
    assert by_api(text, "many", project="many")["counts"]["unchanged"] == 2000
    gone = by_api("# none\n", "many", project="many", prune=True)
    assert len(gone["vanished"]) == 2000 and all(v["deleted"] for v in gone["vanished"]), gone["counts"]
    assert client.get("/v1/tasks?project=many")["items"] == []
    return f"{2000 / took:.0f} tasks a second, {slow_callbacks()} callbacks over 50 ms"


def without_a_scheduler_all_of_it_is_pending():
    scheduler.hold()
    scheduler.kill()
    text = "".join(f"{n} 2 * * * echo {n}\n" for n in range(30))
    answer = client.call("POST", "/v1/crontabs:import", {"text": text, "source": "later", "project": "later"}, Prefer="wait=2")
    assert answer.status == 200, answer
    report = answer.body
    assert results(report) == ["pending"] * 30 and report["counts"]["pending"] == 30, report
    scheduler.release()
    wait_for("they are carried out", lambda: len(client.get("/v1/tasks?project=later")["items"]) == 30, 60)


def one_that_goes_on_when_its_client_leaves():
    text = "".join(f"{n % 60} 3 * * * echo {n}\n" for n in range(300))
    try:
        client.call("POST", "/v1/crontabs:import", {"text": text, "source": "left", "project": "left"}, timeout=0.1)
    except TimeoutError:
        pass
    wait_for("all of it is there", lambda: len(client.get("/v1/tasks?project=left&limit=500")["items"]) == 300, 60)


def the_end_of_the_program_ends_it_in_order():
    text = "".join(f"{n % 60} 4 * * * echo {n}\n" for n in range(3000))
    starts = api.starts
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        future = pool.submit(client.call, "POST", "/v1/crontabs:import", {"text": text, "source": "end", "project": "end"}, 60)
        wait_for("it is under way", lambda: client.get("/v1/tasks?project=end&limit=1")["items"], 30)
        api.child.terminate()
        answer = future.result()
    assert answer.status in (200, 503), answer
    wait_for("the API is back", lambda: api.starts > starts and stack.api_answers(), 30)
    assert by_api(text, "end", project="end")["counts"]["refused"] == 0
    assert api.child.poll() is None
    return f"{answer.status}, {answer.body.get('counts')}"


def a_source_is_found_among_many_tasks():
    """20,000 are looked at at once: its task lies behind them."""
    with stack.connect() as connection:
        connection.execute("INSERT INTO task (task_id, revision, state, received_at, project, key, queue, labels, spec) SELECT gen_random_uuid(), 1, 0, now(), 'crowd', 'task' || n, 'other',"
                           " '{\"source\": \"others\"}'::jsonb, '{}'::json FROM generate_series(1, 20500) n UNION ALL SELECT gen_random_uuid(), 1, 0, now(), 'crowd', 'zz', 'other', '{\"source\": \"far\"}', '{}'")
    report = by_api(CRONTAB, source="far", project="crowd", dry_run=True)
    assert [v["key"] for v in report["vanished"]] == ["zz"] and report["asked"] is True, report["vanished"]


case.run(a_dry_run_answers_what_the_command_prints, it_does_what_the_command_does, a_new_queue_is_made_once_and_no_draft_makes_one,
         another_sources_task_is_not_taken, words_that_are_users_and_lines_that_are_known, what_is_wrong_is_said, a_source_is_found_among_many_tasks, two_at_once_and_the_rest_may_ask_again,
         thousands_of_tasks_go_in_and_out, one_that_goes_on_when_its_client_leaves, the_end_of_the_program_ends_it_in_order,
         without_a_scheduler_all_of_it_is_pending)
