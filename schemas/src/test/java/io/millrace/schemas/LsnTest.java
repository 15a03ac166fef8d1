package io.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class LsnTest {
    @Test
    void parse_and_print_are_those_of_postgres() {
        assertThat(Lsn.parse("16/B374D848").value()).isEqualTo(0x16B374D848L);
        assertThat(new Lsn(0x16B374D848L)).hasToString("16/B374D848");
        assertThat(Lsn.ZERO).hasToString("0/0");
    }

    @Test
    void order_is_unsigned() {
        assertThat(Lsn.parse("FFFFFFFF/0").isAfter(Lsn.parse("1/0"))).isTrue();
        assertThat(Lsn.ZERO.isAfter(Lsn.ZERO)).isFalse();
    }

    @Test
    void parse_refuses_what_is_not_a_position() {
        assertThatThrownBy(() -> Lsn.parse("16B374D848")).hasMessageContaining("expected e.g. 16/B374D848");
        assertThatThrownBy(() -> Lsn.parse("/1")).isInstanceOf(IllegalArgumentException.class);
    }
}
