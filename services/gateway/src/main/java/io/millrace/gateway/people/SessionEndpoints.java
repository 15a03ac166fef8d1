package io.millrace.gateway.people;

import io.millrace.gateway.door.Door;
import io.millrace.gateway.door.Limits;
import io.millrace.gateway.door.SessionCookie;
import io.millrace.gateway.http.Answers;
import io.millrace.gateway.http.Call;
import io.millrace.gateway.http.Endpoint;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.http.Schema;
import io.millrace.operations.access.Access;
import io.millrace.operations.access.SignInRefused;
import io.millrace.operations.access.SignIns;
import io.millrace.operations.access.SignedIn;
import io.millrace.operations.access.Token;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.springframework.http.HttpMethod;
import org.springframework.web.servlet.function.ServerResponse;
import tools.jackson.databind.JsonNode;

/** {@code /sign-ins}, {@code /welcomes} and {@code /session}: how people come in, and what they do with their own account. */
public final class SessionEndpoints {
    private static final int LONGEST = 200;
    private static final Map<String, Object> DONE = Schema.members("done", Schema.truth("Always true."));
    private static final List<Problem.Kind> REFUSED = List.of(Problem.Kind.BAD_SIGN_IN, Problem.Kind.TOO_MANY);

    private final Access access;
    private final Door door;
    private final Limits limits;

    public SessionEndpoints(Access access, Door door, Limits limits) {
        this.access = access;
        this.door = door;
        this.limits = limits;
    }

    public List<Endpoint> all() {
        return List.of(
                open(
                        "/sign-ins",
                        "signIn",
                        "Sign in",
                        "Opens a session, whose cookie comes with the answer. After five failures, each further attempt has to wait longer, up to 15 minutes.",
                        Schema.needing(
                                Schema.members(
                                        "user", Schema.text("The name."),
                                        "password", Schema.text("The password."),
                                        "code",
                                                Schema.nullable(Schema.text(
                                                        "The code of the second factor, if there is one."))),
                                "user",
                                "password"),
                        List.of(Problem.Kind.BAD_SIGN_IN, Problem.Kind.CODE_NEEDED),
                        this::signIn),
                open(
                        "/welcomes",
                        "setPasswordWithLink",
                        "Set a password with a link",
                        "Sets the password of the person whom a link was made for, and opens a session. The link is used up; all other sessions end.",
                        Schema.members(
                                "link", Schema.text("What follows '#' in the link."),
                                "password", Schema.text("The new password, of 12 to 128 characters.")),
                        List.of(Problem.Kind.BAD_LINK),
                        this::welcome),
                Endpoint.get(
                                "/session",
                                "getSession",
                                null,
                                "Who is signed in",
                                "The person, the session, and what it may do.",
                                List.of(),
                                Map.of("application/json", Described.SIGNED_IN),
                                List.of(),
                                this::session)
                        .forPerson(),
                Endpoint.get(
                                "/session/devices",
                                "listOwnSessions",
                                null,
                                "Where the person is signed in",
                                "Sessions of the person, the newest first; also those that are over.",
                                List.of(),
                                Map.of("application/json", Schema.list("sessions", Described.SESSION)),
                                List.of(),
                                this::devices)
                        .forPerson(),
                own(
                        "/session/ends",
                        "endOwnSessions",
                        "Sign out",
                        "Ends sessions of the person, within a second everywhere.",
                        Schema.members("session", Schema.text("An id; 'this'; or 'others' for all but this one.")),
                        DONE,
                        List.of(),
                        this::end),
                own(
                        "/session/password",
                        "changePassword",
                        "Change the password",
                        "All other sessions of the person end.",
                        Schema.members(
                                "password", Schema.text("The one that is valid now."),
                                "new", Schema.text("The new one, of 12 to 128 characters.")),
                        DONE,
                        REFUSED,
                        this::changePassword),
                own(
                        "/session/second-factor",
                        "beginSecondFactor",
                        "Begin a second factor",
                        "Makes a secret for an authenticator app. It counts once it is confirmed.",
                        Schema.members("password", Schema.text("The one that is valid now.")),
                        Schema.members(
                                "secret", Schema.text("As it is typed into an app."),
                                "link", Schema.text("As an app reads it.")),
                        REFUSED,
                        this::beginSecondFactor),
                own(
                        "/session/second-factor/confirmation",
                        "confirmSecondFactor",
                        "Confirm a second factor",
                        "This session has it from now on; all other sessions of the person end.",
                        Schema.members("code", Schema.text("A code that the app shows.")),
                        DONE,
                        REFUSED,
                        this::confirmSecondFactor));
    }

    private static Endpoint open(
            String path,
            String name,
            String summary,
            String description,
            Map<String, Object> body,
            List<Problem.Kind> problems,
            Endpoint.Handler handler) {
        return Endpoint.post(
                path, name, null, summary, description, List.of(), body, Described.SIGNED_IN, problems, handler);
    }

