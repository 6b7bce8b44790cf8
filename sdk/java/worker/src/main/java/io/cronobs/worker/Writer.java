package io.cronobs.worker;

/** Who publishes, and into how many partitions of status. */
record Writer(Author author, int partitions) {
    Writer(String name, String incarnation, int partitions) {
        this(new Author(name, incarnation), partitions);
    }
}
