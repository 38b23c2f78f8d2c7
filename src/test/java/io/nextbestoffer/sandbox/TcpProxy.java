package io.nextbestoffer.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A proxy between a client and a server on this machine that can delay data, stop forwarding and reset connections. */
public class TcpProxy implements AutoCloseable {

    /** The two sockets of one connection. */
    static final class Link {

        private final Socket client;
        private final Socket server;
        /** State of a subclass that inspects the data. */
        volatile Object mark;

        private Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        private void end() {
            close(client);
            close(server);
        }

        private void reset() {
            try {
                client.setSoLinger(true, 0);
                server.setSoLinger(true, 0);
            } catch (SocketException e) {
                // It has just been closed by the other side.
            }
            end();
        }
    }

    private final ServerSocket listener;
    private final int target;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final Object forwarding = new Object();
    private boolean stopped;
    private volatile Duration delay = Duration.ZERO;
    private volatile boolean closed;

    /**
     * @param port the proxy's port
     * @param target the server's port
     */
    TcpProxy(int port, int target) {
        this.target = target;
        try {
            listener = new ServerSocket(port, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("no proxy on port " + port, e);
        }
        SandboxInfrastructure.thread("proxy-" + port, this::accept).start();
    }

    /** A proxy on a free port. */
    public static TcpProxy to(int target) {
        return new TcpProxy(FreePorts.free(), target);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Delays data by this time in each direction. */
    public void delay(Duration each) {
        delay = each;
    }

    /** Stops forwarding while connections stay open, as if the server's machine had vanished. */
    public void stopForwarding() {
        synchronized (forwarding) {
            stopped = true;
        }
    }

    /** Forwards again, beginning with the data held back. */
    public void resumeForwarding() {
        synchronized (forwarding) {
            stopped = false;
            forwarding.notifyAll();
        }
    }

    /** Resets all connections (RST, not FIN), as a crash does; new ones are accepted. */
    public void resetConnections() {
        links.forEach(Link::reset);
    }

    /** Forwards data from one side to the other until one of them closes the connection. */
    void pump(Link link, InputStream from, OutputStream to, boolean toServer) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        for (int read; (read = from.read(buffer)) >= 0;) {
            awaitPassage();
            to.write(buffer, 0, read);
        }
    }

    final void awaitPassage() throws IOException {
        try {
            Duration each = delay;
            if (!each.isZero()) {
                Thread.sleep(each.toMillis());
            }
            synchronized (forwarding) {
                while (stopped && !closed) {
                    forwarding.wait();
                }
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private void accept() {
        while (!closed) {
            Socket client = null;
            try {
                client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                Link link = new Link(client, server);
                links.add(link);
                start(link, client, server, true);
                start(link, server, client, false);
            } catch (IOException e) {
                // The server is down, or this proxy is closed.
                close(client);
            }
        }
    }

    private void start(Link link, Socket from, Socket to, boolean toServer) {
        SandboxInfrastructure.thread("proxy-" + port() + (toServer ? "-in" : "-out"), () -> {
            try {
                pump(link, from.getInputStream(), to.getOutputStream(), toServer);
            } catch (IOException e) {
                // One side has closed its connection: the other is closed too.
            } finally {
                link.end();
                links.remove(link);
            }
        }).start();
    }

    @Override
    public void close() {
        closed = true;
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            resumeForwarding();
            resetConnections();
        }
    }

    private static void close(Socket socket) {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            // The socket is no longer used, whether it was closed or not.
        }
    }
}
