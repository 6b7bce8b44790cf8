package io.cronobs.worker;

/** Who says it: the name of a worker, and the id of one life of it. */
record Author(String name, String incarnation) {}
