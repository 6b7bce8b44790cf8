package io.cronobs.logging;

import java.util.ArrayList;
import java.util.List;

/** Those of the bridges whose logging is in this program. */
public final class Bridges {
    private Bridges() {}

    /**
     * Puts each at its root logger, unless it is at some logger already.
     *
     * @return takes them away again
     */
    public static Runnable attachAll() {
        List<Runnable> attached = new ArrayList<>();
        attached.add(JulHandler.attach());
        if (isThere("ch.qos.logback.classic.LoggerContext")) {
            attached.add(LogbackAppender.attach());
        }
        if (isThere("org.apache.logging.log4j.core.LoggerContext")) {
            attached.add(Log4jAppender.attach());
        }
        return () -> attached.forEach(Runnable::run);
    }

    private static boolean isThere(String type) {
        try {
            Class.forName(type, false, Bridges.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
