package io.millrace.gateway.view;

import io.millrace.gateway.http.Problem;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Of many who want to read the same at once, one does. */
final class SharedReads<K, V> {
    private final Map<K, CompletableFuture<V>> reading = new ConcurrentHashMap<>();

    /** What somebody who began already reads, or what is read now. */
    V read(K key, Supplier<V> reader) {
        CompletableFuture<V> mine = new CompletableFuture<>();
        @Nullable CompletableFuture<V> others = reading.putIfAbsent(key, mine);
        if (others != null) {
            return join(others);
        }
        try {
            V read = reader.get();
            mine.complete(read);
            return read;
        } catch (RuntimeException | Error failed) {
            mine.completeExceptionally(failed);
            throw failed;
        } finally {
            reading.remove(key, mine);
        }
    }

    private static <V> V join(CompletableFuture<V> others) {
        try {
            return others.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof Problem problem) {
                // With the stack of the one who asks.
                throw new Problem(problem.kind(), String.valueOf(problem.getMessage()), problem.remedy());
            }
            if (failed.getCause() instanceof State.Replaced) {
                throw new State.Replaced();
            }
            if (failed.getCause() instanceof ChangeReader.Behind) {
                throw new ChangeReader.Behind();
            }
            throw failed;
        }
    }
}
