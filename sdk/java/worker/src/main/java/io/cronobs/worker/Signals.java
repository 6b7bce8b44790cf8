package io.cronobs.worker;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/**
 * SIGTERM and SIGINT, for as long as it is open; then what was there before. Java's own way, a shutdown hook, hears the first one alone. The class that
 * hears all of them is in the module jdk.unsupported, of which the compiler warns each time; so it is asked for by name.
 */
final class Signals implements AutoCloseable {
    private final List<Object> signals = new ArrayList<>(); // sun.misc.Signal
    private final List<Object> before = new ArrayList<>(); // its sun.misc.SignalHandler
    private final Method handle;

    /** Throws ReflectiveOperationException where this Java has no signals, or was told to leave them alone (-Xrs). */
    Signals(Runnable heard) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        handle = signal.getMethod("handle", signal, handler);
        InvocationHandler calls = (proxy, method, arguments) -> {
            if (method.getName().equals("handle")) {
                heard.run();
                return null;
            }
            return method.getName().equals("equals") ? proxy == arguments[0] : method.getName().equals("hashCode") ? 1 : "cronobs";
        };
        Object ours = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, calls);
        for (String name : List.of("TERM", "INT")) {
            Object one = signal.getConstructor(String.class).newInstance(name);
            before.add(handle.invoke(null, one, ours));
            signals.add(one);
        }
    }

    @Override
    public void close() {
        for (int number = 0; number < signals.size(); number++) {
            try {
                handle.invoke(null, signals.get(number), before.get(number));
            } catch (ReflectiveOperationException gone) {
                throw new IllegalStateException("a signal cannot be given back", gone);
            }
        }
    }
}
