package io.nextbestoffer.platform.http;

import java.util.HexFormat;

import io.netty.util.NetUtil;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;

/** Whose request it is, as far as limits are concerned. Never shown: it is personal data. */
public final class ClientKey {

    /** Of an IPv6 address: a provider gives each customer so much of it. */
    private static final int NETWORK_BYTES = 8;

    private ClientKey() {
    }

    /** The name in the token, else the address. */
    public static String of(RoutingContext request) {
        if (request.user() instanceof QuarkusHttpUser user && !user.getSecurityIdentity().isAnonymous()) {
            return "name " + user.getSecurityIdentity().getPrincipal().getName();
        }
        return address(request.request().remoteAddress());
    }

    private static String address(SocketAddress remote) {
        String host = remote == null ? null : remote.hostAddress();
        return host == null ? "nobody" : network(host);
    }

    /** An IPv4 address as it is; of IPv6 the network. */
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
