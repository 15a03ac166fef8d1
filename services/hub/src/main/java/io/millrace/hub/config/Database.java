package io.millrace.hub.config;

import org.springframework.boot.context.properties.bind.DefaultValue;

/** Where a database is and who connects. The password never shows in texts. */
public record Database(
        @DefaultValue(HubConfig.EMBEDDED) String url,
        @DefaultValue("postgres") String user,
        @DefaultValue("") String password) {
    @Override
    public String toString() {
        return url + " as " + user;
    }
}
