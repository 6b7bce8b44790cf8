package io.cronobs.worker;

/** A thread that talks to the brokers, without which the worker cannot go on. */
abstract class BusThread extends Thread {
    final Post post;

    BusThread(String name, Post post) {
        super(name);
        this.post = post;
        setDaemon(true);
    }

    @Override
    public final void run() {
        try {
            work();
        } catch (Throwable thrown) { // Errors, too: to be started again is better than to stand
            String why = getName() + " ended: " + Clients.why(thrown);
            post.post(engine -> engine.broke(why));
        } finally {
            over();
        }
    }

    /** Until it is told to stop. */
    abstract void work() throws Exception;

    /** The last thing it does. */
    void over() {}
}
