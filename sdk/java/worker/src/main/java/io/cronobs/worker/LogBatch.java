package io.cronobs.worker;

import java.util.List;

/** Lines of an attempt's log. */
final class LogBatch {
    String executionId;
    String taskId;
    int attempt;
    String writer;
    long firstSeq; // of the first line, counted from 1 over all batches of this writer
    List<LogLine> lines; // null: none
    List<LogMark> marks; // null: none
}
