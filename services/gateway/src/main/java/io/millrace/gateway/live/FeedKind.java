package io.millrace.gateway.live;

import io.millrace.gateway.http.Arguments;
import io.millrace.gateway.http.Parameter;
import io.millrace.operations.access.Caller;
import io.millrace.operations.access.Permission;
import java.util.List;
import java.util.Map;

/**
 * Something that can be subscribed to.
 *
 * @param name as {@code to} has it
 * @param permission that a key needs
 * @param parameters of a subscription
 */
public record FeedKind(String name, Permission permission, List<Parameter<?>> parameters, Opener opener) {
    /** @throws io.millrace.gateway.http.Problem if a parameter is wrong, or none of these */
    Arguments arguments(Map<String, List<String>> said) {
        return new Arguments(parameters, said);
    }

    /** Begins a subscription. */
    public interface Opener {
        Feed open(Arguments arguments, Caller key);
    }
}
