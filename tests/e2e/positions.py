"""A group of workers loses its positions: nothing is run again, and what is pending is run."""
import uuid

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient

from support import case, place
from support.executions import Queue, Reports, invented
from support.stack import Stack, wait_for

stack = Stack("positions")
stack.run("topics", "apply", "--queue", "q")
queue, reports = Queue(stack, "q"), Reports(stack)
admin = AdminClient({"bootstrap.servers": stack.brokers})


def work_off(numbers, *workers):
    """Waits until all are finished and the positions stand at the ends; nothing may have been announced twice."""
    wait_for("finished", lambda: all(n in reports.final for n in numbers), 60)
    wait_for("positions at the ends", queue.is_level, 60)
    for worker in workers:
        worker.stop()
    again = [n for n, count in reports.running.items() if count > 1]
    assert not again, f"{len(again)} of {len(reports.running)} were announced twice"


def delete_group():
    """As its positions expire: Kafka refuses while somebody is in it."""
    wait_for("the group is deleted", lambda: admin.delete_consumer_groups([queue.group])[queue.group].exception(20) is None, 60)
    assert all(committed < 0 for committed, _ in queue.positions().values())


def worker(name, *command):
    return stack.start_worker("q", *(command or ("true",)), name=name, concurrency=8)


def the_group_was_deleted():
    finished = queue.publish_all(50)
    work_off(finished, worker("first"))
    delete_group()
    pending = queue.publish_all(3)
    second = worker("second")
    work_off(pending, second)
    assert len(reports.running) == 53
    assert second.log_text().count("has no position") == 1, second.log_text()
    return f"{len(reports.running)} executions, each announced once"


def half_of_its_positions_have_expired():
    ends = queue.positions()
    delete_group()
    keeper = Consumer({"bootstrap.servers": stack.brokers, "group.id": queue.group, "enable.auto.commit": False})
    keeper.commit(offsets=[TopicPartition(queue.topic, p, end) for p, (_, end) in ends.items() if p % 2 == 0], asynchronous=False)
    keeper.close()
    work_off(queue.publish_all(6), worker("third"))


def a_worker_dies_while_it_works_without_a_position():
    """One that comes next has none either, and must leave out what the first has announced."""
    delete_group()
    pending = queue.publish_all(40)
    fourth = worker("fourth", "sleep", "0.3")
    wait_for("it works", lambda: sum(n in reports.running for n in pending) >= 10, 60)
    fourth.hold()
    fourth.kill_group()
    fifth = worker("fifth")
    wait_for("all but what it had begun is finished", lambda: sum(n not in reports.final for n in pending) <= 8, 60)
    work_off([], fifth)
    return f"{sum(n not in reports.final for n in pending)} were left RUNNING by the one that died"


def a_report_from_before_it_was_made_hides_nothing():
    """Ids can be computed, so anybody may have spoken of an execution before there was one; or does in another partition."""
    delete_group()
    task = str(uuid.uuid4())
    number, elsewhere = invented(task), invented(task)
    own = place.partition(task, queue.partitions)
    begins = queue.report(number, task, own)
    queue.report(elsewhere, task, (own + 1) % queue.partitions)
    wait_for("both were told of", lambda: number in reports.running and elsewhere in reports.running, 30)
    for each in (number, elsewhere):
        del reports.running[each]
        queue.publish(each, task, status_from=begins)
    work_off([number, elsewhere], worker("eighth"))


def two_workers_come_at_once():
    delete_group()
    pending = queue.publish_all(40)
    work_off(pending, worker("sixth"), worker("seventh"))
    reports.stop()
    stack.down()


case.run(the_group_was_deleted, half_of_its_positions_have_expired, a_report_from_before_it_was_made_hides_nothing,
         a_worker_dies_while_it_works_without_a_position, two_workers_come_at_once)
