package io.nextbestoffer.customer;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.kafka.topic.RecordPosition;

/**
 * Where a change stands among the changes of its customer. The same rule is in the schema as
 * {@code change_is_older}: there it guards the table, here the cache.
 *
 * @param lsn the log sequence number in the bank's Postgres, where the record has it
 * @param sourceTime milliseconds of the Unix epoch, when the bank's Postgres committed it, where the record has it
 */
record ChangeOrder(@Nullable Long lsn, @Nullable Long sourceTime, RecordPosition position) {

    /**
     * Older is only what has neither a greater LSN nor a later time and one of them smaller: LSNs go backwards after
     * a restore. Where one of the two has no LSN, the position tells, within one partition.
     */
    boolean isOlderThan(ChangeOrder other) {
        if (lsn != null && other.lsn != null) {
            int byLsn = lsn.compareTo(other.lsn);
            int byTime = sourceTime == null || other.sourceTime == null ? 0 : sourceTime.compareTo(other.sourceTime);
            return byLsn <= 0 && byTime <= 0 && (byLsn < 0 || byTime < 0);
        }
        return position.topicId().equals(other.position.topicId())
                && position.partition() == other.position.partition()
                && position.offset() < other.position.offset();
    }
}
