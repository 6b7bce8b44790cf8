package io.cronobs.worker;

import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/** The producer. It has a thread of its own: where the brokers are not known (any more), Kafka's holds whoever sends. */
final class Sender {
    private static final long POLL = 500; // milliseconds that it waits for something to send
    private static final Duration CLOSE = Duration.ofMillis(500);

    /** Who hears what became of records. Any thread. */
    interface Answers {
        /** error null: the brokers have it. */
        void answered(Run run, boolean isBeat, String error, boolean isHopeless);
    }

    private record Sending(Output output, Run run) {}

    private final Settings settings;
    private final Topics topics;
    private final Answers answers;
    private final LinkedBlockingQueue<Sending> sendings = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::work, "cronobs-sender");
    private KafkaProducer<String, byte[]> producer; // null: not needed yet. Of the thread, as nothing else of Kafka's
    private volatile boolean isStopped;

    Sender(Settings settings, Topics topics, Answers answers) {
        this.settings = settings;
        this.topics = topics;
        this.answers = answers;
        thread.setDaemon(true);
        thread.start();
    }

    /** Never waits. Any thread. */
    void send(Output output, Run run) {
        sendings.add(new Sending(output, run));
    }

    /** What is on its way is dropped, when it is not there soon. */
    void stop() {
        isStopped = true;
        thread.interrupt();
    }

    void join(long milliseconds) throws InterruptedException {
        thread.join(milliseconds);
    }

    private KafkaProducer<String, byte[]> producer() {
        if (producer == null) {
            producer = Clients.newProducer(settings);
        }
        return producer;
    }

    private void work() {
        while (!isStopped) {
            try {
                Sending next = sendings.poll(POLL, TimeUnit.MILLISECONDS);
                if (next != null) {
                    publish(next);
                }
            } catch (InterruptedException stops) {
                continue; // it looks whether it is to stop
            }
        }
        Thread.interrupted();
        close(CLOSE);
    }

    private void publish(Sending next) {
        Output output = next.output;
        var message = new ProducerRecord<>(topics.of(output.topic()), output.partition(), output.key(), output.value());
        try {
            producer().send(message, (place, thrown) -> heard(next, thrown));
        } catch (RuntimeException | Error broken) { // for good; what is on its way comes back as failed, and goes out by the next one
            close(Duration.ZERO);
            heard(next, broken);
        }
    }

    private void heard(Sending sent, Throwable thrown) {
        boolean isHopeless = thrown instanceof RecordTooLargeException || thrown instanceof RecordBatchTooLargeException
            || thrown instanceof InvalidRecordException;
        answers.answered(sent.run, sent.output.topic() == Topic.HEARTBEATS, thrown == null ? null : Clients.why(thrown), isHopeless);
    }

    private void close(Duration time) {
        try {
            if (producer != null) {
                producer.close(time);
            }
        } catch (KafkaException interrupted) { // by whoever stops us; or it was broken already
            return;
        } finally {
            producer = null;
        }
    }
}
