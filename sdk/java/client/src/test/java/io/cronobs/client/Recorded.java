package io.cronobs.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** An API that gives answers which were recorded, one after the other, and keeps what it was asked. */
final class Recorded implements AutoCloseable {
    /** status 0: the connection breaks. */
    record Reply(int status, Object body, Map<String, String> headers) {
        static Reply of(Object body) {
            return new Reply(200, body, Map.of());
        }
    }

    record Asked(String method, String target, Headers headers, Object body) {}

    static final Reply BROKEN = new Reply(0, null, Map.of());

    private final HttpServer server;
    private final List<Reply> replies;
    private final List<Asked> asked = new ArrayList<>();

    Recorded(Reply... replies) throws IOException {
        this.replies = new ArrayList<>(Arrays.asList(replies));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String text = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            asked.add(new Asked(exchange.getRequestMethod(), exchange.getRequestURI().toString(), exchange.getRequestHeaders(),
                text.isEmpty() ? null : Json.parse(text)));
            Reply reply = replies.isEmpty() ? new Reply(500, "no reply is left", Map.of()) : replies.remove(0);
            if (reply.status == 0) {
                return;
            }
            byte[] body = (reply.body instanceof String said ? said : Json.write(reply.body)).getBytes(UTF_8);
            reply.headers.forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(reply.status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    synchronized List<Asked> asked() {
        return List.copyOf(asked);
    }

    List<String> targets() {
        return asked().stream().map(Asked::target).toList();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
