package io.nextbestoffer.platform.http;

import java.util.HexFormat;

import io.netty.util.NetUtil;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;

/** Identifies the client of a request, for limits per client. Personal data: never shown or logged. */
public final class ClientKey {

    /** Length of an IPv6 network prefix: providers assign each customer a whole /64 network. */
    private static final int NETWORK_BYTES = 8;

    private ClientKey() {
    }

    /** Returns the name in the token, or the address of a request without one. */
    public static String of(RoutingContext request) {
        if (request.user() instanceof QuarkusHttpUser user && !user.getSecurityIdentity().isAnonymous()) {
            return "name " + user.getSecurityIdentity().getPrincipal().getName();
        }
        return address(request.request().remoteAddress());
    }

    private static String address(SocketAddress remote) {
        String host = remote == null ? null : remote.hostAddress();
        return host == null ? "unknown" : network(host);
    }

    /** Returns an IPv4 address unchanged, and the network of an IPv6 address. */
    static String network(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
        return bytes == null || bytes.length <= NETWORK_BYTES
                ? address
                : HexFormat.of().formatHex(bytes, 0, NETWORK_BYTES);
    }
}
