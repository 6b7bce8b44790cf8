"""The files of the page as a browser and a proxy see them: headers, packing, what is kept and for how long."""
import gzip
import re
import urllib.request

from client import Client
from support import case
from support.stack import Stack, free_port, wait_for

stack = Stack("page", partitions=1)
stack.prepare("q")
stack.start_api()
client = Client(stack.url)
POLICY = ("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "require-trusted-types-for 'script'")


def raw(path, method="GET", url=stack.url, **headers):
    """The answer as it comes: nothing is unpacked, no redirection is followed."""
    class Stay(urllib.request.HTTPErrorProcessor):
        def http_response(self, request, response):
            return response

    request = urllib.request.Request(url + path, headers={n.replace("_", "-"): v for n, v in headers.items()}, method=method)
    with urllib.request.build_opener(Stay).open(request, timeout=30) as answer:
        return answer.status, answer.headers, answer.read()


def files():
    return re.findall(rb'"[^"]*/(assets/[^"]+)"', raw("/ui/")[2])


def each_screen_is_the_document():
    document = raw("/ui/")[2]
    for path in ("/ui/now", "/ui/tasks/default~x?tab=runs&day=2027-03-28", "/ui/executions/none", "/ui/../v1/tasks", "/ui/%2e%2e/x", "/ui/nothing/of/the/kind"):
        status, headers, body = raw(path)
        assert status == 200 and body == document and headers["Content-Type"].startswith("text/html"), (path, status)
        assert all(part in headers["Content-Security-Policy"] for part in POLICY), headers["Content-Security-Policy"]
        assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"], headers["Cross-Origin-Opener-Policy"], headers["Cache-Control"]) == (
            "nosniff", "no-referrer", "same-origin", "no-cache"), headers
    assert b"{{" not in document and not re.search(rb"<style|<script>|\son\w+=|\sstyle=", document), document
    for path in ("/", "/ui"):
        status, headers, body = raw(path)
        assert (status, headers["Location"], body) == (302, "/ui/now", b""), headers
    assert client.call("POST", "/ui/now").status == 405


def files_are_packed_for_those_who_take_it_and_kept_for_ever():
    for path in ["/ui/"] + ["/" + name.decode() for name in files()]:
        status, headers, plain = raw(path)
        assert status == 200 and "Content-Encoding" not in headers and headers["Vary"] == "Accept-Encoding", (path, headers)
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin" and headers["X-Content-Type-Options"] == "nosniff", headers
        _, packed_headers, packed = raw(path, Accept_Encoding="br, gzip;q=0.8")
        assert packed_headers["Content-Encoding"] == "gzip" and gzip.decompress(packed) == plain, path
        for method, encoding, body in (("HEAD", "identity", plain), ("HEAD", "gzip", packed)):
            status, headers, nothing = raw(path, method, Accept_Encoding=encoding)
            assert (status, int(headers["Content-Length"]), nothing) == (200, len(body), b""), (path, headers)
        assert raw(path, Range="bytes=0-9")[0] == 200 and raw(path, Range="bytes=0-9")[2] == plain
        if path != "/ui/":
            assert "immutable" in headers["Cache-Control"], headers


def the_document_is_asked_for_anew_and_seldom_sent():
    _, headers, _ = raw("/ui/now")
    for known in (headers["ETag"], f'"other", {headers["ETag"]}', "W/" + headers["ETag"]):
        status, again, body = raw("/ui/tasks", If_None_Match=known)
        assert (status, body, again["ETag"]) == (304, b"", headers["ETag"]), (known, status)
        assert "Content-Length" not in again and again["Vary"] == "Accept-Encoding" and again["Cache-Control"] == "no-cache", again
    for unknown in ('"other"', headers["ETag"].strip('"')):
        assert raw("/ui/tasks", If_None_Match=unknown)[0] == 200


def another_mount_is_another_document():
    """Else a browser would keep the old one, whose files are not to be had any more."""
    port = free_port()
    stack.start("mounted", "api", CRONOBS_API_LISTEN=f"127.0.0.1:{port}", CRONOBS_API_BASE_PATH="/cron")
    mounted = f"http://127.0.0.1:{port}"
    wait_for("it answers", lambda: serves(mounted), 30)
    _, at_root, _ = raw("/ui/now")
    status, headers, document = raw("/ui/now", url=mounted, If_None_Match=at_root["ETag"])
    assert status == 200 and headers["ETag"] != at_root["ETag"], headers
    assert b"/cron/assets/" in document or not files(), document
    assert raw("/", url=mounted)[1]["Location"] == "/cron/ui/now"


def serves(url):
    try:
        return raw("/healthz", url=url)[0] == 200
    except OSError:
        return False


def what_is_no_file_is_not_there():
    for path in ("/assets/", "/assets/none.js", "/assets/index.html", "/assets/..%2f..%2fetc%2fpasswd", "/assets/../v1/tasks", "/assets/main.js/", "/assets/%2e%2e"):
        status, headers, body = raw(path)
        assert status == 404 and headers["X-Content-Type-Options"] == "nosniff" and headers["Content-Type"] == "application/problem+json", (path, status, body)


case.run(each_screen_is_the_document, files_are_packed_for_those_who_take_it_and_kept_for_ever, the_document_is_asked_for_anew_and_seldom_sent,
         another_mount_is_another_document, what_is_no_file_is_not_there)
