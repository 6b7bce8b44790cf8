import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.TimeZone;
import java.util.function.IntFunction;
import org.quartz.CronExpression;

/** Measures Quartz's CronExpression: {@code java Main next CASES}. */
public final class Main {
    private static final long START = 1704067200L, SPAN = 315360000L, STEP = 194903201L; // as in cron/cases.h
    private static final int MOST = 1000, ROUNDS = 3, ANSWERS = 20;
    private static final long ROUND_NS = 4_000_000;
    private static final String[] ZONES = {"Europe/Berlin", "America/New_York", "UTC"};
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final Date[] INSTANTS = new Date[MOST];
    private static Object kept;

    private static long cpu() {
        return THREADS.getCurrentThreadCpuTime();
    }

    /** Nanoseconds a call: the median of the rounds, each of the first calls that take about ROUND_NS. */
    private static double measure(IntFunction<Object> call) {
        int count = 0;
        long begun = cpu();
        while (count < ANSWERS || (count < MOST && cpu() - begun < ROUND_NS)) {
            kept = call.apply(count++);
        }
        double[] figures = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            int repeats = 0;
            begun = cpu();
            while (repeats == 0 || cpu() - begun < ROUND_NS) {
                for (int i = 0; i < count; i++) {
                    kept = call.apply(i);
                }
                repeats++;
            }
            figures[round] = (double) (cpu() - begun) / ((double) repeats * count);
        }
        Arrays.sort(figures);
        return figures[ROUNDS / 2];
    }

    private static CronExpression parse(String text, String zone) {
        try {
            CronExpression expression = new CronExpression(text);
            expression.setTimeZone(TimeZone.getTimeZone(zone));
            return expression;
        } catch (ParseException refused) {
            return null;
        }
    }

    private static String answers(CronExpression expression) {
        StringJoiner words = new StringJoiner(",");
        for (int i = 0; i < ANSWERS; i++) {
            Date answer = expression.getNextValidTimeAfter(INSTANTS[i]);
            words.add(answer == null ? "-" : Long.toString(answer.getTime() / 1000));
        }
        return words.toString();
    }

    private static void measureCase(int number, String text, boolean print) {
        if (text.equals("-") || parse(text, ZONES[0]) == null) {
            return;
        }
        for (int zone = 0; zone < ZONES.length; zone++) {
            CronExpression expression = parse(text, ZONES[zone]);
            double ns = measure(i -> expression.getNextValidTimeAfter(INSTANTS[i]));
            if (print) {
                System.out.printf(Locale.ROOT, "next\t%d\t%d\t%.1f\t%s%n", number, zone, ns, answers(expression));
            }
        }
        double ns = measure(i -> parse(text, ZONES[0]));
        if (print) {
            System.out.printf(Locale.ROOT, "parse\t%d\t%.1f%n", number, ns);
        }
    }

    public static void main(String[] arguments) throws Exception {
        List<String> lines = Files.readAllLines(Path.of(arguments[1]));
        lines.removeIf(line -> line.startsWith("#"));
        for (int i = 0; i < MOST; i++) {
            INSTANTS[i] = new Date((START + i * STEP % SPAN) * 1000);
        }
        System.out.printf(
            "version\tQuartz %s, Java %s%n",
            CronExpression.class.getPackage().getImplementationVersion(),
            System.getProperty("java.version"));
        for (int i = 0; i < 6; i++) { // until it is compiled
            measureCase(i, lines.get(i).split("\t")[2], false);
        }
        for (int i = 0; i < lines.size(); i++) {
            measureCase(i, lines.get(i).split("\t")[2], true);
        }
    }
}
