package io.nextbestoffer.sandbox;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A proxy between clients and the broker that can make requests of one kind fail, either before the broker receives
 * them or after it has executed them.
 */
public final class KafkaProxy extends TcpProxy {

    /** Requests of a transactional producer, with their keys in Kafka's protocol. */
    public enum Request {
        PRODUCE(0), INIT_PRODUCER_ID(22), ADD_PARTITIONS_TO_TXN(24), ADD_OFFSETS_TO_TXN(25), END_TXN(
                26), TXN_OFFSET_COMMIT(28);

        private final int key;

        Request(int key) {
            this.key = key;
        }
    }

    /** When the connection is closed. */
    public enum Moment {
        /** The broker never receives the request. */
        BEFORE,
        /** The broker executes the request, but its response is lost. */
        AFTER
    }

    private record Failing(Request request, Moment moment, AtomicInteger remaining) {
    }

    private final Map<Request, AtomicInteger> failed = new EnumMap<>(Request.class);
    private volatile Failing failing;

    KafkaProxy(int port, int target) {
        super(port, target);
        for (Request request : Request.values()) {
            failed.put(request, new AtomicInteger());
        }
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + port();
    }

    /** Makes the next requests of this kind fail, up to the given number. */
    public void fail(Request request, Moment moment, int times) {
        failing = new Failing(request, moment, new AtomicInteger(times));
    }

    /** Number of requests that are still to fail. */
    public int remainingFailures() {
        Failing current = failing;
        return current == null ? 0 : Math.max(0, current.remaining().get());
    }

    /** Lets all further requests through. */
    public void stopFailing() {
        failing = null;
    }

    /** Number of requests of this kind that have failed so far. */
    public int failed(Request request) {
        return failed.get(request).get();
    }

    @Override
    void pump(Link link, InputStream from, OutputStream to, boolean toServer) throws IOException {
        DataInputStream in = new DataInputStream(from);
        while (true) {
            byte[] frame = frame(in);
            awaitPassage();
            ByteBuffer header = ByteBuffer.wrap(frame, 4, frame.length - 4);
            if (toServer) {
                int key = header.getShort();
                header.getShort();
                Moment moment = fails(key);
                if (moment == Moment.BEFORE) {
                    return;
                }
                if (moment == Moment.AFTER) {
                    link.mark = header.getInt();
                }
            } else if (link.mark != null && link.mark.equals(header.getInt())) {
                return;
            }
            to.write(frame);
        }
    }

    private Moment fails(int key) {
        Failing current = failing;
        if (current == null || current.request().key != key || current.remaining().getAndDecrement() <= 0) {
            return null;
        }
        failed.get(current.request()).incrementAndGet();
        return current.moment();
    }

    /** Reads one frame, including its leading size. */
    private static byte[] frame(DataInputStream in) throws IOException {
        int size = in.readInt();
        if (size < 4) {
            throw new EOFException("not a Kafka frame");
        }
        byte[] frame = new byte[4 + size];
        ByteBuffer.wrap(frame).putInt(size);
        in.readFully(frame, 4, size);
        return frame;
    }
}
