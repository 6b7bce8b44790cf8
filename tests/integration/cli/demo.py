"""`cronobs demo history`: a past that holds whatever holds of an honest log. The projection takes all of it, a rebuild comes to the same tables,
a scheduler goes on where it ends, and a worker's job tells the same tale. Where something is already, nothing is written."""
import datetime
import subprocess

from support import case, oracle
from support.driver import Driver
from support.stack import Stack, wait_for

stack = Stack("demo", partitions=3)
driver = Driver(stack)
written = {}


def rows(query, *values):
    with stack.connect() as connection:
        return connection.execute(query, values).fetchall()


def micros(at):
    return round(at.timestamp() * 1000000)


def it_is_written_once():
    said = stack.run("demo", "history").stdout
    written.update(executions=int(said.split(" executions")[0].split()[-1]), lines=int(said.split(" lines")[0].split()[-1]))
    assert written["executions"] > 15000, said
    assert "nothing was written" in stack.run("demo", "history").stdout
    assert "all topics are as they should be" in stack.run("topics", "plan").stdout
    return said.strip()


def the_projection_takes_all_of_it():
    stack.run("db", "migrate")
    stack.start_consumer()
    made = "SELECT count(*) FROM execution WHERE created_at IS NOT NULL"
    lines = "SELECT coalesce(sum(cardinality(message)), 0) FROM log_batch"
    wait_for("all executions are there", lambda: rows(made)[0][0] == written["executions"], 120)
    wait_for("all lines are there", lambda: rows(lines)[0][0] == written["lines"], 120)
    assert rows("SELECT topic, reason, detail FROM dead_letter") == []
    assert rows("SELECT execution_id FROM stray_execution") == []


def a_rebuild_comes_to_the_same():
    digest = stack.run("db", "verify").stdout.split()[-1]
    stack.run("db", "rebuild", timeout=300)
    stack.run("db", "verify", "--expect", digest)


def a_scheduler_goes_on_where_it_ends():
    end = rows("SELECT max(created_at) FROM execution")[0][0]
    stack.start_api()
    stack.start_scheduler()
    driver.must("PUT", "/v1/tasks/default~each", {"queue": "default", "schedules": [{"expression": "* * * * * *"}]}, {"Prefer": "wait=30"}, statuses=(201,))
    wait_for("something new fires", lambda: rows("SELECT count(*) FROM execution JOIN task t USING (task_id) WHERE t.key = 'each'")[0][0] >= 3, 60)
    now = datetime.datetime.now(datetime.timezone.utc)
    for key, expression in (("ledger-sync", "*/20 * * * *"), ("stock-levels", "*/15 * * * *"), ("thumbnails", "*/15 * * * *")):
        since, until = micros(end - datetime.timedelta(hours=30)), micros(now - datetime.timedelta(seconds=5))
        wanted = oracle.between([{"expression": expression, "zone": "UTC"}], since, until)
        have = [micros(at) for at, in rows("SELECT scheduled_at FROM execution JOIN task t USING (task_id) WHERE t.key = %s AND trigger = 1 ORDER BY 1", key)]
        assert [at for at in have if since < at <= until] == wanted, (key, have[-3:], wanted[-3:])
    assert rows("SELECT task_id, scheduled_at FROM execution WHERE trigger IN (1, 2) GROUP BY 1, 2 HAVING count(*) > 1") == []


def a_job_tells_the_same_tale():
    stack.start_worker("batch", stack.binary, "demo", "job")
    execution = driver.must("POST", "/v1/tasks/billing~card-settlement:trigger", None, {"Prefer": "wait=30"})[0]["execution_id"]
    wait_for("it fails as it has since this morning", lambda: driver.must("GET", f"/v1/executions/{execution}")[0].get("exit_code") == 69, 90)
    lines = driver.must("GET", f"/v1/executions/{execution}/logs")[0]["items"]
    assert any(line["level"] == "ERROR" and "certificate has expired" in line["message"] for line in lines), lines
    outside = stack.run("demo", "job", check=False)
    assert outside.returncode == 64 and "CRONOBS_TASK_KEY" in outside.stderr, outside


def one_that_was_begun_is_told():
    begun = Stack("begun", partitions=3)
    child = subprocess.Popen([begun.binary, "demo", "history"], env=begun.environment, stdout=subprocess.DEVNULL)
    wait_for("topics are there", lambda: "does not exist" not in begun.run("topics", "plan").stdout, 60, pause=0.01)
    child.kill()
    child.wait()
    again = begun.run("demo", "history", check=False)
    assert again.returncode == 64 and "not finished" in again.stderr, (again.stdout, again.stderr)
    begun.down()


case.run(it_is_written_once, the_projection_takes_all_of_it, a_rebuild_comes_to_the_same, a_scheduler_goes_on_where_it_ends, a_job_tells_the_same_tale,
         one_that_was_begun_is_told)
