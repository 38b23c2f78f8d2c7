package io.nextbestoffer.customer;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.kafka.topic.RecordPosition;

/**
 * The order of a change among the changes of its customer. The SQL function {@code change_is_older} implements the same
 * rule: it protects the table, and this class the cache.
 *
 * @param lsn the log sequence number in the bank's Postgres, if the record has it
 * @param sourceTime when the bank's Postgres committed the change, in milliseconds of the Unix epoch, if the record has
 *     it
 */
record ChangeOrder(@Nullable Long lsn, @Nullable Long sourceTime, RecordPosition position) {

    /**
     * A change is older if its LSN and its time are not greater, and one of them is smaller: LSNs go backwards after a
     * restore. If one of the two changes has no LSN, their positions decide, within one partition.
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
