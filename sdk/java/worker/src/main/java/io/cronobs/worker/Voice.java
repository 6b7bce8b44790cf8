package io.cronobs.worker;

import java.util.List;

/** Where a job's words go. Any thread. */
interface Voice {
    /** level: DEBUG, INFO, WARN or ERROR. May wait for room. */
    void line(String level, List<Line> lines);

    /** percent null: as it was said last; note null: none. */
    void progress(Integer percent, String note);

    boolean contactLost();
}
