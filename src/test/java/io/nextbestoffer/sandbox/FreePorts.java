package io.nextbestoffer.sandbox;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** Finds free TCP ports of this machine. */
final class FreePorts {
    // Below the ephemeral ports, from which systems pick the local port of outgoing connections. A client that keeps
    // connecting to a stopped broker on such a port can end up connected to itself, and the broker can't bind the port
    // again.
    private static final int FIRST = 18_000;
    private static final int LAST = 31_999;
    // A returned port looks free until it is bound, but two calls must not return the same port.
    private static final Set<Integer> RETURNED = ConcurrentHashMap.newKeySet();

    private FreePorts() {
    }

    static int orFree(int port) {
        return port == 0 ? free() : port;
    }

    static int free() {
        for (int attempt = 0; attempt < 1000; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
            if (isFree(port) && RETURNED.add(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port between " + FIRST + " and " + LAST);
    }

    static boolean isFree(int port) {
        // Checks both, because macOS allows binding a port on the loopback address that is already bound on all
        // addresses.
        return canBind(new InetSocketAddress(port))
                && canBind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    private static boolean canBind(InetSocketAddress address) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
