package io.millrace.enrichment.redact;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedactionTest {
    @Test
    void onlyWhatMayLeaves_andNamesLeaveAsTokens_whereverTheyStand() {
        Map<String, String> input = new LinkedHashMap<>();
        input.put("title", "Ann Novak approved the invoice of Acme for Ann Novak");
        input.put("evidence.made_by", "Ann Novak");
        input.put("evidence.supplier", "Acme");
        input.put("evidence.total", "1200.00");
        input.put("openedBy", "Ann Novak");
        input.put("salary", "9000");
        Redaction redaction = Redaction.of(
                input, List.of("title", "evidence.*"), List.of("evidence.*_by", "openedBy", "evidence.supplier"));
        assertThat(redaction.data())
                .containsOnlyKeys("title", "evidence.made_by", "evidence.supplier", "evidence.total")
                .containsEntry("title", "[made_by_1] approved the invoice of [supplier_1] for [made_by_1]")
                .containsEntry("evidence.total", "1200.00");
        assertThat(redaction.restore("Ask [made_by_1] about [supplier_1], not [made_by_2]"))
                .isEqualTo("Ask Ann Novak about Acme, not [made_by_2]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "write to ann.novak+x@example.co.uk now | write to [email_1] now",
                "account CZ65 0800 0000 1920 0014 5399 | account [iban_1]",
                "DE89370400440532013000. | [iban_1].",
                "card 4111 1111 1111 1111 | card [card_1]",
                "call +420 777 123 456! | call [phone_1]!",
                "INV-2026-000123 over 12345.67 on 2026-11-25 | INV-2026-000123 over 12345.67 on 2026-11-25"
            })
    void numbersOfPeople_leaveAsTokens_othersAsTheyAre(String text, String leaves) {
        Redaction redaction = Redaction.of(Map.of("note", text), List.of("note"), List.of());
        assertThat(redaction.data()).containsEntry("note", leaves);
        assertThat(redaction.restore(leaves)).isEqualTo(text);
    }

    @Property(tries = 300)
    void whatIsRedacted_neverLeaves_andComesBack(
            @ForAll @AlphaChars @StringLength(min = 4, max = 12) String name,
            @ForAll @AlphaChars @StringLength(max = 20) String before,
            @ForAll @AlphaChars @StringLength(max = 20) String after) {
        String text = before + " " + name + " " + after + " " + name + name;
        Redaction redaction = Redaction.of(
                Map.of("text", text, "who", name, "hidden", "nothing"), List.of("text", "who"), List.of("who"));
        String token = String.valueOf(redaction.data().get("who"));
        assertThat(String.valueOf(redaction.data().get("text")).replace(token, ""))
                .doesNotContain(name);
        assertThat(redaction.data()).doesNotContainKey("hidden");
        assertThat(redaction.restore(String.valueOf(redaction.data().get("text"))))
                .isEqualTo(text);
    }
}
