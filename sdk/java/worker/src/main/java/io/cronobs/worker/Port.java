package io.cronobs.worker;

import java.util.Collection;
import java.util.List;
import org.slf4j.event.Level;

/** What the engine does to the world. None of it waits. */
interface Port {
    void read(Command command);

    /** Read these partitions of status from that instant to their ends: `reported` and then `scanned`. An earlier scan ends. */
    void scan(int scan, Collection<Integer> partitions, long since);

    void stopScan();

    /** `answered` or, of heartbeats, `beatAnswered` says what became of it. */
    void send(Output output, Run run);

    /** Their handlers; `ended` answers. */
    void start(List<Run> runs);

    /** Its handler, that it is to end by the run's cause. */
    void tell(Run run);

    /** What its handler says from now on is for nobody. */
    void close(Run run);

    void notice(Level level, String text);
}
