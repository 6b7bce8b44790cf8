package io.cronobs.logging;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Texts of what was thrown. */
final class Traces {
    private Traces() {}

    /** The text, and the trace on the lines behind it. */
    static String with(String text, Throwable thrown) {
        if (thrown == null) {
            return text;
        }
        StringWriter out = new StringWriter();
        thrown.printStackTrace(new PrintWriter(out, true));
        return text + "\n" + out.toString().stripTrailing();
    }
}