    private static Endpoint own(
            String path,
            String name,
            String summary,
            String description,
            Map<String, Object> body,
            Map<String, Object> answer,
            List<Problem.Kind> problems,
            Endpoint.Handler handler) {
        return new Endpoint(
                HttpMethod.POST,
                path,
                name,
                null,
                true,
                summary,
                description,
                List.of(),
                body,
                Map.of("application/json", answer),
                problems,
                handler);
    }

    private ServerResponse signIn(Call call) throws IOException {
        JsonNode body = call.body();
        String user = call.needed(body, "user", LONGEST);
        String password = call.needed(body, "password", LONGEST);
        String code = call.text(body, "code", LONGEST).orElse(null);
        limits.ofSignIn(call.address());
        return opened(let(() -> access.signIns().signIn(user, password, code, device(call))));
    }

    private ServerResponse welcome(Call call) throws IOException {
        JsonNode body = call.body();
        String link = call.needed(body, "link", LONGEST);
        String password = call.needed(body, "password", LONGEST);
        limits.ofSignIn(call.address());
        Token token = Token.parse(Token.Kind.LINK, link).orElseThrow(SessionEndpoints::noLink);
        return opened(let(() -> access.signIns().welcome(token, password, device(call))));
    }

    private static SignIns.Device device(Call call) {
        return new SignIns.Device(
                call.address(),
                Objects.requireNonNullElse(call.request().headers().firstHeader("User-Agent"), ""));
    }

    private static ServerResponse opened(SignIns.Opened opened) {
        return Answers.json(
                Described.signedIn(opened.who(), SessionCookie.csrf(opened.text())),
                headers -> headers.put("Set-Cookie", SessionCookie.set(opened.text())));
    }

    /** What the one who is not let in is told. */
    private static <T> T let(Supplier<T> attempt) {
        try {
            return attempt.get();
        } catch (SignInRefused refused) {
            throw switch (refused.reason()) {
                case WRONG ->
                    new Problem(
                            Problem.Kind.BAD_SIGN_IN,
                            "name, password or code is wrong",
                            "try again; an administrator can make a new link: millrace users link <user>");
                case CODE_NEEDED ->
                    new Problem(
                            Problem.Kind.CODE_NEEDED,
                            "signing in takes a code of the second factor",
                            "send it as 'code'");
                case BLOCKED ->
                    new Problem(
                            Problem.Kind.TOO_MANY,
                            "there were too many attempts for this name",
                            "wait as long as Retry-After says",
                            refused.after());
                case NO_LINK -> noLink();
            };
        }
    }

    private static Problem noLink() {
        return new Problem(
                Problem.Kind.BAD_LINK,
                "the link was used, is too old, or never was one",
                "ask an administrator for another: millrace users link <user>");
    }

    private ServerResponse session(Call call) {
        return Answers.json(
                Described.signedIn(
                        call.person(),
                        SessionCookie.csrf(call.request().servletRequest()).orElse("")),
                headers -> {});
    }

    private ServerResponse devices(Call call) {
        return Answers.json(
                Map.of(
                        "sessions",
                        access.sessions().list(call.person().user().name()).stream()
                                .map(Described::session)
                                .toList()),
                headers -> {});
    }

    private ServerResponse end(Call call) throws IOException {
        SignedIn person = call.person();
        String user = person.user().name();
        String which = call.needed(call.body(), "session", LONGEST);
        boolean self = which.equals("this") || which.equals(person.id());
        if (which.equals("others")) {
            access.sessions().endAll(user, person.id(), call.origin());
        } else {
            access.sessions().end(user, self ? person.id() : which, call.origin());
        }
        door.changed();
        return Answers.json(Map.of("done", true), headers -> {
            if (self) {
                headers.put("Set-Cookie", SessionCookie.clear());
            }
        });
    }

    private ServerResponse changePassword(Call call) throws IOException {
        JsonNode body = call.body();
        String old = call.needed(body, "password", LONGEST);
        String fresh = call.needed(body, "new", LONGEST);
        limits.ofSignIn(call.address());
        let(() -> {
            access.signIns().changePassword(call.person(), old, fresh, call.address());
            return true;
        });
        return done();
    }

    private ServerResponse beginSecondFactor(Call call) throws IOException {
        String password = call.needed(call.body(), "password", LONGEST);
        limits.ofSignIn(call.address());
        SignIns.Enrolment enrolment =
                let(() -> access.signIns().beginSecondFactor(call.person(), password, call.address()));
        return Answers.json(Map.of("secret", enrolment.secret(), "link", enrolment.link()), headers -> {});
    }

    private ServerResponse confirmSecondFactor(Call call) throws IOException {
        String code = call.needed(call.body(), "code", LONGEST);
        limits.ofSignIn(call.address());
        let(() -> {
            access.signIns().confirmSecondFactor(call.person(), code, call.address());
            return true;
        });
        return done();
    }

    private ServerResponse done() {
        door.changed();
        return Answers.json(Map.of("done", true), headers -> {});
    }
}
