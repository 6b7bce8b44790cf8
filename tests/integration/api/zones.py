"""Time zones as the API tells them: what Python's own reader of the same files says."""
import datetime
import random
import zoneinfo

from client import Client
from support import case
from support.stack import Stack

stack = Stack("zones", partitions=1)
stack.prepare("q")
api = stack.start_api()
client = Client(stack.url)
UTC = datetime.timezone.utc


def stamp(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def offset_told(spans, at):
    last = None
    for span in spans:
        if "from" not in span or stamp(span["from"]) <= at:
            last = span["offset_s"]
    return last


def the_names_are_all_there():
    answer = client.get("/v1/zones")
    names = answer["items"]
    assert names == sorted(set(names)) and {"UTC", "Europe/Berlin", "US/Eastern", "Pacific/Apia"} <= set(names), names
    assert answer["tzdata"] and not [n for n in names if n.startswith(("posix", "right")) or n.endswith((".tab", ".zi"))]
    assert "Factory" not in names and "localtime" not in names
    chosen = random.Random(7).sample(names, 60)
    for name in chosen:
        assert client.get(f"/v1/zones?name={name.replace('+', '%2B')}")["name"] == name
    return f"{len(names)} names, {len(chosen)} asked for"


def offsets_are_those_of_the_files():
    chance, count = random.Random(11), 0
    for name in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Monrovia", "Asia/Gaza", "US/Eastern",
                 "America/Nuuk", "Asia/Kathmandu", "Europe/Dublin", "UTC"):
        answer = client.get(f"/v1/zones?name={name}&from=1970-01-01T00:00:00Z&to=2070-01-01T00:00:00Z")
        spans, zone = answer["spans"], zoneinfo.ZoneInfo(name)
        assert answer["tzdata"] == client.get("/v1/zones")["tzdata"]
        starts = [stamp(s["from"]) for s in spans if "from" in s]
        assert starts == sorted(set(starts)) and all("from" in s for s in spans[1:]), spans
        around = [s + datetime.timedelta(seconds=d) for s in starts for d in (-1, 0, 1)]
        for at in around + [datetime.datetime(1970, 1, 1, tzinfo=UTC) + datetime.timedelta(seconds=chance.randrange(3155673600)) for _ in range(200)]:
            if datetime.datetime(1970, 1, 1, tzinfo=UTC) <= at < datetime.datetime(2070, 1, 1, tzinfo=UTC):
                assert offset_told(spans, at) == at.astimezone(zone).utcoffset().total_seconds(), (name, at)
                count += 1
    return f"{count} instants"


def a_span_is_chosen_by_instants():
    berlin = "/v1/zones?name=Europe/Berlin"
    assert client.get("/v1/zones?name=UTC")["spans"] == [{"offset_s": 0}]
    summer = client.get(f"{berlin}&from=2027-03-28T01:00:00Z&to=2027-10-31T01:00:00Z")["spans"]
    assert summer == [{"from": "2027-03-28T01:00:00Z", "offset_s": 7200}], summer
    both = client.get(f"{berlin}&from=2027-03-28T00:59:59.999999Z&to=2027-03-28T01:00:00.000001Z")["spans"]
    assert [s["offset_s"] for s in both] == [3600, 7200] and both[0]["from"] == "2026-10-25T01:00:00Z", both
    assert "from" not in client.get(f"{berlin}&from=1800-01-01T00:00:00Z&to=1800-01-02T00:00:00Z")["spans"][0]
    assert len(client.get(f"{berlin}&from=0001-01-01T00:00:00Z&to=9999-12-31T00:00:00Z")["spans"]) < 700
    assert len(client.get(f"{berlin}&from=9000-01-01T00:00:00Z&to=9999-12-31T00:00:00Z")["spans"]) == 1
    default = client.get(berlin)["spans"]
    now = datetime.datetime.now(UTC)
    assert stamp(default[-1]["from"]).year in (now.year + 9, now.year + 10), default[-1]
    assert offset_told(default, now) == now.astimezone(zoneinfo.ZoneInfo("Europe/Berlin")).utcoffset().total_seconds()


def what_is_wrong_is_told():
    for query, said in {"name=Europe/Berln": "name: unknown time zone", "name=": "name: the value is empty", "name=../../etc/passwd": "name:", "name=posix/UTC": "name:",
                        "name=UTC&from=2027-01-01T00:00:00Z&to=2027-01-01T00:00:00Z": "from: it is not before", "name=UTC&to=yesterday": "to:", "to=2027-01-01T00:00:00Z": "name of a zone",
                        "tz=UTC": "tz", "name=UTC&name=UTC": "name"}.items():
        answer = client.call("GET", f"/v1/zones?{query}")
        assert answer.status == 400 and said in answer["detail"], (query, answer)
    assert "Europe/Berlin" in client.call("GET", "/v1/zones?name=Europe/Berln")["hint"]


case.run(the_names_are_all_there, offsets_are_those_of_the_files, a_span_is_chosen_by_instants, what_is_wrong_is_told)
