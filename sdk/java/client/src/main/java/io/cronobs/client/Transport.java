package io.cronobs.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;

/**
 * Requests to one API: time-outs, repeats. One is sent again when its answer is 502, 503 or 504 or does not come: every request that is made
 * here may be, since what writes carries an Idempotency-Key, under which a repetition has no second effect and gets the first one's outcome.
 * Between two tries there is a pause that doubles, from 0.1 s to 2 s, each with a random part of up to a half; a Retry-After makes it
 * longer. Any thread.
 */
final class Transport {
    private static final Set<Integer> AGAIN = Set.of(502, 503, 504); // the API, or a proxy before it, is away for a moment
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final Duration ANSWER = Duration.ofSeconds(15); // of one try, beside what the API was asked to wait

    /** target: path and query, behind the URL's own path; body: JSON, or null; patience: what the API was asked to wait before it answers. */
    record Request(String method, String target, byte[] body, Map<String, String> headers, Duration patience) {}

    /** A clock, for tests. */
    interface Time {
        long nanos();

        void sleep(Duration time) throws InterruptedException;
    }

    private static final Time CLOCK = new Time() {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public void sleep(Duration time) throws InterruptedException {
            Thread.sleep(time.toMillis());
        }
    };

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NEVER).build();
    private final String url; // without user
    private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Duration timeout;
    private final Time time;

    /** timeout: that a call may take with all its repeats, beside what it asked the API to wait. time: null for the clock. */
    Transport(String url, Duration timeout, Map<String, String> headers, Time time) {
        URI parsed = parse(url);
        String path = parsed.getRawPath() == null ? "" : parsed.getRawPath().replaceAll("/+$", "");
        this.url = parsed.getScheme() + "://" + parsed.getRawAuthority().substring(parsed.getRawAuthority().lastIndexOf('@') + 1) + path;
        this.timeout = timeout;
        this.time = time == null ? CLOCK : time;
        if (parsed.getRawUserInfo() != null) {
            String user = URLDecoder.decode(parsed.getRawUserInfo().replace("+", "%2B"), UTF_8);
            this.headers.put("Authorization", "Basic " + Base64.getEncoder().encodeToString((user.contains(":") ? user : user + ":").getBytes(UTF_8)));
        }
        this.headers.put("Accept", "application/json");
        this.headers.putAll(headers);
    }

    private static URI parse(String url) {
        try {
            URI parsed = new URI(url);
            boolean isHttp = "http".equals(parsed.getScheme()) || "https".equals(parsed.getScheme());
            if (isHttp && parsed.getHost() != null && parsed.getRawQuery() == null && parsed.getRawFragment() == null) {
                return parsed;
            }
        } catch (URISyntaxException e) {
            // told below, without the user and the password that it may have
        }
        throw new IllegalArgumentException("url: '" + shown(url) + "' is no address of an API; it is like " + Client.DEFAULT_URL);
    }

    /** A URL for messages: without user and password. */
    private static String shown(String url) {
        int scheme = url.indexOf("://");
        String rest = scheme < 0 ? url : url.substring(scheme + 3);
        return (scheme < 0 ? "" : url.substring(0, scheme + 3)) + rest.substring(rest.lastIndexOf('@') + 1);
    }

    /** The body of a successful answer. ApiException: what the API said instead, or, with status 0, why it said nothing in time. */
    String call(Request request) {
        long deadline = time.nanos() + timeout.plus(request.patience).toNanos();
        for (int tries = 1;; tries++) {
            HttpResponse<String> answer = null;
            IOException failure = null;
            try {
                answer = exchange(request, deadline);
                if (!AGAIN.contains(answer.statusCode())) {
                    return bodyOf(answer);
                }
            } catch (IOException e) {
                failure = e;
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
            boolean isHopeless = failure instanceof SSLHandshakeException;
            if (isHopeless || !waitsFor(pauseAfter(tries, answer, ThreadLocalRandom.current().nextDouble()), deadline)) {
                throw answer != null ? ApiException.of(answer.statusCode(), answer.body()) : unreachable(tries, failure);
            }
        }
    }

    private static String bodyOf(HttpResponse<String> answer) {
        if (answer.statusCode() < 200 || answer.statusCode() >= 300) {
            throw ApiException.of(answer.statusCode(), answer.body());
        }
        return answer.body();
    }

    private HttpResponse<String> exchange(Request request, long deadline) throws IOException, InterruptedException {
        Duration left = Duration.ofNanos(Math.max(deadline - time.nanos(), 10_000_000));
        Duration most = ANSWER.plus(request.patience);
        Duration wait = left.compareTo(most) < 0 ? left : most;
        var body = request.body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(request.body);
        HttpRequest.Builder asked = HttpRequest.newBuilder(URI.create(url + request.target)).method(request.method, body)
            .timeout(wait);
        headers.forEach(asked::setHeader);
        request.headers.forEach(asked::setHeader);
        return within(wait, http.sendAsync(asked.build(), HttpResponse.BodyHandlers.ofString(UTF_8)));
    }

    /** The time-out of a request is over when its headers are there: it says nothing about the body. */
    private static <T> T within(Duration wait, CompletableFuture<T> answer) throws IOException, InterruptedException {
        try {
            return answer.get(wait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            throw new HttpTimeoutException("request timed out");
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof IOException why ? why : new IOException(failed.getCause());
        } finally {
            answer.cancel(true); // where it goes on, its connection is closed
        }
    }

    /** Before the next try, after so many; chance: 0 to 1. A Retry-After that is no number is not heeded. */
    static Duration pauseAfter(int tries, HttpResponse<?> answer, double chance) {
        long pause = Math.min(FIRST_PAUSE.toMillis() << Math.min(tries - 1, 10), LONGEST_PAUSE.toMillis());
        String retryAfter = answer == null ? "" : answer.headers().firstValue("Retry-After").orElse("");
        long asked = retryAfter.matches("[0-9]{1,9}") ? Long.parseLong(retryAfter) * 1000 : 0;
        return Duration.ofMillis(Math.max((long) (pause * (1 + chance / 2)), asked));
    }

    /** False: there is no time left for it. */
    private boolean waitsFor(Duration pause, long deadline) {
        if (time.nanos() + pause.toNanos() >= deadline) {
            return false;
        }
        try {
            time.sleep(pause);
            return true;
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private ApiException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return ApiException.unreachable("could not ask " + url + ": interrupted", null, e);
    }

    private ApiException unreachable(int tries, IOException failure) {
        String why = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        return ApiException.unreachable("could not ask " + url + ": " + why, "tried " + tries + " times; the API's address is the url, or CRONOBS_URL", failure);
    }
}
