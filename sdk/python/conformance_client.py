"""The mode `client` of the conformance program (sdk/conformance/README.md): calls of the HTTP API, each answered with a line."""
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from cronobs import ApiError, Client


def summary(items: Iterable[Any], member: str) -> dict[str, object]:
    found = [item[member] for item in items]
    return {"count": len(found), "first": found[0] if found else None, "last": found[-1] if found else None}


def put(client: Client, key: str, spec: dict[str, object], revision: int | None) -> object:
    task = client.task(key)
    if revision is None:
        task.put(spec)
    else:
        task.put(spec, if_match=revision)
    return task.get()


def trigger(client: Client, key: str, payload: Any) -> object:
    return client.execution(client.task(key).trigger(payload)["execution_id"]).get()


CALLS: dict[str, Callable[..., object]] = {
    "put": put,
    "trigger": trigger,
    "get": lambda client, key: client.task(key).get(),
    "delete": lambda client, key: client.task(key).delete(),
    "pause": lambda client, key: client.task(key).pause(),
    "resume": lambda client, key: client.task(key).resume(),
    "upcoming": lambda client, key: client.task(key).upcoming(),
    "tasks": lambda client, page: summary(client.tasks(page=page), "key"),
    "executions": lambda client, key, page: summary(client.executions(task=key, page=page), "execution_id"),
    "logs": lambda client, execution, page: summary(client.logs(execution, page=page), "message"),
    "explain": lambda client, expression, zone: client.explain(expression, zone=zone),
}


def run_calls(script: Iterable[list[Any]]) -> Iterator[dict[str, object]]:
    """What each call of the script came to, one after the other, against CRONOBS_URL."""
    with Client() as client:
        for name, *arguments in script:
            try:
                yield {"ok": CALLS[name](client, *arguments)}
            except ApiError as error:
                yield {"error": {"status": error.status, "code": error.code, "pointer": error.pointer, "hint": error.hint}}
