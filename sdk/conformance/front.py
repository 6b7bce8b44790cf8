"""An HTTP server before the API: it passes requests on, and answers 503 or breaks the connection when told to."""
import http.server
import threading
import urllib.error
import urllib.request

PASSED = ("Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Prefer", "Authorization", "Accept")


class Front:
    def __init__(self, url):
        self.target, self.refuse, self.swallow, self.seen, self.lock = url, 0, 0, [], threading.Lock()
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                front.serve(self)

            do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = serve

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer_503(self, times):
        self.refuse = times

    def break_answers(self, times):
        """The API does what it is asked for; the answer never arrives."""
        self.swallow = times

    def keys(self, part):
        """The idempotency keys of the writes whose path has the part, in their order."""
        return [key for method, path, key in self.seen if method != "GET" and part in path and path.endswith(":trigger")]

    def serve(self, request):
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        is_write = request.command != "GET"
        with self.lock:
            self.seen.append((request.command, request.path, request.headers.get("Idempotency-Key")))
            refused = is_write and self.refuse > 0
            self.refuse -= refused
            swallowed = is_write and not refused and self.swallow > 0
            self.swallow -= swallowed
        if refused:
            return answer(request, 503, [("Retry-After", "0"), ("Content-Type", "application/problem+json")], b'{"status":503,"code":"unavailable"}')
        status, headers, found = self.ask(request, body)
        if swallowed:
            request.close_connection = True
            return request.connection.close()
        answer(request, status, headers, found)

    def ask(self, request, body):
        headers = {name: request.headers[name] for name in PASSED if name in request.headers}
        asked = urllib.request.Request(self.target + request.path, body or None, headers, method=request.command)
        try:
            with urllib.request.urlopen(asked, timeout=30) as found:
                return found.status, found.headers.items(), found.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers.items(), error.read()

    def close(self):
        self.server.shutdown()


def answer(request, status, headers, body):
    request.send_response_only(status)
    for name, value in headers:
        if name.lower() not in ("content-length", "transfer-encoding", "connection", "content-encoding"):
            request.send_header(name, value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
