package io.millrace.gateway.door;

import io.millrace.operations.access.AccessEvent;
import io.millrace.operations.access.AccessEvents;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What was refused lately. Equal refusals are counted together, so whoever is refused a thousand times a second is one event. */
final class Refusals {
    private static final int MOST = 500;
    private static final int LONGEST_PATH = 120;

    private final AccessEvents events;
    private final Map<Refusal, Integer> times = new HashMap<>();

    private record Refusal(AccessEvent.Kind kind, String who, String address, String detail) {}

    Refusals(AccessEvents events) {
        this.events = events;
    }

    /** @param who a key, a user, or "somebody" */
    synchronized void count(AccessEvent.Kind kind, String who, String address, String detail) {
        Refusal refusal = new Refusal(
                kind,
                who,
                address,
                detail.replaceAll("\\p{Cntrl}", "?").substring(0, Math.min(LONGEST_PATH, detail.length())));
        if (times.containsKey(refusal) || times.size() < MOST) {
            times.merge(refusal, 1, Integer::sum);
        } else {
            times.merge(new Refusal(kind, "others", "", "too many to tell apart"), 1, Integer::sum);
        }
    }

    private synchronized Map<Refusal, Integer> take() {
        Map<Refusal, Integer> taken = new HashMap<>(times);
        times.clear();
        return taken;
    }

    /** Writes them down; what cannot be written now is written later. */
    void flush() {
        Map<Refusal, Integer> taken = take();
        if (taken.isEmpty()) {
            return;
        }
        List<AccessEvent> written = new ArrayList<>();
        taken.forEach((refusal, count) -> written.add(
                new AccessEvent(refusal.kind, refusal.who, refusal.who, refusal.address, refusal.detail, count)));
        try {
            events.write(written);
        } catch (RuntimeException away) {
            synchronized (this) {
                taken.forEach((refusal, count) -> times.merge(refusal, count, Integer::sum));
            }
            throw away;
        }
    }
}
