package io.millrace.views.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LexerTest {
    @Test
    void numberOfAnyLength_isOneToken() {
        String digits = "7".repeat(200_000);
        for (String number : new String[] {digits, digits + "." + digits, "." + digits, "0x" + digits, "1e" + digits}) {
            assertThat(Lexer.tokens(number)).hasSize(2);
        }
    }
}
