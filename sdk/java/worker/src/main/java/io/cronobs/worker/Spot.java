package io.cronobs.worker;

/** Where reading of a partition is to begin. stored: the group's position, null: it has none; oldest: without one the first message of the backlog, null: there is none. */
record Spot(int partition, Long stored, Long oldest) {}
