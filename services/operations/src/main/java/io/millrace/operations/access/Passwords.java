package io.millrace.operations.access;

import com.nulabinc.zxcvbn.Feedback;
import com.nulabinc.zxcvbn.Strength;
import com.nulabinc.zxcvbn.Zxcvbn;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;

/** Passwords of people: how good they have to be, and what is kept of them. */
final class Passwords {
    private static final int SHORTEST = 12;
    private static final int LONGEST = 128;

    /** At least 10^8 guesses. */
    private static final int STRONG = 3;

    /** What is weak is weak in its beginning; the time to measure grows with the length. */
    private static final int MEASURED = 64;

    /** OWASP's first choice: 19 MiB, two passes, one thread. */
    private static final Argon2PasswordEncoder ARGON2 = new Argon2PasswordEncoder(16, 32, 1, 19 * 1024, 2);

    /** Each takes 19 MiB. */
    private static final Semaphore AT_ONCE = new Semaphore(2);

    /** What is compared where there is nobody, so that it takes as long. */
    private static final class Nobody {
        static final String HASH = ARGON2.encode("nobody");
    }

    private Passwords() {}

    /** @throws MillraceException if it is too short, too long, or easy to guess */
    static void requireGood(String password, User user) {
        int length = password.codePointCount(0, password.length());
        if (length < SHORTEST || length > LONGEST) {
            throw bad(
                    "the password has " + length + " characters",
                    "take from 12 to 128: four words that do not belong together are good");
        }
        List<String> own = new ArrayList<>(List.of("millrace", user.name()));
        if (user.email() != null) {
            own.addAll(List.of(user.email().toLowerCase(Locale.ROOT).split("[@.]")));
        }
        Strength strength = new Zxcvbn().measure(password.substring(0, Math.min(MEASURED, password.length())), own);
        if (strength.getScore() < STRONG) {
            Feedback feedback = strength.getFeedback();
            throw bad(
                    "the password is easy to guess"
                            + (feedback.getWarning().isEmpty()
                                    ? ""
                                    : ": "
                                            + feedback.getWarning()
                                                    .replaceFirst("[.]$", "")
                                                    .toLowerCase(Locale.ROOT)),
                    "take four words that do not belong together");
        }
    }

    private static MillraceException bad(String what, String remedy) {
        return new MillraceException(Category.USER, what, remedy);
    }

    static String hash(String password) {
        AT_ONCE.acquireUninterruptibly();
        try {
            return String.valueOf(ARGON2.encode(password));
        } finally {
            AT_ONCE.release();
        }
    }

    /** @param hash null where there is nobody: it takes as long, and is false */
    static boolean matches(String password, @Nullable String hash) {
        AT_ONCE.acquireUninterruptibly();
        try {
            return ARGON2.matches(password, hash == null ? Nobody.HASH : hash) && hash != null;
        } finally {
            AT_ONCE.release();
        }
    }
}
