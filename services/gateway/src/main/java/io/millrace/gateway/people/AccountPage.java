package io.millrace.gateway.people;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

/** The page {@code /account}, on which people sign in. Everything that it does goes through the API. */
public final class AccountPage {
    /** Everything of the page is below it. */
    public static final String PATH = "/account";

    /** Only this server's own files; nothing inline, no frame, no form that goes elsewhere, no text that becomes markup. */
    public static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:;"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
            + " require-trusted-types-for 'script'";

    private record File(String path, String name, MediaType type) {}

    private static final List<File> FILES = List.of(
            new File(PATH, "account.html", MediaType.parseMediaType("text/html;charset=UTF-8")),
            new File(PATH + "/account.js", "account.js", MediaType.parseMediaType("text/javascript;charset=UTF-8")),
            new File(PATH + "/account.css", "account.css", MediaType.parseMediaType("text/css;charset=UTF-8")));

    private AccountPage() {}

    public static RouterFunction<ServerResponse> routes() {
        RouterFunctions.Builder routes = RouterFunctions.route();
        for (File file : FILES) {
            byte[] content = read(file.name);
            routes.GET(
                    file.path,
                    request -> ServerResponse.ok().contentType(file.type).body(content));
        }
        return routes.build();
    }

    private static byte[] read(String name) {
        try (InputStream file = AccountPage.class.getResourceAsStream("/io/millrace/gateway/page/" + name)) {
            return Objects.requireNonNull(file, name).readAllBytes();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
