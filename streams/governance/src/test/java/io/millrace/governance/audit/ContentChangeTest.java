package io.millrace.governance.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ContentChangeTest {
    @Test
    void whatDiffers_isALine_withItsValueOnlyWhereThatIsWanted() {
        Map<String, String> before = Map.of("a", "1", "b", "2", "c", "3");
        Map<String, String> now = Map.of("a", "1", "b", "4", "d", "5");
        assertThat(ContentChange.lines(before, now, true))
                .containsExactly("changed b from 2 to 4", "removed c", "added d = 5");
        assertThat(ContentChange.lines(before, now, false)).containsExactly("changed b", "removed c", "added d");
        assertThat(ContentChange.lines(before, before, true)).isEmpty();
        assertThat(ContentChange.lines(null, now, true)).containsExactly("first seen, with 3 entries");
    }

    @Property(tries = 200)
    void whatIsKept_isWhatWas(@ForAll Map<String, String> content) {
        assertThat(ContentChange.parse(ContentChange.text(content))).isEqualTo(content);
    }
}
