package io.cronobs.worker;

import java.util.function.Consumer;

/** Has it called by the engine's thread. Any thread, never waits. */
interface Post {
    void post(Consumer<Engine> what);
}
