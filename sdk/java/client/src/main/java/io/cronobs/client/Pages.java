package io.cronobs.client;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A list of the API, to be gone through from its beginning as often as you like. Each page is asked for when it is needed; an
 * {@link ApiException} comes where a page cannot be had.
 *
 * @param <T> of its items
 */
public final class Pages<T> implements Iterable<T> {
    /** The next page; null: there is none. */
    interface Source<T> {
        List<T> next();
    }

    private final Supplier<Source<T>> start;

    Pages(Supplier<Source<T>> start) {
        this.start = start;
    }

    @Override
    public Iterator<T> iterator() {
        Source<T> source = start.get();
        return new Iterator<>() {
            private Iterator<T> page = List.<T>of().iterator();
            private boolean isOver;

            @Override
            public boolean hasNext() {
                while (!page.hasNext() && !isOver) {
                    List<T> next = source.next();
                    isOver = next == null;
                    page = isOver ? page : next.iterator();
                }
                return page.hasNext();
            }

            @Override
            public T next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return page.next();
            }
        };
    }

    /**
     * The items as a stream.
     *
     * @return lazy, in the order of the list
     */
    public Stream<T> stream() {
        return StreamSupport.stream(spliterator(), false);
    }
}
