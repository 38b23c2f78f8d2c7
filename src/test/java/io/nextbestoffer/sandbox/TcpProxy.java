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

/** Stands between a client and a server of this machine; can be slow, fall silent, and cut connections. */
public class TcpProxy implements AutoCloseable {

    /** The two sockets of one connection. */
    static final class Link {

        private final Socket client;
        private final Socket server;
        /** For those who look into what passes. */
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
                // It has just ended by itself
            }
            end();
        }
    }

    private final ServerSocket entrance;
    private final int target;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final Object silence = new Object();
    private boolean silent;
    private volatile Duration delay = Duration.ZERO;
    private volatile boolean closed;

    /** @param port where it listens @param target where the server does */
    TcpProxy(int port, int target) {
        this.target = target;
        try {
            entrance = new ServerSocket(port, 100, InetAddress.getLoopbackAddress());
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
        return entrance.getLocalPort();
    }

    /** How long it holds what it reads, each way. */
    public void delay(Duration each) {
        delay = each;
    }

    /** Nothing passes any more, but connections stay: a machine that has vanished. */
    public void fallSilent() {
        synchronized (silence) {
            silent = true;
        }
    }

    /** What was held passes now. */
    public void speak() {
        synchronized (silence) {
            silent = false;
            silence.notifyAll();
        }
    }

    /** Breaks all connections without a good-bye (RST, not FIN), as a crash does; new ones are accepted. */
    public void cut() {
        links.forEach(Link::reset);
    }

    /** Moves what one side sends to the other until one of them ends. */
    void pump(Link link, InputStream from, OutputStream to, boolean toServer) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        for (int read; (read = from.read(buffer)) >= 0;) {
            hold();
            to.write(buffer, 0, read);
        }
    }

    final void hold() throws IOException {
        try {
            Duration each = delay;
            if (!each.isZero()) {
                Thread.sleep(each.toMillis());
            }
            synchronized (silence) {
                while (silent && !closed) {
                    silence.wait();
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
                client = entrance.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                Link link = new Link(client, server);
                links.add(link);
                start(link, client, server, true);
                start(link, server, client, false);
            } catch (IOException e) {
                // The server is away, or this proxy is closed
                close(client);
            }
        }
    }

    private void start(Link link, Socket from, Socket to, boolean toServer) {
        SandboxInfrastructure.thread("proxy-" + port() + (toServer ? "-in" : "-out"), () -> {
            try {
                pump(link, from.getInputStream(), to.getOutputStream(), toServer);
            } catch (IOException e) {
                // One side has ended; so does the other
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
            entrance.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            speak();
            cut();
        }
    }

    private static void close(Socket socket) {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            // It is of no use any more, closed or not
        }
    }
}
