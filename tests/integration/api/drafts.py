"""What the page asks for before anything is written: what can be done here, and what would come of a draft."""
from client import Client
from support import case
from support.stack import Stack

stack = Stack("drafts", partitions=3)
stack.prepare("q")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client = Client(stack.url)


def it_says_what_can_be_done():
    session = client.get("/v1/session").body
    assert session == {"auth": "none", "can": ["put", "patch", "delete", "pause", "resume", "trigger"]}, session
    assert client.call("GET", "/v1/session?x=1").status == 400 and client.call("POST", "/v1/session", {}).status == 405


case.run(it_says_what_can_be_done)
