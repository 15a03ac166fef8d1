package io.millrace.hub;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;

/** For containers, whose image has no other client: exit code 0 if an address answers with 200. Needs nothing but the JDK. */
public final class HealthCheck {
    private static final int LIMIT_MILLIS = 4_000;

    private HealthCheck() {}

    /** @param arguments the address */
    public static void main(String... arguments) {
        System.exit(isWell(arguments[0]) ? 0 : 1);
    }

    static boolean isWell(String address) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(address).toURL().openConnection();
            connection.setConnectTimeout(LIMIT_MILLIS);
            connection.setReadTimeout(LIMIT_MILLIS);
            return connection.getResponseCode() == 200;
        } catch (IOException away) {
            return false;
        }
    }
}
