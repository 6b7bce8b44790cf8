package io.cronobs.worker;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as texts, such as {@code 250ms}, {@code 90s}, {@code 1h30m} or {@code 1d}. Pure. */
final class Durations {
    private enum Unit {
        W(604_800_000), D(86_400_000), H(3_600_000), M(60_000), S(1_000), MS(1);

        final long milliseconds;
        final String word = name().toLowerCase(Locale.ROOT);

        Unit(long milliseconds) {
            this.milliseconds = milliseconds;
        }
    }

    private static final Pattern PART = Pattern.compile("([0-9]{1,18})(ms|[wdhms])");

    private Durations() {}

    /** Milliseconds; null: it is no duration. */
    static Long parse(String text) {
        if (text.equals("0")) {
            return 0L;
        }
        Matcher part = PART.matcher(text);
        long total = 0;
        int at = 0;
        while (at < text.length() && part.find(at) && part.start() == at) {
            try {
                long unit = Unit.valueOf(part.group(2).toUpperCase(Locale.ROOT)).milliseconds;
                total = Math.addExact(total, Math.multiplyExact(Long.parseLong(part.group(1)), unit));
            } catch (ArithmeticException e) {
                return null;
            }
            at = part.end();
        }
        return at == 0 || at < text.length() ? null : total;
    }

    /** The shortest text that means the same, up to days. */
    static String text(long milliseconds) {
        StringBuilder text = new StringBuilder();
        long left = milliseconds;
        for (Unit unit : Unit.values()) {
            if (unit != Unit.W && left / unit.milliseconds != 0) {
                text.append(left / unit.milliseconds).append(unit.word);
                left %= unit.milliseconds;
            }
        }
        return text.isEmpty() ? "0s" : text.toString();
    }
}
